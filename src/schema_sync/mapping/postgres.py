"""The types of PostgreSQL itself, by their name in pg_type.

The JSON side follows ``to_json``: numbers and booleans stay, json stays itself, all else is text. Types
that are not listed are text on the wire; natively they stay ``str`` too, which psycopg does by default.
"""

from __future__ import annotations

from schema_sync.mapping.base import Mapped, TypeMap

_INTEGER = Mapped(json="int", native="int")
_FLOAT = Mapped(json="float", native="float", why="NaN and infinity, which JSON sends as text, lie outside plain")
_JSON = Mapped(
    json="dict[str, typing.Any]", native="dict[str, typing.Any]", why="plain takes an object for granted"
)
_ADDRESS = Mapped(
    json="str",
    native="ipaddress.IPv4Interface | ipaddress.IPv6Interface | ipaddress.IPv4Address | ipaddress.IPv6Address",
)
_NETWORK = Mapped(json="str", native="ipaddress.IPv4Network | ipaddress.IPv6Network")
_TIMESTAMP = Mapped(json="str", native="datetime.datetime", why="ISO 8601 text, or infinity")
_TIME = Mapped(json="str", native="datetime.time")

TEXT = Mapped(json="str", native="str")

TYPES = TypeMap(
    types={
        "int2": _INTEGER,
        "int4": _INTEGER,
        "int8": _INTEGER,
        "float4": _FLOAT,
        "float8": _FLOAT,
        "numeric": Mapped(json="float", native="decimal.Decimal", why="json.loads makes it a float"),
        "bool": Mapped(json="bool", native="bool"),
        "uuid": Mapped(json="str", native="uuid.UUID"),
        "json": _JSON,
        "jsonb": _JSON,
        "timestamp": _TIMESTAMP,
        "timestamptz": _TIMESTAMP,
        "date": Mapped(json="str", native="datetime.date"),
        "time": _TIME,
        "timetz": _TIME,
        "interval": Mapped(json="str", native="datetime.timedelta"),
        "bytea": Mapped(json="str", native="bytes", why="hexadecimal text with a leading \\x"),
        "inet": _ADDRESS,
        "cidr": _NETWORK,
        "oid": Mapped(json="str", native="int", why="to_json quotes oids"),
        "int2vector": Mapped(json="list[int]", native="list[int]"),
        "unknown": Mapped(
            json="typing.Any",
            native="typing.Any",
            why="the reader's word for a type that it did not find, such as an array of a table's rows",
        ),
        "oidvector": Mapped(json="list[str]", native="list[int]"),
    },
)
