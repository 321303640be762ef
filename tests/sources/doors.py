"""The doors of Supabase's platform, opened for a test: their sources by name, before the double of its API."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from doubles import supabase_mcp
from doubles.management import Api, serving
from schema_sync.model.request import Request
from schema_sync.remote import http
from schema_sync.setup.doctor import VARIABLES
from schema_sync.sources.base import source_called

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Database
    from schema_sync.model.catalog import Catalog
    from schema_sync.model.details import Details
    from schema_sync.postgres.read_only_query import Limits, Rows
    from schema_sync.sources.base import Source

PROJECT = "prj_abc123"
TOKEN = "sbp_c4n4ry0123456789"
STDIO = ("stdio", "stdio, legacy")
MCP = (*STDIO, "HTTP", "HTTP, legacy")
DOORS = ("management", *MCP)


class Doors:
    """The double, and the words for --source behind which it is."""

    def __init__(self, api: Api, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.api = api
        self.root = root
        self.environment = {
            "SUPABASE_ACCESS_TOKEN": TOKEN,
            "SUPABASE_PROJECT_ID": PROJECT,
            "SUPABASE_API_URL": api.url,
            "HOME": str(root / "home"),
            "SCHEMA_SYNC_MCP_COMMAND": "false",  # no test starts npx
        }
        self._monkeypatch = monkeypatch
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(http, "FIRST_DELAY_SECONDS", 0.01)

    def set(self, **variables: str) -> None:
        """Set variables, here and in the process's environment."""
        for name, value in variables.items():
            self.environment[name] = value
            self._monkeypatch.setenv(name, value)

    def unset(self, name: str) -> None:
        del self.environment[name]
        self._monkeypatch.delenv(name)

    @contextmanager
    def source(self, door: str) -> Iterator[str]:
        """Yield the word for --source."""
        if door == "management":
            yield door
            return
        from schema_sync.remote import mcp_client

        self._monkeypatch.setattr(mcp_client, "MODE", "legacy" if door.endswith("legacy") else "auto")
        if door in STDIO:
            self.set(SCHEMA_SYNC_MCP_COMMAND=f"node {supabase_mcp.program()}")
            yield "mcp"
            return
        with supabase_mcp.over_http(self.api.url) as address:
            yield f"mcp:{address}"

    def request(self, word: str, *schemas: str, expressions: bool = False) -> Request:
        return Request(
            argument=word.partition(":")[2],
            schemas=schemas or ("public",),
            root=self.root,
            environment=self.environment,
            lock="schemas/schema_lock.json",
            expressions=expressions,
        )


@pytest.fixture
def doors(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Doors]:
    monkeypatch.chdir(tmp_path)
    with serving(Api(database.dsn, PROJECT, TOKEN)) as api:
        yield Doors(api, monkeypatch, tmp_path)


def fetch(doors: Doors, word: str, *schemas: str, expressions: bool = False) -> Catalog:
    return _source(word).fetch(doors.request(word, *schemas, expressions=expressions)).catalog


def details(doors: Doors, word: str, *schemas: str) -> Details | None:
    return _source(word).fetch(replace(doors.request(word, *schemas), details=True)).details


def query(doors: Doors, word: str, text: str, limits: Limits) -> Rows:
    with _source(word).open(doors.request(word)) as opened:
        assert opened.query is not None
        return opened.query(text, limits)


def _source(word: str) -> Source:
    source = source_called(word.partition(":")[0])
    assert source is not None
    return source
