"""What pydantic makes of each value on the wire: a table, measured with pydantic 2 and kept true by a test.

A line is ``annotations: formats; formats``: of the first formats every value validates, of the second some do, of
all others none. Formats are PostgreSQL's types (``text`` any text, ``other`` text that says nothing to Python,
``oid`` digits in quotes); with a plus also their values outside plain: NaN, infinity, years before 1 and beyond
9999, ``24:00``. Authority: pydantic's documentation, "Conversion Table", and what its validators really do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from schema_sync.mapping.types import Wire
from schema_sync.model.pairs import Fit

_SETS = {
    "TEXTS": "uuid timestamp timestamp+ timestamptz timestamptz+ date date+ time time+ timetz timetz+ interval "
    "bytea inet cidr other oid text",
    "INTS": "int2 int4 int8",
    "REALS": "float4 float4+ float8 float8+ numeric numeric+",
    "FINITE": "float4 float8 numeric",
    "NAN": "float4+ float8+ numeric+",
}
_MODULES = {"p": "pydantic", "ip": "ipaddress", "dt": "datetime"}

_JSON = """
p.Json: oid; NAN text
str bytes pathlib.Path p.SecretStr p.SecretBytes p.StrictStr: TEXTS; NAN
int: INTS bool oid; REALS text
float: INTS REALS bool oid; timestamp+ timestamptz+ date+ text
bool: bool; INTS REALS oid text
decimal.Decimal: INTS FINITE oid; NAN text
uuid.UUID: uuid; text
dt.datetime: int2 int4 timestamp timestamptz date oid; REALS int8 timestamp+ timestamptz+ date+ text
dt.date: date; INTS REALS timestamp timestamp+ timestamptz timestamptz+ date+ oid text
dt.time: time; INTS REALS time+ timetz timetz+ interval text
dt.timedelta: int2 int4 bool time time+; REALS int8 interval text
ip.IPv4Address ip.IPv6Address p.IPvAnyAddress: bool; INTS REALS inet text
ip.IPv4Interface ip.IPv4Network ip.IPv6Interface ip.IPv6Network: bool; INTS REALS inet cidr text
p.IPvAnyInterface: bool inet cidr; INTS REALS text
p.IPvAnyNetwork: bool cidr; INTS REALS inet text
p.StrictInt: INTS; REALS
p.StrictFloat: INTS FINITE; NAN
p.StrictBool: bool;
p.AwareDatetime: int2 int4 timestamptz oid; REALS int8 timestamptz+ text
p.NaiveDatetime: timestamp date; timestamp+ date+ text
"""
_JSON_STRICT = """
p.Json: oid; NAN text
str p.SecretStr p.StrictStr: TEXTS; NAN
int p.StrictInt: INTS; REALS
float p.StrictFloat: INTS FINITE; NAN
bool p.StrictBool: bool;
p.IPvAnyAddress: bool; INTS REALS inet text
p.IPvAnyInterface: bool inet cidr; INTS REALS text
p.IPvAnyNetwork: bool cidr; INTS REALS inet text
"""
_NATIVE = """
p.Json: ; text
str p.SecretStr: other text; bytea
int: INTS bool oid; REALS text
float: INTS REALS bool oid; text
bool: bool; INTS REALS oid text
bytes p.SecretBytes: bytea other text;
decimal.Decimal: INTS FINITE oid; NAN text
uuid.UUID: uuid; text
dt.datetime: int2 int4 timestamp timestamp+ timestamptz timestamptz+ date date+ oid; REALS int8 text
dt.date: date date+; INTS REALS timestamp timestamp+ timestamptz timestamptz+ oid text
dt.time: time time+ timetz timetz+; INTS REALS oid text
dt.timedelta: int2 int4 bool interval oid; REALS int8 text
pathlib.Path p.StrictStr: other text;
ip.IPv4Address p.IPvAnyAddress: bool oid; INTS bytea inet text
ip.IPv4Interface ip.IPv4Network: bool oid; INTS bytea inet cidr text
ip.IPv6Address: bool oid; INTS inet text
ip.IPv6Interface ip.IPv6Network: bool oid; INTS inet cidr text
p.IPvAnyInterface: bool inet cidr oid; INTS bytea text
p.IPvAnyNetwork: bool cidr oid; INTS bytea inet text
p.StrictInt: INTS oid;
p.StrictFloat: INTS REALS oid;
p.StrictBool: bool;
p.StrictBytes: bytea;
p.AwareDatetime: int2 int4 timestamptz timestamptz+ oid; REALS int8 text
p.NaiveDatetime: timestamp timestamp+ date date+; text
"""
_NATIVE_STRICT = """
p.Json: ; text
str p.SecretStr p.StrictStr: other text;
int p.StrictInt: INTS oid;
float p.StrictFloat: INTS REALS oid;
bool p.StrictBool: bool;
bytes p.SecretBytes p.StrictBytes: bytea;
decimal.Decimal: numeric; numeric+
uuid.UUID: uuid;
dt.datetime: timestamp timestamp+ timestamptz timestamptz+;
dt.date: date date+;
dt.time: time time+ timetz timetz+;
dt.timedelta: interval;
ip.IPv4Address ip.IPv4Interface ip.IPv6Address ip.IPv6Interface: ; inet
ip.IPv4Network ip.IPv6Network: ; cidr
p.IPvAnyAddress: bool oid; INTS bytea inet text
p.IPvAnyInterface: bool inet cidr oid; INTS bytea text
p.IPvAnyNetwork: bool cidr oid; INTS bytea inet text
p.AwareDatetime: timestamptz timestamptz+;
p.NaiveDatetime: timestamp timestamp+;
"""


_TABLES: dict[Wire, tuple[str, str]] = {"json": (_JSON, _JSON_STRICT), "native": (_NATIVE, _NATIVE_STRICT)}
_NAMES = re.compile(r"[\w.]+(?=[^:;\n]*:)")


@cache
def validated(wire: Wire, *, strict: bool) -> Mapping[tuple[str, str], Fit]:
    """Return how annotations (canonical names) fit formats; what is not in it fits not at all."""
    return dict(_cells(_TABLES[wire][strict]))


@cache
def known_names() -> frozenset[str]:
    """Return the annotations that the table speaks of: of all others nothing is known."""
    return frozenset(_full(name) for pair in _TABLES.values() for text in pair for name in _NAMES.findall(text))


def _cells(text: str) -> Iterator[tuple[tuple[str, str], Fit]]:
    for line in text.strip().splitlines():
        annotations, _, formats = line.partition(":")
        every, _, some = formats.partition(";")
        for name in map(_full, annotations.split()):
            for format_ in _expanded(some):
                yield (name, format_), "narrow"
            for format_ in _expanded(every):
                yield (name, format_), "same"


def _full(name: str) -> str:
    module, dot, last = name.partition(".")
    return f"{_MODULES.get(module, module)}.{last}" if dot else name


def _expanded(formats: str) -> Iterator[str]:
    for word in formats.split():
        yield from _SETS.get(word, word).split()
