"""Which MCP server is started or asked, with what, and what is said where it fails."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli
from schema_sync.errors import SourceError, UsageError
from schema_sync.remote import mcp_client
from schema_sync.sources import mcp
from schema_sync.sources.base import source_called
from sources.doors import MCP, PROJECT, STDIO, TOKEN, doors, fetch

if TYPE_CHECKING:
    from sources.doors import Doors

__all__ = ["doors"]


class TestServers:
    def test_one_that_ends_tells_why(self, doors: Doors) -> None:
        doors.set(SCHEMA_SYNC_MCP_COMMAND=f"sh -c 'echo no luck with {TOKEN} >&2'")
        with pytest.raises(SourceError, match=r"the MCP server ended, or fails: no luck with \*\*\*") as caught:
            fetch(doors, "mcp")
        assert TOKEN not in caught.value.message

    def test_one_that_ends_and_says_nothing(self, doors: Doors) -> None:
        doors.set(SCHEMA_SYNC_MCP_COMMAND="true")
        with pytest.raises(SourceError, match="the MCP server ended, or fails: Connection closed"):
            fetch(doors, "mcp")

    @pytest.mark.thorough
    def test_one_that_never_says_a_word(self, doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mcp_client, "CONNECT_SECONDS", 0.5)
        doors.set(SCHEMA_SYNC_MCP_COMMAND="sh -c 'sleep 600'")
        with pytest.raises(SourceError, match="does not answer in time"):
            fetch(doors, "mcp")

    def test_one_that_talks_nonsense(self, doors: Doors, capfd: pytest.CaptureFixture[str]) -> None:
        doors.set(SCHEMA_SYNC_MCP_COMMAND=f"sh -c 'echo {TOKEN}; cat > /dev/null'")
        with pytest.raises(SourceError), pytest.MonkeyPatch.context() as patched:
            patched.setattr(mcp_client, "CONNECT_SECONDS", 2.0)
            fetch(doors, "mcp")
        assert capfd.readouterr() == ("", "")

    def test_what_the_sdk_logs_of_it_is_not_shown(self) -> None:  # pytest has handlers of its own
        log = "import logging, schema_sync.remote.mcp_client; logging.getLogger('mcp.client.stdio').error('nonsense')"
        done = subprocess.run([sys.executable, "-c", log], capture_output=True, text=True, check=True)
        assert done.stdout + done.stderr == ""

    def test_one_that_cannot_be_started(self, doors: Doors, capsys: pytest.CaptureFixture[str]) -> None:
        doors.set(SCHEMA_SYNC_MCP_COMMAND="no-such-program")
        assert cli.run(["check", "--source", "mcp"]) == 2
        assert "no-such-program cannot be started" in capsys.readouterr().err

    @pytest.mark.parametrize("source", ["mcp", "management"])
    def test_without_the_package(
        self, doors: Doors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], source: str
    ) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        assert cli.run(["check", "--source", source]) == 2
        extra = {"management": "http"}.get(source, source)
        assert f"Hint: pip install 'supabase-schema-sync[{extra}]'" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "command", ["x --features=docs", "x --access-token y", "x --project-ref z", "x --http", "x 'y"]
    )
    def test_what_the_command_may_not_hold(self, doors: Doors, command: str) -> None:
        doors.set(SCHEMA_SYNC_MCP_COMMAND=command)
        with pytest.raises(UsageError, match="SCHEMA_SYNC_MCP_COMMAND"):
            fetch(doors, "mcp")

    def test_what_is_asked_of_it(self, doors: Doors) -> None:
        doors.unset("SUPABASE_API_URL")
        doors.unset("SCHEMA_SYNC_MCP_COMMAND")
        doors.set(npm_config_registry="https://registry.example", SECRET="x", SUPABASE_PROJECT_ID="-p --x")
        place = mcp.place(doors.request("mcp"))
        assert place.command == (
            *("npx", "-y", "@supabase/mcp-server-supabase@0.13.0", "--read-only"),
            *("--project-ref=-p --x", "--features=database,development"),
        )
        assert place.variables == {
            "npm_config_ignore_scripts": "true",
            "npm_config_registry": "https://registry.example",
            "SUPABASE_ACCESS_TOKEN": TOKEN,
        }

    def test_over_http(self, doors: Doors) -> None:
        place = mcp.place(doors.request("mcp:https://mcp.supabase.com/mcp?project_ref=other&features=database"))
        assert place.address == (
            "https://mcp.supabase.com/mcp?project_ref=other&features=database%2Cdevelopment&read_only=true"
        )
        assert place.describe == "https://mcp.supabase.com/mcp"
        assert place.headers == {"Authorization": f"Bearer {TOKEN}"}
        local = mcp.place(doors.request("mcp:local"))
        assert local.address.startswith(f"http://127.0.0.1:54321/mcp?project_ref={PROJECT}&")
        (doors.root / "supabase").mkdir()
        (doors.root / "supabase/config.toml").write_text("[api]\nport = 6000\n")
        assert mcp.place(doors.request("mcp:local")).describe == "http://127.0.0.1:6000/mcp"

    @pytest.mark.parametrize(
        "address",
        [
            "https://mcp.supabase.com/mcp?read_only=false",
            "https://mcp.supabase.com/mcp?features=database,account",
            "https://u:p@mcp.supabase.com/mcp",
            "ftp://mcp.supabase.com",
            "http://[",
            "https://",
            "http://mcp.supabase.com/mcp",
            "https://example.com/mcp",
            "https://abc.supabase.co/functions/v1/mcp",
        ],
    )
    def test_addresses_that_are_refused(self, doors: Doors, address: str) -> None:
        with pytest.raises(UsageError):
            mcp.place(doors.request(f"mcp:{address}"))

    def test_a_server_that_asks_for_a_token(self, doors: Doors) -> None:
        with doors.source("HTTP") as word:
            doors.unset("SUPABASE_ACCESS_TOKEN")
            with pytest.raises(SourceError, match=r"/mcp refuses the access token \(401\)"):
                fetch(doors, word)

    def test_an_address_without_a_server(self, doors: Doors) -> None:
        with pytest.raises(SourceError, match=r"there is no MCP server at http://127.0.0.1:\d+/x \(404\)"):
            fetch(doors, f"mcp:{doors.api.url}/x")

    @pytest.mark.parametrize("door", MCP)
    @pytest.mark.thorough
    def test_doctor_tells_of_the_project(self, doors: Doors, door: str) -> None:
        with doors.source(door) as word:
            probe = source_called("mcp").probe  # type: ignore[union-attr]
            assert probe is not None
            said = probe(doors.request(word))
            assert "PostgreSQL 18" in said
            if door in STDIO:
                assert said.startswith("project prj_abc123: Atoms, eu-central-1, ACTIVE_HEALTHY, PostgreSQL")
                doors.api.status = "INACTIVE"
                with pytest.raises(SourceError, match="the project Atoms is not running: INACTIVE"):
                    probe(doors.request(word))

    def test_a_token_that_sees_no_project(self, doors: Doors) -> None:
        for door in ("management", "stdio"):
            doors.api.fail("403", times=1)
            with doors.source(door) as word:
                probe = source_called(word).probe  # type: ignore[union-attr]
                assert probe is not None
                said = probe(doors.request(word))
            assert re.search(r"PostgreSQL 18\S* \(.*privileges", said)
