"""A project through PostgREST: what it is asked, with which key, and what it refuses."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from postgrest_project import door

import laws
from doubles import postgrest as double_of
from doubles.postgrest import Double, reply
from schema_sync import cli
from schema_sync.errors import UsageError
from schema_sync.remote import http
from schema_sync.sources import postgrest
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Database

__all__ = ["door"]  # fixture


SIMPLE = "create table users (id uuid primary key, name text not null)"


class TestTheDoor:
    """Keys, refusals and failures: a message that says what to do, exit code 3, and no wait without end."""

    @pytest.fixture
    def refused(
        self, door: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> Callable[..., str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(http, "FIRST_DELAY_SECONDS", 0.01)

        def run(*arguments: str, code: int = 3) -> str:
            assert cli.run(["check", *(arguments or ("--source", "postgrest"))]) == code
            out, err = capsys.readouterr()
            for key in (double_of.SERVICE_KEY, double_of.SECRET_KEY):
                assert key not in out + err
            assert "Traceback" not in err
            return err

        return run

    def test_a_legacy_key_is_also_the_bearer(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(SIMPLE)
        laws.check(tmp_path, "postgrest")
        (asked,) = door.asked
        assert asked["path"] == "/rest/v1/"
        assert asked["apikey"] == double_of.SERVICE_KEY
        assert asked["authorization"] == f"Bearer {double_of.SERVICE_KEY}"
        assert asked["accept-profile"] == "public"

    @pytest.mark.parametrize(
        "name", ["SUPABASE_SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY", "SUPABASE_KEY"]
    )
    def test_a_secret_key_is_none(
        self, tmp_path: Path, database: Database, door: Double, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        database.run(SIMPLE)
        monkeypatch.delenv("SUPABASE_SERVICE_KEY")
        monkeypatch.setenv(name, f" {double_of.SECRET_KEY}\n")
        monkeypatch.setenv("SUPABASE_URL", f"{door.url}/rest/v1/")
        laws.check(tmp_path, "auto")
        (asked,) = door.asked
        assert "authorization" not in asked
        assert asked["user-agent"].startswith("schema-sync/")

    def test_two_schemas_are_two_documents(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(
            f'{SIMPLE}; create schema "Ünder"; create table "Ünder".t (a int); grant all on "Ünder".t to service_role'
        )
        door.exposed = ("public", "Ünder")
        project = projects.open_project(tmp_path, source="postgrest", schemas=("public", "Ünder"))
        assert [str(r.name) for r in checks.check(project).fetched.catalog.relations] == [
            "public.users",
            "Ünder.t",
        ]
        assert len(door.asked) == 2

    @pytest.mark.parametrize("key", [double_of.ANON_KEY, double_of.PUBLISHABLE_KEY, "a key", "schlüssel", "x\ny"])
    def test_a_key_that_cannot_do_is_not_sent(
        self, refused: Callable[..., str], door: Double, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", key)
        err = refused()
        assert "SUPABASE_SERVICE_KEY holds" in err
        assert "service_role" in err
        assert key not in err
        assert not door.asked

    def test_a_wrong_key(self, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", "sb_secret_wrong")
        assert "refuses the key in SUPABASE_SERVICE_KEY: Invalid API key" in refused()

    def test_a_schema_that_is_not_exposed(self, refused: Callable[..., str]) -> None:
        err = refused("--source", "postgrest", "--schema", "private")
        assert "schema private is not exposed" in err
        assert "Only the following schemas are exposed: public" in err

    def test_nothing_to_see(self, refused: Callable[..., str], database: Database) -> None:
        assert "shows no table in public" in refused()
        database.run(SIMPLE + "; revoke all on users from service_role")
        assert "the key's role may see none" in refused()

    @pytest.mark.parametrize(
        ("status", "body", "headers", "says"),
        [
            (540, "<html>paused</html>", {}, "is paused"),
            (200, "<!DOCTYPE html><HTML>", {}, "is not an API of a Supabase project: HTTP 200, a web page"),
            (404, {"message": "no Route matched"}, {}, "is not an API of a Supabase project: HTTP 404"),
            (200, {"hello": "world"}, {}, "is not an API of a Supabase project: HTTP 200, application/json"),
            (200, {"swagger": "2.0", "info": {"title": "mine"}}, {}, "by a function of its own"),
            (200, "[" * 100_000, {}, "is not an API"),
            (404, {"code": "PGRST126", "message": "Root endpoint metadata is disabled"}, {}, "does not describe itself"),
            (302, "", {"Location": "https://evil.example/rest/v1/"}, "redirects to evil.example; a key is not sent on"),
            (301, "", {"Location": "/elsewhere/"}, "redirects to /elsewhere/"),
            (400, {"message": "odd " + double_of.SERVICE_KEY}, {}, "HTTP 400: odd ***"),
            (429, {"message": "slow down"}, {"Retry-After": "3600"}, "asked too often: slow down"),
            (503, {"message": "down"}, {"Retry-After": "0"}, "HTTP 503: down"),
        ],
        ids=lambda value: str(value)[:24],
    )  # fmt: skip
    def test_answers_of_other_kinds(
        self, refused: Callable[..., str], door: Double, status: int, body: Any, headers: dict[str, str], says: str
    ) -> None:
        def answer(_: Double, handler: Any) -> bool:
            reply(handler, status, body, headers)
            return True

        door.answer = answer
        assert says in refused()
        assert len(door.asked) == (postgrest.ATTEMPTS if status == 503 else 1)

    @pytest.mark.parametrize("header", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"])
    def test_what_passes_is_tried_again(
        self, tmp_path: Path, database: Database, door: Double, monkeypatch: pytest.MonkeyPatch, header: str
    ) -> None:
        monkeypatch.setattr(http, "FIRST_DELAY_SECONDS", 0.01)

        def answer(double: Double, handler: Any) -> bool:
            if len(double.asked) < 3:
                reply(handler, (429, 500)[len(double.asked) - 1], {"message": "not now"}, {"Retry-After": header})
            return len(double.asked) < 3

        database.run(SIMPLE)
        door.answer = answer
        assert len(laws.check(tmp_path, "postgrest").fetched.catalog.relations) == 1
        assert len(door.asked) == 3

    def test_no_answer_at_all(
        self, refused: Callable[..., str], door: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgrest, "TOTAL_SECONDS", 60.0)
        monkeypatch.setattr(postgrest, "READ_SECONDS", 0.2)
        over = threading.Event()

        def answer(_: Double, handler: Any) -> bool:
            over.wait(60)
            return True

        door.answer = answer
        try:
            assert "does not answer in time" in refused()
        finally:
            over.set()

    def test_an_answer_without_end(
        self, refused: Callable[..., str], door: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgrest, "LARGEST_BYTES", 1_000_000)

        def answer(_: Double, handler: Any) -> bool:
            handler.send_response(200)
            handler.end_headers()
            try:
                for _ in range(100):
                    handler.wfile.write(b" " * (1 << 16))
            except OSError:
                handler.close_connection = True
            return True

        door.answer = answer
        assert "answers with more than 1 MB" in refused()

    def test_a_lost_connection(self, refused: Callable[..., str], door: Double) -> None:
        def answer(_: Double, handler: Any) -> bool:
            handler.close_connection = True
            return True

        door.answer = answer
        assert "cannot connect to 127.0.0.1" in refused()
        assert len(door.asked) == postgrest.ATTEMPTS

    @pytest.mark.parametrize(
        ("address", "says"),
        [
            ("http://abc.supabase.co", "the key would travel to abc.supabase.co in the clear"),
            ("http://10.0.0.1:8000", "in the clear"),
            ("https://user:pw@abc.supabase.co", "holds credentials"),
            ("abc.supabase.co", "is not an address of a project"),
            ("postgresql://a@b/c", "is not an address of a project"),
            ("https://abc.supabase.co/?apikey=1", "is not an address of a project"),
            ("https://[::1", "is not an address"),
            ("https://u:pw/x@abc.supabase.co", "is not an address"),
            ("https://no-such-host.invalid", "no host no-such-host.invalid is known"),
            ("http://127.0.0.1:9", "cannot connect to 127.0.0.1"),
        ],
    )
    def test_addresses(
        self, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, address: str, says: str
    ) -> None:
        monkeypatch.setenv("SUPABASE_URL", address)
        err = refused()
        assert says in err
        assert "pw" not in err

    def test_what_is_missing(self, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
        assert "takes no argument" in refused("--source", "postgrest:x", code=2)
        monkeypatch.delenv("SUPABASE_SERVICE_KEY")
        assert "no key for SUPABASE_URL" in refused(code=2)
        monkeypatch.delenv("SUPABASE_URL")
        assert "SUPABASE_URL is not set" in refused(code=2)

    def test_without_httpx(self, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "httpx", None)
        assert "pip install 'supabase-schema-sync[http]'" in refused(code=2)

    def test_doctor_looks(self, door: Double, database: Database, tmp_path: Path) -> None:
        database.run(SIMPLE)
        project = projects.open_project(tmp_path, source="postgrest")
        assert (
            postgrest.SOURCE.probe(projects.request(project))
            == f"{door.url}/rest/v1/: PostgREST 14.1, 1 tables and views"
        )
        with pytest.raises(UsageError):
            postgrest.SOURCE.fetch(replace(projects.request(project), environment={}))
