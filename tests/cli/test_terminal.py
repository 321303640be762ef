"""Colours, links and widths: where they are, where they are not, and what hostile names cannot do with them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_project import ENTITIES, ENUMS, SCHEMA
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from comparing import catalog, enum, table
from conftest import Database
from pseudo_terminal import WIDTHS, opened, plain, prepared, run
from schema_sync.cli.streams import Look, look
from schema_sync.cli.terminal import render
from schema_sync.model.catalog import Catalog
from schema_sync.model.snapshot import encode_snapshot
from schema_sync.reports.base import Part, Styled, styled
from schema_sync.reports.tables import Table

HOSTILE = "[red]x[/red] \x1b[31m \x1b]8;;https://evil.example\x1b\\ \x9b2J \u202e :smile:"
COMMANDS = ("check", "diff", "doctor", "list tables", "list enums", "analyze", "rules", "uses users")
SGR, LINK = re.compile(r"\x1b\[[0-9;]*m"), re.compile(r"\x1b\]8;[^;]*;([^\x1b]*)\x1b\\")
QUERY = (
    'import supabase\n\nclient = supabase.create_client("", "")\nclient.table("users").select("nmae").execute()\n'
)
DATABASE = catalog(
    table("users", "id int4", "name text"),
    table("organizations", "id uuid"),
    enums=[enum("project_status", "active")],
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with drift and a query, and no environment that says how a terminal is written to."""
    prepared(monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas/database").mkdir(parents=True)
    (tmp_path / "schemas/enums.py").write_text(ENUMS)
    (tmp_path / "schemas/database/entities.py").write_text(ENTITIES)
    (tmp_path / "app.py").write_text(QUERY)
    (tmp_path / "schema-sync.toml").write_text('source = "snapshot:s.json"\n')
    save(DATABASE)
    return tmp_path


def save(schema: Catalog) -> None:
    Path("s.json").write_bytes(encode_snapshot(schema))


def piped(command: str, **environment: str) -> tuple[bytes, bytes]:
    """What a command writes to two pipes."""
    program = [sys.executable, "-m", "schema_sync", *command.split()]
    done = subprocess.run(program, env=os.environ | environment, capture_output=True, check=False)
    return done.stdout, done.stderr


class TestWhere:
    def test_a_terminal_has_colours_and_links(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        shown = run(monkeypatch, 80, "check")[1]
        assert "\x1b[1;31m[CRITICAL]\x1b[0m QUERY: \x1b[1musers\x1b[0m\n" in shown
        assert LINK.findall(shown) == [f"{project.as_uri()}/app.py", ""]
        assert LINK.sub("", shown).count("  app.py:4\n") == 1

    def test_files_that_cannot_be_read_are_linked(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("schemas/broken.py").write_text("class (")
        shown = run(monkeypatch, 140, "check")[1]
        assert f"{project.as_uri()}/schemas/broken.py" in LINK.findall(shown)
        assert "could not read schemas/broken.py:1:7: " in plain(shown)

    def test_migrations_that_fail_are_linked(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("supabase/migrations").mkdir(parents=True)
        Path("supabase/migrations/1_t.sql").write_text("\ncreate table t (id itn);")
        code, shown = run(monkeypatch, 140, "list", "tables", "--source", "migrations")
        assert code == 3
        assert LINK.findall(shown) == [f"{project.as_uri()}/supabase/migrations/1_t.sql", ""]
        assert "\nError: supabase/migrations/1_t.sql:2: " in f"\n{plain(shown)}"

    def test_it_counts_the_findings(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        shown = plain(run(monkeypatch, 80, "check")[1])
        assert shown.endswith("\n4 findings: 2 critical, 2 high in 3 files\n")
        assert b"findings:" not in b"".join(piped("check"))

    @pytest.mark.parametrize("command", COMMANDS)
    @pytest.mark.thorough
    def test_forced_colours_change_nothing_else(self, command: str, project: Path) -> None:
        usual, forced = piped(command), piped(command, FORCE_COLOR="1")
        assert forced != usual
        assert tuple(re.sub(rb"\x1b\[[0-9;]*m", b"", each) for each in forced) == usual
        assert piped(command, FORCE_COLOR="1", NO_COLOR="1") == usual
        assert piped(command, FORCE_COLOR="", NO_COLOR="") == usual

    @pytest.mark.parametrize("format_name", ["json", "sarif", "github", "junit", "markdown", "html"])
    @pytest.mark.thorough
    def test_formats_for_programs_have_no_colour(self, format_name: str, project: Path) -> None:
        command = f"check --format {format_name}"
        assert piped(command, FORCE_COLOR="1")[0] == piped(command)[0]

    def test_files_have_no_colour(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run(monkeypatch, 60, "check", "--output", "r.txt")
        assert Path("r.txt").read_bytes() == piped("check")[0]

    @pytest.mark.parametrize("command", COMMANDS)
    def test_without_colours(self, command: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        colourful = run(monkeypatch, 80, *command.split())[1]
        monkeypatch.setenv("NO_COLOR", "1")
        shown = run(monkeypatch, 80, *command.split())[1]
        assert SGR.findall(shown) == []
        assert plain(shown) == plain(colourful)
        assert LINK.findall(shown) == LINK.findall(colourful)

    def test_a_dumb_terminal_gets_no_sequence(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        capable = run(monkeypatch, 60, "diff")[1]
        monkeypatch.setenv("TERM", "dumb")
        assert run(monkeypatch, 60, "diff")[1] == plain(capable)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_ci_with_a_terminal_is_a_pipe(
        self, command: str, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out, err = (part.decode() for part in piped(command))
        monkeypatch.setenv("CI", "true")
        shown = run(monkeypatch, 60, *command.split())[1]
        assert sorted(shown.splitlines()) == sorted((err + out).splitlines())

    def test_columns_win_over_the_terminal(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        wide = run(monkeypatch, 140, "diff")[1]
        monkeypatch.setenv("COLUMNS", "140")
        assert SGR.sub("", LINK.sub("", run(monkeypatch, 60, "diff")[1])) == plain(wide)

    def test_stderr_is_plain_where_stdout_is_a_pipe(self, project: Path) -> None:
        program = (
            "import sys; from schema_sync.cli import run; run(['check']);"
            " print(sorted(name for name in sys.modules if name.startswith('rich')))"
        )
        with opened(60) as (descriptor, parts):
            done = subprocess.run(
                [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=descriptor, check=True
            )
        assert done.stdout.endswith(b"\n[]\n")
        assert b"\x1b" not in b"".join(parts)
        assert b"source: snapshot" in b"".join(parts)

    def test_what_is_printed_again_is_the_same(
        self, project: Path, database: Database, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
        database.run(SCHEMA)
        first = run(monkeypatch, 80, "check", "--source", "dsn")
        assert LINK.search(first[1]) is not None
        monkeypatch.delattr("schema_sync.usecases.check.check")
        assert run(monkeypatch, 80, "check", "--source", "dsn") == first


class TestHostileNames:
    @pytest.fixture(autouse=True)
    def hostile(self, project: Path) -> None:
        save(
            catalog(table(HOSTILE, "id int4"), table("users", "id int4"), enums=[enum("project_status", HOSTILE)])
        )

    @pytest.mark.parametrize("command", ["check", "diff", "list tables", "list enums", "analyze"])
    def test_are_text(self, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
        shown = run(monkeypatch, 140, *command.split())[1]
        assert "[red]x[/red]" in shown
        assert "\\x1b[31m" in shown or "\\u001b[31m" in shown, "labels are JSON"
        assert ":smile:" in shown
        assert all(not target or target.startswith("file:///") for target in LINK.findall(shown))
        left = LINK.sub("", SGR.sub("", shown))
        assert [character for character in left if not character.isprintable()] == ["\n"] * left.count("\n")

    def test_of_files_are_encoded_in_links(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        name = "a b;\x1b]8;;x\x07\u202e[red]'\"%41.py"
        Path("app.py").rename(name)
        shown = run(monkeypatch, 140, "check")[1]
        (target, end) = LINK.findall(shown)
        assert (target.removeprefix(f"{project.as_uri()}/"), end) == (
            "a%20b%3B%1B%5D8%3B%3Bx%07%E2%80%AE%5Bred%5D%27%22%2541.py",
            "",
        )
        assert "a b;\\x1b]8;;x\\x07\\u202e[red]'\"%41.py:4" in shown


def drawn(document: list[Styled | Table], width: int | None) -> list[str]:
    return render(document, Path("/"), colour=False, width=width, links=False).splitlines()


WORDS = st.lists(st.text("abc_日é[]", min_size=1, max_size=30), max_size=12).map(" ".join)
TABLES = st.integers(1, 15).flatmap(
    lambda columns: st.tuples(
        st.lists(WORDS.filter(bool), min_size=columns, max_size=columns),
        st.lists(st.lists(WORDS, min_size=columns, max_size=columns), min_size=1, max_size=4),
    )
)


class TestTables:
    @given(TABLES, st.sampled_from(WIDTHS))
    def test_nothing_is_lost_and_no_word_is_broken(
        self, cells: tuple[list[str], list[list[str]]], width: int
    ) -> None:
        names, rows = cells
        lines = drawn([Table(columns=tuple(names), rows=tuple(map(tuple, rows)))], width)
        shown = " ".join(lines)
        words = {word.rstrip(":,;") for word in shown.split()}
        for value in {value for row in rows for value in row}:
            assert {*value.split()} <= words | {*shown.split()}
        longest = max((cell_len(word) for word in shown.split()), default=0)
        assert max(map(cell_len, lines)) <= max(width, longest + 40)

    @given(TABLES)
    def test_a_wide_terminal_shows_what_a_pipe_gets(self, cells: tuple[list[str], list[list[str]]]) -> None:
        names, rows = cells
        shown = Table(columns=tuple(names), rows=tuple(map(tuple, rows)), longest=1000)
        assert "".join(f"{line}\n" for line in drawn([shown], 10_000)) == shown.plain()

    def test_a_long_value_is_whole_where_a_pipe_gets_its_beginning(self) -> None:
        labels = '["' + '","'.join(f"label_{number}" for number in range(30)) + '"]'
        shown = Table(columns=("name", "labels"), rows=(("status", labels),))
        assert "…" in shown.plain()
        assert "".join(line[8:].strip() for line in drawn([shown], 60)[2:]) == labels

    def test_a_word_that_no_line_can_hold_is_not_broken(self) -> None:
        word = "x" * 90
        assert word in [line.strip() for line in drawn([Table(columns=("value",), rows=((word,),))], 60)]

    def test_rows_that_are_all_alike_are_all_there(self) -> None:
        row = ("a" * 40, "b" * 40)
        assert "".join(drawn([Table(columns=("x", "y"), rows=(row,) * 5)], 60)).count("a" * 40) == 5

    def test_places_in_cells_are_links(self) -> None:
        cell = styled("Row ", Part("a.py:3", path="a.py"))
        table = Table(columns=("class",), rows=((cell,),))
        assert "file:///p/a.py" in render([table], Path("/p"), colour=True, width=60, links=True)

    def test_a_query_without_columns(self) -> None:
        assert drawn([Table(columns=(), rows=((), ()))], 60) == ["(2 rows without columns)"]


class TestLines:
    def test_are_folded_between_words(self) -> None:
        text = "  ✓ file: one two three four five six seven eight nine ten"
        assert drawn([styled(text)], 30) == [
            "  ✓ file: one two three four",
            "    five six seven eight nine",
            "    ten",
        ]

    def test_a_command_stays_on_one_line(self) -> None:
        assert drawn([styled("Run this: `schema-sync diff --all` for more")], 30) == [
            "Run this:",
            "  `schema-sync diff --all` for",
            "  more",
        ]

    def test_code_is_not_folded_and_keeps_its_tabs(self) -> None:
        code = Styled((Part("+\t" + "word " * 30, "added"),), verbatim=True)
        assert drawn([code], 60) == ["+\t" + "word " * 30]


def test_a_stream_that_tells_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(monkeypatch)
    with opened(0) as (descriptor, _), open(descriptor, "w", closefd=False) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert look() == Look(colour=True, width=80, links=True)
        monkeypatch.setenv("COLUMNS", "0")
        assert look().width == 80
        monkeypatch.setattr(sys, "stdout", sys.__stdout__)
