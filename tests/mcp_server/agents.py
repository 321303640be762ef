"""Agents for tests: the SDK's client, joined to a server in the same process, over stdio or over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitResult

from schema_sync.cli import EXIT_INTERRUPTED
from schema_sync.mcp_server import server
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from mcp_types import CallToolResult

    from conftest import Database

CONNECTIONS = (
    pytest.param("memory", "auto", id="memory auto"),
    pytest.param("stdio", "legacy", id="stdio legacy"),
    pytest.param("memory", "legacy", id="memory legacy", marks=pytest.mark.thorough),
    pytest.param("stdio", "auto", id="stdio auto", marks=pytest.mark.thorough),
)
EACH = pytest.mark.parametrize(("place", "mode"), CONNECTIONS)
MODES = pytest.mark.parametrize("mode", ["auto", "legacy"])
COMMAND = [sys.executable, "-m", "schema_sync"]
_HEEDING_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
# where a shell has started the tests in the background, interrupts are ignored
INTERRUPTIBLE = [sys.executable, "-c", f"{_HEEDING_INTERRUPTS}; from schema_sync.cli import main; main()"]

CODE = """from enum import Enum
from typing import Optional, TypedDict


class Mood(Enum):
    SAD = "sad"


class PersonRow(TypedDict):
    id: int
    name: str  # shown to all
    mood: Optional[str]
    nick: str
"""
TABLES = """
create type mood as enum ('sad', 'ok');
create table people (
  id bigint generated always as identity primary key, name text not null default 'nobody', mood mood,
  token text default 'sk_live_51Habc', check (name <> 'hunter22x')
);
comment on table people is 'who we know';
create table pets (id int primary key, owner bigint not null references people on delete cascade);
create index on pets (owner);
alter table pets enable row level security;
create policy own on pets for select to public using (owner = 1);
create function age(born date) returns int language sql as $$ select 1 $$;
"""


@pytest.fixture
def source(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project that differs from its database, in the current directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/people.py").write_text(CODE)
    database.run(TABLES)
    return database.dsn


class Agent:
    """A client, what it was asked to confirm, and the progress it saw."""

    def __init__(self, answer: Callable[[], ElicitResult] | None) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.progress: list[tuple[float, str | None]] = []
        self.client: Client

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return the structured answer of *tool*; it has to be no error."""
        result = await self.result(tool, **arguments)
        assert not result.is_error, result.content
        assert isinstance(result.structured_content, dict)
        return result.structured_content

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Return the text of the error that *tool* answers with."""
        result = await self.result(tool, **arguments)
        assert result.is_error, result.structured_content
        return text_of(result)

    async def result(self, tool: str, **arguments: Any) -> CallToolResult:
        self.progress.clear()
        return await self.client.call_tool(tool, arguments, progress_callback=self._told)

    async def pages(self, tool: str, **arguments: Any) -> list[dict[str, Any]]:
        """Return all pages of an answer."""
        found = [await self.call(tool, **arguments)]
        while "next_cursor" in found[-1]:
            found.append(await self.call(tool, **{**arguments, "cursor": found[-1]["next_cursor"]}))
        return found

    async def _told(self, progress: float, total: float | None, message: str | None) -> None:
        assert total == 1
        self.progress.append((progress, message))

    async def confirm(self, _: Any, params: Any) -> ElicitResult:
        self.asked.append(params.message)
        assert self.answer is not None
        return self.answer()


def accept(*, write: bool = True) -> ElicitResult:
    return ElicitResult(action="accept", content={"write": write})


def text_of(result: CallToolResult) -> str:
    return "".join(getattr(block, "text", "") for block in result.content)


@asynccontextmanager
async def connected(
    place: str,
    mode: str,
    source: str,
    *,
    answer: Callable[[], ElicitResult] | None = None,
    token: str = "",
) -> AsyncIterator[Agent]:
    """Join an agent to a server for the project in the current directory, which reads *source*.

    *place* is ``memory``, ``stdio`` or the address of one that serves HTTP.
    """
    agent = Agent(answer)
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=300)
    ends: dict[str, Callable[[], Any]] = {
        "memory": lambda: server.build(lambda p: projects.open_project(Path.cwd(), source=source, progress=p)),
        "stdio": lambda: StdioServerParameters(
            command=COMMAND[0],
            args=[*COMMAND[1:], "--source", source, "mcp"],
            cwd=str(Path.cwd()),
            env=dict(os.environ),  # PYTHONPATH too: the server is to be the one that is tested
        ),
    }
    end = ends.get(place, lambda: streamable_http_client(place, http_client=http))()
    callback = {} if answer is None else {"elicitation_callback": agent.confirm}
    async with http, Client(end, mode=mode, **callback) as client:
        agent.client = client
        yield agent


def run(script: Callable[[Agent], Awaitable[None]], place: str, mode: str, source: str, **how: Any) -> Agent:
    """Let an agent follow *script*, and return it."""
    agents: list[Agent] = []

    async def main() -> None:
        with anyio.fail_after(300):
            async with connected(place, mode, source, **how) as agent:
                agents.append(agent)
                await script(agent)

    try:
        anyio.run(main)
    except ExceptionGroup as group:  # the client's tasks wrap what the script raises
        raise next(_leaves(group)) from None
    return agents[0]


def _leaves(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


@contextmanager
def over_http(source: str, *options: str, **environment: str) -> Iterator[str]:
    """Yield the address of a server in a process of its own."""
    program = [*INTERRUPTIBLE, "--source", source, "mcp", "--http", "--port", "0", *options]
    with subprocess.Popen(
        program, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        assert process.stderr is not None
        try:
            yield process.stderr.readline().split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == EXIT_INTERRUPTED
