"""Answers fit into a context, however large the schema, however long a text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from agents import Agent, run, source, text_of
from mcp.server.mcpserver.exceptions import ToolError

from schema_sync import cli
from schema_sync.mcp_server.answers import told
from schema_sync.mcp_server.pages import PAGE_BYTES, Pages, paged, paged_text

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["source"]


def _all_fit(pages: list[dict[str, Any]]) -> None:
    assert max(len(text_of(told(page)).encode()) for page in pages) <= PAGE_BYTES


class TestSize:
    @pytest.mark.thorough
    def test_a_thousand_tables(self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        database.run("""
            do $$ begin for i in 1..1000 loop
              execute format('create table %I (id int, "größe 🦜" int, note text default repeat(''x'', 9))', 'т🦜' || i);
            end loop; end $$
        """)

        async def look(agent: Agent) -> None:
            for tool, key in (
                ("list", "rows"),
                ("check", "findings"),
                ("diff", "findings"),
                ("analyze", "entries"),
            ):
                pages = await agent.pages(tool)
                assert sum(len(page[key]) for page in pages) == 1000, tool
                _all_fit(pages)
            pages = await agent.pages("propose_update")
            _all_fit(pages)
            patch = "".join(page["patch"] for page in pages)
            assert patch.count(" = TypedDict(\n") == 1000
            assert "no longer" in await agent.refused("list", cursor=pages[0]["next_cursor"])
            done = await agent.call("update", force=True, plan=pages[0]["plan"])
            assert done["files"][-1] == "schemas/database/entities.py"

        run(look, "memory", "auto", database.dsn)
        assert cli.run(["check", "--source", database.dsn]) == 0

    def test_what_is_long_is_cut(self, source: str, database: Database) -> None:
        wide = ", ".join(f'"{"ж" * 25}{number}" int' for number in range(1600))
        odd = "\x01🦜" * 12
        labels = ", ".join(f"'{odd}{number}'" for number in range(500))
        database.run(f"create table wide ({wide}); create type many as enum ({labels})")
        database.run(
            f"comment on column people.name is '{'long ' * 20_000}'; comment on table people is '{'🦜' * 9_999}'"
        )
        database.run(f"alter table people add check (name <> '{'x y' * 50_000}')")

        async def look(agent: Agent) -> None:
            for name, key, count in (("wide", "columns", 1600), ("many", "labels", 500), ("people", "columns", 4)):
                pages = await agent.pages("describe", name=name)
                _all_fit(pages)
                assert sum(len(page[key]) for page in pages) == count
            for tool, arguments in (
                ("list", {"what": "constraints"}),
                ("diff", {}),
                ("check", {}),
                ("propose_update", {}),
            ):
                _all_fit(await agent.pages(tool, **arguments))

        run(look, "memory", "auto", source)


class TestPages:
    def test_what_is_forgotten_is_refused(self) -> None:
        pages = Pages()
        first = pages.first("list", paged({}, "rows", ["x" * 500] * 50))
        assert pages.further("list", first["next_cursor"])["rows"]
        for number in range(40):
            pages.first("list", paged({}, "rows", [f"{number}" * 500] * 50))
        with pytest.raises(ToolError, match="no longer"):
            pages.further("list", first["next_cursor"])

    def test_a_cursor_is_one_tools(self) -> None:
        pages = Pages()
        cursor = pages.first("list", paged({}, "rows", ["x" * 500] * 50))["next_cursor"]
        for tool, wrong in (
            ("check", cursor),
            ("list", cursor + "9"),
            ("list", "list-x"),
            ("list", ""),
            ("list", "-"),
            ("list", "list-x-" + "9" * 5_000),
        ):
            with pytest.raises(ToolError):
                pages.further(tool, wrong)

    @pytest.mark.parametrize(
        "text", ["", "line\n" * 9_999, "\x00" * 30_000, "🦜" * 30_000, "\u202e" * 9_999, "\udc80" * 9_999]
    )
    def test_a_text_is_whole_again(self, text: str) -> None:
        pages = paged_text({"head": "x" * 20_000}, "patch", text)
        assert "".join(page["patch"] for page in pages) == text
        _all_fit(pages)

    @pytest.mark.parametrize("odd", ["\u202e", "\U000f0000", "\udc80"])
    def test_what_is_invisible_counts_as_it_is_escaped(self, odd: str) -> None:
        _all_fit(paged({"told": odd * 9_999}, "parts", [odd * 9_999] * 99))

    def test_whatever_is_in_it_a_page_is_small(self) -> None:
        huge = {
            "text": "🦜\x01" * 9_999,
            "list": [["🦜\x01" * 500] * 500] * 500,
            "number": 10**30,
            "nothing": None,
        }
        pages = paged({"told": huge}, "parts", [huge, huge])
        assert len(pages) == 1 or all(len(page["parts"]) == 1 for page in pages)
        _all_fit(pages)
