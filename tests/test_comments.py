"""Comments of a database are hostile input: in code they are text, and the class stays bound."""

from __future__ import annotations

import ast
import tokenize
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

import laws
from random_schema import text

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

HOSTILE = [
    '"""',
    '\\"""',
    "'''",
    'ends in a quote "',
    "ends in a backslash \\",
    "\\N{BULLET} \\x41 \\",
    "a\nb\r\nc\rd\n\n\ne",
    "form\x0cfeed \x0b \x1c \x85 \u2028 \u2029 bell\x07",
    "bidi \u202e\u2066 zero\u200b width",
    "Table: public.others\nView: others\nResult: f()\nFunction: f()",
    "the others table",
    "type: ignore\nnoqa # noqa # ruff: noqa\nfmt: off\nmypy: ignore-errors\n-*- coding: utf-7 -*-\n# region",
    "import os\n\nclass X: pass",
    "}{%s {0} $$ 日本語 😀 \ufb01 e\u0301",
    "word " * 60,
    "x" * 300,
    " \t \n ",
    "#: #: #",
    "@type(my app)",
]
BEFORE = {
    "nothing": "",
    "a class": "class ItemRow(TypedDict):\n    id: int\n    name: str  # kept\n",
    "on one line": "class ItemRow(TypedDict): id: int; name: str\n",
    "documented": 'class ItemRow(TypedDict):\n    r"""A \\d person\'s."""\n\n    id: int\n    name: str\n',
    "with tabs": "class ItemRow(TypedDict):\n\tid: int\n\n\t# mine\n\tname: str\n",
    "functional": 'ItemRow = TypedDict("ItemRow", {"id": int, "name": str})',
}
SCHEMA = "create table others (id int primary key); create table items (id int primary key, name text not null);"


def commented(comment: str) -> str:
    return "".join(
        f"comment on {what} is {text(comment)};"
        for what in ("table items", "column items.id", "column items.name")
    )


def prepare(root: Path, before: str, ending: str = "\n", head: str = "", encoding: str = "utf-8") -> Path:
    (root / "schema-sync.toml").write_text("comments = true\n")
    path = root / "schemas/database/entities.py"
    path.parent.mkdir(parents=True)
    code = f"{head}from typing import TypedDict\n\n\n{before}"
    path.write_bytes(code.replace("\n", ending).encode(encoding))
    return path


def check(path: Path, root: Path, source: str, comment: str) -> None:
    report = laws.check(root, source).report
    assert not report.findings
    assert [str(b.object) for b in report.bindings if b.declaration.name == "ItemRow"] == ["public.items"]
    laws.assert_stable(root, source)
    tree = ast.parse(path.read_bytes())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names <= {"TypedDict", "ItemRow", "OtherRow", "int", "str", "id", "name"}, comment


@pytest.mark.thorough
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_whatever_a_comment_holds(tmp_path: Path, database: Database, before: str) -> None:
    database.run(SCHEMA)
    path = prepare(tmp_path, before)
    for comment in HOSTILE:
        database.run(commented(comment))
        laws.update(tmp_path, database.dsn)
        check(path, tmp_path, database.dsn, comment)
    database.run("comment on table items is null; comment on column items.id is null;")
    database.run("comment on column items.name is null")
    laws.update(tmp_path, database.dsn)
    check(path, tmp_path, database.dsn, "none")
    left = path.read_text()
    assert "#:" not in left
    assert "myapp" not in left
    assert ("mine" in before) == ("mine" in left)
    assert ("person's" in before) == ("person" in left)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_stay(tmp_path: Path, database: Database, ending: str) -> None:
    database.run(SCHEMA + commented("one\ntwo"))
    path = prepare(tmp_path, BEFORE["a class"], ending)
    laws.update(tmp_path, database.dsn)
    check(path, tmp_path, database.dsn, "")
    content = path.read_bytes().decode()
    assert set(content.replace(ending, "")) & {"\r", "\n"} == set()
    assert f"#: one{ending}    #: two{ending}" in content


def test_an_encoding_that_cannot_hold_it(tmp_path: Path, database: Database) -> None:
    database.run(SCHEMA + commented("é costs 5 €"))
    path = prepare(tmp_path, BEFORE["a class"], head="# -*- coding: latin-1 -*-\n", encoding="latin-1")
    laws.update(tmp_path, database.dsn)
    check(path, tmp_path, database.dsn, "")
    comments = [
        t.string for t in tokenize.tokenize(BytesIO(path.read_bytes()).readline) if t.type == tokenize.COMMENT
    ]
    assert "#: é costs 5 \\u20ac" in comments
