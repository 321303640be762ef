"""Random types, names and values of PostgreSQL, for what a generated type has to admit.

Values are SQL expressions; what they are in JSON is left to the server.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

SCALARS: dict[str, list[str]] = {
    "int2": ["-32768", "0", "32767"],
    "int4": ["-2147483648", "7"],
    "int8": ["9007199254740993", "-9223372036854775808"],
    "float4": ["1.5", "'NaN'", "'-Infinity'", "3"],
    "float8": ["2.25", "'NaN'", "'Infinity'", "1e300", "0"],
    "numeric": ["12345678901234567890.10", "'NaN'", "'Infinity'", "42", "0.00000000000000000001"],
    "numeric(8,2)": ["1234.50", "'NaN'", "3"],
    "bool": ["true", "false"],
    "uuid": ["'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "'00000000-0000-0000-0000-000000000000'"],
    "text": ["''", "U&'\\2028 \\+01F600'", "'NaN'", "'null'"],
    "varchar(20)": ["'v20'"],
    "char(5)": ["'ab'"],
    '"char"': ["'x'", "''"],
    "name": ["'nm'"],
    "timestamptz": ["'2024-01-02 03:04:05.678901+02'", "'infinity'", "'0044-03-15 BC'"],
    "timestamp": ["'10001-01-01'", "'-infinity'"],
    "date": ["'2024-01-02'", "'0044-03-15 BC'", "'infinity'"],
    "time": ["'24:00:00'", "'03:04:05.5'"],
    "timetz": ["'03:04:05+02'"],
    "interval": ["'1 year 2 mons 3 days 04:05:06'", "'-1 year -2 days +03:00'"],
    "money": ["'$1,234.50'"],
    "bytea": ["'\\xdeadbeef'", "''"],
    "json": ["'null'", "'[1, {\"a\": null}]'", "'\"text\"'", "'1.5'", "'{}'"],
    "jsonb": ["'null'", '\'{"a": {"b": [true]}}\'', "'[]'", "'7'"],
    "inet": ["'192.168.1.5/24'", "'::1'"],
    "cidr": ["'10.0.0.0/8'"],
    "macaddr": ["'08:00:2b:01:02:03'"],
    "bit(4)": ["B'1010'"],
    "varbit": ["B'101'", "B''"],
    "tsvector": ["to_tsvector('simple', 'the quick fox')"],
    "tsquery": ["to_tsquery('simple', 'fox & dog')"],
    "pg_lsn": ["'16/B374D848'"],
    "oid": ["4294967295"],
    "xid8": ["'18446744073709551615'"],
    "regclass": ["'pg_class'"],
    "jsonpath": ["'$.a[*]'"],
    "point": ["'(1,2)'"],
    "polygon": ["'((0,0),(1,1),(1,0))'"],
    "int4range": ["'[1,5)'", "'empty'"],
    "tstzrange": ["'[2024-01-01,)'"],
    "nummultirange": ["'{}'", "'{[1,3),[5,7)}'"],
    "int2vector": ["'1 2'", "''"],
    "oidvector": ["'1 2'"],
    "hstore": ["'a=>1, b=>NULL'", "''"],
    "citext": ["'CiText'"],
    "ltree": ["'Top.Science'"],
}

NAMES = st.one_of(
    st.sampled_from(
        [
            *("users", "user_role", "User Role", "user-role", "UserRole", "class", "None", "1st", "str", "list"),
            *("Any", "date", "TypedDict", "Optional", "Literal", "Json", "Array", "typing", "enum", "datetime"),
            *(
                'qu"ote',
                "apo'strophe",
                "back\\slash",
                "new\nline",
                '"""',
                '"""; import os',
                "'''",
                "#",
                "{x}",
                "%s",
            ),
            *(
                "\u202ertl",
                "\u2028sep",
                "\u200bzero",
                "日本",
                "ﬁn",
                "ß",
                "😀",
                "_x",
                "__mangled",
                "__init__",
                "mro",
            ),
            *("a-b", "a_b", "a b", "model_config", "schema", "x" * 63, "\\N{BULLET}", "\x01", "\x7f", "\ufffe"),
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=15),
).filter(lambda name: len(name.encode()) <= 63)
LABELS = st.one_of(st.just(""), NAMES)


def identifier(name: str) -> str:
    """Return *name* quoted as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return *text* as an SQL literal, whatever it holds."""
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True)
class Type:
    """A type by its name in SQL, and a strategy for its values that are not null."""

    name: str
    values: SearchStrategy[str]


@dataclass
class Column:
    """A column: its name, its type, whether it refuses null, and the label that it refuses if it is an enum's."""

    name: str
    type: Type
    not_null: bool
    of_enum: bool = False


@dataclass
class Table:
    """A table with rows of SQL expressions."""

    name: str
    columns: list[Column]
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class World:
    """A schema: the statements that make it, and its tables."""

    statements: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    @property
    def sql(self) -> str:
        """All statements and rows as one script."""
        script = list(self.statements)
        for table in self.tables:
            columns = ", ".join(
                f"{identifier(c.name)} {c.type.name}{' not null' if c.not_null else ''}" for c in table.columns
            )
            script.append(f"create table {identifier(table.name)} ({columns})")
            for row in table.rows:
                values = f"values ({', '.join(row)})" if row else "default values"
                script.append(f"insert into {identifier(table.name)} {values}")
        return ";\n".join(script)


def scalar(name: str) -> Type:
    """Return the built-in or extension type *name*."""
    return Type(name, st.sampled_from([f"({value})::{name}" for value in SCALARS[name]]))


@st.composite
def array_values(draw: DrawFn, element: Type) -> str:
    """Draw an array of one or two dimensions, with nulls within."""
    element_values = st.one_of(st.just(f"null::{element.name}"), element.values)
    if draw(st.integers(0, 3)) == 0:
        width = draw(st.integers(1, 2))
        rows = draw(st.lists(st.lists(element_values, min_size=width, max_size=width), min_size=1, max_size=2))
        return f"array[{', '.join('[' + ', '.join(row) + ']' for row in rows)}]::{element.name}[]"
    return f"array[{', '.join(draw(st.lists(element_values, max_size=3)))}]::{element.name}[]"


@st.composite
def worlds(draw: DrawFn) -> World:
    """Draw a schema of enums, domains, composites and tables with rows."""
    world = World()
    names = iter(draw(st.lists(NAMES, min_size=12, max_size=12, unique=True)))
    types = [scalar(name) for name in draw(st.lists(st.sampled_from(sorted(SCALARS)), min_size=2, max_size=6))]
    enums: set[str] = set()
    for _ in range(draw(st.integers(0, 2))):
        enum = _enum(draw, world, next(names))
        types.append(enum)
        enums.add(enum.name)
    makers: list[Callable[[DrawFn, World, str, list[Type]], Type]] = [_domain, _composite, _array]
    for make in draw(st.lists(st.sampled_from(makers), max_size=4)):
        types.append(make(draw, world, next(names), types))
    for _ in range(draw(st.integers(1, 3))):
        world.tables.append(_table(draw, next(names), types, enums))
    return world


def _enum(draw: DrawFn, world: World, name: str) -> Type:
    labels = draw(st.lists(LABELS, min_size=1, max_size=6, unique=True))
    world.statements.append(f"create type {identifier(name)} as enum ({', '.join(map(literal, labels))})")
    full = f"public.{identifier(name)}"  # a name may be one of PostgreSQL's own types
    return Type(full, st.sampled_from([f"{literal(label)}::{full}" for label in labels]))


def _domain(draw: DrawFn, world: World, name: str, types: list[Type]) -> Type:
    base = draw(st.sampled_from(types))
    world.statements.append(f"create domain {identifier(name)} as {base.name}")
    full = f"public.{identifier(name)}"  # a name may be one of PostgreSQL's own types
    return Type(full, base.values.map(lambda value: f"({value})::{full}"))


def _composite(draw: DrawFn, world: World, name: str, types: list[Type]) -> Type:
    keys = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    attributes = [(key, draw(st.sampled_from(types))) for key in keys]
    body = ", ".join(f"{identifier(key)} {kind.name}" for key, kind in attributes)
    world.statements.append(f"create type {identifier(name)} as ({body})")
    full = f"public.{identifier(name)}"  # a name may be one of PostgreSQL's own types
    values = st.tuples(*(st.one_of(st.just("null"), kind.values) for _, kind in attributes))
    return Type(full, values.map(lambda drawn: f"row({', '.join(drawn)})::{full}"))


def _array(draw: DrawFn, world: World, name: str, types: list[Type]) -> Type:
    plain = [
        kind for kind in types if not kind.name.endswith("[]") and kind.name not in {"int2vector", "oidvector"}
    ]
    if not plain:
        return scalar("text")
    element = draw(st.sampled_from(plain))
    return Type(f"{element.name}[]", array_values(element))


def _table(draw: DrawFn, name: str, types: list[Type], enums: set[str]) -> Table:
    keys = draw(st.lists(NAMES, max_size=6, unique=True))
    columns = []
    for key in keys:
        kind = draw(st.sampled_from(types))
        columns.append(Column(key, kind, not_null=draw(st.booleans()), of_enum=kind.name in enums))
    table = Table(name, columns)
    for _ in range(draw(st.integers(0, 3))):
        table.rows.append(
            [draw(c.type.values if c.not_null else st.one_of(st.just("null"), c.type.values)) for c in columns]
        )
    return table
