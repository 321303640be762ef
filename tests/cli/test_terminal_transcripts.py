"""What every command shows on terminals of three widths: tests/golden/terminal has a file for each.

At 80 columns the styles and links stand in the text (``legible``), at the others the text alone.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from command_project import REPOSITORY, VARIABLES
from databases import create_database, drop_database
from rich.cells import cell_len

from conftest import Database
from pseudo_terminal import WIDTHS, legible, opened, plain, prepared, run
from schema_sync import __version__, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.replay.embedded_server import Server

GOLDEN = REPOSITORY / "tests/golden/terminal"
CASES = REPOSITORY / "tests/cases"
LEGIBLE, MOST_LINES = 80, 150
MASKED = (
    (r"20\d\d-\d\d-\d\d(T\d\d:\d\d:\d\d\+00:00)?|\b[0-9a-f]{10}\b", lambda found: re.sub(r"\w", "0", found[0])),
    (re.escape(__version__), lambda found: re.sub(r"\w", "0", found[0])),
    (r"(?m)^(  \S+ [\w-]+: )\d+\.\d+(\.\d+)?( on \w+ \w+)?$", lambda found: f"{found[1]}0.0"),
)
"""Times, commits, and the versions that doctor shows."""
LIVE = """
create table accounts (id bigint generated always as identity primary key, owner uuid not null, balance numeric);
comment on table accounts is 'One for each customer; closed ones stay for seven years, as the law of taxes wants it.';
alter table accounts enable row level security;
create policy "owners see their own accounts, and nobody else's" on accounts for select to authenticated
  using (owner = auth.uid());
create policy "owners open accounts" on accounts for insert to authenticated with check (owner = auth.uid());
create index accounts_by_owner_and_balance on accounts (owner, balance) where balance > 0;
create view rich_accounts as select id, owner from accounts where balance > 1000000;
create function transfer(sender bigint, receiver bigint, amount numeric default 0) returns boolean language sql
  as 'select true';
create function touched() returns trigger language plpgsql as 'begin return new; end';
create trigger accounts_are_touched before insert or update on accounts for each row execute function touched();
"""


class Shown(NamedTuple):
    """A command in a project; one that ``writes`` gets a new copy for each width."""

    project: str
    command: str
    writes: bool = False


EVERYWHERE = ("check", "diff", "list tables", "list enums", "list constraints", "analyze")
SHOWN = [
    *(Shown(project, command) for project in ("example", "atoms") for command in EVERYWHERE),
    *(Shown("green", command) for command in ("check", "diff")),
    *(Shown(project, "update --dry-run") for project in ("example", "green")),
    *(Shown("example", "-v check"), Shown("atoms", "doctor"), Shown("example", "rules")),
    *(Shown("example", "uses projects"), Shown("example", "uses nothing"), Shown("example", "list views")),
    *(Shown("example", "explain unknown-column"), Shown("example", "explain squawk-ban-drop-table")),
    *(Shown("example", "update", writes=True), Shown("example", "baseline --reason old", writes=True)),
    *(Shown("example", "docs pages", writes=True), Shown("example", "explore", writes=True)),
    *(Shown("example", "report --output drift.md", writes=True), Shown("example", "init --dry-run")),
    Shown("example", "snapshot --output s.json", writes=True),
    *(Shown("example", "list tabels"), Shown("example", "explain nonsense"), Shown("example", "notify --test")),
    *(Shown("example", "check --source snapshot:gone.json"), Shown("example", "github .")),
    *(Shown("live", f"list {kind}") for kind in ("views", "indexes", "policies", "triggers", "functions")),
    *(Shown("live", "list extensions"), Shown("live", "list tables"), Shown("live", "analyze")),
    Shown("live", "sql 'select relname, relkind from pg_class where relname like $$accounts%$$ order by 1'"),
    Shown(
        "live",
        "sql 'select * from information_schema.columns where table_name = $$accounts$$ order by ordinal_position'",
    ),
    *(Shown("git", "history"), Shown("git", "hook")),
]
SLOW = [Shown("example", "migrations check"), Shown("bare", "init", writes=True)]


@pytest.fixture(scope="session")
def dsns(server: Server) -> Iterator[dict[str, str]]:
    """A database for the example, for the atoms case and one with all that lists show."""
    migrations = sorted((REPOSITORY / "examples/supabase/migrations").glob("*.sql"))
    texts = {
        "example": "\n".join(path.read_text() for path in migrations),
        "atoms": (CASES / "atoms/schema.sql").read_text(),
        "live": LIVE,
    }
    made = {name: Database(name, create_database(server, f"terminal_{name}")) for name in texts}
    for name, database in made.items():
        database.run(texts[name])
    yield {name: database.dsn for name, database in made.items()}
    for name in texts:
        drop_database(server, f"terminal_{name}")


@pytest.fixture
def project(
    request: pytest.FixtureRequest, tmp_path: Path, dsns: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder of a project, not yet there; the environment is that of a terminal."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    prepared(monkeypatch)
    return tmp_path / "project"


def lay_out(name: str, root: Path, dsns: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the project *name* anew in *root*, and go there."""
    shutil.rmtree(root, ignore_errors=True)
    if name == "atoms":
        shutil.copytree(CASES / "atoms/schemas", root / "schemas")
    elif name == "live":
        root.mkdir()
        monkeypatch.setenv("SUPABASE_DB_URL", dsns["live"])
    else:
        shutil.copytree(REPOSITORY / "examples", root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(root)
    if name == "bare":
        Path("schema-sync.toml").unlink()
    elif name != "live":
        source = dsns["atoms" if name == "atoms" else "example"]
        assert cli.run(["snapshot", "-q", "--source", source, "--output", "schema.json"]) == 0
        Path("schema-sync.toml").write_text(f'title = "{name.capitalize()}"\nsource = "snapshot:schema.json"\n')
    if name in ("green", "git"):
        queries = Path("app/projects.py")
        queries.write_text(queries.read_text().replace('"create_at"', '"created_at"'))
        if name == "git":
            commit("The first classes", monkeypatch)
        assert cli.run(["update", "-q"]) == 0
        if name == "git":
            commit("Billing", monkeypatch)


def commit(subject: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit all; what is staged afterwards differs from the database."""
    for role in ("AUTHOR", "COMMITTER"):
        for what, value in {"NAME": "Ann", "EMAIL": "ann@example.org", "DATE": "2026-01-02T12:00:00+0000"}.items():
            monkeypatch.setenv(f"GIT_{role}_{what}", value)
    entities = Path("schemas/database/entities.py")
    for command in ("git init -q", "git add -A", f"git commit -q -m {shlex.quote(subject)}"):
        subprocess.run(shlex.split(command), check=True)
    entities.write_text(entities.read_text().replace("score: Optional[int]", "score: Optional[str]"))
    subprocess.run(["git", "add", "-A"], check=True)


def transcript(shown: Shown, root: Path, dsns: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command shows at each width."""
    sections: list[str] = []
    arguments = [*(["-q"] if shown.project == "live" else []), *shlex.split(shown.command)]
    for number, width in enumerate(WIDTHS):
        if shown.writes or not number:
            lay_out(shown.project, root, dsns, monkeypatch)
        code, text = run(monkeypatch, width, *arguments)
        require_fit(plain(text), width)
        assert str(root.parent) not in plain(text)
        text = legible(text, root) if width == LEGIBLE else plain(text)
        for pattern, replacement in MASKED:
            text = re.sub(pattern, replacement, text)
        lines = text.splitlines()
        more = [f"[{len(lines) - MOST_LINES} more lines]"] if len(lines) > MOST_LINES else []
        text = "".join(f"{line}\n" for line in (*lines[:MOST_LINES], *more))
        sections.append(f"=== {width} columns: schema-sync {shown.command} (exit code {code})\n{text}")
    return "\n".join(sections)


def require_fit(text: str, width: int) -> None:
    """Nothing is wider than the terminal but code, and words that no line could hold."""
    for line in re.sub(r"(?ms)^```.*?^```$", "", text).splitlines():
        if cell_len(line) > width:
            is_code = line.startswith(("+", "-", " ", "@@", "\\"))
            assert is_code or max(map(cell_len, line.split())) > width - 8, line


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.project} {shown.command}")
def test_of_a_command(
    shown: Shown, project: Path, dsns: dict[str, str], monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    compare(shown, transcript(shown, project, dsns, monkeypatch), update=pytestconfig.getoption("--update-cases"))


@pytest.mark.thorough
@pytest.mark.parametrize("shown", SLOW, ids=lambda shown: f"{shown.project} {shown.command}")
def test_of_a_slow_command(
    shown: Shown, project: Path, dsns: dict[str, str], monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    compare(shown, transcript(shown, project, dsns, monkeypatch), update=pytestconfig.getoption("--update-cases"))


def file_name(shown: Shown) -> str:
    command = re.sub(r"[^a-z0-9 .-]", "", shown.command)[:40].strip()
    return f"{shown.project} {command}.txt".replace(" ", "_")


def compare(shown: Shown, text: str, *, update: bool) -> None:
    golden = GOLDEN / file_name(shown)
    if update:
        golden.write_text(text)
    assert text == golden.read_text(), "pytest --update-cases writes it; read it"


def test_every_golden_is_compared() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {file_name(shown) for shown in (*SHOWN, *SLOW)}


def test_every_command_is_shown() -> None:
    words = {word for shown in (*SHOWN, *SLOW) for word in shown.command.split()}
    elsewhere = {"completion", "demo", "mcp"}  # click's script; below; nothing but to an agent
    assert cli.MODULES.keys() - words == elsewhere


@pytest.mark.thorough
def test_the_demo_is_shown_on_the_terminal(project: Path) -> None:
    with opened(LEGIBLE) as (descriptor, parts):
        command = [sys.executable, "-m", "schema_sync", "demo"]
        subprocess.run(command, stdout=descriptor, stderr=descriptor, check=True)
    shown = b"".join(parts).decode()
    assert "\n\x1b[1;31m[CRITICAL]\x1b[0m QUERY" in shown.replace("\r", "")
    assert "\x1b[32m✓ Schemas are in sync\x1b[0m" in shown
    require_fit(re.sub(r"(\r[^\r\n]*\x1b\[K)+", "", plain(shown.replace("\r\n", "\n"))), LEGIBLE)


@pytest.mark.parametrize("width", WIDTHS)
def test_help_fits(width: int, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", *cli.MODULES, "migrations check"):
        monkeypatch.setenv("COLUMNS", str(width))  # click asks Python's own stdout, which is no terminal here
        code, text = run(monkeypatch, width, *name.split(), "--help")
        assert code == 0
        assert [line for line in text.splitlines() if cell_len(line) > width] == [], name
