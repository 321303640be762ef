"""What an agent may write, and who has to agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from agents import CODE, EACH, MODES, Agent, accept, run, source, text_of
from mcp_types import ElicitResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Database

__all__ = ["source"]


class TestConfirmation:
    @EACH
    @pytest.mark.parametrize(
        "answer",
        [
            lambda: accept(write=False),
            lambda: ElicitResult(action="decline"),
            lambda: ElicitResult(action="cancel"),
        ],
        ids=["not to write", "declined", "cancelled"],
    )
    @pytest.mark.thorough
    def test_without_it_nothing_is_written(
        self, source: str, tmp_path: Path, place: str, mode: str, answer: Callable[[], ElicitResult]
    ) -> None:
        async def try_it(agent: Agent) -> None:
            done = await agent.call("update")
            assert (done["status"], done["files"]) == ("declined", [])
            (kept,) = done["kept"]
            assert kept.endswith(" (schemas/people.py:13)"), "where it stands, as nothing was written"

        agent = run(try_it, place, mode, source, answer=answer)
        files = "schemas/database/__init__.py, schemas/database/entities.py, schemas/people.py"
        assert re.fullmatch(rf"Update 3 files: {files} \(plan [0-9a-f]{{12}}\)\?", agent.asked[0])
        assert [p.name for p in tmp_path.rglob("*.*")] == ["people.py"]
        assert (tmp_path / "schemas/people.py").read_text() == CODE

    @EACH
    def test_a_client_that_cannot_ask_has_to_force(
        self, source: str, tmp_path: Path, place: str, mode: str
    ) -> None:
        async def try_it(agent: Agent) -> None:
            refused = await agent.refused("update")
            assert "this client cannot ask the user" in refused
            assert (tmp_path / "schemas/people.py").read_text() == CODE
            plan = re.findall(r"force=true and plan='(\w+)'", refused)
            assert plan == [(await agent.call("propose_update"))["plan"]]
            assert (await agent.call("update", force=True, plan=plan[0]))["status"] == "written"

        run(try_it, place, mode, source)

    @MODES
    def test_another_plan_is_not_written(self, source: str, tmp_path: Path, database: Database, mode: str) -> None:
        async def try_it(agent: Agent) -> None:
            plan = (await agent.call("propose_update"))["plan"]
            database.run("alter table people add age int")
            assert "call propose_update again" in await agent.refused("update", force=True, plan=plan)
            assert (tmp_path / "schemas/people.py").read_text() == CODE

        run(try_it, "memory", mode, source)

    @EACH
    @pytest.mark.thorough
    def test_code_that_changes_while_the_user_thinks(
        self, source: str, tmp_path: Path, place: str, mode: str
    ) -> None:
        file = tmp_path / "schemas/people.py"

        def slowly() -> ElicitResult:
            if file.read_text() == CODE:
                file.write_text(CODE.replace("    SAD", "    # how it is\n    SAD"))
            return accept()

        async def try_it(agent: Agent) -> None:
            result = await agent.result("update")
            if mode == "auto":  # the question is another by now: it is put again
                assert (result.is_error, len(set(agent.asked))) == (False, 2)
            else:
                assert "it was changed by someone else" in text_of(result)

        run(try_it, place, mode, source, answer=slowly)
        assert "# how it is" in file.read_text()
