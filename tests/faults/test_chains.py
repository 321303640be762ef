"""Chains of thousands, in code and in the database, and what doubles at each step: an answer, never a defect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from direct import read_catalog
from schema_sync import cli
from schema_sync.codebase.reader import read_sources
from schema_sync.codebase.syntax import flat
from schema_sync.model.catalog import (
    ALL_FACETS,
    Catalog,
    Column,
    CompositeType,
    Constraint,
    DomainType,
    QName,
    Relation,
    TypeRef,
)
from schema_sync.model.graph import components, needed_first
from schema_sync.model.snapshot import encode_snapshot
from schema_sync.postgres.view_origins import origins

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import Database

pytestmark = pytest.mark.thorough

TEXT = TypeRef(name=QName(schema="pg_catalog", name="text"))
HEAD = "from enum import Enum\nfrom typing import *\n"
PYDANTIC = "from pydantic import BaseModel, ConfigDict\n"
DATACLASSES = "from dataclasses import dataclass\n"


def lines(text: str, numbers: Sequence[int]) -> str:
    """Return *text* for each number, ``N`` being it and ``M`` the one before."""
    return "".join(text.replace("N", str(n)).replace("M", str(n - 1)) for n in numbers)


UP, DOWN = range(1, 2000), range(1999, 0, -1)
CODE: dict[str, dict[str, str]] = {
    "typeddicts": {
        "a.py": f"{HEAD}class C0Row(TypedDict):\n id: str\n" + lines("class CNRow(CMRow):\n fN: str\n", UP)
    },
    "typeddicts, the last first": {
        "a.py": HEAD + lines("class CNRow(CMRow):\n pass\n", DOWN) + "class C0Row(TypedDict):\n id: str\n"
    },
    "models": {
        "a.py": f"{PYDANTIC}class C0Row(BaseModel):\n 'Table: public.c0'\n id: str\nclass C0(C0Row): ...\n"
        + lines("class CN(CM):\n fN: str\n", UP)
    },
    "empty models": {"a.py": f"{PYDANTIC}class C0(BaseModel):\n id: str\n" + lines("class CN(CM): ...\n", UP)},
    "dataclasses": {
        "a.py": f"{DATACLASSES}@dataclass\nclass C0:\n id: str\n"
        + lines("@dataclass\nclass CN(CM):\n fN: str\n", UP)
    },
    "enums": {"a.py": f"{HEAD}class C0(str, Enum): ...\n" + lines("class CN(CM): ...\n", UP)},
    "diamonds": {
        "a.py": f"{PYDANTIC}class D0(BaseModel):\n id: str\n"
        + lines("class LN(DM): ...\nclass RN(DM): ...\nclass DN(LN, RN): ...\n", range(1, 60))
    },
    "modules": {
        **{f"m{n}.py": f"from m{n + 1} import C0Row\n" for n in range(1500)},
        "m1500.py": f"{HEAD}class C0Row(TypedDict):\n id: str\n",
    },
    "stars": {
        **{f"m{n}.py": f"from m{n + 1} import *\nclass X{n}(C0Row): ...\n" for n in range(1500)},
        "m1500.py": f"{HEAD}class C0Row(TypedDict):\n id: str\n",
    },
    "stars of nothing": {f"m{n}.py": f"from m{n + 1} import *\nclass X(Nowhere): ...\n" for n in range(1500)},
    "a ring of stars": {
        f"m{n}.py": f"from m{(n + 1) % 900} import *\nclass X{n}(Nowhere): ...\n" for n in range(900)
    },
    "names for names": {
        "a.py": f"{HEAD}A0 = TypedDict\n" + lines("AN = AM\n", UP) + "class C0Row(A1999):\n id: str\n"
    },
    "types of types": {
        "a.py": f"{HEAD}A0 = list[str]\n" + lines("AN = list[AM]\n", UP) + "class C0Row(TypedDict):\n id: A1999\n"
    },
    "types of types, the last first": {
        "a.py": f"{HEAD}class C0Row(TypedDict):\n id: 'A1999'\n" + lines("AN = list['AM']\n", DOWN) + "A0 = str\n"
    },
    "types that double": {
        "a.py": f"{HEAD}A0 = list[str]\n"
        + lines("AN = tuple[AM, AM]\n", range(1, 60))
        + "class C0Row(TypedDict):\n id: A59\n"
    },
    "types that double in a model": {
        "a.py": f"{HEAD}{PYDANTIC}A0 = Annotated[str, 1]\n"
        + lines("AN = dict[AM, AM]\n", range(1, 60))
        + "class C0Row(BaseModel):\n id: A59\n"
    },
    "configurations that double": {
        "a.py": f"{PYDANTIC}c0 = {{'extra': 'forbid'}}\n"
        + lines("cN = {**cM, **cM}\n", range(1, 40))
        + "class C0Row(BaseModel):\n model_config = c39\n id: str\n",
        **{f"m{n}.py": "" for n in range(60)},
    },
    "members": {"a.py": f"{HEAD}class E(str, Enum):\n A0 = 'a'\n" + lines(" AN = AM\n", UP)},
    "elif": {
        "a.py": f"{HEAD}a = 1\nif a == 0:\n pass\n"
        + lines("elif a == N:\n class CNRow(TypedDict):\n  id: str\n", range(1, 1500))
    },
    "elif in a function": {
        "a.py": f"{HEAD}class C0Row(TypedDict):\n id: str\ndef f(a):\n import os\n if a == 0:\n  pass\n"
        + lines(" elif a == N:\n  x = C0Row\n", range(1, 1500))
    },
    "a union": {"a.py": f"{HEAD}class C0Row(TypedDict):\n id: {' | '.join(['str'] * 5000)}\n"},
    "strings joined": {"a.py": f"{HEAD}x = {' + '.join(['chr(1)'] * 50_000)}\n"},
    "brackets": {"a.py": f"x = {'(' * 1500}1{')' * 1500}\n"},
    "subscripts": {"a.py": f"{HEAD}class C0Row(TypedDict):\n id: list{'[int]' * 900}\n"},
    "attributes": {"a.py": f"{HEAD}class C0Row(TypedDict):\n id: a{'.b' * 900}\n"},
    "calls": {"a.py": f"x = a{'(1)' * 900}\n"},
    "decorators": {
        "a.py": f"{HEAD}{'@a.b' + chr(10)}" * 1 + "@a.b\n" * 5000 + "class C0Row(TypedDict):\n id: str\n"
    },
    "exports": {
        "m.py": f"{HEAD}__all__ = {[f'X{n}' for n in range(10_000)]!r}\n"
        + lines("class XN: ...\n", range(10_000)),
        "n.py": "from m import *\n" + lines("class YN(XN): ...\n", range(10_000)),
    },
}
UNPARSED = {"a union", "strings joined", "brackets"}
"""What Python itself cannot parse, as far as the version goes: refused with the file's name, exit 2."""


@pytest.mark.parametrize("name", CODE)
def test_code(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path, Catalog(schemas=("public",), covers=ALL_FACETS, relations=(relation("c0", (TEXT, TEXT)),)))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    for path, content in CODE[name].items():
        (tmp_path / "schemas" / path).write_text(content)
    for command in (("check",), ("update", "--dry-run"), ("check", "--format", "json")):
        code = cli.run([*command, "-q", "--source", "snapshot:db.json"])
        out, err = capsys.readouterr()
        assert "defect" not in err
        if code == 2:
            assert name in UNPARSED
            assert "schemas/a.py" in err
        else:
            assert code in {0, 1}
    if name in {"typeddicts", "models", "stars", "modules"}:
        bound = json.loads(out)["bindings"]
        assert "C0Row" in {each["declaration"] for each in bound}


def test_uses_through_a_chain() -> None:
    found = read_sources(CODE["modules"] | {"z.py": "from m0 import C0Row\nC0Row\n"})
    assert {use.declaration for use in found.uses} == {"m1500.py:C0Row"}


def test_a_model_of_many_bases_is_not_guessed_at() -> None:
    found = {row.name: row for row in read_sources(CODE["models"]).rows}
    assert found["C3"].unknown == ""
    assert found["C1500"].unknown == "it inherits from more than 200 classes"


def test_what_doubles_is_opaque() -> None:
    (row,) = read_sources(CODE["types that double"]).rows
    assert row.items[0].type.is_opaque


# ---- the database


def relation(name: str, types: Sequence[TypeRef], *constraints: Constraint) -> Relation:
    columns = tuple(Column(name=f"c{i}", rank=i, type=type_) for i, type_ in enumerate(types, 1))
    return Relation(name=named(name), kind="table", columns=columns, constraints=constraints)


def named(name: str) -> QName:
    return QName(schema="public", name=name)


def link(number: int, most: int, *, dims: int = 0) -> TypeRef:
    """Return the type of the link before *number*, TEXT behind the first."""
    return TEXT if number == 0 else TypeRef(name=named(f"d{number - 1:05}"), dims=dims) if number < most else TEXT


def domains(count: int, dims: int = 0) -> tuple[DomainType, ...]:
    return tuple(DomainType(name=named(f"d{n:05}"), base=link(n, count, dims=dims)) for n in range(count))


def composites(count: int, width: int = 1) -> tuple[CompositeType, ...]:
    return tuple(
        CompositeType(
            name=named(f"d{n:05}"),
            attributes=tuple(Column(name=f"a{i}", rank=i + 1, type=link(n, count)) for i in range(width)),
        )
        for n in range(count)
    )


def keys(count: int, *, ring: bool = False, hub: bool = False) -> tuple[Relation, ...]:
    found: list[Relation] = []
    for n in range(count):
        target = 0 if hub else (n - 1) % count
        key = Constraint(
            kind="foreign",
            name="f",
            columns=("c2",),
            references=named(f"t{target:05}"),
            referenced_columns=("c1",),
        )
        primary = Constraint(kind="primary", name="p", columns=("c1",))
        found.append(relation(f"t{n:05}", (TEXT, TEXT), primary, *([key] if n or ring else [])))
    return tuple(found)


LAST = TypeRef(name=named("d00999"))
CATALOGS = {
    "domains": {"domains": domains(1000), "relations": (relation("t", (LAST,)),)},
    "domains over arrays": {"domains": domains(1000, 1), "relations": (relation("t", (LAST,)),)},
    "composites": {"composites": composites(1000), "relations": (relation("t", (LAST,)),)},
    "composites that double": {
        "composites": composites(60, 2),
        "relations": (relation("t", (TypeRef(name=named("d00059")),)),),
    },
    "keys": {"relations": keys(1100)},
    "a ring of keys": {"relations": keys(1100, ring=True)},
    "keys to one table": {"relations": keys(1100, hub=True, ring=True)},
}


def save(root: Path, catalog: Catalog) -> None:
    (root / "db.json").write_bytes(encode_snapshot(catalog))


@pytest.mark.parametrize("name", CATALOGS)
@pytest.mark.parametrize("exact", [False, True], ids=["plain", "exact"])
def test_catalogs(
    name: str, exact: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path, Catalog(schemas=("public",), covers=ALL_FACETS, **CATALOGS[name]))
    monkeypatch.chdir(tmp_path)
    if exact:
        (tmp_path / "schema-sync.toml").write_text('precision = "exact"\nenum-columns = "enum"\n')
    commands = (["check"], ["update"], ["check"], ["analyze"], ["docs", "docs"])
    codes = [cli.run([*command, "-q", "--source", "snapshot:db.json"]) for command in commands]
    _, err = capsys.readouterr()
    assert codes == [1, 0, 0, 0, 0]
    assert all(line.startswith(("no Python file in ./ matches", "not shown: ")) for line in err.splitlines())


def test_real_chains(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Domains, composites and views in chains of 1,000, partitions 150 deep, joins and subqueries within each other."""
    made = [
        "create domain d0 as text not null",
        "create type k0 as (a int)",
        "create view v0 as select 1::d0 as a",
    ]
    made[2] = "create table b (a d0, id int primary key); create view v0 as select a, id from b"
    for n in range(1, 1000):
        made += [f"create domain d{n} as d{n - 1}", f"create type k{n} as (a k{n - 1})"]
        made += [f"create view v{n} as select a, id from v{n - 1}"]
    made += ["create table t (d d999, k k999)", "create table p0 (a int) partition by range (a)"]
    made += [
        f"create table p{n} partition of p{n - 1} for values from (0) to ({10**6 - n}) partition by range (a)"
        for n in range(1, 150)
    ]
    joined = " join ".join(["b x0", *(f"b x{n} using (id)" for n in range(1, 300))])
    nested = "select a, id from b"
    for n in range(300):
        nested = f"select a, id from ({nested} offset 0) s{n}"
    made += [f"create view joins as select x0.a, id from {joined}", f"create view nests as {nested}"]
    made += [f"create table odd (a int check ({'(' * 400}a > 0{')' * 400}))"]
    for start in range(0, len(made), 50):
        database.run(";".join(made[start : start + 50]))
    catalog = read_catalog(database.dsn, ("public",), expressions=True, functions=True)
    found = catalog.relations_by_name
    assert len(catalog.domains) == len(catalog.composites) == 1000
    for view in ("v0", "v999", "joins", "nests"):
        assert [column.nullable for column in found[named(view)].columns] == [False, False], view
    assert not found[named("t")].columns[0].nullable
    assert named("p149") not in found
    save(tmp_path, catalog)
    monkeypatch.chdir(tmp_path)
    assert cli.run(["update", "-q", "--source", "snapshot:db.json"]) == 0
    assert cli.run(["check", "-q", "--source", "snapshot:db.json"]) == 0


# ---- what they rest on


def test_needed_first() -> None:
    graph = {"a": "bc", "b": "d", "c": "d", "d": "a", "e": ""}
    assert list(needed_first("a", graph.__getitem__)) == ["d", "b", "c", "a"]
    assert list(needed_first("a", graph.__getitem__, {"c", "d"})) == ["b", "a"]
    assert list(needed_first("a", graph.__getitem__, {"a"})) == []
    assert components({"a": "b", "b": "a", "c": "a"}) == [("b", "a"), ("c",)]


def test_flat_keeps_the_order_of_statements() -> None:
    import ast

    source = (
        "a\nif b:\n c\n if d:\n  e\n else:\n  f\nelif g:\n h\nelse:\n i\ntry:\n j\nexcept X:\n k\nfinally:\n l\nm"
    )
    shown = [
        s.value.id
        for s in flat(ast.parse(source).body)
        if isinstance(s, ast.Expr) and isinstance(s.value, ast.Name)
    ]
    assert shown == list("acefhijklm")


def test_origins_of_nothing() -> None:
    assert origins("") == {}
