"""Connection strings and keys as people have them: what is read, what is passed over, and what no message repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict

from doubles import postgrest as double_of
from schema_sync import cli
from schema_sync.errors import SchemaSyncError, SourceError, UsageError
from schema_sync.postgres import connection, uris
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

CANARY = "c4n4ry"
VARIABLES = (
    "SUPABASE_DB_URL",
    "DATABASE_URL",
    "SUPABASE_URL",
    "SUPABASE_KEY",
    "SUPABASE_SERVICE_KEY",
    "PGSSLMODE",
)
DRIVERS = ("postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2", "postgres+asyncpg", "postgres")
OTHERS = {
    "sqlite:///db.sqlite3": "sqlite",
    "sqlite+aiosqlite:///db.sqlite3": "sqlite",
    f"mysql+pymysql://u:{CANARY}@h/d": "mysql",
    f"mongodb+srv://u:{CANARY}@h/d": "mongodb",
    "file:./dev.db": "file",
    "SQLITE://": "sqlite",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def uri(database: Database, scheme: str = "postgresql") -> str:
    given = conninfo_to_dict(database.dsn)
    place = urlencode({key: given[key] for key in ("host", "port") if key in given})
    return f"{scheme}://{given['user']}@/{given['dbname']}?{place}"


def fetched(root: Path, source: str | None = None) -> tuple[str, ...]:
    """The notes on a read that succeeds."""
    return projects.fetch(projects.open_project(root, source=source))[1]


def refused(root: Path, source: str | None = None) -> SchemaSyncError:
    with pytest.raises(SchemaSyncError) as caught:
        fetched(root, source)
    assert CANARY not in caught.value.message + caught.value.hint
    return caught.value


class TestDrivers:
    @pytest.mark.parametrize("scheme", DRIVERS)
    def test_a_driver_in_every_place(
        self, root: Path, database: Database, monkeypatch: pytest.MonkeyPatch, scheme: str
    ) -> None:
        address = uri(database, scheme)
        assert fetched(root, address)[0].startswith("source: dsn, postgresql://")
        for name in ("SUPABASE_DB_URL", "DATABASE_URL"):
            with monkeypatch.context() as patch:
                patch.setenv(name, address)
                assert fetched(root)[0].endswith(f"(auto: {name} is set)")
        (root / "schema-sync.toml").write_text(f'source = "{address}"\n')
        assert fetched(root)[0].startswith("source: dsn, postgresql://")
        (root / "schema-sync.toml").unlink()
        (root / ".env").write_text(f"DATABASE_URL='{address}'\n")
        assert fetched(root)[0].endswith("(auto: DATABASE_URL in .env is set)")

    def test_settings_of_a_driver_are_named_and_not_used(
        self, root: Path, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = f"{uri(database)}&prepared_statement_cache_size=0&ssl=prefer&command_timeout=5"
        monkeypatch.setenv("DATABASE_URL", address.replace("postgresql", "postgresql+asyncpg", 1))
        note = (
            "DATABASE_URL: not used, as only other drivers know it: prepared_statement_cache_size, command_timeout"
        )
        assert note in fetched(root)
        (root / "schema-sync.toml").write_text('source = "dsn"\n')
        monkeypatch.delenv("DATABASE_URL")
        (root / ".env").write_text(f"DATABASE_URL='{address}'\n")
        assert f".env: {note}" in fetched(root)

    def test_a_password_of_a_configuration_is_refused_with_a_driver_too(self, root: Path) -> None:
        (root / "schema-sync.toml").write_text(f'source = "postgresql+asyncpg://u:{CANARY}@h/d"\n')
        assert "source holds a password" in refused(root).message


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("postgresql+asyncpg://u@h/d?ssl=require", {"sslmode": "require"}),
        ("postgresql://u@h/d?ssl=verify-full", {"sslmode": "verify-full"}),
        ("postgresql://u@h/d?%73sl=verify-ca", {"sslmode": "verify-ca"}),
        ("postgresql://u@h/d?ssl=true", {"sslmode": "require"}),
        ("postgresql://u@h/d?ssl=require&sslmode=require", {"sslmode": "require"}),
        ("postgresql+asyncpg://u@h/d?ssl=disable&application_name=a%20b", {"sslmode": "disable", "application_name": "a b"}),
        ("postgresql+asyncpg://u:p?x%40@h/d?statement_cache_size=0&pgbouncer=true", {"password": "p?x@"}),
        ("postgresql+psycopg2://u@/d?host=/run/x", {"host": "/run/x"}),
        ("postgresql+asyncpg://u@h1:1,h2:2/d?ssl=prefer", {"host": "h1,h2", "port": "1,2", "sslmode": "prefer"}),
        ("postgresql+asyncpg://", None),
        ("postgresql://u@h/d?sslmode=disable&sslmode=require", {"sslmode": "require"}),  # libpq takes the last
        ("host=h dbname=d user=u", {}),
    ],
)  # fmt: skip
def test_parameters_that_have_a_counterpart(text: str, wanted: dict[str, str] | None) -> None:
    usual = {} if wanted is None else {"host": "h", "user": "u", "dbname": "d"}
    assert connection.parsed(text) == usual | (wanted or {})


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (f"ssl={CANARY}", "the parameter ssl has a value that sslmode does not have"),
        ("ssl=false", "the parameter ssl has a value that sslmode does not have"),
        ("ssl=", "the parameter ssl has a value that sslmode does not have"),
        ("ssl=require&sslmode=verify-full", "the parameters ssl and sslmode contradict each other"),
        ("sslmode=verify-full&ssl=true", "the parameters ssl and sslmode contradict each other"),
        ("ssl=verify-full&%73slmode=disable", "the parameters ssl and sslmode contradict each other"),
        ("ssl=require&ssl=disable", "the parameters ssl and sslmode contradict each other"),
        ("host=h1&host=h2", "the parameter host is there twice"),
        (f"sslaccept={CANARY}", 'not a connection string: invalid URI query parameter: "sslaccept"'),
        (f"direct_tls={CANARY}", 'not a connection string: invalid URI query parameter: "direct_tls"'),
    ],
)
@pytest.mark.parametrize(
    "place", ["--source", "SUPABASE_DB_URL", ".env: DATABASE_URL", "schema-sync.toml: source"]
)
def test_what_has_none_is_refused_by_its_place(
    root: Path, monkeypatch: pytest.MonkeyPatch, query: str, said: str, place: str
) -> None:
    address = f"postgresql+asyncpg://u@h.invalid/d?{query}"
    if place == "SUPABASE_DB_URL":
        monkeypatch.setenv(place, address)
    elif place == ".env: DATABASE_URL":
        (root / ".env").write_text(f"DATABASE_URL='{address}'\n")
    elif place == "schema-sync.toml: source":
        (root / "schema-sync.toml").write_text(f'source = "{address}"\n')
    error = refused(root, address if place == "--source" else None)
    assert isinstance(error, UsageError)
    assert error.message == f"{place}: {said}"


def test_the_place_of_an_address_that_does_not_answer(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"postgresql+asyncpg://u:{CANARY}@127.0.0.1:1/d"
    assert refused(root, address).hint.endswith("The address is that of --source.")
    monkeypatch.setenv("DATABASE_URL", address)
    error = refused(root)
    assert (error.exit_code, error.hint.endswith(" The address is that of DATABASE_URL.")) == (3, True)


class TestOtherDatabases:
    @pytest.mark.parametrize(("address", "name"), OTHERS.items())
    def test_auto_passes_one_over(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, address: str, name: str
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", address)
        said = f"DATABASE_URL is no PostgreSQL address ({name})"
        assert refused(root).message == f"no source is configured; {said}"
        (root / "supabase/migrations").mkdir(parents=True)
        (root / "supabase/migrations/1_a.sql").write_text("create table t (a int);")
        notes = fetched(root)
        assert notes[0].startswith("source: migrations")
        assert notes[1] == f"{said}, passed over"

    @pytest.mark.parametrize(("address", "name"), OTHERS.items())
    def test_it_is_an_error_where_it_is_asked_for(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, address: str, name: str
    ) -> None:
        assert refused(root, address).message == f"--source is no PostgreSQL address ({name})"
        assert f"({name})" in refused(root, f"dsn:{address}").message
        monkeypatch.setenv("DATABASE_URL", address)
        assert refused(root, "dsn").message == f"DATABASE_URL is no PostgreSQL address ({name})"
        monkeypatch.delenv("DATABASE_URL")
        monkeypatch.setenv("SUPABASE_DB_URL", address)
        assert refused(root).message == f"SUPABASE_DB_URL: not a connection string: no PostgreSQL address ({name})"

    def test_of_a_configuration(self, root: Path) -> None:
        (root / "schema-sync.toml").write_text('source = "sqlite:///x"\n')
        assert refused(root).message == "schema-sync.toml: source is no PostgreSQL address (sqlite)"

    def test_another_place_has_one(self, root: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "sqlite://")
        (root / ".env").write_text(f"DATABASE_URL='{uri(database)}'\n")
        for source in ("auto", "dsn"):
            assert "DATABASE_URL is no PostgreSQL address (sqlite), passed over" in fetched(root, source)
        monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
        assert not any("passed over" in note for note in fetched(root)), "DATABASE_URL is not looked at"

    @pytest.mark.parametrize(
        "text", ["", "postgres://u@h/d", "host=sqlite", f"{CANARY}:x@h/d", "sqlite", "mysql=1"]
    )
    def test_what_is_not_recognised_as_one(self, text: str) -> None:
        assert uris.other_database(text) == ""


class TestKeys:
    URL = "https://abcdefghijklmnopqrst.supabase.co"

    @pytest.mark.parametrize(
        ("key", "kind"),
        [(double_of.ANON_KEY, "the anon key"), (double_of.PUBLISHABLE_KEY, "a publishable key")],
    )
    def test_a_public_one(self, root: Path, monkeypatch: pytest.MonkeyPatch, key: str, kind: str) -> None:
        monkeypatch.setenv("SUPABASE_URL", self.URL)
        monkeypatch.setenv("SUPABASE_KEY", key)
        said = f"SUPABASE_KEY holds {kind}, which shows no table, column or enum of the schema"
        error = refused(root)
        assert error.message == f"no source is configured; SUPABASE_URL is set, but {said}"
        asked = refused(root, "postgrest")
        assert isinstance(asked, SourceError)
        assert asked.message == said
        assert key not in error.message + error.hint + asked.message + asked.hint
        (root / "supabase/migrations").mkdir(parents=True)
        (root / "supabase/migrations/1_a.sql").write_text("create table t (a int);")
        assert f"{said}, passed over" in fetched(root)

    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            (double_of.SERVICE_KEY, ", by its own words the service_role key"),
            (double_of.SECRET_KEY, ", by its own words a secret key"),
            (double_of.ANON_KEY, ", by its own words the anon key"),
            (double_of.PUBLISHABLE_KEY, ", by its own words a publishable key"),
            ("a.b.c", ""),
            ("a..c", ""),
            (f"a.{'W' * 100_000}.c", ""),
            (CANARY, ""),
        ],
    )
    def test_doctor_names_its_kind(
        self,
        root: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        key: str,
        kind: str,
    ) -> None:
        monkeypatch.chdir(root)
        monkeypatch.setenv("SUPABASE_KEY", key)
        cli.run(["doctor"])
        out = capsys.readouterr().out
        assert f"SUPABASE_KEY: set{kind} (another name for it)\n" in out
        assert key not in out
