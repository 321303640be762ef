"""The server as a process: on HTTP, with and without a token, and its log."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import httpx2
import pytest
from agents import COMMAND, INTERRUPTIBLE, MODES, Agent, accept, over_http, run, source
from mcp import MCPError

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["source"]


@pytest.mark.thorough
class TestServing:
    @MODES
    def test_over_http(self, source: str, mode: str) -> None:
        async def look(agent: Agent) -> None:
            assert not (await agent.call("check"))["in_sync"]
            assert (await agent.call("update"))["status"] == "written"

        with over_http(source) as address:
            agent = run(look, address, mode, source, answer=accept)
        assert len(agent.asked) == 1

    @MODES
    def test_with_a_token(self, source: str, mode: str) -> None:
        async def look(agent: Agent) -> None:
            assert (await agent.call("list"))["total"] == 2

        with over_http(source, "--host", "0.0.0.0", SCHEMA_SYNC_MCP_TOKEN="s3same") as told:
            address = told.replace("0.0.0.0", "127.0.0.1")
            run(look, address, mode, source, token="s3same")
            for wrong in ("", "s3sam", "s3same2"):
                with pytest.raises(MCPError, match="error response"):
                    run(look, address, mode, source, token=wrong)
            proxied = {
                "Authorization": "Bearer s3same",
                "Host": "schemas.example",
                "Origin": "https://schemas.example",
            }
            assert httpx2.post(address, json={}, headers=proxied).status_code not in {401, 403, 421}
            refused = httpx2.post(address, json={}, headers={"Authorization": b"Bearer \xff"})
            assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")

    def test_from_another_folder(self, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        async def look(agent: Agent) -> None:
            assert (await agent.call("diff", name="PersonRow"))["findings"]

        monkeypatch.chdir("/")
        with over_http(source, "--directory", str(tmp_path)) as address:
            run(look, address, "auto", source)

    def test_not_to_everybody(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SCHEMA_SYNC_MCP_TOKEN", raising=False)
        for host in ("0.0.0.0", "::", "example.org", "127.0.0.2", "0::1"):
            assert cli.run(["mcp", "--http", "--host", host]) == 2
            assert "SCHEMA_SYNC_MCP_TOKEN is not set" in capsys.readouterr().err

    def test_an_address_in_use(self, source: str, capsys: pytest.CaptureFixture[str]) -> None:
        with over_http(source) as address:
            port = address.rsplit(":", 1)[1].split("/")[0]
            assert cli.run(["mcp", "--http", "--port", port]) == 2
        assert f"cannot serve on 127.0.0.1:{port}" in capsys.readouterr().err

    def test_another_sites_pages_are_refused(self, source: str) -> None:
        with over_http(source) as address:
            for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
                assert httpx2.post(address, headers=headers, json={}).status_code in {403, 421}

    def test_without_the_package(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        assert cli.run(["mcp"]) == 2
        assert "pip install 'supabase-schema-sync[mcp]'" in capsys.readouterr().err

    def test_the_log_shows_no_secret(self, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", "c4n4ry-of-a-key")
        monkeypatch.setenv("SCHEMA_SYNC_MCP_TOKEN", "c4n4ry-to-bear")
        name = "c4n4ry-of-a-key, c4n4ry-to-bear"
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name}}
        start = {
            "jsonrpc": "2.0",
            "id": 0,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "x", "version": "1"},
            },
        }
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        program = subprocess.run(
            [*COMMAND, "-v", "--source", source, "mcp"],
            input="".join(json.dumps(each) + "\n" for each in (start, ready, message)),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "c4n4ry" not in program.stderr
        assert "'***, ***'" in program.stderr
        assert all(json.loads(line)["jsonrpc"] == "2.0" for line in program.stdout.splitlines())

    def test_a_client_that_goes_away(self, source: str) -> None:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        with subprocess.Popen(
            [*COMMAND, "--source", source, "mcp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.close()
            _, said = process.communicate(json.dumps(asked) + "\n", timeout=60)
        assert (process.returncode, said) == (0, "")

    def test_a_person_who_starts_it_is_told_and_can_end_it(self, source: str) -> None:
        ours, theirs = pty.openpty()
        program = [*INTERRUPTIBLE, "--source", source, "mcp"]
        with subprocess.Popen(program, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            assert b"an agent starts this command" in process.stderr.readline()
            time.sleep(0.5)  # now it waits for stdin
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == -signal.SIGINT
        os.close(ours)
        os.close(theirs)
