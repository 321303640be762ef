"""The types of PostgreSQL itself, by their name in pg_type.

The JSON side follows ``to_json``: numbers and booleans stay, json stays itself, all else is text. The native
side is what psycopg 3 returns by default. A type that is not listed, which a later version may bring, is text
on either.
"""

from __future__ import annotations

from schema_sync.mapping.base import Mapped, TypeMap
from schema_sync.model.declarations import PyType, union


def _float_or(*words: str) -> PyType:
    return union(PyType(name="float"), PyType(name="Literal", literals=words))


def _range(element: str) -> Mapped:
    return Mapped(json="str", native=f"psycopg.types.range.Range[{element}]", why='text such as "[1,5)"')


def _multirange(element: str) -> Mapped:
    return Mapped(
        json="str", native=f"psycopg.types.multirange.Multirange[{element}]", why='text such as "{[1,3),[5,7)}"'
    )


_INTEGER = Mapped(json="int", native="int")
_FLOAT = Mapped(
    json="float",
    native="float",
    exact=_float_or("NaN", "Infinity", "-Infinity"),
    why="NaN and infinity, which JSON sends as text, lie outside plain",
)
_JSON = Mapped(
    json="dict[str, typing.Any]",
    native="dict[str, typing.Any]",
    exact="Json",
    native_exact="Json",
    why="plain takes an object for granted",
)
_ADDRESS = Mapped(
    json="str",
    native="ipaddress.IPv4Interface | ipaddress.IPv6Interface | ipaddress.IPv4Address | ipaddress.IPv6Address",
    why="natively an address where the mask is full, else an interface",
)
_NETWORK = Mapped(json="str", native="ipaddress.IPv4Network | ipaddress.IPv6Network")
_TIMESTAMP = Mapped(
    json="str", native="datetime.datetime", why="ISO 8601 text, or infinity, which psycopg refuses to load"
)
_TIME = Mapped(json="str", native="datetime.time", why="24:00:00 is text in JSON; psycopg refuses to load it")

TEXT = Mapped(json="str", native="str")

_TEXTS = """
aclitem bit box bpchar char cid circle gtsvector jsonpath line lseg macaddr macaddr8 money name path
pg_brin_bloom_summary pg_brin_minmax_multi_summary pg_dependencies pg_lsn pg_mcv_list pg_ndistinct pg_node_tree
pg_snapshot point polygon refcursor regclass regcollation regconfig regdictionary regnamespace regoper
regoperator regproc regprocedure regrole regtype text tid tsquery tsvector txid_snapshot varbit varchar xid
xid8 xml
"""
_RANGES = {
    "int4": "int",
    "int8": "int",
    "num": "decimal.Decimal",
    "ts": "datetime.datetime",
    "tstz": "datetime.datetime",
    "date": "datetime.date",
}

TYPES = TypeMap(
    types={
        **dict.fromkeys(_TEXTS.split(), TEXT),
        **{f"{name}range": _range(element) for name, element in _RANGES.items()},
        **{f"{name}multirange": _multirange(element) for name, element in _RANGES.items()},
        "int2": _INTEGER,
        "int4": _INTEGER,
        "int8": _INTEGER,
        "float4": _FLOAT,
        "float8": _FLOAT,
        "numeric": Mapped(
            json="float",
            native="decimal.Decimal",
            exact=_float_or("NaN", "Infinity", "-Infinity"),
            modified=_float_or("NaN"),
            why="json.loads makes it a float, or an int; one with a precision refuses infinity but not NaN",
        ),
        "bool": Mapped(json="bool", native="bool"),
        "uuid": Mapped(json="str", native="uuid.UUID"),
        "json": _JSON,
        "jsonb": _JSON,
        "timestamp": _TIMESTAMP,
        "timestamptz": _TIMESTAMP,
        "date": Mapped(
            json="str",
            native="datetime.date",
            why="infinity and BC are text in JSON; psycopg refuses to load them",
        ),
        "time": _TIME,
        "timetz": _TIME,
        "interval": Mapped(json="str", native="datetime.timedelta"),
        "bytea": Mapped(json="str", native="bytes", why="hexadecimal text with a leading \\x"),
        "inet": _ADDRESS,
        "cidr": _NETWORK,
        "oid": Mapped(json="str", native="int", why="to_json quotes oids"),
        "int2vector": Mapped(json="list[int]", native="str", why="no nulls, one dimension; to psycopg text"),
        "oidvector": Mapped(json="list[str]", native="str", why="no nulls, one dimension; to psycopg text"),
        "unknown": Mapped(
            json="typing.Any",
            native="typing.Any",
            exact="Json",
            native_exact="str",
            why="the reader's word for a type that it did not find, such as a row of a table in another schema",
        ),
    },
)

CAST = Mapped(
    json="typing.Any",
    native="str",
    exact="Json",
    why="a base type of somebody's own that has a cast to json: to_json calls it, and it may give anything",
)
