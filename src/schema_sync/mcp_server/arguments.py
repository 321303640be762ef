"""Tools that tell an agent in plain words what is wrong with the arguments of a call, or with a tool's name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, cast

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, InputRequiredResult
from pydantic import ValidationError

from schema_sync.mcp_server.state import State
from schema_sync.reports.escaping import printable

_LONGEST = 80  # characters of a value or name that is repeated
_TYPES = {"string": "text", "boolean": "true or false", "null": "null"}


class CheckedTool(Tool):
    """A tool whose arguments are checked before it runs."""

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> Any:
        """Run the tool.

        Raises:
            ToolError: if the arguments are wrong; it names each, and what is expected. If the tool raises one.
        """
        try:
            self.fn_metadata.validate_arguments(arguments)
        except ValidationError as error:
            wrong = {str(each["loc"][0]): each["type"] for each in error.errors(include_input=False)}
            raise ToolError("\n".join(self._faults(wrong, arguments))) from None
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            if isinstance(
                error.__cause__, ToolError
            ):  # raised by the tool; the SDK puts words of its own before it
                raise error.__cause__ from None
            raise

    def _faults(self, wrong: Mapping[str, str], arguments: Mapping[str, Any]) -> Iterator[str]:
        """Yield a line for each argument in *wrong*, which has pydantic's kind of error by name."""
        known: dict[str, dict[str, Any]] = self.parameters.get("properties", {})
        misspelt = {name: nearest(name, list(known)) for name, kind in wrong.items() if kind == "extra_forbidden"}
        for name, kind in wrong.items():
            if name in misspelt:
                near = misspelt[name]
                told = f"did you mean {near!r}?" if near else f"{self.name} takes {', '.join(known) or 'none'}"
                yield f"unknown argument {shown(name)}; {told}"
            elif kind != "missing":
                yield f"argument {name!r}: {_expectation(known[name], arguments[name])}"
            elif name not in misspelt.values():
                about = known[name].get("description", "")
                yield f"missing argument {name!r}{f': {about}' if about else ''}"


class NamedTools(MCPServer[State]):
    """A server that suggests a tool where a called one does not exist."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[State, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: as the SDK does; if there is no such tool, it names those there are.
        """
        known = [tool.name for tool in await self.list_tools()]
        if name not in known:
            near = nearest(name, known)
            told = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
            raise ToolError(f"unknown tool {shown(name)}; {told}")
        return await super().call_tool(name, arguments, context)


def nearest(name: str, known: Sequence[str]) -> str:
    """Return which of *known* is spelled most like *name*, empty if none is."""
    return next(iter(get_close_matches(name[:_LONGEST].lower(), known, n=1)), "")


def shown(value: object) -> str:
    """Return a value that an agent sent as JSON, in a line and not too long."""
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _expectation(schema: Mapping[str, Any], value: object) -> str:
    """Return what a parameter's JSON Schema expects in place of *value*."""
    words = cast("list[str]", schema.get("enum", []))
    if words:
        near = nearest(value, words) if isinstance(value, str) else ""
        return f"{shown(value)} is not one of {', '.join(words)}{f'; did you mean {near!r}?' if near else ''}"
    longest = schema.get("maxLength")
    if isinstance(value, str) and longest is not None and len(value) > longest:
        return f"at most {longest:,} characters are taken, not {len(value):,}"
    options = cast("list[dict[str, Any]]", schema.get("anyOf", [schema]))
    kinds = " or ".join(_TYPES.get(str(each.get("type")), str(each.get("type"))) for each in options)
    return f"{kinds} is expected, not {shown(value)}"
