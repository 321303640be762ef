"""A real PostgreSQL for every test that asks: one server a session (a worker of xdist), one database a test."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from databases import OPEN_LOGIN_RULES, create_database, drop_database
from hypothesis import HealthCheck, settings

from schema_sync.replay import embedded_server

if TYPE_CHECKING:
    from collections.abc import Iterator


SCRIPTS = Path(__file__).parents[1] / "scripts"

# No clock decides: a slow machine finds the same.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
UNHURRIED = settings.get_profile("unhurried")
settings.register_profile("quick", UNHURRIED, max_examples=40, derandomize=True, database=None)
settings.register_profile("thorough", UNHURRIED, max_examples=1000, print_blob=True)
settings.load_profile("quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases", action="store_true", help="Rewrite what the files of tests/cases expect; not in CI."
    )


def pytest_configure(config: pytest.Config) -> None:
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:  # started in the background, or by nohup
            signal.signal(number, usual)
    os.environ["SCHEMA_SYNC_NO_CACHE"] = "1"  # what a test finds is no other's, and not the user's
    if config.getoption("--update-cases") and os.environ.get("CI"):
        raise pytest.UsageError("--update-cases rewrites expectations: not where CI is set")


@dataclass(frozen=True)
class Database:
    """A database of its own, with the Supabase bootstrap, dropped after the test; as superuser, and as its owner."""

    name: str
    dsn: str
    owner_dsn: str = ""

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Execute *sql* in a new session, statements in autocommit, and return the last one's rows."""
        with psycopg.connect(self.dsn, autocommit=True, prepare_threshold=None) as session:
            cursor = session.execute(sql.encode())
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def server() -> Iterator[embedded_server.Server]:
    """A running server; what a test does to roles shows in all its databases.

    Tests create their objects as the superuser: they get the privileges that those of ``postgres`` have.
    """
    with embedded_server.server(OPEN_LOGIN_RULES) as running:
        with psycopg.connect(running.database("template1"), autocommit=True) as session:
            for kind in ("tables", "functions", "sequences"):
                roles = "anon, authenticated, service_role"
                session.execute(
                    f"alter default privileges in schema public grant all on {kind} to {roles}".encode()
                )
        yield running


@pytest.fixture
def database(server: embedded_server.Server, request: pytest.FixtureRequest) -> Iterator[Database]:
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    yield Database(name, create_database(server, name), server.database(name, embedded_server.OWNER))
    drop_database(server, name)


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache that is used, in a folder that nobody can reach too (pytest's own are private)."""
    monkeypatch.delenv("SCHEMA_SYNC_NO_CACHE")
    base = Path(tempfile.mkdtemp(prefix="cache-"))
    base.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(base))
    yield base / "schema-sync"
    shutil.rmtree(base)


def script_in(root: Path, name: str) -> Path:
    """Return the script *name* in the folder ``scripts`` of the project *root*: it acts on what it stands in."""
    script = root / "scripts" / name
    script.parent.mkdir(exist_ok=True)
    shutil.copy(SCRIPTS / name, script)
    return script


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can start PostgreSQL as another user")
