"""The tools and resources as agents meet them: every way, in both modes of the protocol."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import jsonschema
import pytest
from agents import CODE, EACH, MODES, Agent, accept, run, source, text_of
from mcp import MCPError

from schema_sync.mcp_server import tools
from schema_sync.mcp_server.pages import PAGE_BYTES
from schema_sync.usecases import ask as asking
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["source"]


@EACH
def test_an_agents_whole_loop(source: str, tmp_path: Path, place: str, mode: str) -> None:
    async def loop(agent: Agent) -> None:
        listed = await agent.call("list")
        assert [row[1] for row in listed["rows"]] == ["people", "pets"]
        assert [row[-1] for row in listed["rows"]] == ["PersonRow schemas/people.py:9", None]
        described = await agent.call("describe", name="people")
        assert described["columns"][2] == {
            "name": "mood",
            "type": "public.mood",
            "python": "str | None",
            "declared": {"PersonRow": "str | None"},
            "nullable": True,
        }
        found = await agent.call("check")
        assert not found["in_sync"]
        rules = {finding["rule"] for finding in found["findings"]}
        assert rules == {"column-removed", "column-undeclared", "enum-label-undeclared", "table-undeclared"}
        for rule in rules:
            assert (await agent.call("explain", rule=rule))["page"].startswith(f"# {rule}\n")
        proposed = await agent.call("propose_update", prune=True)
        assert '+    OK = "ok"\n' in proposed["patch"]
        assert (tmp_path / "schemas/people.py").read_text() == CODE
        done = await agent.call("update", prune=True, plan=proposed["plan"])
        assert (done["status"], done["files"], done["kept"]) == ("written", proposed["files"], [])
        assert "name: str  # shown to all\n" in (tmp_path / "schemas/people.py").read_text()
        assert await agent.call("check") == {
            "in_sync": True,
            "findings": [],
            "unreadable": [],
            "not_checked": [],
            "coverage": {
                "tables": 2,
                "enums": 1,
                "classes": 3,
                "models_not_compared": 0,
                "queries": {"certain": 0, "inferred": 0, "dynamic": 0},
                "sql_not_checked": 0,
            },
            "summary": {"critical": 0, "high": 0, "medium": 0, "low": 0, "tables": 2, "enums": 1},
            "notes": found["notes"],
        }
        assert (await agent.call("diff", name="people"))["findings"] == []
        assert (await agent.call("update", prune=True))["status"] == "nothing to write"

    agent = run(loop, place, mode, source, answer=accept)
    assert len(agent.asked) == 1


class TestTools:
    @EACH
    def test_each_answers_as_its_schema_says(self, source: str, place: str, mode: str) -> None:
        calls: dict[str, dict[str, Any]] = {
            "check": {"min_severity": "high"},
            "diff": {"name": "PersonRow"},
            "explain": {"rule": "column-undeclared"},
            "describe": {"name": "public.pets"},
            "list": {"what": "policies"},
            "analyze": {"section": "without_row_security"},
            "uses": {"name": "people.nick"},
            "check_query": {"code": "db.table('people').select('nick').execute()"},
            "propose_update": {},
            "update": {"force": True},
        }

        async def all_of_them(agent: Agent) -> None:
            offered = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
            assert offered.keys() == calls.keys()
            for name, arguments in calls.items():
                result = await agent.result(name, **arguments)
                assert not result.is_error, (name, result.content)
                jsonschema.validate(arguments, offered[name].input_schema)
                assert offered[name].output_schema is not None
                jsonschema.validate(result.structured_content, offered[name].output_schema)
                assert json.loads(text_of(result)) == result.structured_content

        run(all_of_them, place, mode, source)

    def test_only_update_is_said_to_write(self, source: str) -> None:
        async def look(agent: Agent) -> None:
            for tool in (await agent.client.list_tools()).tools:
                hints = tool.annotations
                assert hints is not None
                assert (hints.read_only_hint, hints.destructive_hint) == (
                    tool.name != "update",
                    tool.name == "update",
                )
                assert tool.description, tool.name

        run(look, "memory", "auto", source)

    def test_what_describe_tells(self, source: str) -> None:
        async def look(agent: Agent) -> None:
            people = await agent.call("describe", name="PersonRow")
            assert people["comment"] == "who we know"
            assert people["classes"] == ["PersonRow (row) schemas/people.py:9"]
            assert people["referenced_by"] == ["public.pets (owner)"]
            assert people["columns"][0]["default"] == "identity, always"
            assert people["columns"][3]["default"] == "'…'::text"
            assert people["constraints"] == ["check (name <> '…'::text)", "primary (id)"]
            assert people["differences"] == 2
            pets = await agent.call("describe", name="pets")
            assert pets["constraints"] == [
                "foreign (owner) → public.people (id), on delete cascade",
                "primary (id)",
            ]
            assert pets["indexes"] == ["pets_owner_idx btree (owner)", "unique pets_pkey btree (id)"]
            assert pets["row_security"]
            assert pets["policies"] == ["own: select to public using (owner = 1)"]
            for name in ("mood", "Mood"):
                mood = await agent.call("describe", name=name)
                assert (mood["labels"], mood["declared"]) == (["sad", "ok"], {"Mood": ["sad"]})
            age = await agent.call("describe", name="age")
            assert (age["kind"], age["overloads"]) == (
                "function",
                ["function public.age(born date) → integer, volatile"],
            )

        run(look, "memory", "auto", source)

    def test_types_and_triggers_are_described(self, source: str, database: Database) -> None:
        database.run("""
            create domain amount as numeric(20, 2) not null; create type price as (cents int8, currency text);
            create table paid (worth amount, cost price, both_of int generated always as (1 + 1) stored);
            create function noted() returns trigger language plpgsql as $$ begin return new; end $$;
            create trigger note before insert or update on paid for each row execute function noted('s3cret');
            create view payments as select worth from paid;
        """)

        async def look(agent: Agent) -> None:
            amount = await agent.call("describe", name="amount")
            assert amount["base"] == "numeric(20,2) not null"
            assert amount["not_shown"] == ["checks of the domain: they are not read"]
            assert "constraints" not in amount
            assert [c["type"] for c in (await agent.call("describe", name="price"))["columns"]] == [
                "bigint",
                "text",
            ]
            paid = await agent.call("describe", name="paid")
            assert paid["triggers"] == ["note: before insert or update for each row calls public.noted"]
            assert paid["columns"][2]["default"] == "generated, stored: (1 + 1)"
            assert (await agent.call("describe", name="payments"))["kind"] == "view"

        run(look, "memory", "auto", source)

    def test_lists_show_no_secret(self, source: str, database: Database) -> None:
        database.run("create index on people ((token || 'c4n4ry'), name) where token <> 'c4n4ry'")

        async def look(agent: Agent) -> None:
            checks = await agent.call("list", what="constraints", match="check")
            assert [row[-1] for row in checks["rows"]] == ["(name <> '…'::text)"]
            indexes = await agent.call("list", what="indexes", match="…")
            assert [row[-2:] for row in indexes["rows"]] == [
                [["((token || '…'::text))", "name"], "(token <> '…'::text)"]
            ]
            assert (await agent.call("list", what="constraints", match="hunter22"))["total"] == 0

        run(look, "memory", "auto", source)

    def test_the_kinds_are_those_of_the_command(self) -> None:
        assert get_args(tools.Kind) == asking.KINDS

    def test_lists_and_figures(self, source: str) -> None:
        async def look(agent: Agent) -> None:
            for kind in get_args(tools.Kind):
                listed = await agent.call("list", what=kind)
                assert listed["total"] == len(listed["rows"])
            assert (await agent.call("list", match="PET"))["rows"] == [["public", "pets", "table", 2, None, None]]
            for section in get_args(tools.Section):
                figures = await agent.call("analyze", section=section)
                assert (figures["counts"][section] or 0) == len(figures["entries"])
            assert figures["counts"][section] is None  # no query is in the code
            assert figures["totals"]["policies"] == 1
            assert (await agent.call("analyze", section="without_row_security"))["entries"] == ["public.people"]
            assert (await agent.call("analyze", section="longest_chains"))["entries"] == [
                ["public.pets", "public.people"]
            ]

        run(look, "memory", "auto", source)

    def test_what_no_code_mentions(self, source: str) -> None:
        Path("app.py").write_text(
            "from supabase import create_client\n\ndb = create_client('u', 'k')\n"
            "db.table('people').select('id').execute()\n"
        )

        async def look(agent: Agent) -> None:
            relations = await agent.call("analyze", section="unmentioned_relations")
            assert relations["entries"] == ["public.pets"]
            columns = await agent.call("analyze", section="unmentioned_columns")
            assert {"table": "public.people", "column": "token"} in columns["entries"]
            functions = await agent.call("analyze", section="unmentioned_functions")
            assert functions["entries"] == ["public.age"]

        run(look, "memory", "auto", source)

    def test_what_is_unknown_is_refused_by_name(self, source: str) -> None:
        async def ask(agent: Agent) -> None:
            assert "Did you mean public.people?" in await agent.refused("describe", name="peopl")
            assert "The tool list tells what there is" in await agent.refused("describe", name="zzz")
            assert "'zzz'" in await agent.refused("diff", name="zzz")
            assert "'no-rule'" in await agent.refused("explain", rule="no-rule")
            assert "sources" in await agent.refused("check", sources="x")
            assert "what" in await agent.refused("list", what="secrets")
            assert len(await agent.refused("explain", rule="x" * 99_999)) < PAGE_BYTES
            assert len(await agent.refused("describe", name="x" * 99_999)) < PAGE_BYTES

        run(ask, "memory", "auto", source)


class TestResources:
    @EACH
    def test_objects_and_pages(self, source: str, database: Database, place: str, mode: str) -> None:
        database.run('create table "a/../b %41" (id int); create table "/etc/passwd" (id int)')

        async def read(agent: Agent) -> None:
            async def text(address: str) -> str:
                return "".join(
                    getattr(c, "text", "") for c in (await agent.client.read_resource(address)).contents
                )

            offered = (await agent.client.list_resource_templates()).resource_templates
            assert len(offered) == 3
            assert json.loads(await text("schema-sync://object/public/people"))["kind"] == "table"
            odd = json.loads(await text("schema-sync://object/public/a%2F..%2Fb%20%2541"))
            assert odd["name"] == "public.a/../b %41"
            assert json.loads(await text("schema-sync://object/public/%2Fetc%2Fpasswd"))["kind"] == "table"
            assert json.loads(await text("schema-sync://list/enums"))["total"] == 1
            assert (await text("schema-sync://rule/column-undeclared")).startswith("# column-undeclared")
            with pytest.raises(MCPError, match=r"nothing in the compared schemas is called 'public\.gone'"):
                await text("schema-sync://object/public/gone")

        run(read, place, mode, source)


class TestProgress:
    @MODES
    def test_tells_of_each_migration(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
        monkeypatch.chdir(tmp_path)
        folder = tmp_path / "supabase/migrations"
        folder.mkdir(parents=True)
        for number in range(3):
            (folder / f"2026010{number + 1}000000_t.sql").write_text(f"create table t{number} (id int);")

        async def look(agent: Agent) -> None:
            await agent.call("update", force=True)
            told = agent.progress
            assert [message for _, message in told] == [
                "Comparing the database with the code",
                *(f"Replayed 2026010{number}000000_t.sql" for number in (1, 2, 3)),
                "Writing",
            ]
            assert [amount for amount, _ in told] == [0, 0.3, 0.6, 0.9, 0.95]

        run(look, "memory", mode, "migrations")

    def test_never_goes_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        folder = tmp_path / "supabase/migrations"
        folder.mkdir(parents=True)
        (folder / "20260101000000_t.sql").write_text("create table t (id int);")
        real, calls = checks.check, list[checks.Outcome]()

        def twice(project: projects.Project) -> checks.Outcome:
            calls.extend(real(project) for _ in range(2))
            return calls[-1]

        monkeypatch.setattr(checks, "check", twice)

        async def look(agent: Agent) -> None:
            await agent.call("check")
            assert len(calls) == 2
            assert [amount for amount, _ in agent.progress] == [0, 0.9]

        run(look, "memory", "auto", "migrations")
