"""Classes that SQLAlchemy and SQLModel map: what the reader makes of their source is what the libraries make of them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy
import sqlmodel

import casefile
from schema_sync.codebase.reader import read_sources
from schema_sync.model.declarations import RowDeclaration

CASES = Path(__file__).parent.parent / "cases" / "field"
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of classes without rows

HEAD = """
import enum
import uuid
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Optional, Union

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy import orm
from sqlalchemy.orm import (DeclarativeBase, DeclarativeBaseNoMeta, Mapped, MappedAsDataclass, column_property,
    composite, declarative_base, declarative_mixin, declared_attr, deferred, mapped_column, registry, relationship,
    synonym, validates)
from sqlmodel import Field, Relationship, SQLModel

class Base(DeclarativeBase): ...
"""
CLASSES = {
    "annotated alone": "class A(Base):\n __tablename__ = 'a'\n id: Mapped[int] = mapped_column(primary_key=True)\n b: Mapped[Optional[str]]\n",
    "null by the call": (
        "class A(Base):\n __tablename__ = 'a'\n id = mapped_column(Integer, primary_key=True)\n"
        " b: Mapped[str] = mapped_column(nullable=True)\n c: Mapped[str | None] = mapped_column(nullable=False)\n"
    ),
    "names": (
        "NAME = 'see'\nclass A(Base):\n __tablename__ = 'a'\n id = Column('ID', Integer, primary_key=True)\n"
        " b = Column(String, name='bee')\n c: Mapped[str] = mapped_column(NAME, String)\n"
        " d = Column(sa.sql.quoted_name('Dee', True), String)\n"
    ),
    "attributes that are no columns": (
        "class A(Base):\n __tablename__ = 'a'\n id: Mapped[int] = mapped_column(primary_key=True)\n"
        " up: Mapped[Optional[int]] = mapped_column(ForeignKey('a.id'))\n"
        " parent: Mapped[Optional['A']] = relationship(remote_side='A.id')\n same = synonym('up')\n"
        " twice: Mapped[int] = column_property(id * 2)\n limit: ClassVar[int] = 3\n other = 5\n"
        " @validates('up')\n def check(self, key, value): return value\n"
    ),
    "deferred": (
        "class A(Base):\n __tablename__ = 'a'\n id = Column(Integer, primary_key=True)\n"
        " b = deferred(Column(String, nullable=False))\n c: Mapped[str] = mapped_column(deferred=True)\n"
    ),
    "composite": (
        "class Point:\n def __init__(self, x, y): ...\n"
        "class A(Base):\n __tablename__ = 'a'\n id = Column(Integer, primary_key=True)\n"
        " at: Mapped[Point] = composite(Point, mapped_column('x', Integer), mapped_column('y', Integer, nullable=False))\n"
    ),
    "alias of Annotated": (
        "key = Annotated[int, mapped_column(primary_key=True)]\nText = Annotated[str, mapped_column(String(4), nullable=False)]\n"
        "class A(Base):\n __tablename__ = 'a'\n id: Mapped[key]\n b: Mapped[Text]\n c: Mapped[Optional[Text]]\n"
        " d: Mapped[Annotated[Optional[str], 1]]\n"
    ),
    "strings": (
        "class A(Base):\n __tablename__ = 'a'\n id: 'Mapped[int]' = mapped_column(primary_key=True)\n"
        " b: Mapped['Optional[str]']\n c: orm.Mapped['str']\n"
    ),
    "dataclass": (
        "class Data(MappedAsDataclass, DeclarativeBase): ...\n"
        "class A(Data):\n __tablename__ = 'a'\n id: Mapped[int] = mapped_column(init=False, primary_key=True)\n"
        " b: Mapped[str | None] = mapped_column(default=None)\n"
    ),
    "schema in a tuple": (
        "S = 'far'\nclass A(Base):\n __tablename__ = 'a'\n"
        " __table_args__ = (sa.UniqueConstraint('id'), {'schema': S})\n id = Column(Integer, primary_key=True)\n"
    ),
    "schema of metadata": (
        "class Far(DeclarativeBase):\n metadata = MetaData(schema='far')\n"
        "class A(Far):\n __tablename__ = 'a'\n __table_args__ = (sa.UniqueConstraint('id'),)\n id = Column(Integer, primary_key=True)\n"
    ),
    "schema of a mixin": (
        "class InFar:\n __table_args__ = {'schema': 'far'}\n"
        "class A(InFar, Base):\n __tablename__ = 'a'\n id = Column(Integer, primary_key=True)\n"
        "class B(Base):\n __tablename__ = 'b'\n id = Column(Integer, primary_key=True)\n"
    ),
    "name made by the base": (
        "class Named(DeclarativeBase):\n @declared_attr.directive\n def __tablename__(cls) -> str:\n"
        "  'From the class.'\n  return cls.__name__.lower() + 's'\n"
        "class Order(Named):\n id = Column(Integer, primary_key=True)\n"
        "class Item(Named):\n __tablename__ = 'things'\n id = Column(Integer, primary_key=True)\n"
    ),
    "mixins": (
        "@declarative_mixin\nclass Key:\n id = Column(Integer, primary_key=True)\n"
        "class Stamp:\n made: Mapped[datetime]\n @declared_attr\n def by(cls) -> Mapped[Optional[int]]:\n"
        "  return mapped_column(Integer)\n"
        "class A(Key, Stamp, Base):\n __tablename__ = 'a'\nclass B(Stamp, Key, Base):\n __tablename__ = 'b'\n made: Mapped[datetime | None] = mapped_column()\n"
    ),
    "abstract": (
        "class Keyed(Base):\n __abstract__ = True\n id = Column(Integer, primary_key=True)\n"
        "class A(Keyed):\n __tablename__ = 'a'\n"
    ),
    "one table": (
        "class A(Base):\n __tablename__ = 'a'\n __mapper_args__ = {'polymorphic_on': 'kind'}\n"
        " id = Column(Integer, primary_key=True)\n kind = Column(String, nullable=False)\n"
        "class B(A):\n __tablename__ = None\n more = Column(String)\nclass C(B):\n still = Column(String)\n"
    ),
    "joined tables": (
        "class A(Base):\n __tablename__ = 'a'\n id = Column(Integer, primary_key=True)\n x = Column(String)\n"
        "class B(A):\n __tablename__ = 'b'\n id = Column(ForeignKey('a.id'), primary_key=True)\n y = Column(String)\n"
    ),
    "decorated": (
        "reg = registry()\n@reg.mapped\nclass A:\n __tablename__ = 'a'\n id = Column(Integer, primary_key=True)\n"
        "@reg.mapped_as_dataclass\nclass B:\n __tablename__ = 'b'\n id: Mapped[int] = mapped_column(primary_key=True)\n"
    ),
    "generated base": (
        "Made = registry(metadata=MetaData()).generate_base()\nreg = registry()\nOld = reg.generate_base()\n"
        "class A(Old):\n __tablename__ = 'a'\n id = Column(Integer, primary_key=True)\n"
    ),
    "table in place": (
        "class A(Base):\n __table__ = Table('a', Base.metadata, Column('id', Integer, primary_key=True),"
        " Column('b', String), sa.UniqueConstraint('b'), schema='far')\n"
    ),
    "SQLModel": (
        "class Shared(SQLModel):\n name: str\n age: Optional[int] = Field(default=None, index=True)\n"
        "class A(Shared, table=True):\n id: Optional[int] = Field(default=None, primary_key=True)\n"
        " nick: str | None = Field(default=None, nullable=False)\n size: int = Field(nullable=True)\n"
        " told: str = Field(sa_column=Column('said', String, nullable=False))\n up: Optional[int] = Field(foreign_key='a.id')\n"
        " other: str = Field(sa_column_kwargs={'name': 'elsewhere'})\n count: int = 0\n limit: ClassVar[int] = 3\n"
        "class B(SQLModel, table=True):\n __tablename__ = 'bees'\n __table_args__ = {'schema': 'far'}\n id: int = Field(primary_key=True)\n"
    ),
}


def mapped(module: ModuleType) -> dict[str, tuple[str | None, str, dict[str, bool | None]]]:
    """Return what the library maps: class → schema, table, and whether each column takes null."""
    classes = (c for c in vars(module).values() if isinstance(c, type) and c.__module__ == module.__name__)
    found: dict[str, tuple[str | None, str, dict[str, bool | None]]] = {}
    owners: set[Any] = set()
    for each in classes:
        table = vars(each).get("__table__")
        if isinstance(table, sqlalchemy.Table) and table not in owners:
            owners.add(table)
            found[each.__name__] = (table.schema, table.name, {c.name: bool(c.nullable) for c in table.columns})
    return found


def read(source: str) -> dict[str, tuple[str | None, str, dict[str, bool | None]]]:
    rows = read_sources({"m.py": source}).rows
    assert not [row.unknown for row in rows if row.unknown]
    return {row.name: (*row.table, nullable(row)) for row in rows if row.form == "sqlalchemy" and row.table}


def nullable(row: RowDeclaration) -> dict[str, bool | None]:
    return {item.key: item.field.nullable if item.field else None for item in row.items}


def run(source: str, name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module *name* of *source*; the registry of SQLModel forgets it afterwards."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    sqlmodel.SQLModel.metadata.clear()
    exec(compile(source, name, "exec", dont_inherit=True), vars(module))
    return module


@pytest.mark.parametrize("name", CLASSES)
def test_the_reader_sees_what_the_library_maps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = HEAD + CLASSES[name]
    assert read(source) == mapped(run(source, f"case_{abs(hash(name))}", monkeypatch))


@pytest.mark.parametrize(
    "case",
    ["sqlalchemy-mapped", "sqlalchemy-inheritance", "sqlalchemy-enums", "sqlmodel-tables", "sqlalchemy-classic"],
)
def test_the_cases_are_what_the_library_maps(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = casefile.load(CASES / f"{case}.case").before.values()
    assert read(source) == mapped(run(source, case, monkeypatch))


ENUMS = """
class Named(enum.Enum):
    OLD = "old"
    NEW = "new"
class Valued(enum.Enum):
    LOW = "low"
class Listed(enum.Enum):
    ON = "on"
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    named: Mapped[Named]
    valued = Column(sa.Enum(Valued, values_callable=lambda e: [m.value for m in e]))
    listed: Mapped[Optional[str]] = mapped_column(sa.Enum("x", "y", name="texts"))
    by_type = Column(sa.Enum(Listed))
"""


def test_enums_have_the_labels_that_the_library_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    table = vars(run(HEAD + ENUMS, "enums", monkeypatch))["A"].__table__
    enums = {e.name: [m.value for m in e.members] for e in read_sources({"m.py": HEAD + ENUMS}).enums}
    stored = {c.name: c.type.enums for c in table.columns if isinstance(c.type, sqlalchemy.Enum)}
    assert enums == {
        "Named": stored["named"],
        "Valued": stored["valued"],
        "A.texts": stored["listed"],
        "Listed": stored["by_type"],
    }


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "from far import Far\nclass A(Far):\n __tablename__ = 'a'\n id = Column(Integer)",
            "its base Far is not in",
        ),
        (
            "def f(): ...\nclass A(Base):\n __tablename__ = f()\n id = Column(Integer)",
            "the name of its table cannot",
        ),
        ("class A(Base):\n __tablename__ = 'a'\n __table_args__ = {**X}\n", "the schema of its table cannot"),
        ("class A(Base):\n __tablename__ = 'a'\n __table_args__ = f()\n", "the schema of its table cannot"),
        (
            "class A(Base):\n __tablename__ = 'a'\n __table_args__ = {'autoload_with': e}\n",
            "its columns are read from",
        ),
        ("class A(Base):\n __tablename__ = 'a'\n id = Column(*X)\n", "the arguments of one of its columns"),
        (
            "class A(Base):\n __tablename__ = 'a'\n id = Column(Integer, **X)\n",
            "the arguments of one of its columns",
        ),
        ("def key(): ...\nclass A(Base):\n __tablename__ = 'a'\n id = key()\n", "what id is cannot be determined"),
        (
            "class M:\n @declared_attr\n def x(cls):\n  return make()\nclass A(M, Base):\n __tablename__ = 'a'\n",
            "what x is",
        ),
        (
            "from sqlalchemy.ext.automap import automap_base\nAuto = automap_base()\nclass A(Auto):\n __tablename__ = 'a'\n",
            "its columns are read from",
        ),
        (
            "class A(Base):\n __tablename__ = 'a'\n at: Mapped[object] = composite(mapped_column(), mapped_column())\n",
            "the columns of a composite attribute",
        ),
    ],
)
def test_what_cannot_be_told_is_said(source: str, why: str) -> None:
    (row,) = read_sources({"m.py": HEAD + source}).rows
    assert row.unknown.startswith(why)
    assert not row.items


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n __tablename__ = 'a'\n",
        "class A(Base):\n __abstract__ = True\n __tablename__ = 'a'\n",
        "class A(Base):\n __tablename__ = None\n",
        "class A(SQLModel):\n id: int\n",
        "class A:\n @declared_attr\n def __tablename__(cls): return 'a'\n id = Column(Integer)\n",
    ],
)
def test_what_maps_no_table(source: str) -> None:
    assert not [row for row in read_sources({"m.py": HEAD + source}).rows if row.form == "sqlalchemy"]
