"""The tools on names in queries: where the code uses one, and whether a query to be written is right."""

from __future__ import annotations

from typing import Annotated, Any

from mcp_types import CallToolResult
from pydantic import Field

from schema_sync.mcp_server import answers
from schema_sync.mcp_server.pages import paged
from schema_sync.mcp_server.state import Call
from schema_sync.mcp_server.tools import Cursor, answer
from schema_sync.model.findings import Finding
from schema_sync.usecases import uses as looking
from schema_sync.usecases.project import Project

_MOST_CHARACTERS = 100_000
_READING = "Comparing queries with the database"


async def uses(
    call: Call,
    name: Annotated[str, Field(description="table, table.column or schema.table.column; a function likewise.")],
    cursor: Cursor = None,
) -> Annotated[CallToolResult, answers.Used]:
    """List the lines of Python that use a table, a column or a function. Read it before you change one."""

    def look(project: Project) -> list[dict[str, Any]]:
        found = looking.find_uses(project, name)
        head = {"total": len(found.uses), "not_checked": [*map(str, found.not_checked)], "notes": found.notes}
        return paged(head, "uses", [_use(each) for each in found.uses])

    return await answer(call, "uses", cursor, _READING, look)


async def check_query(
    call: Call,
    code: Annotated[
        str,
        Field(
            description="Python with a query, as it is to stand in a file: client.table('orders').select('id').",
            max_length=_MOST_CHARACTERS,
        ),
    ],
    cursor: Cursor = None,
) -> Annotated[CallToolResult, answers.QueryChecked]:
    """Check the names in supabase-py calls before you write them to a file. The code is parsed, never run.

    right is true only if a query was seen, all of it could be checked, and nothing is wrong.
    """

    def look(project: Project) -> list[dict[str, Any]]:
        found = looking.check_snippet(project, code)
        head = {
            "right": bool(found.queries) and not (found.findings or found.not_checked),
            "queries": found.queries,
            "not_checked": [*map(str, found.not_checked)],
            "notes": found.notes,
        }
        return paged(head, "findings", [_finding(each) for each in found.findings])

    return await answer(call, "check_query", cursor, _READING, look)


def _use(found: looking.NamedUse) -> dict[str, Any]:
    use = found.use
    return {
        "name": found.name,
        "exists": found.exists,
        "at": f"{use.path}:{use.line}:{use.column}",
        "call": use.call,
        "function": use.function,
        "confidence": use.confidence,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "message": finding.message,
        "line": finding.at.line,
        "column": finding.at.column,
    }
