"""What the reader finds in models and dataclasses, against what pydantic and dataclasses make of the same source."""

from __future__ import annotations

import dataclasses
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pydantic
import pytest

from schema_sync.codebase.reader import read_sources
from schema_sync.model.declarations import RowDeclaration

if TYPE_CHECKING:
    from collections.abc import Iterator

PRELUDE = """
import dataclasses
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import Annotated, Any, ClassVar, Final, Generic, Literal, Optional, TypeVar, Union
import pydantic
import pydantic as pyd
from pydantic import *
from pydantic import (
    AfterValidator, AliasChoices, AliasGenerator, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field,
    PrivateAttr, StringConstraints, computed_field, field_serializer, field_validator, model_validator,
)
from pydantic.alias_generators import to_camel, to_pascal, to_snake
from pydantic.dataclasses import dataclass as validated
T = TypeVar("T")
SHARED = ConfigDict(alias_generator=to_camel, extra="forbid")
"""
MODELS = {
    "plain": "class M(BaseModel):\n a: int\n b: str = 'x'\n c: Optional[int] = None\n d: list[int] = []\n",
    "private": "class M(BaseModel):\n _a: int = 1\n _b: str = PrivateAttr('x')\n c: ClassVar[int] = 1\n d: int\n"
    " e: 'ClassVar[int]' = 2\n",
    "field": "class M(BaseModel):\n a: int = Field(...)\n b: int = Field(3)\n c: int = Field(default=None)\n"
    " d: list[int] = Field(default_factory=list)\n e: int = Field(description='x')\n f: int = pydantic.Field(gt=3)\n"
    " g: int = ...\n",
    "annotated": "class M(BaseModel):\n a: Annotated[int, Field(alias='x')]\n b: Annotated[int, Field(gt=1)] = 3\n"
    " c: 'Annotated[int, Field(alias=\"y\")]'\n d: Annotated[int, Field(default=4)]\n",
    "alias": "class M(BaseModel):\n a: int = Field(alias='x')\n b: int = Field(validation_alias='y', alias='z')\n"
    " c: int = Field(serialization_alias='w')\n d: int = Field(None, alias='v')\n",
    "alias of a type": "Number = Annotated[int, Field(alias='n', gt=3)]\nclass M(BaseModel):\n a: Number\n",
    "generator": "class M(BaseModel):\n model_config = ConfigDict(alias_generator=to_camel)\n a_b: int\n c_1d: int = 2\n"
    " e_f: int = Field(alias='given')\n",
    "pascal": "class M(BaseModel):\n model_config = {'alias_generator': to_pascal}\n a_b: int\n",
    "generators apart": "class M(BaseModel):\n"
    " model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=to_pascal))\n"
    " a_b: int\n",
    "keywords of the class": "class M(BaseModel, alias_generator=to_camel, extra='forbid'):\n a_b: int\n",
    "shared configuration": "class M(BaseModel):\n model_config = SHARED\n a_b: int\n",
    "spread configuration": "class M(BaseModel):\n model_config = ConfigDict(**SHARED, frozen=True)\n a_b: int\n",
    "inherited configuration": "class B(BaseModel):\n model_config = SHARED\n x_y: int\n"
    "class M(B):\n model_config = ConfigDict(extra='ignore')\n a_b: int\n",
    "generator taken back": "class B(BaseModel):\n model_config = SHARED\n x_y: int\n"
    "class M(B):\n model_config = ConfigDict(alias_generator=None)\n a_b: int\n",
    "inheritance": "class A(BaseModel):\n a: int\n b: int\nclass M(A):\n b: str = 'x'\n c: int\n",
    "diamond": "class A(BaseModel):\n x: int\nclass B(A):\n x: str = 'b'\nclass C(A):\n x: float = 1.0\n y: int\n"
    "class M(B, C):\n z: int\n",
    "mixins": "class X:\n a: int\n b: str = 'x'\nclass Y:\n def f(self): return 1\nclass M(X, Y, BaseModel):\n c: int\n",
    "generic": "class B(BaseModel, Generic[T]):\n a: T\n b: list[T] = []\nclass M(B[int]):\n c: int\n",
    "computed": "class M(BaseModel):\n a: int\n @computed_field\n @property\n def b(self) -> int: return 1\n"
    " def c(self): ...\n",
    "nested classes": "class M(BaseModel):\n class Inner(BaseModel):\n  z: int\n a: int\n b: 'Inner | None' = None\n",
    "other names of things": "class M(pyd.BaseModel):\n a: int = pyd.fields.Field(alias='x')\n",
    "conditional": "class M(BaseModel):\n if True:\n  a: int\n else:\n  b: int\n c: int\n",
}


@pytest.fixture
def module() -> Iterator[ModuleType]:
    made = ModuleType("read_and_run")
    sys.modules[made.__name__] = made
    yield made
    del sys.modules[made.__name__]


def read(source: str, name: str = "M") -> RowDeclaration:
    found = read_sources({"m.py": PRELUDE + source}).by_id[f"m.py:{name}"]
    assert isinstance(found, RowDeclaration)
    return found


def run(source: str, module: ModuleType) -> Any:
    exec(PRELUDE + source, module.__dict__)
    return module.__dict__["M"]


@pytest.mark.parametrize("source", MODELS.values(), ids=MODELS)
def test_fields_are_those_of_pydantic(source: str, module: ModuleType) -> None:
    declared = read(source)
    if "if True" in source:  # the reader cannot know which
        source = source.replace(" else:\n  b: int\n", "")
        declared = read(source)
    made: type[pydantic.BaseModel] = run(source, module)
    assert not declared.unknown
    assert [item.name for item in declared.items] == list(made.model_fields)
    for item in declared.items:
        real = made.model_fields[item.name]
        alias = real.validation_alias if isinstance(real.validation_alias, str) else None
        dumped = real.serialization_alias or item.name
        assert item.field is not None
        assert item.key == (alias or item.name), item
        assert item.required == real.is_required(), item
        assert (item.field.dumped or item.name) == dumped, item
        assert (item.field.default == "none") == (not real.is_required() and real.default is None), item
        assert item.inherited == (item.name not in made.__annotations__), item
    assert declared.closed == (made.model_config.get("extra") == "forbid")


DATACLASSES = {
    "plain": "@dataclass\nclass M:\n a: int\n b: str = 'x'\n _c: int = 0\n",
    "options": "@dataclasses.dataclass(frozen=True, slots=True)\nclass M:\n a: int\n",
    "keyword only": "@dataclass(kw_only=True)\nclass M:\n a: int = 1\n b: int\n",
    "sentinel": "@dataclass\nclass M:\n a: int = 1\n _: KW_ONLY\n b: int\n",
    "field": "@dataclass\nclass M:\n a: int = field(repr=False)\n b: int = field(default=3)\n"
    " c: list[int] = field(default_factory=list)\n d: int = field(default=None, kw_only=True)\n",
    "class variables": "@dataclass\nclass M:\n a: ClassVar[int] = 1\n b: int\n c = 3\n",
    "inheritance": "@dataclass\nclass A:\n a: int\n@dataclass\nclass M(A):\n b: int = 2\n a: int = 3\n",
    "a base that is none": "class A:\n a: int\n@dataclass\nclass M(A):\n b: int\n",
    "of pydantic": "@validated\nclass M:\n a: int\n b: str = 'x'\n c: list[int] = Field(default_factory=list)\n",
}


@pytest.mark.parametrize("source", DATACLASSES.values(), ids=DATACLASSES)
def test_fields_are_those_of_dataclasses(source: str, module: ModuleType) -> None:
    declared = read(source)
    real = {f.name: f for f in dataclasses.fields(run(source, module)) if f.init}
    assert [item.name for item in declared.items] == list(real)
    for item in declared.items:
        field = real[item.name]
        missing = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        assert item.field is not None
        assert item.field.keyword == field.kw_only
        assert item.required == missing
    assert declared.form == ("pydantic_dataclass" if "validated" in source else "dataclass")


def test_fields_that_no_row_has_are_none() -> None:
    source = "@dataclass\nclass M:\n a: int\n b: int = field(init=False)\n c: InitVar[int] = 0\n"
    asides = [(i.name, i.field.aside) for i in read(source).items if i.field]
    assert asides == [("a", ""), ("b", "made"), ("c", "taken")]


# ---- keys


@pytest.mark.parametrize(
    ("field", "config", "keys"),
    [
        ("a_b: int = Field(validation_alias=AliasChoices('x', 'y'))", "", ("x", "y")),
        ("a_b: int = Field(validation_alias=AliasChoices('x', AliasPath('y', 0)))", "", ("x", "y")),
        ("a_b: int = Field(alias='x')", "populate_by_name=True", ("x", "a_b")),
        ("a_b: int", "populate_by_name=True, alias_generator=to_camel", ("aB", "a_b")),
        ("a_b: int", "validate_by_name=True, alias_generator=lambda n: n.upper()", ("a_b",)),
        ("a_b: int = Field(alias='x')", "validate_by_name=True, validate_by_alias=False", ("a_b",)),
    ],
)
def test_every_key_is_read(field: str, config: str, keys: tuple[str, ...], module: ModuleType) -> None:
    source = f"class M(BaseModel):\n model_config = ConfigDict({config})\n {field}\n"
    (item,) = read(source).items
    assert item.keys == keys
    model = run(source, module)
    for key in keys:
        value: Any = {0: 7} if key == "y" and "AliasPath" in field else 7
        assert model.model_validate({key: value}).a_b == 7


def test_a_path_reads_its_column_and_trusts_what_lies_within() -> None:
    (item,) = read("class M(BaseModel):\n a: int = Field(validation_alias=AliasPath('settings', 'x'))\n").items
    assert (item.key, item.field and item.field.trusted) == ("settings", True)


@pytest.mark.parametrize(
    "source",
    [
        "class M(BaseModel):\n model_config = ConfigDict(alias_generator=str.upper)\n a: int\n",
        "class M(BaseModel):\n model_config = make()\n a: int\n",
        "class M(BaseModel):\n model_config = ConfigDict(**make())\n a: int\n",
        "class M(BaseModel, Unknown):\n a: int\n",
        "class M(make(), BaseModel):\n a: int\n",
        "NAME = 'x'\nclass M(BaseModel):\n a: int = Field(alias=NAME)\n",
        "OPTIONS = {}\nclass M(BaseModel):\n a: int = Field(**OPTIONS)\n",
        "Base = make()\nclass M(Base, BaseModel):\n a: int\n",
        "class M(BaseModel):\n a: int = Field(validation_alias=AliasPath(NAME))\n",
    ],
)
def test_what_cannot_be_told_is_said(source: str) -> None:
    declared = read(source)
    assert declared.unknown
    assert not declared.items


# ---- validators and types


@pytest.mark.parametrize(
    ("body", "trusted"),
    [
        (" a: Annotated[int, BeforeValidator(int)]\n", True),
        (" a: Optional[Annotated[int, WrapValidator(int)]]\n", True),
        (" a: list[Annotated[int, PlainValidator(int)]] | None\n", True),
        (" a: Annotated[int, AfterValidator(abs)]\n", False),
        (" a: Annotated[str, StringConstraints(max_length=3)]\n", False),
        (" a: Annotated[int, 'text', Field(gt=1)]\n", False),
        (" a: Annotated[int, SomebodyElse()]\n", True),
        (" a: SkipValidation[int]\n", False),
        (" a: int\n @field_validator('a', mode='before')\n def v(cls, x): return x\n", True),
        (" a: int\n @field_validator('b', mode='before', check_fields=False)\n def v(cls, x): return x\n", False),
        (" a: int\n @field_validator('a')\n def v(cls, x): return x\n", False),
        (" a: int\n v = field_validator('a', mode='plain')(abs)\n", True),
        (" a: int\n @validator('a', pre=True)\n def v(cls, x): return x\n", True),
        (" a: int\n @model_validator(mode='before')\n def v(cls, x): return x\n", True),
        (" a: int\n @model_validator(mode='after')\n def v(self): return self\n", False),
    ],
)
def test_who_sees_a_value_first(body: str, trusted: bool) -> None:
    imports = "from pydantic import PlainValidator, SkipValidation, WrapValidator, validator\n"
    (item,) = read(f"{imports}class M(BaseModel):\n{body}").items
    assert item.field is not None
    assert item.field.trusted is trusted


def test_strictness_is_the_field_s_or_the_class_s() -> None:
    source = (
        "class M(BaseModel):\n model_config = ConfigDict(strict=True)\n a: int\n b: int = Field(strict=False)\n"
        "class N(BaseModel):\n a: Annotated[int, Strict()]\n b: int = Field(strict=True)\n c: int\n"
    )
    source = f"from pydantic import Strict\n{source}"
    strict = [[i.field.strict for i in read(source, name).items if i.field] for name in ("M", "N")]
    assert strict == [[True, False], [True, True, False]]


@pytest.mark.parametrize(
    ("annotation", "type_"),
    [
        ("pydantic.EmailStr", "pydantic.EmailStr"),
        ("constr(max_length=3)", "str"),
        ("conlist(int, min_length=1)", "list[int]"),
        ("pydantic.conint(gt=3)", "int"),
        ("pydantic.types.PositiveInt", "int"),
        ("pydantic.networks.HttpUrl | None", "pydantic.HttpUrl | None"),
        ("make()", "?"),
        ("pydantic.SomethingNew", "?"),
    ],
)
def test_pydantic_s_types_are_known_in_models(annotation: str, type_: str) -> None:
    imports = "from pydantic import conlist, constr\n"
    (item,) = read(f"{imports}class M(BaseModel):\n a: {annotation}\n").items
    assert str(item.type) == type_


# ---- kinds


@pytest.mark.parametrize(
    "source",
    [
        "class M(RootModel[int]): ...",
        "class M(BaseSettings): ...",
        "class M(Unknown):\n a: int",
        "@other\nclass M:\n a: int",
        "class M:\n a: int",
    ],
)
def test_what_is_no_row(source: str) -> None:
    imports = "from pydantic import RootModel\nfrom pydantic_settings import BaseSettings\nfrom sqlmodel import SQLModel\n"
    assert "m.py:M" not in read_sources({"m.py": f"{PRELUDE}{imports}{source}"}).by_id


def test_sqlmodel_without_a_table_is_a_model() -> None:
    declared = read(
        "import sqlmodel\nfrom sqlmodel import Relationship\nclass Base(sqlmodel.SQLModel):\n a: int\n"
        "class T(Base, table=True):\n id: int\nclass M(Base):\n b: int = sqlmodel.Field(alias='x')\n"
        " c: 'T' = Relationship(back_populates='m')\n"
    )
    assert declared.form == "pydantic"
    assert [item.key for item in declared.items] == ["a", "x"]


def test_a_class_of_another_file_is_a_base() -> None:
    sources = {
        "app/base.py": "from pydantic import BaseModel\nclass Base(BaseModel):\n id: int\n",
        "app/rows.py": "from .base import Base\nclass M(Base):\n a: int\n",
    }
    found = read_sources(sources).by_id["app/rows.py:M"]
    assert isinstance(found, RowDeclaration)
    assert [(item.key, item.inherited) for item in found.items] == [("id", True), ("a", False)]
