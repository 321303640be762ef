"""What an agent is told that calls a tool with wrong arguments, or one that does not exist."""

from __future__ import annotations

from typing import Any

import pytest
from agents import EACH, Agent, run, source

__all__ = ["source"]
NAME = "Such as users, public.users, or the Python class that maps to it."
KINDS = "tables, views, enums, constraints, indexes, policies, triggers, functions, extensions"


@EACH
def test_a_wrong_name(source: str, place: str, mode: str) -> None:
    async def look(agent: Agent) -> None:
        assert await agent.refused("describe", nam="people") == "unknown argument 'nam'; did you mean 'name'?"
        assert await agent.refused("describe", tabel="people") == (
            f"missing argument 'name': {NAME}\nunknown argument 'tabel'; describe takes name, cursor"
        )

    run(look, place, mode, source)


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("describe", {}, f"missing argument 'name': {NAME}"),
        ("describe", {"name": 3}, "argument 'name': text is expected, not 3"),
        ("describe", {"name": ["a"] * 99}, "argument 'name': text is expected, not [" + '"a", ' * 15 + '"a",…'),
        ("check", {"cursor": True}, "argument 'cursor': text or null is expected, not true"),
        ("check", {"min_severity": "hi"}, "'hi' is not one of low, medium, high, critical; did you mean 'high'?"),
        ("list", {"what": "tabels"}, f"'tabels' is not one of {KINDS}; did you mean 'tables'?"),
        ("list", {"what": None}, f"argument 'what': null is not one of {KINDS}"),
        ("propose_update", {"prune": "maybe"}, "argument 'prune': true or false is expected, not 'maybe'"),
        ("check_query", {"code": "x" * 100_001}, "at most 100,000 characters are taken, not 100,001"),
        ("describe", {"name": "x", "\x1b[2J": 1}, r"unknown argument '\x1b[2J'; describe takes name, cursor"),
        ("describe", {"name": "x", "k" * 999: 1}, f"unknown argument '{'k' * 79}…; describe takes name, cursor"),
        ("update", {"force": "x", "plam": "y"}, "argument 'force': true or false is expected, not 'x'"),
        ("chekc", {}, "unknown tool 'chekc'; did you mean 'check'?"),
        (
            "drop_everything",
            {},
            "unknown tool 'drop_everything'; there are check, diff, explain, describe, list, ",
        ),
    ],
)
def test_our_words(source: str, tool: str, arguments: dict[str, Any], expected: str) -> None:
    async def look(agent: Agent) -> None:
        refused = await agent.refused(tool, **arguments)
        assert expected in refused
        for word in ("pydantic", "validation error", "Error executing", "\x1b"):
            assert word not in refused

    run(look, "memory", "auto", source)


def test_what_a_tool_itself_refuses(source: str) -> None:
    async def look(agent: Agent) -> None:
        refused = await agent.refused("describe", name="poeple")
        assert refused.startswith(
            "nothing in the compared schemas is called 'poeple'\nHint: Did you mean public.people"
        )

    run(look, "memory", "auto", source)
