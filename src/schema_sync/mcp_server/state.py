"""What the calls of one server share, and how each of them looks at the project."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from schema_sync.errors import SchemaSyncError
from schema_sync.mcp_server.pages import Pages
from schema_sync.model.request import Progress
from schema_sync.reports.escaping import printable
from schema_sync.usecases.project import Project

Result = TypeVar("Result")
WRITING = 0.95  # how far a call is when it begins to write
_READ = 0.9  # and when the source has been read
_LONGEST = 2_000  # characters of an error


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
        ToolError: if the project or its source is at fault; it states what, and what to do.
    """
    state = state_of(call)

    steps = _Steps(call)

    def look() -> Result:
        return work(state.open_project(steps.reported))

    await call.report_progress(progress, 1, what)
    try:
        return await anyio.to_thread.run_sync(look, limiter=state.turn)
    except SchemaSyncError as error:
        raise refusal(error) from error


def refusal(error: SchemaSyncError) -> ToolError:
    """Return *error* as an agent is told it: short, and without half characters, which no message may carry.

    A file's name may hold such; the SDK would end the whole connection over it.
    """
    message, hint = (printable(text[:_LONGEST], keep="\n") for text in (error.message, error.hint))
    return ToolError(f"{message}\nHint: {hint}" if hint else message)


def state_of(call: Call) -> State:
    """Return the state of the server that is called."""
    return call.request_context.lifespan_context


class _Steps:
    """How far a call is on its way through many steps, told in whole percents; it never goes back."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._told = 0

    @contextmanager
    def reported(self, steps: Sequence[Path]) -> Generator[Iterable[Path]]:
        """Yield *steps*, which report from the thread that takes them."""
        yield self._each(steps)

    def _each(self, steps: Sequence[Path]) -> Iterator[Path]:
        for number, step in enumerate(steps):
            yield step
            percent = int((number + 1) * 100 * _READ / len(steps))
            if percent > self._told:
                self._told = percent
                anyio.from_thread.run(
                    self._call.report_progress, percent / 100, 1, f"Replayed {printable(step.name)}"
                )
