"""What an agent is told where the project or its source is at fault."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from agents import EACH, MODES, TABLES, Agent, run, source

from sources.doors import TOKEN, doors

if TYPE_CHECKING:
    from conftest import Database
    from sources.doors import Doors

__all__ = ["doors", "source"]


class TestFaults:
    @EACH
    def test_code_that_does_not_parse(self, source: str, tmp_path: Path, place: str, mode: str) -> None:
        (tmp_path / "schemas/broken.py").write_text("class Pet(:\n")

        async def look(agent: Agent) -> None:
            found = await agent.call("check")
            assert not found["in_sync"]
            assert found["unreadable"][0].startswith("schemas/broken.py:1:")
            for tool in ("propose_update", "update"):
                refused = await agent.refused(tool)
                assert "schemas/broken.py:1:" in refused
                assert "Hint: Mend the file first" in refused
            (tmp_path / "schemas/broken.py").unlink()  # and the same server goes on
            assert (await agent.call("check"))["unreadable"] == []

        run(look, place, mode, source)

    @EACH
    def test_a_name_that_is_no_text(self, source: str, tmp_path: Path, place: str, mode: str) -> None:
        (tmp_path / "schemas/\udcff.py").write_text("class Pet(:\n")

        async def look(agent: Agent) -> None:
            assert r"schemas/\udcff.py:1:" in await agent.refused("propose_update")
            assert not (await agent.call("check"))["in_sync"]  # the connection lives

        run(look, place, mode, source)

    @EACH
    def test_a_configuration_that_is_wrong(self, source: str, tmp_path: Path, place: str, mode: str) -> None:
        (tmp_path / "schema-sync.toml").write_text("titel = 'x'\n")

        async def look(agent: Agent) -> None:
            for tool, arguments in (("check", {}), ("list", {}), ("describe", {"name": "people"}), ("update", {})):
                assert "schema-sync.toml" in await agent.refused(tool, **arguments)

        run(look, place, mode, source)

    @EACH
    def test_a_source_that_is_down(self, source: str, place: str, mode: str) -> None:
        async def look(agent: Agent) -> None:
            for tool, arguments in (
                ("check", {}),
                ("list", {"what": "indexes"}),
                ("describe", {"name": "people"}),
            ):
                refused = await agent.refused(tool, **arguments)
                assert "127.0.0.1" in refused
                assert "Hint: " in refused
                assert "c4n4ry" not in refused

        run(look, place, mode, "postgresql://u:c4n4ry@127.0.0.1:1/db")

    def test_a_path_that_leaves_the_project(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "inner").mkdir()
        os.chdir(tmp_path / "inner")
        Path("schema-sync.toml").write_text("[paths]\nentities = '../out.py'\nenums = '../out.py'\n")

        async def look(agent: Agent) -> None:
            assert "../out.py" in await agent.refused("update", force=True)

        run(look, "memory", "auto", source)
        assert not (tmp_path / "out.py").exists()

    def test_a_defect_tells_the_agent_nothing(self, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("c4n4ry")

        monkeypatch.setattr("schema_sync.usecases.check.check", fail)

        async def look(agent: Agent) -> None:
            assert await agent.refused("check") == "Error executing tool check"

        run(look, "memory", "auto", source)


@pytest.mark.thorough
class TestDoors:
    @MODES
    @pytest.mark.parametrize("door", ["management", "stdio", "HTTP"])
    def test_each_serves_agents_too(self, doors: Doors, database: Database, mode: str, door: str) -> None:
        database.run(TABLES)

        async def look(agent: Agent) -> None:
            assert (await agent.call("describe", name="pets"))["indexes"]
            assert (await agent.call("check"))["summary"]["tables"] == 2
            doors.api.fail("401")
            assert "the access token is refused" in await agent.refused("check") or door == "management"
            assert TOKEN not in await agent.refused("list")

        with doors.source(door) as word:
            run(look, "memory", mode, word)
