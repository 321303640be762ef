"""What grows with tables, files, comments, statements or globs takes time in proportion.

No clock: function calls are counted. From n to 2n and from 2n to 4n what is added doubles; where something looks at
all tables for each table, it grows fourfold.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schema_sync import cli
from schema_sync.codebase.chosen_files import collect
from schema_sync.exports.markdown import LONGEST_TEXT, condition, prose
from schema_sync.mapping.types import MOST_ARRAYS, column_type
from schema_sync.model.catalog import (
    ALL_FACETS,
    Catalog,
    Column,
    Constraint,
    DomainType,
    EnumType,
    QName,
    Relation,
    TypeRef,
)
from schema_sync.model.snapshot import encode_snapshot
from schema_sync.postgres.read_only_query import query_in
from schema_sync.remote.json_paging import single_statement
from schema_sync.replay.psql_script import plain_sql
from schema_sync.reports.escaping import printable
from schema_sync.reports.formats import FORMATS
from schema_sync.reports.line_diff import unified

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.thorough

SIZES = (100, 200, 400)
MOST = 2.2
"""How many times as much the second doubling may add as the first: 2 where all is linear, 4 where all is not."""


def calls(action: Callable[[], object]) -> int:
    """Return how many functions, of Python and of C, *action* calls."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
    return count


def growth(measure: Callable[[int], int], sizes: tuple[int, int, int] = SIZES) -> float:
    """Return how many times as much the second doubling adds as the first."""
    measure(sizes[0])  # imports, and what is kept once
    small, middle, large = map(measure, sizes)
    return (large - middle) / (middle - small)


# ---- commands


def named(name: str, schema: str = "public") -> QName:
    return QName(schema=schema, name=name)


TEXT, INTEGER = (TypeRef(name=named(name, "pg_catalog")) for name in ("text", "int4"))


def catalog(count: int, *, extra: bool = False) -> Catalog:
    """Return *count* tables with a key, a foreign key and an enum of their own; with *extra* they changed."""
    tables: list[Relation] = []
    for n in range(count):
        types = {"id": INTEGER, "parent": INTEGER, "kind": TypeRef(name=named(f"kind_{n:04}")), "note": TEXT}
        types |= {"extra": TEXT} if extra else {}
        primary = Constraint(kind="primary", name=f"p{n}", columns=("id",))
        key = Constraint(
            kind="foreign",
            name=f"f{n}",
            columns=("parent",),
            references=named(f"thing_{n * 7919 % count:04}"),
            referenced_columns=("id",),
        )
        columns = tuple(Column(name=name, rank=i, type=t) for i, (name, t) in enumerate(types.items(), 1))
        comment = f"Things of the kind {n}"
        made = Relation(
            name=named(f"thing_{n:04}"), kind="table", columns=columns, constraints=(primary, key), comment=comment
        )
        tables.append(made)
    labels = ("a", "b", "c") if extra else ("a", "b")
    enums = tuple(EnumType(name=named(f"kind_{n:04}"), labels=labels) for n in range(count))
    return Catalog(schemas=("public",), covers=ALL_FACETS, relations=tuple(tables), enums=enums)


def project(root: Path, count: int, *, files: bool = False) -> None:
    """Make a project in *root* in sync with *count* tables, and a changed schema in later.json."""
    root.mkdir()
    (root / "db.json").write_bytes(encode_snapshot(catalog(count)))
    (root / "later.json").write_bytes(encode_snapshot(catalog(count, extra=True)))
    (root / "schema-sync.toml").write_text('enum-columns = "enum"\n')
    if files:
        (root / "schemas").mkdir()
        for n in range(count):
            text = f'from typing import TypedDict\n\nclass A{n}(TypedDict):\n    """Table: thing_{n:04}"""\n\n    id: int\n'
            (root / f"schemas/m{n}.py").write_text(text)


COMMANDS = {
    "first update": [("update", "db")],
    "check": [("update", "db"), ("check", "db")],
    "check of changes": [("update", "db"), ("check", "later")],
    "diff": [("update", "db"), ("diff", "later")],
    "second update": [("update", "db"), ("update", "later")],
    "docs": [("docs", "db")],
    "docs of code": [("update", "db"), ("docs", "db")],
    "analyze": [("analyze", "db")],
    "list": [("list constraints", "db")],
    "removed": [("update", "db"), ("check", "none")],
    "prune": [("update", "db"), ("update --prune --force", "none")],
}


def run(command: str, snapshot: str) -> int:
    words = [*command.split(), *(["out"] if command == "docs" else [])]
    return cli.run([*words, "-q", "--source", f"snapshot:{snapshot}.json"])


@pytest.mark.parametrize("files", [False, True], ids=["one file", "a file each"])
@pytest.mark.parametrize("name", COMMANDS)
def test_commands(name: str, *, files: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    *before, (command, snapshot) = COMMANDS[name]
    measured = iter(range(10))

    def measure(count: int) -> int:
        root = tmp_path / f"{count}-{next(measured)}"
        project(root, count, files=files)
        kept = catalog(1)
        (root / "none.json").write_bytes(encode_snapshot(kept))
        monkeypatch.chdir(root)
        for each in before:
            assert run(*each) in {0, 1}
        return calls(lambda: codes.append(run(command, snapshot)))

    codes: list[int] = []
    assert growth(measure) < MOST
    assert set(codes) <= {0, 1}


# ---- other inputs


def test_every_report_format() -> None:
    from schema_sync.compare.compare import compare
    from schema_sync.model.declarations import Codebase
    from schema_sync.model.options import Options, Paths, Reading
    from schema_sync.reports.base import View

    path = "schemas/entities.py"
    options = Options(
        schemas=("public",),
        paths=Paths(enums=path, entities=path, relationships=path, functions=path, aliases=path),
    )

    def view(count: int) -> View:
        found = compare(
            catalog(count),
            Codebase(),
            options=options,
            lock=None,
            reading=Reading(kind="snapshot", describe="x"),
        )
        return View(report=found, title="", first_schema="public")

    for name, chosen in FORMATS.items():
        views = {count: view(count) for count in SIZES}

        def measure(count: int, views: dict[int, Any] = views, render: Any = chosen.render) -> int:
            return calls(lambda: render(views[count]))

        assert growth(measure) < MOST, name


class Seconds:
    """Far more than it takes, and far less than what is not linear would: a bound, not a measurement."""

    limit = 60.0

    def __enter__(self) -> None:
        self.start = time.monotonic()

    def __exit__(self, *_: object) -> None:
        assert time.monotonic() - self.start < self.limit


TAGS = " ".join(f"$a{n}$" for n in range(200_000))
QUERIES = {
    "tags that do not end": f"select {TAGS}",
    "one tag": "select " + "$a$ " * 200_001,
    "quotes": "select " + "'" * 200_001,
    "comments": "select " + "/*" * 200_000,
    "escapes": "select " + "e'\\" * 100_000,
    "continued": "select " + "e'a'\n" * 50_000,
    "strings of many lines": "select e'a'" + "\n-- b\n'a'" * 50_000,
    "strings that never go on": "select " + ("'a'" + "\n-- -- b" * 10 + "\n;") * 20_000,
    "a comment that does not end in a line": "select e'a' " + "-- " * 200_000,
    "doubled quotes": "select " + "'a''" * 100_001,
    "words": "select " + "$a" * 200_000,
}


@pytest.mark.parametrize("name", QUERIES)
def test_statements(name: str) -> None:
    with Seconds():
        query_in(QUERIES[name])
        plain_sql(f"\\x\n{QUERIES[name]}", "a.sql")
        try:
            single_statement(QUERIES[name])
        except Exception as error:  # noqa: BLE001  # the next line looks at it
            assert "the query cannot be run" in str(error)  # noqa: PT017


def test_dollar_quotes_are_what_they_were() -> None:
    assert query_in("select $a$ ; $a$; select 2") == "select $a$ ; $a$"
    assert query_in("select $$ ; $b$ $$, $b$ ; $b$;") == "select $$ ; $b$ $$, $b$ ; $b$"
    assert query_in("select $a$ ; 1") == "select $a$ ; 1", "the server refuses it"
    assert single_statement("select $a$ ) ; $a$ ;") == "select $a$ ) ; $a$ "
    text, _ = plain_sql("select $x$ \\kept $x$;\n\\gone\n", "a.sql")
    assert text == "select $x$ \\kept $x$;\n     \n"


GLOBS = ("**/" * 25 + "x.py", "**/a/" * 25 + "x.py", "schemas/" + "*a" * 30 + "b.py", "**/" * 25 + "[ab]*.py")


@pytest.mark.parametrize("glob", GLOBS)
def test_globs(tmp_path: Path, glob: str) -> None:
    folder = tmp_path / "schemas"
    for _ in range(40):
        folder /= "a"
    folder.mkdir(parents=True)
    (folder / "b.py").touch()
    (tmp_path / "schemas" / f"{'a' * 200}.py").touch()
    with Seconds():
        found = collect(tmp_path, [glob], [glob.replace("x.py", "y.py").replace("[ab]", "[yz]")]).sources
    assert set(found) == (
        {"schemas/" + "a/" * 40 + "b.py", f"schemas/{'a' * 200}.py"} if "[ab]" in glob else set()
    )


def test_many_globs_walk_once(tmp_path: Path) -> None:
    for n in range(30):
        (tmp_path / f"schemas/f{n}").mkdir(parents=True)
        (tmp_path / f"schemas/f{n}/a.py").touch()
    one, many = ([f"schemas/**/x{n}.py" for n in range(count)] for count in (1, 201))
    counted = [calls(partial(collect, tmp_path, globs)) for globs in (one, one, many)]
    assert counted[2] - counted[1] < 200 * 30 * 60  # an answer for each file and glob, and no file system


def test_a_path_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "schemas").mkdir()
    monkeypatch.chdir(tmp_path / "schemas")
    for _ in range(500):
        Path("folder_of_ten").mkdir()
        monkeypatch.chdir("folder_of_ten")
    monkeypatch.chdir("/")
    unreadable = collect(tmp_path, ["schemas/**/*.py"]).unreadable
    assert [each.why for each in unreadable] == ["File name too long"]
    monkeypatch.undo()


def test_long_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """50 MB of them: documents show the beginning, all else works."""
    comment = "many words\n" * 100_000
    tables = tuple(
        Relation(
            name=named(f"t{n}"), kind="table", columns=(Column(name="a", rank=1, type=TEXT),), comment=comment
        )
        for n in range(48)
    )
    made = Catalog(schemas=("public",), covers=ALL_FACETS, relations=tables)
    (tmp_path / "db.json").write_bytes(encode_snapshot(made))
    monkeypatch.chdir(tmp_path)
    with Seconds():
        for command in (["check"], ["docs", "out"], ["snapshot", "--output", "other.json"]):
            assert cli.run([*command, "-q", "--source", "snapshot:db.json"]) == (command == ["check"])
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "no Python file in ./ matches include: schemas/**/*.py"
    assert [line.partition(":")[0] for line in said[1:]] == ["not shown"], "a snapshot runs no SQL"
    assert (tmp_path / "other.json").read_bytes() == (tmp_path / "db.json").read_bytes()
    page = (tmp_path / "out/public/t0.md").read_text()
    assert "… (1,089,999 more characters)" in page
    assert len(page) < 3 * LONGEST_TEXT


def test_texts_are_cut_where_they_say() -> None:
    assert prose("a" * LONGEST_TEXT) == "a" * LONGEST_TEXT
    assert prose("a" * (LONGEST_TEXT + 1)).endswith("a<br>… (1 more characters)")
    assert condition("a" * (LONGEST_TEXT + 5), frozenset()).endswith("a` … (5 more characters)")


def test_diffs_are_those_that_patch_takes() -> None:
    old = [f"{n}\n" for n in range(9)]
    new = [*old[:2], "two and a half\n", *old[2:7], "eight", *old[8:]]
    assert list(unified(old, new, "a/f", "b/f")) == [
        *("--- a/f\n", "+++ b/f\n", "@@ -1,9 +1,10 @@\n", " 0\n", " 1\n", "+two and a half\n"),
        *(f" {n}\n" for n in range(2, 7)),
        *("-7\n", "+eight", " 8\n"),
    ]
    assert list(unified([], ["a\n"], "/dev/null", "b/f")) == [
        "--- /dev/null\n",
        "+++ b/f\n",
        "@@ -0,0 +1 @@\n",
        "+a\n",
    ]
    assert list(unified(["a\n", "b\n"], ["a\n"], "a/f", "b/f"))[2:] == ["@@ -1,2 +1 @@\n", " a\n", "-b\n"]
    assert list(unified(["a\n"], ["a\n"], "a/f", "b/f")) == []


def test_printable_is_what_it_was() -> None:
    assert printable("a\tb\nc\u202e\x07é\n", keep="\n") == "a\\tb\nc\\u202e\\x07é\n"
    assert printable("\n\n\t", keep="") == "\\n\\n\\t"
    assert printable("👩\u200d🚀 ✓\ufe0f") == "👩\u200d🚀 ✓\ufe0f"


def test_arrays_of_domains_over_arrays_end() -> None:
    domains = tuple(
        DomainType(name=named(f"d{n}"), base=TypeRef(name=named(f"d{n - 1}"), dims=1) if n else TEXT)
        for n in range(300)
    )
    made = Catalog(schemas=("public",), covers=ALL_FACETS, domains=domains)
    few = column_type(TypeRef(name=named(f"d{MOST_ARRAYS}")), made).written
    many = column_type(TypeRef(name=named("d299")), made).written
    assert str(few) == "list[" * MOST_ARRAYS + "str" + "]" * MOST_ARRAYS
    assert str(many) == "list[" * (MOST_ARRAYS + 1) + "Any" + "]" * (MOST_ARRAYS + 1)


def test_only_some_removals_are_compared_with_all_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path / "p", 400)
    monkeypatch.chdir(tmp_path / "p")
    (tmp_path / "p/schemas").mkdir()
    rows = "".join(f"class Zz{n:03}Row(TypedDict):\n    id: int\n" for n in range(400))
    (tmp_path / "p/schemas/a.py").write_text(f"from typing import TypedDict\n{rows}")
    assert calls(lambda: run("check", "db")) < 2_000_000
    assert "ZzNRow" not in capsys.readouterr().err
