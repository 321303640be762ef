"""Random databases, and what their columns are in Python.

A model of its own: what a column is in Python is said here again, in few words, so that it can disagree with the
package.
"""

from __future__ import annotations

import keyword
import random
import unicodedata
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import note
from hypothesis import strategies as st

T = TypeVar("T")
Found = tuple[str, str, str | None]

PLAIN = {
    "int4": "int",
    "int8": "int",
    "text": "str",
    "uuid": "str",
    "timestamptz": "str",
    "numeric(8,2)": "float",
    "float8": "float",
    "bool": "bool",
    "jsonb": "dict[str, Any]",
    "text[]": "list[str]",
    "int4[]": "list[int]",
}
KEYS = [
    "id",
    "name",
    "type",
    "str",
    "list",
    "Optional",
    "_x",
    "ünïcode",
    "日本",
    "CamelCase",
    "match",
    "self",
    "b2",
]
HOSTILE = [
    *("class", "None", "two words", 'qu"ote', "apo'strophe", "back\\slash", "new\nline", "tab\there", "#hash"),
    *("__private", "1st", "{brace}", "%s", '"""', "\u202ertl", "ﬁn", "a-b", "a.b", "'''", "\\", " ", "x" * 63),
]
TABLES = {"users": "UserRow", "order_items": "OrderItemRow", "people": "PersonRow", "api_keys": "APIKeyRow"}
ENUMS = {"mood": "Mood", "project_status": "ProjectStatus", "user_role_type": "UserRole"}
LABELS = [
    "a",
    "B",
    "on hold",
    "",
    "it's",
    'say "hi"',
    "back\\slash",
    "new\nline",
    "100%",
    "class",
    "mro",
    "日本",
    "#",
]


class Drawer:
    """Draws, in few words."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def one(self, *choices: T) -> T:
        return self._data.draw(st.sampled_from(choices))

    def some(self, choices: list[T], least: int, most: int) -> list[T]:
        most = min(most, len(choices))
        drawn = st.lists(st.sampled_from(choices), min_size=min(least, most), max_size=most, unique=True)
        return self._data.draw(drawn)

    def number(self, least: int, most: int) -> int:
        return self._data.draw(st.integers(least, most))

    def maybe(self, one_in: int = 2) -> bool:
        return self.number(1, one_in) == one_in

    def say(self, text: str) -> None:
        """Tell what was drawn, should the example fail."""
        note(text)


class Dice(Drawer):
    """Draws by a seed: for histories that are longer than hypothesis likes its examples."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def one(self, *choices: T) -> T:
        return self._random.choice(choices)

    def some(self, choices: list[T], least: int, most: int) -> list[T]:
        most = min(most, len(choices))
        return self._random.sample(choices, self._random.randint(min(least, most), most))

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def say(self, text: str) -> None:
        print(text)  # noqa: T201  # pytest shows it with a failure


@dataclass(eq=False)
class Column:
    """A column; ``declared`` and ``none`` are what its item says: the type less None, and whether None."""

    name: str
    type: str
    nullable: bool
    declared: str = ""
    none: bool = False


@dataclass(eq=False)
class Relation:
    name: str
    columns: list[Column]
    source: Relation | None = None  # of a view


@dataclass
class Model:
    """The database, as far as it matters here."""

    relations: dict[str, Relation] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)
    domains: dict[str, tuple[str, bool]] = field(default_factory=dict)
    used_names: set[str] = field(default_factory=set)

    def python(self, column: Column) -> str:
        if column.type in self.enums:
            return "str"
        base, _ = self.domains.get(column.type, (column.type, False))
        return PLAIN[base]

    def nullable(self, relation: Relation, column: Column) -> bool:
        _, refused = self.domains.get(column.type, ("", False))
        if relation.source is not None:  # a view's column is what the table's is now
            (column,) = (c for c in relation.source.columns if c.name == column.name)
        return column.nullable and not refused

    def settle(self, relation: Relation, column: Column) -> None:
        """Let the item say what the column is, as an update leaves it."""
        json_stays = column.type == "jsonb" and column.declared
        if not self.fits(column):
            column.declared = self.python(column)
        nullable = self.nullable(relation, column)
        column.none = column.none or nullable if json_stays else nullable

    def fits(self, column: Column) -> bool:
        if column.type == "jsonb":
            return bool(column.declared)  # whatever JSON can be stays
        if column.declared.startswith("enum:"):
            return column.declared == f"enum:{column.type}"
        return column.declared == self.python(column)

    def wrong(self, relation: Relation, column: Column) -> set[Found]:
        """Return what must be found of a column that has an item."""
        found: set[Found] = set()
        if not self.fits(column):
            found.add(("column-type-mismatch", relation.name, column.name))
        nullable = self.nullable(relation, column)
        if nullable != column.none and (nullable or column.type != "jsonb"):
            found.add(("column-nullability-mismatch", relation.name, column.name))
        return found

    def viewed(self, relation: Relation) -> bool:
        return any(view.source is relation for view in self.relations.values())

    def columns_of(self, type_: str) -> list[tuple[Relation, Column]]:
        return [(r, c) for r in self.relations.values() for c in r.columns if c.type == type_]


# ---- SQL


def ident(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def type_sql(type_: str) -> str:
    return type_ if type_ in PLAIN else ident(type_)


def column_sql(column: Column) -> str:
    return f"{ident(column.name)} {type_sql(column.type)}{'' if column.nullable else ' not null'}"


def create_sql(relation: Relation) -> str:
    if relation.source is not None:
        columns = ", ".join(ident(c.name) for c in relation.columns)
        return (
            f"create or replace view {ident(relation.name)} as select {columns} from {ident(relation.source.name)}"
        )
    return f"create table {ident(relation.name)} ({', '.join(map(column_sql, relation.columns))})"


def enum_sql(name: str, labels: list[str]) -> str:
    return f"create type {ident(name)} as enum ({', '.join(map(text, labels))})"


def schema_sql(model: Model) -> str:
    statements = [enum_sql(name, labels) for name, labels in model.enums.items()]
    for name, (base, refused) in model.domains.items():
        statements.append(f"create domain {ident(name)} as {base}{' not null' if refused else ''}")
    statements += map(create_sql, sorted(model.relations.values(), key=lambda r: r.source is not None))
    return ";\n".join(statements)


# ---- drawing a database


def keyable(name: str) -> bool:
    """Whether a class body can have an item of this name."""
    plain = name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name
    return plain and not name.startswith("__")


def fresh_name(draw: Drawer, model: Model, pool: list[str]) -> str:
    free = [name for name in pool if name not in model.used_names]
    name = draw.one(*free) if free else f"object_{len(model.used_names)}"
    model.used_names.add(name)
    return name


def draw_type(draw: Drawer, model: Model) -> str:
    return draw.one(*PLAIN, *model.enums, *model.domains)


def draw_columns(draw: Drawer, model: Model) -> list[Column]:
    names = draw.some([*KEYS, *HOSTILE] if draw.maybe(3) else KEYS, 1, 6)
    return [Column(name, draw_type(draw, model), draw.maybe()) for name in names]


def draw_view(draw: Drawer, model: Model, name: str, source: Relation) -> Relation:
    chosen = draw.some(source.columns, 1, 3)
    return Relation(name, [Column(c.name, c.type, True) for c in chosen], source)


def draw_model(draw: Drawer) -> Model:
    model = Model()
    for _ in range(draw.number(1, 3)):
        model.enums[fresh_name(draw, model, [*ENUMS, *HOSTILE])] = draw.some(LABELS, 2, 5)
    for _ in range(draw.number(0, 1)):
        model.domains[fresh_name(draw, model, ["email", *HOSTILE])] = draw.one("text", "int4"), draw.maybe()
    for _ in range(draw.number(1, 4)):
        name = fresh_name(draw, model, [*TABLES, *HOSTILE])
        model.relations[name] = Relation(name, draw_columns(draw, model))
    if draw.maybe():
        source = draw.one(*model.relations.values())
        name = fresh_name(draw, model, ["active_view", *HOSTILE])
        model.relations[name] = draw_view(draw, model, name, source)
    return model
