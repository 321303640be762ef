"""One table of PostgreSQL's types and those of extensions: what each is in Python, and on the wire.

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
        json: what PostgREST, and so supabase-py, returns (``json.loads`` of ``to_json``); text by default.
        native: what psycopg 3 returns by default; text by default.
        exact: ``json`` in exact precision, where it differs.
        modified: ``exact`` where the type has a modifier, such as ``numeric(12,4)``, if that differs again.
        native_exact: ``native`` in exact precision, where it differs.
        format: the kind of a `WireFormat` (and behind ``of`` that of its elements); empty where it is not known.
    """

    json: str = "str"
    native: str = "str"
    exact: str | PyType | None = None
    modified: PyType | None = None
    native_exact: str | None = None
    format: str = "other"


def _float_or(*words: str) -> PyType:
    return union(PyType(name="float"), PyType(name="Literal", literals=words))


TEXT = PythonTypes()
# A user-defined base type with a cast to json: to_json calls the cast, which may return any JSON.
CAST = PythonTypes(json="typing.Any", exact="Json", format="json")

_OBJECT = "dict[str, typing.Any]"  # what plain precision expects of json
_JSON = PythonTypes(json=_OBJECT, native=_OBJECT, exact="Json", native_exact="Json", format="json")
_FLOAT = _float_or("NaN", "Infinity", "-Infinity")

_TEXTS = """
aclitem bit box circle gtsvector jsonpath line lseg macaddr macaddr8 money path pg_brin_bloom_summary
pg_brin_minmax_multi_summary pg_dependencies pg_lsn pg_mcv_list pg_ndistinct pg_node_tree pg_snapshot point
polygon refcursor regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc
regprocedure regrole regtype tid tsquery tsvector txid_snapshot varbit xml
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
    **dict.fromkeys(("bpchar", "char", "name", "text", "varchar"), PythonTypes(format="text")),
    **dict.fromkeys(("cid", "xid", "xid8"), PythonTypes(format="oid")),
    **{name: PythonTypes(json="int", native="int", format=name) for name in ("int2", "int4", "int8")},
    # to_json sends NaN and infinity as text; plain precision leaves them out.
    "float4": PythonTypes(json="float", native="float", exact=_FLOAT, format="float4"),
    "float8": PythonTypes(json="float", native="float", exact=_FLOAT, format="float8"),
    # json.loads makes it a float or an int; a numeric with a precision refuses infinity but not NaN.
    "numeric": PythonTypes(
        json="float", native="decimal.Decimal", exact=_FLOAT, modified=_float_or("NaN"), format="numeric"
    ),
    "bool": PythonTypes(json="bool", native="bool", format="bool"),
    "uuid": PythonTypes(native="uuid.UUID", format="uuid"),
    "json": _JSON,
    "jsonb": _JSON,
    # JSON has ISO 8601 text, "infinity", years BC or "24:00:00", of which psycopg refuses to load the last three.
    "timestamp": PythonTypes(native="datetime.datetime", format="timestamp"),
    "timestamptz": PythonTypes(native="datetime.datetime", format="timestamptz"),
    "date": PythonTypes(native="datetime.date", format="date"),
    "time": PythonTypes(native="datetime.time", format="time"),
    "timetz": PythonTypes(native="datetime.time", format="timetz"),
    "interval": PythonTypes(native="datetime.timedelta", format="interval"),
    # In JSON hexadecimal text that begins with \x.
    "bytea": PythonTypes(native="bytes", format="bytea"),
    # Natively an address where the mask is full, else an interface.
    "inet": PythonTypes(
        native="ipaddress.IPv4Interface | ipaddress.IPv6Interface | ipaddress.IPv4Address | ipaddress.IPv6Address",
        format="inet",
    ),
    "cidr": PythonTypes(native="ipaddress.IPv4Network | ipaddress.IPv6Network", format="cidr"),
    "oid": PythonTypes(native="int", format="oid"),  # to_json quotes oids
    # Both vectors have one dimension and no nulls; psycopg returns their text.
    "int2vector": PythonTypes(json="list[int]", format="vector of int2"),
    "oidvector": PythonTypes(json="list[str]", format="vector of oid"),
    # In JSON text such as "[1,5)" and "{[1,3),[5,7)}".
    **{f"{each}range": PythonTypes(native=f"psycopg.types.range.Range[{of}]") for each, of in _RANGES.items()},
    **{
        f"{each}multirange": PythonTypes(native=f"psycopg.types.multirange.Multirange[{of}]")
        for each, of in _RANGES.items()
    },
    # A source's word for a type that it did not find, such as a row type of a table in another schema.
    "unknown": PythonTypes(json="typing.Any", native="typing.Any", exact="Json", native_exact="str", format=""),
}
"""The types of the schema ``pg_catalog``, by their name in pg_type."""

_EXTENSION_TEXTS = (
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
    "citext": PythonTypes(format="text"),  # citext: sent as it was written
    # hstore: its cast to json returns an object of text; psycopg returns a dict only after register_hstore.
    "hstore": PythonTypes(
        json="dict[str, str | None]", native="dict[str, str | None]", native_exact="str", format="object"
    ),
    # PostGIS 3.0 or later: the cast to json returns GeoJSON; psycopg returns hexadecimal EWKB.
    "geometry": PythonTypes(json=_OBJECT, exact="dict[str, Json]", format="object"),
}
"""The types of extensions by name, because an extension may be in any schema."""
