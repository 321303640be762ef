"""Where a project and its secrets are found, what wins, and where no secret goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.request import Request
from schema_sync.postgres import connection
from schema_sync.remote import credentials
from schema_sync.sources import dsn
from schema_sync.sources.auto import choose

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

REF = "abcdefghijklmnopqrst"
OPEN = {"SUPABASE_ACCESS_TOKEN": "t", "SUPABASE_PROJECT_ID": "p"}
POOLED = f"postgresql://postgres.{REF}@aws-0-eu-central-1.pooler.supabase.com:5432/postgres"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def request(root: Path, project: str = "", **variables: str) -> Request:
    return Request(
        schemas=("public",),
        root=root,
        environment={"HOME": str(root / "home"), **variables},
        lock="x",
        project=project,
    )


class TestDotenv:
    def test_the_environment_wins_whatever_the_name(self, root: Path) -> None:
        write(root, ".env", "SUPABASE_DB_URL=theirs\nDATABASE_URL=x\n")
        asked = request(root, DATABASE_URL="ours", SUPABASE_DB_URL="")
        found = credentials.setting(asked, *credentials.DSN)
        assert found is not None
        assert (found.name, found.value, found.place) == ("DATABASE_URL", "ours", "DATABASE_URL")
        found = credentials.setting(request(root), *credentials.DSN)
        assert found is not None
        assert (found.value, found.is_set) == ("theirs", "SUPABASE_DB_URL in .env is set")

    def test_its_forms(self, root: Path) -> None:
        text = "\ufeff# remark\nexport A=1\nB='x # y' # z\nC=\"a\\nb\"\nD=${A}${HOME}\nE\nF=\n"
        write(root, ".env", text)
        assert credentials.dotenv(root) == {"A": "1", "B": "x # y", "C": "a\nb", "D": "${A}${HOME}"}

    def test_one_that_cannot_be_read(self, root: Path) -> None:
        (root / ".env").write_bytes(b"A=\xff")
        with pytest.raises(UsageError, match=r"\.env cannot be read: not UTF-8"):
            credentials.token(request(root))

    def test_it_starts_no_program(self, root: Path) -> None:
        from schema_sync.sources import mcp

        write(root, ".env", "SCHEMA_SYNC_MCP_COMMAND=touch pwned\n")
        asked = request(root, SUPABASE_ACCESS_TOKEN="t", SUPABASE_PROJECT_ID="p")
        assert mcp.place(asked).command[0] == "npx"


class TestToken:
    def test_its_places(self, root: Path) -> None:
        assert credentials.token(request(root)) is None
        write(root, "home/.supabase/access-token", "of-login\n")
        found = credentials.token(request(root))
        assert found is not None
        assert (found.value, found.is_set) == ("of-login", "~/.supabase/access-token exists")
        write(root, ".env", "SUPABASE_ACCESS_TOKEN=of-dotenv\n")
        found = credentials.token(request(root))
        assert found is not None
        assert found.value == "of-dotenv"
        assert credentials.token(request(root, HOME="")) == found

    @pytest.mark.parametrize("token", ["a b", "a\nb", "é"])
    def test_one_that_no_header_can_carry(self, root: Path, token: str) -> None:
        with pytest.raises(UsageError, match="SUPABASE_ACCESS_TOKEN holds white space") as caught:
            credentials.token(request(root, SUPABASE_ACCESS_TOKEN=token))
        assert token not in caught.value.message


class TestProject:
    def test_its_places_from_the_last_to_the_first(self, root: Path) -> None:
        def found(project: str = "", **variables: str) -> tuple[str, str] | None:
            each = credentials.project(request(root, project, **variables))
            return each and (each.value, each.place)

        assert found() is None
        write(root, "supabase/config.toml", 'project_id = "my-app"\n')
        assert found() is None
        write(root, "supabase/config.toml", f'project_id = "{REF}"\n')
        assert found() == (REF, "supabase/config.toml")
        assert found(SUPABASE_URL="https://own.example.com") == (REF, "supabase/config.toml")
        assert found(SUPABASE_URL="https://byurl.supabase.co") == ("byurl", "SUPABASE_URL")
        write(root, "supabase/.temp/project-ref", "linked\n")
        assert found(SUPABASE_URL="https://byurl.supabase.co") == ("linked", "supabase/.temp/project-ref")
        write(root, ".env", "SUPABASE_PROJECT_ID=dotenv\n")
        assert found() == ("dotenv", "SUPABASE_PROJECT_ID in .env")
        assert found(SUPABASE_PROJECT_REF="ref") == ("ref", "SUPABASE_PROJECT_REF")
        assert found("given", SUPABASE_PROJECT_ID="id") == ("given", "--project-id")

    @pytest.mark.parametrize("project", ["prj_abc123", "a/../b?c#d", "-x", "ü 1", "%2e"])
    def test_any_text_is_one(self, root: Path, project: str) -> None:
        found = credentials.project(request(root, project))
        assert found is not None
        assert found.value == project

    @pytest.mark.parametrize("project", ["..", ".", "a\nb", "a\x00b"])
    def test_but_what_no_address_carries(self, root: Path, project: str) -> None:
        with pytest.raises(UsageError, match="--project-id is not a project id"):
            credentials.project(request(root, project))

    def test_a_broken_config(self, root: Path) -> None:
        write(root, "supabase/config.toml", "=")
        with pytest.raises(UsageError, match=r"supabase/config\.toml cannot be read"):
            credentials.project(request(root))


class TestConnectionStrings:
    def test_the_pooler_with_its_password(self, root: Path) -> None:
        write(root, "supabase/.temp/pooler-url", POOLED)
        assert credentials.connection_string(request(root)) is None
        write(root, ".env", "SUPABASE_DB_PASSWORD='p@s/s:w%rd'\n")
        found = credentials.connection_string(request(root))
        assert found is not None
        assert connection.parsed(found.value) == {
            **connection.parsed(POOLED), "password": "p@s/s:w%rd", "sslmode": "require",
        }  # fmt: skip
        assert found.is_set == "SUPABASE_DB_PASSWORD with supabase/.temp/pooler-url in .env is set"
        assert credentials.project_of(found.value) == REF

    def test_it_is_tried(self, root: Path) -> None:
        write(
            root,
            "supabase/.temp/pooler-url",
            f"postgresql://postgres.{REF}:[YOUR-PASSWORD]@127.0.0.1:1/postgres",
        )
        asked = request(root, SUPABASE_DB_PASSWORD="c4n4ry/@")
        source, _, why = choose("auto", asked)
        assert (source.name, why) == ("dsn", "SUPABASE_DB_PASSWORD with supabase/.temp/pooler-url is set")
        with pytest.raises(
            SourceError, match=f"cannot connect to postgresql://postgres.{REF}@127.0.0.1:1/postgres"
        ):
            source.fetch(asked)

    @pytest.mark.parametrize("host", ["evil.example", "x.supabase.co", "pooler.supabase.com.evil.example"])
    def test_a_password_goes_to_supabase_only(self, root: Path, host: str) -> None:
        write(root, "supabase/.temp/pooler-url", f"postgresql://u@{host}/postgres")
        with pytest.raises(UsageError, match=f"leads to {host}, which is not Supabase's"):
            credentials.connection_string(request(root, SUPABASE_DB_PASSWORD="x"))

    @pytest.mark.parametrize(
        ("string", "project"),
        [
            (POOLED, REF),
            (f"postgresql://postgres:x@db.{REF}.supabase.co:5432/postgres", REF),
            (f"host=aws.pooler.supabase.com user=postgres.{REF} password=x", REF),
            (f"host=db.{REF}.supabase.co user=postgres", REF),
            ("postgresql://postgres@localhost/db", None),
        ],
    )
    def test_which_project_one_names(self, string: str, project: str | None) -> None:
        assert credentials.project_of(string) == project


class TestTrust:
    ADDRESSES = (
        "https://api.supabase.com",
        "https://mcp.supabase.com/mcp",
        "http://localhost:1",
        "http://[::1]:1",
    )

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_supabase_and_this_machine(self, root: Path, address: str) -> None:
        asked = request(root, SUPABASE_ACCESS_TOKEN="t")
        token = credentials.token(asked)
        assert token is not None
        credentials.require_trust(asked, address, token)

    @pytest.mark.parametrize("name", ["SUPABASE_API_URL", "SUPABASE_URL"])
    def test_who_vouches_for_a_host(self, root: Path, name: str) -> None:
        address = "https://api.example.com"
        for variables, dotenv, trusted in (
            ({"SUPABASE_ACCESS_TOKEN": "t", name: address}, "", True),
            ({"SUPABASE_ACCESS_TOKEN": "t"}, f"{name}={address}", False),
            ({}, f"SUPABASE_ACCESS_TOKEN=t\n{name}={address}", True),
            ({"SUPABASE_ACCESS_TOKEN": "t", name: "https://["}, "", False),
        ):
            write(root, ".env", dotenv)
            asked = request(root, **variables)
            token = credentials.token(asked)
            assert token is not None
            if trusted:
                credentials.require_trust(asked, address, token)
                continue
            with pytest.raises(UsageError, match=r"would go to api\.example\.com, which is not Supabase's"):
                credentials.require_trust(asked, address, token)

    def test_nothing_goes_unencrypted(self, root: Path) -> None:
        asked = request(root, SUPABASE_API_URL="http://10.0.0.1", **OPEN)
        with pytest.raises(UsageError, match=r"would go to 10\.0\.0\.1 unencrypted"):
            choose("management", asked)[0].fetch(asked)


class TestAuto:
    def test_the_order(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert choose("auto", request(root, DATABASE_URL="x", **OPEN))[0].name == "dsn"
        source, _, why = choose("auto", request(root, **OPEN))
        assert (source.name, why) == (
            "management",
            "SUPABASE_ACCESS_TOKEN is set, and SUPABASE_PROJECT_ID is set",
        )
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "httpx" else name)
        assert choose("auto", request(root, **OPEN))[0].name == "mcp"
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        assert choose("auto", request(root, **OPEN))[0].name == "management"
        with pytest.raises(UsageError, match="no source is configured"):
            choose("auto", request(root, SUPABASE_ACCESS_TOKEN="t"))

    def test_another_project_by_option(self, root: Path) -> None:
        def taken(project: str, string: str, **variables: str) -> str:
            return choose("auto", request(root, project, DATABASE_URL=string, **variables))[0].name

        assert taken(REF, POOLED, **OPEN) == "dsn"
        assert taken("other", POOLED, **OPEN) == "management"
        assert taken("other", "postgresql://localhost/d", **OPEN) == "management"
        assert taken("other", "postgresql://localhost/d") == "dsn"
        with pytest.raises(UsageError, match="no source is configured"):
            taken("other", POOLED)

    def test_a_connection_string_of_another_project(self, root: Path, database: Database) -> None:
        asked = request(root, "other", DATABASE_URL=POOLED)
        with pytest.raises(UsageError, match=f"the connection string is of project {REF}, not other"):
            dsn.SOURCE.fetch(asked)
        fetched = dsn.SOURCE.fetch(request(root, "other", DATABASE_URL=database.dsn))
        assert fetched.notes == (
            "--project-id other is not used: the connection string says which database is read",
        )
