"""Row classes of every form with what uses them: Enums, aliases, calls, other classes, in modules that import each other.

New columns have names that hide types and methods; what stands there is in part out of date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random_schema import Drawer

SAFE = ["key", "name", "score", "born", "tags", "state", "moods", "data", "size2", "flag"]
NASTY = [
    "date",
    "list",
    "str",
    "int",
    "Optional",
    "UUID",
    "Any",
    "field",
    "label",
    "total",
    "Mood",
    "dict",
    "None_",
    "self",
]
LABELS = ["sad", "happy", "on_hold", "done"]
TYPES = {
    "int": ["int", "str", "float"],
    "text": ["str", "int", '"str"'],
    "uuid": ["str", "UUID"],
    "date": ["str", "date", "datetime.date"],
    "boolean": ["bool"],
    "jsonb": ["dict[str, Any]", "list[Any]", "Any"],
    "text[]": ["list[str]", "List[str]", "Sequence[int]", "list[\n        # one\n        int\n    ]"],
    "mood": ["str", "Mood", "Literal[LABELS]", "Feeling", "MaybeMood", "Literal[\n        LINES    ]", "Level"],
    "mood[]": ["list[str]", "list[Mood]", "List[Literal[LABELS]]", "Sequence[Feeling]"],
    "text check": ["str", "Level", "Literal[LABELS]", "Grade"],
}
_HEAD = """import datetime as dt
import datetime
from dataclasses import KW_ONLY, InitVar, dataclass, field
from datetime import date
from typing import Any, List, Literal, Optional, Sequence, TypedDict, Union
from uuid import UUID

from pydantic import BaseModel, Field
from pydantic.dataclasses import dataclass as checked

NOTHING: Any = None
"""


@dataclass
class Table:
    name: str
    columns: dict[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])  # type, nullable
    declared: list[str] = field(default_factory=list[str])
    form: str = "typeddict"

    @property
    def class_name(self) -> str:
        return f"{self.name.title()}Row"


_NEW = """
    def __new__(cls, value: str, told: str) -> "Mood":
        made = str.__new__(cls, value)
        made._value_ = value
        return made
"""
_GENERATES = """\
class Named(str, Enum):
    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:
        return name.lower()
"""


class Project:
    """A database's SQL, a configuration and files."""

    def __init__(self, draw: Drawer) -> None:
        self.draw = draw
        self.labels = draw.some(LABELS, 2, 4)
        self.tables = [self._table(name) for name in draw.some(["apples", "bees", "cars"], 1, 3)]
        wire, enums = draw.one("json", "native"), draw.one("str", "enum", "literal")
        self.configuration = (
            f'wire = "{wire}"\nenum-columns = "{enums}"\ncheck-literals = {str(draw.maybe()).lower()}\n'
        )
        self.kinds_first = draw.maybe()  # whether the classes import the Enums, or these the classes
        relative, path = draw.maybe(), draw.one("schemas", "schemas/app")
        self.package = path.replace("/", ".")
        self.here = "." if relative else f"{self.package}."
        self.files = {f"{path}/kinds.py": self._kinds(), f"{path}/calls.py": self._calls()}
        for table in self.tables:
            self.files[f"{path}/{table.name}.py"] = self._rows(table)
        if draw.maybe(3):
            names = "".join(f"from {self.here}{t.name} import {t.class_name}\n" for t in self.tables)
            self.files[f"{path}/__init__.py"] = names

    def sql(self) -> str:
        listed = ", ".join(f"'{label}'" for label in LABELS[:3])
        statements = [f"create type mood as enum ({', '.join(repr(label) for label in self.labels)})"]
        for table in self.tables:
            columns = []
            for name, (type_, nullable) in table.columns.items():
                real = type_.removesuffix(" check")
                check = f' check ("{name}" in ({listed}))' if real != type_ else ""
                columns.append(f'"{name}" {real}{"" if nullable else " not null"}{check}')
            statements.append(f"create table {table.name} ({', '.join(columns)})")
        return ";\n".join(statements)

    def _table(self, name: str) -> Table:
        draw, table = self.draw, Table(name)
        table.declared = draw.some(SAFE, 1, 5)
        new = draw.some([*NASTY, *(n for n in SAFE if n not in table.declared)], 0, 5)
        for column in [*table.declared, *new]:
            table.columns[column] = draw.one(*TYPES), draw.maybe()
        table.form = draw.one("typeddict", "functional", "model", "dataclass", "dataclass", "checked")
        return table

    # ---- files

    def _kinds(self) -> str:
        draw = self.draw
        parts = ["from enum import Enum, StrEnum, auto, member\nfrom typing import Annotated, Literal, Optional\n"]
        if not self.kinds_first:
            parts += [f"from {self.here}{t.name} import {t.class_name}\n" for t in self.tables if draw.maybe()]
        base = draw.one("str, Enum", "StrEnum", "Enum")
        lines = [f"    {label.upper()} = {self._value(label)}" for label in draw.some(self.labels, 1, 4)]
        if base == "StrEnum" and draw.maybe():
            lines = [f"    {label} = auto()  # of {label}" for label in draw.some(self.labels, 1, 4)]
        parts.append(
            self._other_mood() if draw.maybe(3) else f"\n\nclass Mood({base}):\n" + "\n".join(lines) + "\n"
        )
        levels = "\n".join(f"    {label.upper()} = {self._value(label)}" for label in draw.some(LABELS[:3], 1, 3))
        parts.append(f"\n\nclass Level(str, Enum):  # a check's\n{levels}\n\n")
        parts.append(f"\nFeeling = Literal[{self._listed(self.labels)}]  # a few\n")
        parts.append(f"MaybeMood = Optional[Annotated[Literal[{self._listed(self.labels)}], 1]]\n")
        parts.append(f"Grade = Literal[{self._listed(LABELS[:3])}]\n")
        return "".join(parts)

    def _other_mood(self) -> str:
        """Return Mood with values that are no plain texts, or without a body."""
        labels = self.draw.some(self.labels, 1, 4)
        tuples = "".join(f'    {label.upper()} = "{label}", "told {label}"  # of {label}\n' for label in labels)
        made = "".join(f"    {label} = auto()\n" for label in labels)
        pairs = ", ".join(f'("{label.upper()}", "{label}")' for label in labels)
        return self.draw.one(
            f"\n\nclass Mood(str, Enum):\n{tuples}{_NEW}",
            f"\n\n{_GENERATES}\n\nclass Mood(Named):\n{made}",
            f'\n\nMood = Enum("Mood", [{pairs}], type=str)  # by a call\n',
            f'\n\nMood = StrEnum("Mood", "{" ".join(labels)}")\n',
        )

    def _value(self, label: str) -> str:
        cut = len(label) // 2
        forms = [f'"{label}"', f"'{label}'", f'("{label}")', f'"{label[:cut]}" "{label[cut:]}"', f'f"{label}"']
        return self.draw.one(*forms, f'member("{label}")')

    def _listed(self, labels: list[str]) -> str:
        return ", ".join(f'"{label}"' for label in self.draw.some(labels, 1, 4))

    def _annotation(self, type_: str, nullable: bool) -> str:
        draw = self.draw
        text = draw.one(*TYPES[type_])
        if not self.kinds_first and any(name in text for name in ("Mood", "Feeling", "Level", "Grade")):
            text = "str"
        text = text if nullable else text.replace("MaybeMood", "Feeling")  # an alias keeps its None
        labels = self.labels if type_.startswith("mood") else LABELS[:3]
        lines = "".join(f'"{label}",  # is {label}\n        ' for label in draw.some(labels, 1, 4))
        text = text.replace("LABELS", self._listed(labels)).replace("LINES    ", lines[:-4])
        if text.startswith('"') or nullable == draw.maybe(6):
            return text
        union = f"Union[\n        {text},  # or\n        None,  # nothing\n    ]"
        return draw.one(f"Optional[{text}]", f"{text} | None", union)

    def _rows(self, table: Table) -> str:
        draw = self.draw
        head = (f"from {self.here}kinds import *\n" if self.kinds_first else "") + _HEAD
        fields = {name: self._annotation(*table.columns[name]) for name in table.declared}
        if table.form in {"dataclass", "checked"}:  # a type that an update takes out of use hides nothing any more
            used = " ".join(["Optional", *fields.values()])
            table.columns = {n: c for n, c in table.columns.items() if n in fields or n not in used}
        doc = f'"""Table: {table.name}"""'
        if table.form == "functional":
            inner = "".join(f'    "{name}": {text},\n' for name, text in fields.items())
            return f'{head}\n{table.class_name} = TypedDict("{table.class_name}", {{\n{inner}}})\n{doc}\n'
        bases = {"typeddict": "(TypedDict)", "model": "(BaseModel)"}.get(table.form, "")
        options = (
            draw.one("", "", "(frozen=True)", "(kw_only=True)", "(slots=True)")
            if table.form == "dataclass"
            else ""
        )
        above = {"dataclass": f"@dataclass{options}\n", "checked": "@checked\n"}.get(table.form, "")
        lines = [f"    {doc}", ""]
        defaults = False
        for name, text in fields.items():
            defaults = table.form != "typeddict" and (defaults or draw.maybe(3))
            optional = f"Optional[{text}]" if "None" not in text and "Maybe" not in text else text
            text = optional if defaults else text  # noqa: PLW2901
            lines.append(f"    {name}: {text}{' = None' if defaults else ''}  # the {name}")
        if table.form in {"dataclass", "model"} and draw.maybe():
            lines += ["", "    def total(self) -> date:", "        return date.min"]
        text = f"{head}\n\n{above}class {table.class_name}{bases}:\n" + "\n".join(lines) + "\n"
        if table.form == "dataclass" and "kw_only" not in options and draw.maybe():
            more = "extra: int" if not defaults else "extra: int = 0"
            text += f"\n\n@dataclass{options}\nclass More{table.class_name}({table.class_name}):\n    {more}\n"
            text += f"\n\nMADE = More{table.class_name}({', '.join('NOTHING' for _ in fields)}, 7)\n"
        return text

    def _calls(self) -> str:
        draw = self.draw
        parts = ["from typing import Any\n"]
        for table in self.tables:
            ways = [
                (f"from {self.here}{table.name} import {table.class_name}", table.class_name),
                (f"from {self.here}{table.name} import {table.class_name} as X{table.name}", f"X{table.name}"),
                (f"import {self.package}.{table.name} as m{table.name}", f"m{table.name}.{table.class_name}"),
            ]
            line, name = draw.one(*ways)
            if table.form not in {"dataclass", "checked"}:
                continue
            count = draw.number(0, len(table.declared))
            given = [*["row"] * count, *(f"{key}=row" for key in table.declared[count:])]
            call = f"{name}({', '.join(given)})" if draw.maybe(3) is False else f"{name}(**row)"
            indented = f"def f{table.name}(row: Any) -> Any:\n    {line}\n    return {call}\n"
            parts.append(
                indented
                if draw.maybe()
                else f"{line}\n\n\ndef f{table.name}(row: Any) -> Any:\n    return {call}\n"
            )
        return "\n".join(parts)
