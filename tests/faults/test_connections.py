"""An address that a repository brings takes nothing of the user's along, whatever it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg.pq import Conninfo

from doubles.postgres_listener import CLEARTEXT, GSS, MD5, OAUTH, SCRAM, listening
from schema_sync.errors import SchemaSyncError, SourceError, UsageError
from schema_sync.postgres.connection import FROM_REPOSITORY, SSLMODES, TRUSTED_HOSTS, repository_address
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "c4n4ry"
REF = "abcdefghijklmnopqrst"
POOLER = f"postgresql://postgres.{REF}@aws-0-eu-central-1.pooler.supabase.com"
PLACES = {"schema-sync.toml": "schema-sync.toml: source", ".env": ".env: DATABASE_URL"}
KEYWORDS = sorted({option.keyword.decode() for option in Conninfo.get_defaults()} - FROM_REPOSITORY)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a user who has a secret in each place that libpq knows."""
    home = tmp_path / "home"
    (home / ".postgresql").mkdir(parents=True)
    (home / ".pgpass").write_text(f"*:*:*:*:{CANARY}-pgpass\n")
    (home / "passfile").write_text(f"*:*:*:*:{CANARY}-passfile\n")
    (home / ".pg_service.conf").write_text(f"[prod]\npassword={CANARY}-service\nuser={CANARY}-service\n")
    for name in ("postgresql.crt", "postgresql.key"):
        (home / ".postgresql" / name).write_text(CANARY)
    for path in (home / ".pgpass", home / "passfile", home / ".postgresql" / "postgresql.key"):
        path.chmod(0o600)
    variables = {
        "HOME": str(home),
        "PGPASSFILE": str(home / "passfile"),
        "PGSERVICEFILE": str(home / ".pg_service.conf"),
        "PGSSLCERT": str(home / ".postgresql" / "postgresql.crt"),
        "PGSSLKEY": str(home / ".postgresql" / "postgresql.key"),
        **{name: f"{CANARY}-{name}" for name in ("PGPASSWORD", "PGUSER", "PGDATABASE", "PGAPPNAME")},
        "PGOPTIONS": f"-c search_path={CANARY}",
        "PGTARGETSESSIONATTRS": "read-only",
        "PGHOSTADDR": "127.0.0.2",
        "PGHOST": f"{CANARY}.invalid",
        "PGPORT": "1",
    }
    for name in ("DATABASE_URL", "SUPABASE_DB_URL", "SUPABASE_PROJECT_ID", "SUPABASE_DB_PASSWORD", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def bring(root: Path, path: str, text: str) -> None:
    """Let the repository name *text* as its database, in its configuration or in its ``.env``."""
    if path == ".env":
        escaped = text.replace("'", "\\'")
        (root / path).write_text(f"DATABASE_URL='{escaped}'\n")
        (root / "schema-sync.toml").write_text('source = "dsn"\n')
    else:
        (root / path).write_text(f"source = {quoted(text)}\n")


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\\u0000") + '"'


def fetched(root: Path, source: str | None = None) -> SchemaSyncError:
    """The error that a read ends with."""
    with pytest.raises(SchemaSyncError) as caught:
        projects.fetch(projects.open_project(root, source=source))
    return caught.value


class TestParameters:
    @pytest.mark.parametrize("path", PLACES)
    @pytest.mark.parametrize("form", ["uri", "keywords"])
    @pytest.mark.parametrize("keyword", KEYWORDS)
    def test_one_that_is_not_on_the_list(self, root: Path, path: str, form: str, keyword: str) -> None:
        with listening() as listener:
            uri = f"postgresql://127.0.0.1:{listener.port}/x?{keyword}=prod"
            bring(root, path, uri if form == "uri" else f"host=127.0.0.1 port={listener.port} {keyword}=prod")
            error = fetched(root)
        assert error.exit_code == 2
        if keyword != "sslpassword" or path == ".env":  # the configuration takes no password at all
            wanted = f"{PLACES[path]}: the connection parameter {keyword} cannot come from a repository"
            assert error.message == wanted
        assert "SUPABASE_DB_URL" in error.hint
        assert listener.received == []

    @pytest.mark.parametrize(
        "text",
        [
            "postgresql://127.0.0.1:{port}/x?%73ervice=prod",
            "postgresql://127.0.0.1:{port}/x?service=a&service=prod",
            "postgresql://127.0.0.1:{port}/x?sslmode=disable&hostaddr=127.0.0.1",
            "postgresql:///?service=prod",
            "service=prod",
            "dsn:service=prod",
            "dsn:postgresql://127.0.0.1:{port}/x?service=prod",
            "host = 127.0.0.1 port = {port} service = 'prod'",
            "host=127.0.0.1 port={port} passfile=/etc/passwd",
            "postgresql://127.0.0.1:{port}/x?options=-c%20a%3Db",
            "postgresql://127.0.0.1:{port}/x?hostaddr=",
            "postgresql://127.0.0.1:{port}/x?sslkeylogfile=keys&sslmode=require",
            "postgresql://127.0.0.1:{port}/x?sslrootcert=/etc/ssl/certs/ca-certificates.crt",
            "postgresql://127.0.0.1:{port}/x?sslrootcert=../home/.pgpass",
            "postgresql://127.0.0.1:{port}/x?sslrootcert=missing.crt",
            "postgresql://127.0.0.1:{port}/x?sslrootcert=link.crt",
            "postgresql://127.0.0.1:{port}/x?sslrootcert=.",
            "postgresql://127.0.0.1:{port}/x?sslrootcert=",
            "postgresql://127.0.0.1:{port}/x?sslmode=verify",
            "postgresql://127.0.0.1:{port}/x?sslmode=",
            "postgresql://u@evil%40127.0.0.1:{port}/x",
            "postgresql://127.0.0.1:{port}x/x",
            "postgresql://[127.0.0.1:{port}/x",
            "postgresql://127.0.0.1:{port}/x?sslaccept=strict",
        ],
    )
    def test_other_ways_to_say_it(self, root: Path, text: str) -> None:
        (root / "link.crt").symlink_to(root.parent / "home" / ".pgpass")
        with listening() as listener:
            bring(root, "schema-sync.toml", text.replace("{port}", str(listener.port)))
            error = fetched(root)
        assert isinstance(error, UsageError)
        assert error.message.startswith("schema-sync.toml: source: ")
        assert CANARY not in error.message + error.hint
        assert listener.received == []

    def test_a_nul(self, root: Path) -> None:
        with listening() as listener:
            bring(root, "schema-sync.toml", f"postgresql://127.0.0.1:{listener.port}/x\0?service=prod")
            assert fetched(root).exit_code == 2
            with pytest.raises(UsageError, match="holds a NUL character"):
                repository_address(f"host=127.0.0.1 port={listener.port}\0", "x", {}, root)
        assert listener.received == []

    def test_a_certificate_below_the_project(self, root: Path) -> None:
        (root / "certs").mkdir()
        (root / "certs/ca.crt").write_text("x")
        for name in ("certs/ca.crt", "./certs/../certs/ca.crt", str(root / "certs/ca.crt")):
            found = repository_address(f"host=h sslmode=verify-full sslrootcert={name}", "x", {}, root)
            assert found.parameters["sslrootcert"] == str(root / "certs/ca.crt")
            own = repository_address(f"host=h sslrootcert={name}", "x", {"PGSSLROOTCERT": "mine"}, root)
            assert "sslrootcert" not in own.parameters  # libpq reads the variable
        system = repository_address("host=h sslmode=verify-full sslrootcert=system", "x", {}, root)
        assert system.parameters["sslrootcert"] == "system"


SHAPES = [
    "postgresql://127.0.0.1:{port}/x",
    "postgres://127.0.0.1:{port}/x",
    "postgresql://127.0.0.1:{port}",
    "postgresql://u@127.0.0.1:{port}/x",
    "postgresql://@127.0.0.1:{port}/",
    "postgresql://a%40b@127.0.0.1:{port}/x",
    "postgresql://%31%32%37.0.0.1:{port}/x",
    "postgresql://localhost:{port}/x",
    "postgresql:///x?host=127.0.0.1&port={port}",
    "postgresql://evil.invalid/x?host=127.0.0.1&port={port}",
    "postgresql://evil.invalid:1/x?host=evil.invalid&host=127.0.0.1&port=2&port={port}",
    "postgresql://127.0.0.1:1,127.0.0.1:{port}/x",
    "postgresql://127.0.0.1,127.0.0.1:{port}/x?port={port},{port}",
    "postgresql://127.0.0.1:{port}/x?sslmode=disable",
    "postgresql://127.0.0.1:{port}/x?sslmode=allow",
    "postgresql://127.0.0.1:{port}/x?application_name=mine",
    "postgresql://127.0.0.1:{port}/x?connect_timeout=3",
    "postgresql://127.0.0.1:{port}/x?connect_timeout=0",
    "postgresql://127.0.0.1:{port}/x?connect_timeout=-1",
    "postgresql://127.0.0.1:{port}/x?target_session_attrs=any",
    "postgresql://127.0.0.1:{port}/x?target_session_attrs=read-write",
    "postgresql://127.0.0.1:{port}/x?user=&dbname=",
    "postgresql://127.0.0.1:{port}/service%3Dprod",
    "postgresql://127.0.0.1:{port}/postgresql%3A%2F%2Fh%2F%3Fservice%3Dprod",
    "host=127.0.0.1 port={port}",
    "host='127.0.0.1' port='{port}' user='u' dbname='x'",
    "host=127.0.0.1 port={port} host=127.0.0.1",
    "dbname='service=prod' host=127.0.0.1 port={port}",
    "user='u service=prod' host=127.0.0.1 port={port}",
    "dsn:host=127.0.0.1 port={port}",
]


class TestNothingArrives:
    @pytest.mark.parametrize("path", PLACES)
    @pytest.mark.parametrize("shape", SHAPES)
    def test_of_the_user_s(self, root: Path, path: str, shape: str) -> None:
        if path == ".env":
            shape = shape.removeprefix("dsn:")
        with listening() as listener:
            bring(root, path, shape.replace("{port}", str(listener.port)))
            error = fetched(root)
        assert isinstance(error, SourceError)
        assert "cannot connect to postgresql://" in error.message
        assert b"user\0" in listener.everything
        assert CANARY.encode() not in listener.everything

    @pytest.mark.parametrize("asking", [CLEARTEXT, MD5, SCRAM, GSS, OAUTH])
    @pytest.mark.parametrize("path", PLACES)
    def test_whatever_the_server_asks_for(self, root: Path, path: str, asking: bytes) -> None:
        with listening(asking) as listener:
            bring(root, path, f"postgresql://u@127.0.0.1:{listener.port}/x")
            assert isinstance(fetched(root), SourceError)
        startup = listener.received[-2] if listener.received[-1] == b"" else listener.received[-1]
        assert startup.startswith(b"\0")  # nothing was answered
        assert CANARY.encode() not in listener.everything

    def test_a_password_of_the_repository_s_own_does(self, root: Path) -> None:
        with listening() as listener:
            bring(root, ".env", f"postgresql://u:0wn@127.0.0.1:{listener.port}/x")
            assert isinstance(fetched(root), SourceError)
        assert b"0wn\0" in listener.everything
        assert CANARY.encode() not in listener.everything

    @pytest.mark.parametrize("path", PLACES)
    def test_a_service_of_the_environment(self, root: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PGSERVICE", "prod")
        with listening() as listener:
            bring(root, path, f"postgresql://127.0.0.1:{listener.port}/x")
            error = fetched(root)
        assert isinstance(error, UsageError)
        assert "PGSERVICE is set" in error.message
        assert listener.received == []

    def test_a_socket_s_folder(self, root: Path) -> None:
        bring(root, "schema-sync.toml", f"host={root} port=5")
        assert f"{root}/.s.PGSQL.5" in fetched(root).message


class TestTheUser:
    """What the user gives is completed as everywhere."""

    def test_an_address_on_the_command_line(self, root: Path) -> None:
        bring(root, "schema-sync.toml", "postgresql://127.0.0.1:1/x")
        with listening() as listener:
            fetched(root, f"postgresql://127.0.0.1:{listener.port}/x?hostaddr=127.0.0.1")
        assert f"{CANARY}-PGPASSWORD".encode() in listener.everything

    def test_an_address_in_the_environment(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PGPASSWORD")
        with listening() as listener:
            address = f"postgresql://127.0.0.1:{listener.port}/x?hostaddr=127.0.0.1&service=prod"
            monkeypatch.setenv("DATABASE_URL", address)
            fetched(root)
        assert f"{CANARY}-service".encode() in listener.everything

    def test_the_configuration_s_word_does_not_make_it_the_repository_s(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (root / "schema-sync.toml").write_text('source = "dsn"\n')
        with listening() as listener:
            monkeypatch.setenv("SUPABASE_DB_URL", f"host=127.0.0.1 hostaddr=127.0.0.1 port={listener.port}")
            fetched(root)
        assert f"{CANARY}-PGPASSWORD".encode() in listener.everything


class TestTrust:
    @pytest.mark.parametrize(
        ("trusted", "host", "arrives"),
        [
            ("127.0.0.1", "127.0.0.1", True),
            ("db.example, LOCALHOST ,", "localhost", True),
            ("127.0.0.1,localhost", "127.0.0.1,localhost", True),
            ("localhost", "127.0.0.1", False),
            ("127.0.0.1", "127.0.0.1,localhost", False),
            ("127.0.0.1.evil.example", "127.0.0.1", False),
            ("27.0.0.1", "127.0.0.1", False),
            ("*", "127.0.0.1", False),
            ("", "127.0.0.1", False),
            (",", "127.0.0.1", False),
        ],
    )
    def test_who_is_named(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, trusted: str, host: str, arrives: bool
    ) -> None:
        monkeypatch.setenv(TRUSTED_HOSTS, trusted)
        monkeypatch.delenv("PGHOSTADDR")
        monkeypatch.delenv("PGTARGETSESSIONATTRS")
        with listening() as listener:
            bring(root, "schema-sync.toml", f"host={host} port={listener.port}")
            fetched(root)
        assert (f"{CANARY}-PGPASSWORD".encode() in listener.everything) is arrives

    def test_the_repository_cannot_name_itself(self, root: Path) -> None:
        with listening() as listener:
            bring(root, ".env", f"postgresql://127.0.0.1:{listener.port}/x")
            with (root / ".env").open("a") as file:
                file.write(f"{TRUSTED_HOSTS}=127.0.0.1\n")
            fetched(root)
        assert CANARY.encode() not in listener.everything

    @pytest.mark.parametrize("text", ["host=h service=prod", "host=h sslmode=disable", "host=h sslmode=allow"])
    def test_what_stays_refused(self, root: Path, text: str) -> None:
        with pytest.raises(UsageError):
            repository_address(text, "x", {TRUSTED_HOSTS: "h"}, root)

    @pytest.mark.parametrize("own", SSLMODES)
    @pytest.mark.parametrize("wished", SSLMODES)
    def test_the_stronger_sslmode_wins(self, root: Path, own: str, wished: str) -> None:
        found = repository_address(f"host=h sslmode={own}", "x", {"PGSSLMODE": wished}, root)
        assert found.parameters["sslmode"] == max(own, wished, key=SSLMODES.index)


class TestPooler:
    """supabase/.temp/pooler-url with SUPABASE_DB_PASSWORD: the repository's address, and the user's password."""

    @pytest.fixture(autouse=True)
    def password(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUPABASE_DB_PASSWORD", f"{CANARY}-db")
        (root / "schema-sync.toml").write_text('source = "dsn"\n')
        (root / "supabase/.temp").mkdir(parents=True)

    @pytest.mark.parametrize(
        "text",
        [
            f"{POOLER}:6543/postgres?host=evil.example&hostaddr=127.0.0.1&port={{port}}&sslmode=disable",
            f"{POOLER}:{{port}}/postgres?hostaddr=127.0.0.1",
            f"{POOLER},evil.example:{{port}}/postgres",
            f"{POOLER}:5432,127.0.0.1:{{port}}/postgres",
            f"{POOLER}/postgres?host=127.0.0.2,127.0.0.1&port={{port}},{{port}}",
            f"{POOLER}/postgres?host=/tmp",
            f"{POOLER}/postgres?service=prod",
            f"{POOLER}/postgres?sslmode=prefer",
            f"{POOLER}/postgres?sslmode=disable",
            f"{POOLER}/postgres?sslmode=",
            f"{POOLER}/postgres?sslkeylogfile=keys",
            f"{POOLER}/postgres?options=reference%3Dother",
            f"{POOLER}/postgres?sslrootcert=/etc/passwd",
            f"{POOLER}/postgres?application_name=x",
            f"{POOLER}.evil.example/postgres",
            "postgresql://u@.pooler.supabase.com/postgres",
            "postgresql://u@x%2f.pooler.supabase.com/postgres",
            "postgresql://u@evil%40x.pooler.supabase.com/postgres",
            "postgresql://u@127.0.0.1%2Cx.pooler.supabase.com:{port}/postgres",
            "postgresql://u@x.pooler.supabase.co/postgres",
            "postgresql:///postgres",
            "host=x.pooler.supabase.com hostaddr=127.0.0.1 port={port} user=u",
            "not an address",
            "postgresql://[",
        ],
    )
    def test_what_is_refused(self, root: Path, text: str) -> None:
        with listening() as listener:
            (root / "supabase/.temp/pooler-url").write_text(text.replace("{port}", str(listener.port)))
            error = fetched(root)
        assert isinstance(error, UsageError), error.message
        assert error.message.startswith("supabase/.temp/pooler-url")
        assert CANARY not in error.message + error.hint
        assert listener.received == []

    @pytest.mark.parametrize(
        ("variables", "message"),
        [
            ({"SUPABASE_PROJECT_ID": "other"}, f"is of project {REF}, but SUPABASE_PROJECT_ID is other"),
            ({"SUPABASE_PROJECT_REF": "other"}, f"is of project {REF}, but SUPABASE_PROJECT_REF is other"),
        ],
    )
    def test_another_project(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
    ) -> None:
        (root / "supabase/.temp/pooler-url").write_text(f"{POOLER}:5432/postgres")
        (root / ".env").write_text(f"SUPABASE_PROJECT_ID={REF}\n")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        error = fetched(root)
        assert isinstance(error, UsageError)
        assert message in error.message

    @pytest.mark.parametrize("asking", [CLEARTEXT, MD5, GSS, OAUTH])
    def test_a_listener_on_this_machine_learns_nothing(self, root: Path, asking: bytes) -> None:
        with listening(asking) as listener:
            (root / "supabase/.temp/pooler-url").write_text(f"postgresql://u@127.0.0.1:{listener.port}/postgres")
            assert isinstance(fetched(root), SourceError)
        assert b"user\0u\0" in listener.everything
        assert CANARY.encode() not in listener.everything
        assert listener.everything.endswith(b"\0\0")  # the start-up packet: no password of any kind follows
