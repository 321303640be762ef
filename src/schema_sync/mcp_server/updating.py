"""The tools that change code: what would be written is shown first, and written only as it was shown."""

from __future__ import annotations

import hashlib
from typing import Annotated

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp_types import CallToolResult
from pydantic import BaseModel, Field

from schema_sync.mcp_server import answers
from schema_sync.mcp_server.answers import told
from schema_sync.mcp_server.pages import PAGE_BYTES, Answer, fitted, paged_text
from schema_sync.mcp_server.state import WRITING, Call, on_project
from schema_sync.mcp_server.tools import COMPARING, Cursor
from schema_sync.mcp_server.tools import answer as answered
from schema_sync.model.base import Value
from schema_sync.model.findings import Finding
from schema_sync.reports.base import counted
from schema_sync.reports.escaping import printable
from schema_sync.reports.formats import diff
from schema_sync.usecases import check
from schema_sync.usecases import update as updates
from schema_sync.usecases.project import Project
from schema_sync.usecases.update import Plan

Prune = Annotated[bool, Field(description="Also remove what is gone from the database.")]
Digest = Annotated[str | None, Field(description="plan of propose_update: refuse to write any other.")]
_SHOWN_FILES = 10
Force = Annotated[bool, Field(description="Write without asking; only where the user has agreed to the patch.")]


class Ready(Value, frozen=True, kw_only=True):
    """A plan with the code it writes, less the records of the sync, and a name for just that.

    ``kept`` is what it leaves to a person, in its place before the update.
    """

    plan: Plan
    kept: tuple[Finding, ...]
    files: tuple[str, ...]
    patch: str
    digest: str


class Confirmation(BaseModel):
    """What the user is asked."""

    write: bool = Field(description="Write these files")


async def propose_update(
    call: Call, prune: Prune = False, cursor: Cursor = None
) -> Annotated[CallToolResult, answers.Proposed]:
    """Show what an update would write, as a unified diff. Changes nothing.

    Only the lines that differ from the database are edited. kept is what is left to a person, such as removals
    without prune.
    """

    def look(project: Project) -> list[Answer]:
        ready = _prepared(project, prune)
        kept = [*_kept(ready.kept), *ready.plan.notes]
        head = {"plan": ready.digest, "files": ready.files, "kept": kept}
        return paged_text(head, "patch", ready.patch)

    return await answered(call, "propose_update", cursor, COMPARING, look)


async def ready_plan(call: Call, prune: bool, plan: str | None) -> Ready:
    """Work out what is to be written.

    Raises:
        ToolError: if it is not the plan that was shown.
    """
    ready = await on_project(call, COMPARING, lambda project: _prepared(project, prune))
    if plan is not None and plan != ready.digest:
        raise ToolError("the database, the code or prune changed since that plan: call propose_update again")
    return ready


async def confirmed(
    call: Call, ready: Annotated[Ready, Resolve(ready_plan)], force: bool
) -> Confirmation | Elicit[Confirmation]:
    """Ask the user, unless that is settled.

    Raises:
        ToolError: if the client cannot ask.
    """
    if force or not ready.files:
        return Confirmation(write=True)
    if not _can_ask(call):
        raise ToolError(
            "an update has to be confirmed, and this client cannot ask the user. Show them the patch of"
            f" propose_update; if they agree, call update with force=true and plan={ready.digest!r}"
        )
    shown = [printable(path) for path in ready.files[:_SHOWN_FILES]]
    more = len(ready.files) - len(shown)
    names = ", ".join([*shown, *([f"and {more} more"] if more else [])])
    return Elicit(f"Update {counted(len(ready.files), 'file')}: {names} (plan {ready.digest})?", Confirmation)


async def update(
    call: Call,
    ready: Annotated[Ready, Resolve(ready_plan)],
    answer: Annotated[ElicitationResult[Confirmation], Resolve(confirmed)],
    prune: Prune = False,  # noqa: ARG001 - these three are taken by what is resolved
    force: Force = False,  # noqa: ARG001
    plan: Digest = None,  # noqa: ARG001
) -> Annotated[CallToolResult, answers.Updated]:
    """Edit the project's Python so that it is true to the database. An error changes nothing.

    The user is asked to confirm, unless force is true. Call propose_update first and pass its plan: then just that
    is written.
    """
    agreed = isinstance(answer, AcceptedElicitation) and answer.data.write
    if agreed:
        await on_project(call, "Writing", lambda project: updates.write(project, ready.plan), progress=WRITING)
    status = "declined" if not agreed else "written" if ready.files else "nothing to write"
    written = ready.files if agreed else ()
    kept = [*_kept(ready.plan.kept if agreed else ready.kept), *ready.plan.notes]
    return told(fitted({"status": status, "files": written, "kept": kept}, PAGE_BYTES))


def _prepared(project: Project, prune: bool) -> Ready:
    outcome = check.check(project)
    planned = updates.plan(project, outcome, prune=prune)
    patch = diff.unified(planned.before, planned.code).encode("utf-8", "backslashreplace")
    digest = hashlib.sha256(patch).hexdigest()[:12]
    kept = diff.today(planned.kept, outcome.report.findings)
    return Ready(plan=planned, kept=kept, files=tuple(sorted(planned.code)), patch=patch.decode(), digest=digest)


def _can_ask(call: Call) -> bool:
    """Return whether the client has said that it can show a form; one that names no mode can."""
    capabilities = call.client_capabilities
    asking = None if capabilities is None else capabilities.elicitation
    return asking is not None and (asking.form is not None or asking.url is None)


def _kept(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{f.severity.word} {f.rule}: {f.message} ({f.at})" for f in findings]
