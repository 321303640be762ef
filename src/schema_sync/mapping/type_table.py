"""One table of PostgreSQL's types and those of extensions: what each is on the wire and in Python.

Authority: the JSON side follows ``to_json`` (PostgreSQL manual, "JSON Functions and Operators"): numbers and
booleans stay, json stays itself, a type with a cast to json uses it, all else is text. The native side is what
psycopg 3 returns by default (its documentation, "Adapting basic Python types"). A type that is not listed, such
as one of a later version, is text on both sides.
"""

from __future__ import annotations

from schema_sync.model.base import Value
from schema_sync.model.declarations import PyType, union


class PythonTypes(Value, frozen=True, kw_only=True):
    """The Python types of one PostgreSQL type, as annotations with dotted names.

    ``Json`` in them is the alias that the project's aliases file declares.

    Attributes:
        json: what PostgREST, and so supabase-py, returns (``json.loads`` of ``to_json``).
        native: what psycopg 3 returns by default.
        exact: ``json`` in exact precision, where it differs.
        modified: ``exact`` where the type has a modifier, such as ``numeric(12,4)``, if that differs again.
        native_exact: ``native`` in exact precision, where it differs.
    """

    json: str
    native: str
    exact: str | PyType | None = None
    modified: PyType | None = None
    native_exact: str | None = None


def _float_or(*words: str) -> PyType:
    return union(PyType(name="float"), PyType(name="Literal", literals=words))


TEXT = PythonTypes(json="str", native="str")
# A user-defined base type with a cast to json: to_json calls the cast, which may return any JSON.
CAST = PythonTypes(json="typing.Any", native="str", exact="Json")

_INTEGER = PythonTypes(json="int", native="int")
# to_json sends NaN and infinity as text; plain precision leaves them out.
_FLOAT = PythonTypes(json="float", native="float", exact=_float_or("NaN", "Infinity", "-Infinity"))
# Plain precision expects an object.
_JSON = PythonTypes(
    json="dict[str, typing.Any]", native="dict[str, typing.Any]", exact="Json", native_exact="Json"
)
# JSON has ISO 8601 text, "infinity", years BC or "24:00:00", of which psycopg refuses to load the last three.
_TIMESTAMP = PythonTypes(json="str", native="datetime.datetime")
_TIME = PythonTypes(json="str", native="datetime.time")
# Natively an address where the mask is full, else an interface.
_ADDRESS = PythonTypes(
    json="str",
    native="ipaddress.IPv4Interface | ipaddress.IPv6Interface | ipaddress.IPv4Address | ipaddress.IPv6Address",
)

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

POSTGRES_TYPES: dict[str, PythonTypes] = {
    **dict.fromkeys(_TEXTS.split(), TEXT),
    "int2": _INTEGER,
    "int4": _INTEGER,
    "int8": _INTEGER,
    "float4": _FLOAT,
    "float8": _FLOAT,
    # json.loads makes it a float or an int; a numeric with a precision refuses infinity but not NaN.
    "numeric": PythonTypes(
        json="float",
        native="decimal.Decimal",
        exact=_float_or("NaN", "Infinity", "-Infinity"),
        modified=_float_or("NaN"),
    ),
    "bool": PythonTypes(json="bool", native="bool"),
    "uuid": PythonTypes(json="str", native="uuid.UUID"),
    "json": _JSON,
    "jsonb": _JSON,
    "timestamp": _TIMESTAMP,
    "timestamptz": _TIMESTAMP,
    "date": PythonTypes(json="str", native="datetime.date"),
    "time": _TIME,
    "timetz": _TIME,
    "interval": PythonTypes(json="str", native="datetime.timedelta"),
    "bytea": PythonTypes(json="str", native="bytes"),  # in JSON hexadecimal text that begins with \x
    "inet": _ADDRESS,
    "cidr": PythonTypes(json="str", native="ipaddress.IPv4Network | ipaddress.IPv6Network"),
    "oid": PythonTypes(json="str", native="int"),  # to_json quotes oids
    # Both vectors have one dimension and no nulls; psycopg returns their text.
    "int2vector": PythonTypes(json="list[int]", native="str"),
    "oidvector": PythonTypes(json="list[str]", native="str"),
    # In JSON text such as "[1,5)" and "{[1,3),[5,7)}".
    **{
        f"{name}range": PythonTypes(json="str", native=f"psycopg.types.range.Range[{element}]")
        for name, element in _RANGES.items()
    },
    **{
        f"{name}multirange": PythonTypes(json="str", native=f"psycopg.types.multirange.Multirange[{element}]")
        for name, element in _RANGES.items()
    },
    # A source's word for a type that it did not find, such as a row type of a table in another schema.
    "unknown": PythonTypes(json="typing.Any", native="typing.Any", exact="Json", native_exact="str"),
}
"""The types of the schema ``pg_catalog``, by their name in pg_type."""

_EXTENSION_TEXTS = (
    "citext",  # citext: sent as it was written
    *("cube", "seg"),  # cube and seg: "(1, 2),(3, 4)" and "1.5 .. 2"; earthdistance's domain earth is a cube
    *("ltree", "lquery", "ltxtquery"),  # ltree: labels with dots between them, or a pattern
    "query_int",  # intarray: "1&(2|3)"; its arrays are PostgreSQL's own
    *("ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"),  # isn: with hyphens
    # pgvector: "[1,2.5]", and "{1:1.5}/3" for a sparsevec; arrays only after pgvector.psycopg.register_vector.
    *("vector", "halfvec", "sparsevec"),
    # PostGIS: a geography and a raster are hexadecimal; only geometry, below, has a cast to json.
    *("geography", "box2d", "box2df", "box3d", "gidx", "spheroid", "raster"),
    # What indexes of hstore, intarray, ltree and pg_trgm hold: never the type of a column.
    *("ghstore", "intbig_gkey", "ltree_gist", "gtrgm"),
)

EXTENSION_TYPES: dict[str, PythonTypes] = {
    **dict.fromkeys(_EXTENSION_TEXTS, TEXT),
    # hstore: its cast to json returns an object of text; psycopg returns a dict only after register_hstore.
    "hstore": PythonTypes(json="dict[str, str | None]", native="dict[str, str | None]", native_exact="str"),
    # PostGIS 3.0 or later: the cast to json returns GeoJSON; psycopg returns hexadecimal EWKB.
    "geometry": PythonTypes(json="dict[str, typing.Any]", native="str", exact="dict[str, Json]"),
}
"""The types of extensions by name, because an extension may be in any schema."""
