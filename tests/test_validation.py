"""What the judgement of models says, against what pydantic does with the rows of a real server.

Every column of ``COLUMNS`` meets every annotation of ``ANNOTATIONS``, on both wires, strict and lax, plain and
exact: all values validate (same), some (narrow) or none (disjoint).
"""

from __future__ import annotations

import json
import sys
import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_args

import psycopg
import pydantic
import pytest

from direct import read_catalog
from schema_sync.codebase.reader import read_sources
from schema_sync.compare.binding import bind
from schema_sync.compare.class_names import class_names
from schema_sync.compare.expected import Expected
from schema_sync.compare.function_binding import FunctionBindings
from schema_sync.compare.objects import DatabaseObjects
from schema_sync.compare.pairs import Pairing
from schema_sync.compare.pydantic_fit import known_names
from schema_sync.mapping.fields import RESERVED, field_name, is_field, to_camel, to_pascal, to_snake
from schema_sync.model.options import Options, Paths, Precision, Wire
from schema_sync.model.pairs import RowPair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Database
    from schema_sync.model.pairs import Fit

TYPES = """
create type mood as enum ('sad', 'ok');
create type address as (street text, zip integer);
create domain email as text;
"""
TEXTS = [
    *("", "héllo", "1", "12", "1.5", "true", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "2024-01-02T03:04:05"),
    *("2024-01-02", "03:04:05", "PT1H", "2024-01-02T03:04:05Z", "10.0.0.1", "::1", "10.0.0.0/8", "::/8"),
    *("a@b.co", "https://x.org/", "{}", "a", "YQ=="),
]
COLUMNS: dict[str, list[str]] = {  # type → values in plain
    "int2": ["0", "1", "-32768", "32767"],
    "int4": ["0", "1", "-2147483648", "2147483647"],
    "int8": ["0", "1", "-9223372036854775808", "9007199254740993"],
    "float4": ["0", "1", "1.5", "-3e30"],
    "float8": ["0", "1", "1.5", "-1e300"],
    "numeric": ["0", "1", "1.5", "1234567890.123456789", "-99999999999999999999"],
    "bool": ["true", "false"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"],
    "timestamp": ["2024-02-29 13:14:15.123456", "0001-01-01", "2024-01-01"],
    "timestamptz": ["2024-02-29 13:14:15.12+02", "9999-12-30", "2024-01-01 00:00+00"],
    "date": ["2024-02-29", "0001-01-01"],
    "time": ["13:14:15.5", "00:00"],
    "timetz": ["13:14:15+02", "13:14:15.5-03:30"],
    "interval": ["01:02:03", "1 year 2 mons 3 days 04:05:06", "-1 day"],
    "bytea": ["\\xdeadbeef", "\\x61"],
    "inet": ["192.168.1.5/24", "10.0.0.1", "::1", "fe80::/126"],
    "cidr": ["10.0.0.0/30", "fe80::/126", "10.0.0.1"],  # small: pydantic makes lists of networks
    "macaddr": ["08:00:2b:01:02:03"],
    "int4range": ["[1,5)", "empty"],
    "oid": ["0", "1", "4294967295"],
    "text": TEXTS,
    "varchar(40)": TEXTS,
    "email": TEXTS,
    "mood": ["sad", "ok"],
    "int4[]": ["{}", "{1,2}"],
    "text[]": ["{}", "{a,b}", "{1}"],
    "uuid[]": ["{}", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"],
    "timestamptz[]": ["{}", "{2024-01-02 03:04:05+00}"],
    "mood[]": ["{}", "{sad,ok}"],
    "address": ["(a,1)", "(b,2)"],
    "address[]": ["{}", '{"(a,1)"}'],
    "int2vector": ["", "1 2"],
}
BEYOND: dict[str, list[str]] = {  # type → values that only ``exact`` takes into account
    "float4": ["NaN", "Infinity"],
    "float8": ["NaN", "-Infinity"],
    "numeric": ["NaN", "Infinity"],
    "timestamp": ["infinity", "0044-03-15 BC", "10001-01-01"],
    "timestamptz": ["-infinity", "0044-03-15 BC", "12024-01-01"],
    "date": ["infinity", "0044-03-15 BC", "10001-01-01"],
    "time": ["24:00"],
    "timetz": ["24:00+00", "03:04:05+02:30:15"],
    "int4[]": ["{1,NULL}"],
    "text[]": ["{a,NULL}"],
    "uuid[]": ["{NULL}"],
    "timestamptz[]": ["{NULL}"],
    "mood[]": ["{sad,NULL}"],
    "address[]": ["{NULL}"],
}
SPELLED = """
str int float bool bytes Decimal UUID datetime date time timedelta Path IPv4Address IPv4Interface IPv4Network
IPv6Address IPv6Interface IPv6Network p.IPvAnyAddress p.IPvAnyInterface p.IPvAnyNetwork p.SecretStr p.SecretBytes
p.StrictStr p.StrictInt p.StrictFloat p.StrictBool p.StrictBytes p.AwareDatetime p.NaiveDatetime Any
dict Address AddressDict AddressClass list list[str] list[int] list[UUID] list[datetime] Sequence[str] set[str]
frozenset[int] tuple[str,...] tuple[UUID,...] Optional[list[Optional[str]]] list[int|None] list[Any] list[Mood]
list[Address] list[dict[str,Any]] Mood Literal['sad'] Literal['sad','ok'] Literal['other'] UUID|str int|str
float|str datetime|str list[str]|str dict|list Json[Any] Optional[int] Annotated[str,Field(description='x')]
deque[int] EmailStr HttpUrl constr(max_length=1) conint(gt=0) p.UUID4 p.PositiveInt Literal[0,1] conlist(int)
p.PastDatetime IntMood Literal[True,False] Literal[True] Numbered Decimal|str
"""
ANNOTATIONS = SPELLED.split()
CHOSEN = {  # a constraint of the author's own: accepted, though the column could hold what it refuses
    *("EmailStr", "HttpUrl", "Json[Any]", "constr(max_length=1)", "conint(gt=0)", "p.UUID4", "p.PositiveInt"),
    *("Literal['sad']", "Literal['sad','ok']", "Literal['other']", "Mood", "Literal[0,1]", "p.PastDatetime"),
    *("IntMood", "Numbered", "list[Mood]"),
}
# psycopg makes objects of its own of these, or text without set-up
NATIVELY_OTHERS = {"int4range", "address", "address[]", "mood[]", "int2vector"}
PRELUDE = """
import enum
import pydantic as p
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import *
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Optional
from uuid import UUID
from pydantic import BaseModel, ConfigDict, EmailStr, Field, HttpUrl, Json, conint, conlist, constr
from typing_extensions import TypedDict

class Mood(enum.Enum):
    SAD = "sad"
    OK = "ok"

class IntMood(enum.IntEnum):
    NONE = 0
    SOME = 1

class Numbered(int, enum.Enum):
    NONE = 0
    SOME = 1

class Address(BaseModel):
    street: str
    zip: int

class AddressDict(TypedDict):
    street: str
    zip: int

@dataclass
class AddressClass:
    street: str
    zip: int
"""
CONFIG = {False: "", True: "    model_config = ConfigDict(strict=True)\n"}


def source(*, strict: bool) -> str:
    """Return a model for each annotation, with a field for each column: ``c0``, ``c1`` …"""
    fields = {a: "".join(f"    c{number}: {a}\n" for number in range(len(COLUMNS))) for a in ANNOTATIONS}
    classes = (
        f'\nclass M{number}(BaseModel):\n    """Table: t"""\n{CONFIG[strict]}{fields[annotation]}'
        for number, annotation in enumerate(ANNOTATIONS)
    )
    return PRELUDE + "".join(classes)


def judged(dsn: str, text: str, wire: Wire, precision: Precision) -> dict[tuple[str, str], Fit]:
    """Return the judgement by type and annotation."""
    homes = Paths(enums="e.py", entities="m.py", relationships="m.py", functions="f.py", aliases="a.py")
    options = Options(schemas=("public",), paths=homes, wire=wire, precision=precision)
    objects = DatabaseObjects(catalog=read_catalog(dsn, ("public",)), options=options)
    codebase = read_sources({"m.py": text})
    bindings = bind(objects, codebase, {})
    expected = Expected(objects, class_names(objects, codebase, bindings))
    found = Pairing(expected, codebase, bindings, FunctionBindings(), {}, {}).pairs()
    types, fits = list(COLUMNS), {}
    for row in found:
        if (
            isinstance(row, RowPair)
            and row.declared is not None
            and row.declared.name.startswith("M")
            and row.expected is not None
        ):
            annotation = ANNOTATIONS[int(row.declared.name[1:])]
            for item in row.items:
                assert item.expected is not None
                fits[types[int(item.expected.key[1:])], annotation] = item.fit
    return fits


def values(dsn: str, wire: Wire, precision: Precision) -> dict[str, list[Any]]:
    """Return the values of each column as that wire has them; what the driver itself refuses is left out."""
    found: dict[str, list[Any]] = {}
    with psycopg.connect(dsn, autocommit=True) as session:
        for name, texts in COLUMNS.items():
            for text in [*texts, *(BEYOND.get(name, []) if precision == "exact" else [])]:
                cast = psycopg.sql.SQL("select {}::" + name).format(text)  # type: ignore[arg-type]
                wrapped = psycopg.sql.SQL("select to_json({}::" + name + ")::text").format(text)  # type: ignore[arg-type]
                try:
                    row = session.execute(wrapped if wire == "json" else cast).fetchone()
                except psycopg.DataError:
                    assert wire == "native"
                    assert text in BEYOND[name]
                    continue
                assert row is not None
                found.setdefault(name, []).append(json.loads(row[0]) if wire == "json" else row[0])
    return found


def validated(model: type[pydantic.BaseModel], tried: list[Any]) -> Fit:
    """Return how many of the values a model's field takes."""
    taken = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ipaddress of Python dislikes a bool
        for value in tried:
            try:
                model.model_validate({"x": value})
            except pydantic.ValidationError:
                continue
            taken += 1
    return "same" if taken == len(tried) else "narrow" if taken else "disjoint"


def models(*, strict: bool) -> Iterator[tuple[str, type[pydantic.BaseModel]]]:
    module = ModuleType("annotations_under_test")
    sys.modules[module.__name__] = module
    try:
        exec(PRELUDE, module.__dict__)
        for annotation in ANNOTATIONS:
            exec(f"class M(BaseModel):\n{CONFIG[strict]}    x: {annotation}\n", module.__dict__)
            yield annotation, module.__dict__["M"]
    finally:
        del sys.modules[module.__name__]


@pytest.mark.parametrize("strict", [False, True], ids=["lax", "strict"])
@pytest.mark.parametrize("precision", get_args(Precision))
@pytest.mark.parametrize("wire", get_args(Wire))
@pytest.mark.thorough
def test_the_judgement_is_what_pydantic_does(
    database: Database, wire: Wire, precision: Precision, strict: bool
) -> None:
    columns = ", ".join(f"c{number} {name} not null" for number, name in enumerate(COLUMNS))
    database.run(f"{TYPES} create table t ({columns})")
    fits = judged(database.dsn, source(strict=strict), wire, precision)
    sent = values(database.dsn, wire, precision)
    wrong = []
    for annotation, model in models(strict=strict):
        for name, tried in sent.items():
            if wire == "native" and (name in NATIVELY_OTHERS or (name == "cidr" and "list" in annotation)):
                continue  # a network can be made a list of its addresses
            real, said = validated(model, tried), fits[name, annotation]
            accepted = annotation in CHOSEN and said != "disjoint"
            if said != real and not accepted:
                wrong.append((name, annotation, f"said {said}", f"is {real}"))
    assert not wrong, "\n".join(map(str, wrong))


def test_the_table_names_what_the_reader_reads(tmp_path: object) -> None:
    assert {"str", "uuid.UUID", "pydantic.AwareDatetime"} <= known_names()
    assert "typing.Any" not in known_names()


# ---- names


def test_reserved_names_are_those_of_base_model() -> None:
    names = {*dir(pydantic.BaseModel), *dir(type(pydantic.BaseModel))}  # pydantic warns of both
    public = {n for n in names if not n.startswith("_") and hasattr(pydantic.BaseModel, n)}
    assert public <= RESERVED
    assert not any(map(is_field, RESERVED))


@pytest.mark.parametrize(
    "key", ["id", "class", "", "_", "__x", "2nd", "model_dump", "json", "a b", "ﬁ", "日本", "'"]
)
def test_a_field_has_a_name_that_pydantic_takes(key: str) -> None:
    name = field_name(key, {"other"})
    made = pydantic.create_model("Made", **{name: (int, pydantic.Field(alias=key))})  # type: ignore[call-overload]
    assert made.model_validate({key: 1}).model_dump(by_alias=True) == {key: 1}


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "max_members",
        "a_b_c",
        "_x",
        "x_2",
        "x2y",
        "x_2y",
        "HTTPServer",
        "alreadyCamel",
        "a__b",
        "kebab-case",
        "A1B",
    ],
)
def test_generators_are_pydantic_s(name: str) -> None:
    from pydantic import alias_generators as real

    assert to_camel(name) == real.to_camel(name)
    assert to_pascal(name) == real.to_pascal(name)
    assert to_snake(name) == real.to_snake(name)
