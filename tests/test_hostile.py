"""Whatever text stands in a database, the Python that is written holds it as data: asserted over its syntax tree."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

import laws
from schema_sync.compare.markers import spelled
from schema_sync.model.catalog import QName
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conftest import Database

pytestmark = pytest.mark.thorough

TEXTS = [
    *(
        '"""',
        '"""; import os',
        "'''",
        "'''\"\"\"",
        '"',
        "'",
        "\\",
        '\\"',
        "\\'",
        '""\\',
        "\\N{BULLET}",
        "\\x41",
        "\\\\\n",
    ),
    *(
        "new\nline",
        "carriage\rreturn",
        "both\r\n",
        "tab\there",
        "\f",
        "\v",
        "\x01",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\ufffe",
    ),
    *(
        "\u2028",
        "\u2029",
        "\u202ertl\u202c",
        "\u2066isolated\u2069",
        "zero\u200bwidth",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\u3164",
    ),
    *(
        "{braces}",
        "%s",
        "%(x)s",
        "$1",
        "# hash",
        "pass; import os",
        ")\nimport os\n(",
        "x: int = __import__('os')",
        "*",
        "a.b",
    ),
    *("🎉", "👩‍👩‍👧", "e\u0301", "ﬁ", "ſ", "日本", "ß", "İ", "\U000e0041", "\U0010ffff", "́"),
    *(
        "class",
        "None",
        "True",
        "__init__",
        "__debug__",
        "__class__",
        "__private",
        "_",
        "mro",
        "name",
        "value",
        "_value_",
        "self",
    ),
    *(
        "1st",
        " ",
        "a b",
        "a-b",
        "a_b",
        "A",
        "a",
        "TypedDict",
        "Optional",
        "NotRequired",
        "str",
        "Enum",
        "type",
        "Any",
    ),
    *("x" * 63, "é" * 31, "🎉" * 15, '"' * 63, "\\" * 63, "\n" * 63),
]
TEXTS = list(dict.fromkeys(TEXTS))
SCHEMAS = [*TEXTS, "of enums"]
CONFIGURATION = 'shapes = ["row", "insert", "update"]\ncomments = {comments}\n'


def statements(text: str) -> Iterator[sql.Composed]:
    """Yield what puts *text* everywhere: names of schema, table, column, view, enum, domain; labels; defaults; comments."""
    name, value = sql.Identifier(text), sql.Literal(text)
    yield sql.SQL("create schema {}").format(name)
    yield sql.SQL("create type \"of enums\".{} as enum ({}, 'plain')").format(name, value)
    yield sql.SQL('create domain {}."of a domain" as text default {}').format(name, value)
    yield sql.SQL(
        "create table {}.{} (id int generated always as identity, {} text not null default {},"
        ' e "of enums".{}, d {}."of a domain")'
    ).format(name, name, name, value, name, name)
    yield sql.SQL("create view {}.seen as select {} from {}.{}").format(name, name, name, name)
    for kind, path in (
        *(("schema", (text,)), ("table", (text, text)), ("column", (text, text, text))),
        *(("type", ("of enums", text)), ("view", (text, "seen")), ("column", (text, "seen", text))),
    ):
        of = sql.SQL(".").join(map(sql.Identifier, path))
        yield sql.SQL("comment on {} {} is {}").format(sql.SQL(kind), of, value)  # type: ignore[arg-type]


@pytest.mark.parametrize("comments", ["false", "true"])
def test_text_stays_data(database: Database, tmp_path: Path, comments: str) -> None:
    with psycopg.connect(database.dsn, autocommit=True) as session:
        session.execute('create schema "of enums"')
        for text in TEXTS:
            for statement in statements(text):
                session.execute(statement)
    (tmp_path / "schema-sync.toml").write_text(CONFIGURATION.format(comments=comments))
    update(tmp_path, database)
    check(tmp_path, {text: ["id", text, "e", "d"] for text in TEXTS}, {text: [text, "plain"] for text in TEXTS})

    more = [text + "+" if len(text.encode()) < 63 else text[:-1] for text in TEXTS]
    with psycopg.connect(database.dsn, autocommit=True) as session:
        for text, other in zip(TEXTS, more, strict=True):
            alter = sql.SQL('alter type "of enums".{} add value {}')
            session.execute(alter.format(sql.Identifier(text), sql.Literal(other)))
    update(tmp_path, database)
    labels = {text: [text, "plain", other] for text, other in zip(TEXTS, more, strict=True)}
    check(tmp_path, {text: ["id", text, "e", "d"] for text in TEXTS}, labels)


def update(root: Path, database: Database) -> None:
    project = projects.open_project(root, source=database.dsn, schemas=SCHEMAS)
    updates.write(project, updates.plan(project, checks.check(project)))
    project = projects.open_project(root, source=database.dsn, schemas=SCHEMAS)
    outcome = checks.check(project)
    assert not outcome.report.findings
    assert {b.how for b in outcome.report.bindings} == {"marker"}
    assert not updates.plan(project, outcome).contents


def check(root: Path, columns: dict[str, list[str]], labels: dict[str, list[str]]) -> None:
    rows: dict[str, list[list[str]]] = {}
    enums: dict[str, list[str]] = {}
    names: list[str] = []
    for path, content in laws.python_files(root).items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(content, path)
            exec(compile(content, path, "exec"), {"__name__": "written"})
        for name, doc, keys, values in declarations(tree.body):
            names.append(name)
            if values is not None:
                enums[doc] = values
            else:
                rows.setdefault(doc, []).append(keys)
    assert len(set(names)) == len(names)
    for text in TEXTS:
        assert enums[marked("Enum", "of enums", text)] == labels[text]
        everything = columns[text]
        written = [key for key in everything if key != "id"]
        assert rows[marked("Table", text, text)] == [everything, written, written]
        assert rows[marked("View", text, "seen")] == [[text]] * 3


def marked(word: str, schema: str, name: str) -> str:
    of = spelled(QName(schema=schema, name=name))
    return f"{word}: {of}" + "." * of.endswith('"')


Declared = tuple[str, str, list[str], "list[str] | None"]


def declarations(body: Sequence[ast.stmt]) -> Iterator[Declared]:
    """Yield name, marker, keys and member values of a file's classes; nothing else may stand in it."""
    pending: tuple[str, list[str]] | None = None
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield of_class(statement)
        elif isinstance(statement, ast.Assign):
            assert pending is None
            pending = of_call(statement)
        elif pending is not None:
            yield pending[0], marker(text_of(statement)), pending[1], None
            pending = None
        elif isinstance(statement, ast.ImportFrom):
            assert statement.module in {"typing", "enum"}
        else:
            assert text_of(statement) in {"Database rows.", "Database enums.", "Database rows and enums."}
    assert pending is None


def of_class(node: ast.ClassDef) -> Declared:
    assert not node.decorator_list
    bases = [ast.unparse(base) for base in node.bases]
    assert bases in (["TypedDict"], ["str", "Enum"])
    assert [ast.unparse(keyword) for keyword in node.keywords] in ([], ["total=False"])
    doc, *rest = node.body
    keys: list[str] = []
    values: list[str] = []
    for part in rest:
        if isinstance(part, ast.AnnAssign):
            assert part.value is None
            assert isinstance(part.target, ast.Name)
            only_types(part.annotation)
            keys.append(part.target.id)
        elif isinstance(part, ast.Assign):
            (target,) = part.targets
            assert isinstance(target, ast.Name)
            assert isinstance(part.value, ast.Constant)
            values.append(part.value.value)  # type: ignore[arg-type]
        else:
            text_of(part)
    return node.name, marker(text_of(doc)), keys, None if bases == ["TypedDict"] else values


def of_call(node: ast.Assign) -> tuple[str, list[str]]:
    (target,) = node.targets
    assert isinstance(target, ast.Name)
    call = node.value
    assert isinstance(call, ast.Call)
    assert ast.unparse(call.func) == "TypedDict"
    name, items = call.args
    assert isinstance(name, ast.Constant)
    assert name.value == target.id
    assert isinstance(items, ast.Dict)
    assert [ast.unparse(keyword) for keyword in call.keywords] in ([], ["total=False"])
    keys: list[str] = []
    for key, value in zip(items.keys, items.values, strict=True):
        assert isinstance(key, ast.Constant)
        keys.append(key.value)  # type: ignore[arg-type]
        only_types(value)
    return target.id, keys


def only_types(annotation: ast.expr) -> None:
    plain = (ast.Name, ast.Subscript, ast.Tuple, ast.Load, ast.BinOp, ast.BitOr)
    for node in ast.walk(annotation):
        assert isinstance(node, plain) or (isinstance(node, ast.Constant) and node.value is None), ast.dump(node)


def text_of(statement: ast.stmt) -> str:
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)
    assert isinstance(statement.value.value, str)
    return statement.value.value


def marker(doc: str) -> str:
    """Return the marker that a docstring begins with; a comment may follow, an empty line between."""
    marked, _, _ = doc.partition("\n\n")
    return marked if marked.count('"') % 2 == 0 else doc
