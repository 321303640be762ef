"""What the calls of one server share, and how each of them looks at the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
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

    def look() -> Result:
        return work(state.open_project(_reporting(call)))

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


def _reporting(call: Call) -> Progress:
    """Return what tells *call* how far it is on its way through many steps, in whole percents; never back."""
    told = 0

    def each(steps: Sequence[Path]) -> Iterator[Path]:
        nonlocal told
        for number, step in enumerate(steps, start=1):
            yield step
            percent = int(number * 100 * _READ / len(steps))
            if percent > told:
                told = percent  # from the thread that takes the steps
                anyio.from_thread.run(call.report_progress, percent / 100, 1, f"Replayed {printable(step.name)}")

    return lambda steps: nullcontext(each(steps))
