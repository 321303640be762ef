"""What the calls of one server share, and how each of them looks at the project."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from schema_sync.errors import SchemaSyncError
from schema_sync.mcp_server.pages import Pages

if TYPE_CHECKING:
    from schema_sync.app import Project
    from schema_sync.sources.base import Progress

Result = TypeVar("Result")
WRITING = 0.95  # how far a call is when it begins to write
_READ = 0.9  # and when the source has been read


class State:
    """The project's folder and settings are the server's; no call can name another."""

    def __init__(self, open_project: Callable[[Progress], Project]) -> None:
        self.open_project = open_project
        self.pages = Pages()
        self.turn = anyio.CapacityLimiter(1)  # one look at a time: an update must not run into a check


Call: TypeAlias = Context[State, Any]


async def on_project(call: Call, what: str, work: Callable[[Project], Result], *, progress: float = 0) -> Result:
    """Return what *work* makes of the project, done in a thread; *what* is said as how far the call is, of 1.

    Raises:
        ToolError: if the project or its source is at fault; it says what, and what to do.
    """
    state = state_of(call)

    def look() -> Result:
        return work(state.open_project(lambda steps: _reported(call, steps)))

    await call.report_progress(progress, 1, what)
    try:
        return await anyio.to_thread.run_sync(look, limiter=state.turn)
    except SchemaSyncError as error:
        raise refusal(error) from error


def refusal(error: SchemaSyncError) -> ToolError:
    """Return *error* as an agent is told it."""
    return ToolError(f"{error.message}\nHint: {error.hint}" if error.hint else error.message)


def state_of(call: Call) -> State:
    """Return the state of the server that is called."""
    return call.request_context.lifespan_context


@contextmanager
def _reported(call: Call, steps: Sequence[Path]) -> Generator[Iterable[Path]]:
    """Yield *steps*; how far they are is reported, in whole percents, from the thread that takes them."""

    def each() -> Iterator[Path]:
        told = 0
        for number, step in enumerate(steps):
            yield step
            percent = int((number + 1) * 100 * _READ / len(steps))
            if percent > told:
                told = percent
                anyio.from_thread.run(call.report_progress, percent / 100, 1, f"Replayed {step.name}")

    yield each()
