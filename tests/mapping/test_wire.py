"""Each type of the maps against a server: what to_json sends, and what psycopg gives, is what the map says."""

from __future__ import annotations

import datetime as dt
import decimal
import ipaddress
import json
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from direct import read_catalog
from schema_sync.mapping.type_table import EXTENSION_TYPES, POSTGRES_TYPES
from schema_sync.mapping.types import Manner, column_type
from schema_sync.model.catalog import Catalog, QName, TypeRef
from schema_sync.model.options import Precision, Wire

if TYPE_CHECKING:
    from conftest import Database
    from schema_sync.model.declarations import PyType

FLOAT = "float | Literal['NaN', 'Infinity', '-Infinity']"
ADDRESS = "ipaddress.IPv4Interface | ipaddress.IPv6Interface | ipaddress.IPv4Address | ipaddress.IPv6Address"
NETWORK = "ipaddress.IPv4Network | ipaddress.IPv6Network"
RANGE, MULTIRANGE = "psycopg.types.range.Range", "psycopg.types.multirange.Multirange"
MOMENT = "datetime.datetime"

# type: (JSON plain, JSON exact, native plain, native exact, values)
ROWS: dict[str, tuple[str, str, str, str, list[str]]] = {
    "int2": ("int", "int", "int", "int", ["1", "-32768"]),
    "int4": ("int", "int", "int", "int", ["1"]),
    "int8": ("int", "int", "int", "int", ["9007199254740993"]),
    "float4": ("float", FLOAT, "float", "float", ["1.5", "NaN", "-Infinity"]),
    "float8": ("float", FLOAT, "float", "float", ["1e300", "NaN", "Infinity"]),
    "numeric": ("float", FLOAT, "decimal.Decimal", "decimal.Decimal", ["1.10", "2", "NaN", "Infinity"]),
    "bool": ("bool", "bool", "bool", "bool", ["t"]),
    "uuid": ("str", "str", "uuid.UUID", "uuid.UUID", ["00000000-0000-1000-8000-000000000001"]),
    "json": ("dict[str, Any]", "Json", "dict[str, Any]", "Json", ['{"a": 1}', "[1, null]", "null", "1"]),
    "jsonb": ("dict[str, Any]", "Json", "dict[str, Any]", "Json", ['{"a": 1}', '"x"', "true"]),
    "timestamp": ("str", "str", MOMENT, MOMENT, ["2024-01-02 03:04:05.6"]),
    "timestamptz": ("str", "str", MOMENT, MOMENT, ["2024-01-02 03:04:05.6+02"]),
    "date": ("str", "str", "datetime.date", "datetime.date", ["2024-01-02"]),
    "time": ("str", "str", "datetime.time", "datetime.time", ["03:04"]),
    "timetz": ("str", "str", "datetime.time", "datetime.time", ["03:04+02"]),
    "interval": ("str", "str", "datetime.timedelta", "datetime.timedelta", ["1 year 2 mons 3 days"]),
    "bytea": ("str", "str", "bytes", "bytes", ["\\xdeadbeef"]),
    "inet": ("str", "str", ADDRESS, ADDRESS, ["192.168.1.5/24", "192.168.1.5", "::1"]),
    "cidr": ("str", "str", NETWORK, NETWORK, ["10.0.0.0/8", "fe80::/64"]),
    "oid": ("str", "str", "int", "int", ["16384"]),
    "int2vector": ("list[int]", "list[int]", "str", "str", ["1 2"]),
    "oidvector": ("list[str]", "list[str]", "str", "str", ["1 2"]),
    "int4range": ("str", "str", f"{RANGE}[int]", f"{RANGE}[int]", ["[1,5)", "empty"]),
    "int8range": ("str", "str", f"{RANGE}[int]", f"{RANGE}[int]", ["[1,5)"]),
    "numrange": ("str", "str", f"{RANGE}[decimal.Decimal]", f"{RANGE}[decimal.Decimal]", ["[1.5,)"]),
    "tsrange": ("str", "str", f"{RANGE}[{MOMENT}]", f"{RANGE}[{MOMENT}]", ["[2024-01-01,2024-02-01)"]),
    "tstzrange": ("str", "str", f"{RANGE}[{MOMENT}]", f"{RANGE}[{MOMENT}]", ["[2024-01-01,2024-02-01)"]),
    "daterange": ("str", "str", f"{RANGE}[datetime.date]", f"{RANGE}[datetime.date]", ["[2024-01-01,)"]),
    "int4multirange": ("str", "str", f"{MULTIRANGE}[int]", f"{MULTIRANGE}[int]", ["{[1,3),[5,7)}", "{}"]),
    "int8multirange": ("str", "str", f"{MULTIRANGE}[int]", f"{MULTIRANGE}[int]", ["{[1,3)}"]),
    "nummultirange": (
        "str",
        "str",
        f"{MULTIRANGE}[decimal.Decimal]",
        f"{MULTIRANGE}[decimal.Decimal]",
        ["{[1.5,3)}"],
    ),
    "tsmultirange": ("str", "str", f"{MULTIRANGE}[{MOMENT}]", f"{MULTIRANGE}[{MOMENT}]", ["{}"]),
    "tstzmultirange": ("str", "str", f"{MULTIRANGE}[{MOMENT}]", f"{MULTIRANGE}[{MOMENT}]", ["{}"]),
    "datemultirange": (
        "str",
        "str",
        f"{MULTIRANGE}[datetime.date]",
        f"{MULTIRANGE}[datetime.date]",
        ["{[2024-01-01,2024-02-01)}"],
    ),
    "unknown": ("Any", "Json", "Any", "str", []),
}
TEXTS = {
    "aclitem": "=r/postgres",
    "bit": "1",
    "box": "(1,1),(0,0)",
    "bpchar": "ab  ",
    "char": "x",
    "cid": "3",
    "circle": "<(0,0),5>",
    "gtsvector": None,
    "jsonpath": "$.a",
    "line": "{1,2,3}",
    "lseg": "[(0,0),(1,1)]",
    "macaddr": "08:00:2b:01:02:03",
    "macaddr8": "08:00:2b:01:02:03:04:05",
    "money": "1.5",
    "name": "n",
    "path": "[(0,0),(1,1)]",
    "pg_brin_bloom_summary": None,
    "pg_brin_minmax_multi_summary": None,
    "pg_dependencies": None,
    "pg_lsn": "16/B374D848",
    "pg_mcv_list": None,
    "pg_ndistinct": None,
    "pg_node_tree": None,
    "pg_snapshot": "10:20:10",
    "point": "(1,2)",
    "polygon": "((0,0),(1,1),(1,0))",
    "refcursor": "c",
    "regclass": "pg_class",
    "regcollation": '"C"',
    "regconfig": "simple",
    "regdictionary": "simple",
    "regnamespace": "pg_catalog",
    "regoper": "pg_catalog.||/",
    "regoperator": "=(integer,integer)",
    "regproc": "now",
    "regprocedure": "now()",
    "regrole": "postgres",
    "regtype": "integer",
    "text": "t",
    "tid": "(0,1)",
    "tsquery": "a & b",
    "tsvector": "a b",
    "txid_snapshot": "10:20:10",
    "varbit": "101",
    "varchar": "v",
    "xid": "7",
    "xid8": "9",
    "xml": None,  # the embedded server has no libxml
}
ROWS |= {name: ("str", "str", "str", "str", [value] if value else []) for name, value in TEXTS.items()}
EVERY = pytest.mark.parametrize("name", sorted(ROWS))
NATIVE: dict[str, type] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "bytes": bytes,
    "uuid.UUID": uuid.UUID,
    "decimal.Decimal": decimal.Decimal,
    "datetime.datetime": dt.datetime,
    "datetime.date": dt.date,
    "datetime.time": dt.time,
    "datetime.timedelta": dt.timedelta,
    "psycopg.types.range.Range": Range,
    "psycopg.types.multirange.Multirange": Multirange,
    **{f"ipaddress.{n}": getattr(ipaddress, n) for n in ("IPv4Interface", "IPv6Interface", "IPv4Address")},
    **{f"ipaddress.{n}": getattr(ipaddress, n) for n in ("IPv6Address", "IPv4Network", "IPv6Network")},
}


def mapped(name: str, wire: Wire, precision: Precision, dims: int = 0, modifier: str | None = None) -> PyType:
    ref = TypeRef(name=QName(schema="pg_catalog", name=name), dims=dims, modifier=modifier)
    manner = Manner(wire=wire, precision=precision)
    return column_type(ref, Catalog(schemas=(), covers=()), manner=manner).written


def admits(type_: PyType, value: object) -> bool:
    """Whether *value* is of the type, as the maps mean it."""
    name = type_.name.rpartition(":")[2]
    nested = name == "Array"
    if name in {"Json", "typing.Any"}:
        found = True
    elif name == "|":
        found = any(admits(member, value) for member in type_.args)
    elif name == "Literal":
        found = value in type_.literals
    elif name in {"Array", "list"}:
        element = type_.args[0]
        found = isinstance(value, list) and all(
            admits(element, v) or (nested and (v is None or admits(type_, v))) for v in value
        )
    elif name == "dict":
        found = isinstance(value, dict) and all(admits(type_.args[1], v) for v in value.values())
    elif isinstance(value, Range | Multirange):
        parts = value if isinstance(value, Multirange) else [value]
        bounds = [bound for part in parts for bound in (part.lower, part.upper) if bound is not None]
        found = NATIVE[name] is type(value) and all(admits(type_.args[0], bound) for bound in bounds)
    elif name == "float":
        found = type(value) in {float, int}
    else:
        found = value is None if name == "None" else type(value) is NATIVE[name]
    return found


def test_the_table_has_every_type() -> None:
    assert ROWS.keys() == POSTGRES_TYPES.keys()


@EVERY
def test_what_is_written(name: str) -> None:
    plain, exact, native, native_exact, _ = ROWS[name]
    assert str(mapped(name, "json", "plain")) == plain
    assert str(mapped(name, "json", "exact")) == exact
    assert str(mapped(name, "native", "plain")) == native
    assert str(mapped(name, "native", "exact")) == native_exact
    assert str(mapped(name, "json", "plain", 1)) == f"list[{plain}]"
    assert str(mapped(name, "json", "exact", 1)) == f"Array[{exact}]"
    assert str(mapped(name, "native", "plain", 1)) == f"list[{native}]"


def test_a_numeric_with_a_precision_refuses_infinity(database: Database) -> None:
    assert str(mapped("numeric", "json", "exact", 0, "12,4")) == "float | Literal['NaN']"
    assert database.run("select to_json('NaN'::numeric(12,4))::text") == [('"NaN"',)]
    with pytest.raises(psycopg.Error, match="field overflow"):
        database.run("select 'Infinity'::numeric(12,4)")


def test_no_type_of_this_server_is_left_out(database: Database) -> None:
    found = database.run(
        "select t.typname from pg_type t where t.oid < 12000 and t.typtype in ('b', 'r', 'm') and t.typelem = 0"
    )
    assert {name for (name,) in found} <= ROWS.keys()


def test_what_comes_is_what_is_written(database: Database) -> None:
    """Over either wire, alone and in an array with a null."""
    with psycopg.connect(database.dsn, autocommit=True) as session:
        for name, (*_, values) in ROWS.items():
            for value in values:
                quoted = psycopg.sql.Literal(value).as_string(session)
                literal, null = (f'{text}::pg_catalog."{name}"' for text in (quoted, "null"))
                array = (
                    f"array[array[{literal}], array[{null}]]" if name not in {"int2vector", "oidvector"} else ""
                )
                for dims, expression in enumerate(filter(None, (literal, array))):
                    query = f"select to_json({expression})::text, {expression}"
                    text, native = session.execute(query.encode()).fetchall()[0]
                    assert admits(mapped(name, "json", "exact", dims), json.loads(text)), (name, text)
                    assert admits(mapped(name, "native", "exact", dims), native), (name, native)
    assert not admits(mapped("pg_snapshot", "native", "exact", 1), [])


EXTENSIONS: dict[str, tuple[str, str, str, str]] = {  # extension, a value, JSON plain, JSON exact
    "citext": ("citext", "a", "str", "str"),
    "hstore": ("hstore", "a=>1, b=>null", "dict[str, str | None]", "dict[str, str | None]"),
    "ltree": ("ltree", "a.b", "str", "str"),
    "lquery": ("ltree", "a.*", "str", "str"),
    "ltxtquery": ("ltree", "a & b", "str", "str"),
    "vector": ("vector", "[1,2.5]", "str", "str"),
    "halfvec": ("vector", "[1,2.5]", "str", "str"),
    "sparsevec": ("vector", "{1:1.5}/3", "str", "str"),
    "cube": ("cube", "(1,2)", "str", "str"),
    "seg": ("seg", "1 .. 2", "str", "str"),
    "query_int": ("intarray", "1&2", "str", "str"),
    "ean13": ("isn", "978-0-393-04002-9", "str", "str"),
    "isbn13": ("isn", "978-0-393-04002-9", "str", "str"),
    "isbn": ("isn", "0-393-04002-X", "str", "str"),
    "ismn13": ("isn", "979-0-060-11561-5", "str", "str"),
    "ismn": ("isn", "M-060-11561-5", "str", "str"),
    "issn13": ("isn", "977-1436-45200-8", "str", "str"),
    "issn": ("isn", "1436-4522", "str", "str"),
    "upc": ("isn", "220356483481", "str", "str"),
}
NO_VALUES = {  # of indexes only, or of PostGIS, of which the tests have a stand-in
    *("ghstore", "gtrgm", "intbig_gkey", "ltree_gist", "geometry", "geography", "box2d", "box2df", "box3d"),
    *("gidx", "spheroid", "raster"),
}


def test_the_table_has_every_type_of_an_extension() -> None:
    assert EXTENSIONS.keys() | NO_VALUES == EXTENSION_TYPES.keys()


def test_what_comes_of_an_extension_is_what_is_written(database: Database) -> None:
    for extension in sorted({row[0] for row in EXTENSIONS.values()}):
        database.run(f"create extension {extension} with schema extensions")
    columns = ", ".join(f"{name} extensions.{name}, {name}_array extensions.{name}[]" for name in EXTENSIONS)
    database.run(f"create table public.t ({columns})")
    catalog = read_catalog(database.dsn, ["public"])
    with psycopg.connect(database.dsn, autocommit=True) as session:
        for column in catalog.relations[0].columns:
            name = column.name.removesuffix("_array")
            literal = f"'{EXTENSIONS[name][1]}'::extensions.{name}"
            expression = f"array[{literal}, null]" if column.type.dims else literal
            query = f"select to_json({expression})::text, {expression}"
            text, native = session.execute(query.encode()).fetchall()[0]
            plain, exact, native_exact = (
                column_type(column.type, catalog, manner=manner).written
                for manner in (Manner(), Manner(precision="exact"), Manner(wire="native", precision="exact"))
            )
            assert admits(exact, json.loads(text)), (column.name, text)
            assert admits(native_exact, native), (column.name, native)
            if not column.type.dims:
                assert (str(plain), str(exact)) == EXTENSIONS[name][2:]


OWN = """
create type mood as enum ('sad');
create domain glad as mood;
create domain tags as text[];
create type pair as (a text, b int[]);
create table shop (a int);
create type span as range (subtype = float8);
create table t (
    a mood default 'sad', b mood[] default '{sad,null}', c glad default 'sad', d glad[] default '{sad}',
    e tags default '{x,null}', f tags[] default array['{x}'::tags], g pair default row('a', '{{1},{2}}'),
    h pair[] default array[row('a', null)::pair], i shop default row(1), j shop[] default array[row(1)::shop],
    k span default '[1,2)', l span[] default '{"[1,2)"}', m span_multirange default '{}'
);
insert into t default values;
"""


def test_what_comes_of_own_types_is_what_is_written(database: Database) -> None:
    database.run(OWN)
    catalog = read_catalog(database.dsn, ["public"])
    columns = catalog.relations_by_name[QName(schema="public", name="t")].columns
    with psycopg.connect(database.dsn) as session:
        (native,) = session.execute("select * from t").fetchall()
        ((text,),) = session.execute("select to_json(t)::text from t").fetchall()
    for manner, values in (
        (Manner(precision="exact", enums="literal"), json.loads(text).values()),
        (Manner(precision="exact", enums="literal", wire="native"), native),
    ):
        for column, value in zip(columns, values, strict=True):
            written = column_type(column.type, catalog, manner=manner).written
            assert "Any" not in str(written)
            assert admits(written, value), (manner.wire, column.name, value, str(written))


def test_a_base_type_with_a_cast_to_json_may_be_anything(database: Database) -> None:
    """And one without is text, whoever made it."""
    for name in ("loud", "bare"):
        database.run(
            f"create type {name};"
            f"create function {name}_in(cstring) returns {name} language internal immutable strict as 'textin';"
            f"create function {name}_out({name}) returns cstring language internal immutable strict as 'textout';"
            f"create type {name} (input = {name}_in, output = {name}_out, like = text)"
        )
    database.run(
        "create type mood as enum ('sad');"
        "create function as_json(loud) returns json language sql as $$ select '[1]'::json $$;"
        "create function as_json(mood) returns json language sql as $$ select '2'::json $$;"
        "create cast (loud as json) with function as_json(loud);"
        "create cast (mood as json) with function as_json(mood);"
        "create domain boxed as loud; create table t (a loud, b bare, c boxed, d mood)"
    )
    assert database.run("select to_json(row('x'::loud, 'x'::bare, 'x'::boxed, 'sad'::mood))::text") == [
        ('{"f1":[1],"f2":"x","f3":[1],"f4":2}',)
    ]
    catalog = read_catalog(database.dsn, ["public"])
    assert list(map(str, catalog.json_casts)) == ["public.loud", "public.mood"]
    columns = catalog.relations[0].columns

    def written(precision: Precision) -> list[str]:
        manner = Manner(precision=precision)
        return [str(column_type(c.type, catalog, manner=manner).written) for c in columns]

    assert written("plain") == ["Any", "str", "Any", "Any"]
    assert written("exact") == ["Json", "str", "Json", "Json"]
