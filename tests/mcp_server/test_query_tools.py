"""The tools ``uses`` and ``check_query``: before an agent changes a column, or writes a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents import Agent, run, source

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["source"]

CODE = """from supabase import create_client

db = create_client("url", "key")


def load():
    return db.table("people").select("id, nmae, pets(id)").eq("name", "x").execute()
"""


def test_uses(source: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(CODE)

    async def look(agent: Agent) -> None:
        found = await agent.call("uses", name="people.name")
        assert found["total"] == 1
        assert found["uses"] == [
            {
                "name": "public.people.name",
                "exists": True,
                "at": "main.py:7:64",
                "call": "eq",
                "function": "load",
                "confidence": "certain",
            }
        ]
        wrong = await agent.call("uses", name="nmae")
        assert [(use["name"], use["exists"]) for use in wrong["uses"]] == []
        wrong = await agent.call("uses", name="people.nmae")
        assert [(use["name"], use["exists"]) for use in wrong["uses"]] == [("public.people.nmae", False)]
        assert "not a name" in await agent.refused("uses", name="a.b.c.d")

    run(look, "memory", "auto", source)


def test_a_query_is_checked_before_it_is_written(source: str, tmp_path: Path) -> None:
    async def look(agent: Agent) -> None:
        right = await agent.call(
            "check_query", code="await client.table('people').select('id, pets(id)').execute()"
        )
        assert (right["right"], right["queries"], right["findings"]) == (True, 1, [])
        wrong = await agent.call(
            "check_query", code="rows = (\n    sb.from_('people')\n    .select('id, nmae')\n)\n"
        )
        assert not wrong["right"]
        assert wrong["findings"] == [
            {
                "rule": "unknown-column",
                "severity": "critical",
                "message": "table public.people has no column nmae. Did you mean name?",
                "line": 3,
                "column": 18,
            }
        ]
        unknown = await agent.call("check_query", code="db.table(name).select('id').execute()")
        assert (unknown["right"], unknown["findings"]) == (False, [])
        assert "its name is not a literal" in unknown["not_checked"][0]

    run(look, "memory", "auto", source)


def test_nothing_seen_is_not_right(source: str) -> None:
    async def look(agent: Agent) -> None:
        for code in ("", "print('people')", "rows = people.nmae"):
            found = await agent.call("check_query", code=code)
            assert (found["right"], found["queries"]) == (False, 0)
            assert found["not_checked"] == [
                "the code: no call such as client.table('orders').select('id') is in it"
            ]
        assert "cannot be parsed" in await agent.refused("check_query", code="db.table('people'")
        assert "code" in await agent.refused("check_query", code="x" * 100_001)

    run(look, "memory", "auto", source)


def test_the_code_is_not_run(source: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    async def look(agent: Agent) -> None:
        code = f"open({str(mark)!r}, 'w')\ndb.table('people').select(open({str(mark)!r}, 'w').name).execute()"
        found = await agent.call("check_query", code=code)
        assert not found["right"]

    run(look, "memory", "auto", source)
    assert not mark.exists()
