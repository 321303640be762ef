"""Every program of tests/cases/queries: what is found in the queries of each, and what is not checked.

A file is prose and then programs, each with what comes out: CONTRIBUTING.md, "A program with queries". Each is the
file ``app.py`` of a project whose ``clients.py`` makes the clients; all are compared with one database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databases import create_database, drop_database
from msgspec.structs import replace

import casefile
from comparing import OPTIONS
from schema_sync.codebase.queries.candidates import FileQueries, project_queries
from schema_sync.codebase.queries.libraries import imports_supabase
from schema_sync.codebase.queries.reader import file_queries
from schema_sync.codebase.source_file import SourceFile
from schema_sync.compare.ignoring import without_ignored
from schema_sync.compare.query_findings import with_queries
from schema_sync.compare.query_sql import statements_in
from schema_sync.model.findings import Report
from schema_sync.model.queries import QueryFiles
from schema_sync.model.request import Request
from schema_sync.postgres.connection import own_session
from schema_sync.postgres.sql_judgement import judged
from schema_sync.rules.registry import QUERY_RULES
from schema_sync.sources.dsn import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.findings import Finding
    from schema_sync.postgres.session import Session
    from schema_sync.replay.embedded_server import Server
    from schema_sync.sources.base import Fetched

FOLDER = Path(__file__).parents[2] / "cases" / "queries"
FILES = sorted(FOLDER.glob("*.case"))
SCHEMAS = ("public", "audit")
CLIENTS = """\
from supabase import acreate_client, create_client

supabase = create_client("http://localhost", "key")
"""


@dataclass
class Program:
    """The lines of a program, of its findings, and of the notes on what is not checked."""

    name: str
    lines: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The program."""
        return "\n".join(self.lines) + "\n"


def load(path: Path) -> tuple[str, list[Program]]:
    """Return the prose and the programs of a file."""
    prose: list[str] = []
    programs: list[Program] = []
    lines = prose
    for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
        kind, _, name = line.removeprefix("=== ").partition(" ")
        if not line.startswith("==="):
            lines.append(line)
        elif kind == "program" and name:
            programs.append(Program(name))
            lines = programs[-1].lines
        elif line == "=== findings":
            lines = programs[-1].findings
        elif line == "=== not checked":
            lines = programs[-1].not_checked
        else:
            raise ValueError(f"{path}:{number}: no section of a program: {line}")
    for each in (
        section for program in programs for section in (program.lines, program.findings, program.not_checked)
    ):
        while each and not each[-1]:
            each.pop()
    return "\n".join(prose).strip(), programs


def dump(prose: str, programs: list[Program]) -> str:
    """Return the text of the file; sections that are empty are left out."""
    parts = [prose]
    for program in programs:
        sections = {
            f"program {program.name}": program.lines,
            "findings": program.findings,
            "not checked": program.not_checked,
        }
        parts += ["\n".join([f"=== {title}", *lines]) for title, lines in sections.items() if lines]
    return "\n\n".join(parts) + "\n"


def play(text: str, fetched: Fetched, session: Session) -> tuple[list[str], list[str]]:
    """Return the findings and the notes on what is not checked of the program *text*."""
    files = {"app.py": queries_in(text), "clients.py": queries_in(CLIENTS)}
    read = QueryFiles(queries=project_queries(files), lines={"app.py": tuple(text.split("\n"))})
    fetched = replace(fetched, verdicts=judged(session, statements_in(read.queries)))
    report = Report(source_kind="dsn", source="", db_hash="")
    report = with_queries(report, read, fetched.catalog, reading=fetched, options=OPTIONS, lock=None)
    report, _ = without_ignored(report, {"app.py": files["app.py"].ignores})
    return [line_of(each) for each in report.findings], [f"{n.what}: {n.why}" for n in report.not_checked]


def queries_in(text: str) -> FileQueries:
    return file_queries(SourceFile.decode("app.py", text.encode()))


def line_of(finding: Finding) -> str:
    """Return rule, object, place, and confidence."""
    use, target = finding.use, finding.subject.target
    assert use is not None
    end = f"{use.end_line}:" * (use.end_line != use.line)
    object_ = casefile.line(finding).split(" ", 2)[2] + (f" -> {target}" if target else "")
    return f"{finding.rule} {object_} {use.line}:{use.column}-{end}{use.end_column} {use.confidence}"


@pytest.fixture(scope="module")
def session(server: Server) -> Iterator[Session]:
    name = "query_corpus"
    with own_session(create_database(server, name)) as session:
        session.execute((FOLDER / "schema.sql").read_bytes())
        yield session
    drop_database(server, name)


@pytest.fixture(scope="module")
def fetched(server: Server, session: Session) -> Fetched:
    dsn = server.database(session.info.dbname)
    request = Request(
        argument=dsn, schemas=SCHEMAS, root=FOLDER, environment={}, lock="", expressions=True, names=True
    )
    return SOURCE.fetch(request)


PROGRAMS = {f"{path.stem}/{program.name}": program for path in FILES for program in load(path)[1]}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, fetched: Fetched, session: Session, pytestconfig: pytest.Config) -> None:
    expected = PROGRAMS[name]
    findings, not_checked = play(expected.text, fetched, session)
    if pytestconfig.getoption("--update-cases"):
        path = FOLDER / f"{name.partition('/')[0]}.case"
        prose, programs = load(path)
        for program in programs:
            if program.name == expected.name:
                program.findings, program.not_checked = findings, not_checked
        path.write_text(dump(prose, programs), "utf-8")
    else:
        assert (findings, not_checked) == (expected.findings, expected.not_checked)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_written_as_it_is_read(path: Path) -> None:
    prose, programs = load(path)
    assert dump(prose, programs) == path.read_text("utf-8")
    assert len({program.name for program in programs}) == len(programs)


def test_each_rule_has_a_program() -> None:
    found = {line.split()[0] for program in PROGRAMS.values() for line in program.findings}
    assert found == {rule.id for rule in QUERY_RULES}


def test_most_look_alikes_are_silent() -> None:
    silent = [name for name, each in PROGRAMS.items() if "look_alikes/" in name and not each.findings]
    assert len(silent) >= 95
    assert len(PROGRAMS) >= 280


def test_no_query_is_one_where_nothing_imports_supabase() -> None:
    for program in PROGRAMS.values():
        if not imports_supabase(program.text.encode()):
            assert project_queries({"app.py": queries_in(program.text)}) == ()


def test_a_section_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.case"
    path.write_text("Prose.\n\n=== nonsense\n")
    with pytest.raises(ValueError, match=r"x\.case:3: no section of a program"):
        load(path)
