"""A project that shows all that a report can say, on a real server: every severity, and what was not looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.model.findings import Note
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import shown_code

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database
    from schema_sync.model.findings import Severity
    from schema_sync.reports.base import View

SQL = """
create type project_status as enum ('active', 'on_hold', E'x\\n::error::y');
create type colour as enum ('green', 'red');
create table organizations (
    id uuid primary key, name text not null, billing_cycle text, max_members integer, score integer
);
create table pets (id int primary key);
create table "<b>|`x`" (id int primary key, "]]>&""'" text, "::error file=x,::%0A" text);
create view active_pets as select id from pets;
"""
FILES = {
    "schema-sync.toml": 'title = "Atoms & <MCP>"\n\n[severity]\nview-undeclared = "off"\n',
    "schemas/enums.py": """\
from enum import Enum


class ProjectStatus(str, Enum):
    ACTIVE = "active"


class Colour(str, Enum):
    RED = "red"
    GREEN = "green"


class SortOrder(str, Enum):
    ASC = "asc"
""",
    "schemas/database/entities.py": '''\
from typing import TypedDict


class OrganizationRow(TypedDict):
    id: str
    name: str
    legacy_code: str
    score: str


class InvoiceRow(TypedDict):
    """Table: billing.invoices"""


class PetRow(TypedDict):
    id: int


class GhostRow(TypedDict):
    """Table: public.ghosts"""

    id: int
''',
    "schemas/broken.py": "x = 1\nclass (:\n",
}
HOSTILE = (
    "plain",
    "\"quotes\" 'and' `ticks` ```",
    "]]>&amp;<!-- --> <?x?>",
    "::error file=a,line=1::x",
    "\n::error::on its own line\n",
    "##[error]x\r\n",
    "\u202eright\u2066to\u2069left",
    "\x01\x1b[31mred\x7f\x9b",
    "\ufffe\uffff\u0085\u2028\u2029",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a|b\\|c",
    "[x](http://e.x) ![y](z)",
    "{0} {{1}} {% x %} {{ 7*7 }}",
    "https://e.x/?a=b#c, d%0Ae",
    "@all #1 www.e.x",
    "é 日本 \U0001f600 \U000e0041",
    "</details></code>",
)


def drifted(root: Path, database: Database, *, fail_on: Severity | None = None) -> View:
    """Return the view of the report; its source is named the same wherever the server is."""
    database.run(SQL)
    return viewed(root, database, FILES, fail_on=fail_on)


def hostile(root: Path, database: Database) -> View:
    """Return the view of a report where all that a database can name is hostile."""
    statements: list[str] = []
    for number, name in enumerate(HOSTILE):
        quoted, label = name.replace('"', '""'), name.replace("'", "''")
        statements.append(f'create table "{quoted}" ("{quoted}" int, "c{number}" text)')
        statements.append(f"""create type "{quoted} type" as enum ('{label}')""")
    database.run(";\n".join(statements))
    view = viewed(root, database, {"schemas/broken.py": "class (:\n"})
    notes = tuple(Note(what=name, why=name) for name in HOSTILE)
    return replace(
        view, title=HOSTILE[9], report=replace(view.report, not_checked=notes, source=" ".join(HOSTILE))
    )


def viewed(root: Path, database: Database, files: dict[str, str], *, fail_on: Severity | None = None) -> View:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    project = projects.open_project(root, source=database.dsn)
    outcome = checks.check(project)
    view = shown_code.with_code(project, outcome, checks.view(project, outcome))
    report = replace(view.report, source="postgresql://app@db.example.com/postgres")
    return replace(view, report=report, fail_on=fail_on or view.fail_on, address="")  # also where CI states one
