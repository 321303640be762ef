"""What the tool describe tells of the classes that map to an object, and how it finds objects by them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agents import Agent, run, source

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["source"]
IMPORTS = "from typing import NotRequired, Optional, TypedDict\n\nfrom pydantic import BaseModel, Field\n\n\n"


def test_the_own_types_of_each_class(source: str, tmp_path: Path) -> None:
    (tmp_path / "schemas/pets.py").write_text(
        f"{IMPORTS}class PetRow(TypedDict):\n    id: str\n\n\n"
        'class PetOut(BaseModel):\n    """Table: public.pets"""\n\n'
        "    number: int = Field(alias='id')\n    owner: Optional[Unknown]\n"
    )
    (tmp_path / "schemas/more.py").write_text(f"{IMPORTS}class PetRow(TypedDict):\n    id: int\n")

    async def look(agent: Agent) -> None:
        pets = await agent.call("describe", name="PetOut")
        assert pets["name"] == "public.pets"
        assert {column["name"]: (column["python"], column["declared"]) for column in pets["columns"]} == {
            "id": ("int", {"schemas/more.py:PetRow": "int", "PetOut": "int", "schemas/pets.py:PetRow": "str"}),
            "owner": ("int", {"PetOut": "? | None"}),
        }
        assert "PetOut (row) schemas/pets.py:10" in pets["classes"]

    run(look, "memory", "auto", source)


def test_classes_that_are_misspelt_or_map_to_several_objects(source: str, tmp_path: Path) -> None:
    for name, table in (("a", "pets"), ("b", "people")):
        (tmp_path / f"schemas/{name}.py").write_text(
            f'{IMPORTS}class Both(TypedDict):\n    """Table: public.{table}"""\n\n    id: int\n'
        )

    async def look(agent: Agent) -> None:
        assert "PersonRow (public.people)" in await agent.refused("describe", name="PersonRwo")
        refused = await agent.refused("describe", name="Both")
        assert refused == "'Both' maps to public.people, public.pets\nHint: Give the name of one of them."

    run(look, "memory", "auto", source)


def test_the_class_of_a_function(source: str, tmp_path: Path, database: Database) -> None:
    (tmp_path / "schema-sync.toml").write_text('functions = ["*"]\n')
    (tmp_path / "schemas/age.py").write_text(
        f"{IMPORTS}class AgeInsert(TypedDict):\n"
        '    """Function: public.age(date)"""\n\n    born: NotRequired[str]\n'
    )

    async def look(agent: Agent) -> None:
        for name in ("AgeInsert", "age"):
            age = await agent.call("describe", name=name)
            assert (age["name"], age["kind"]) == ("public.age", "function")
            assert age["classes"] == ["AgeInsert (arguments) schemas/age.py:6"]

    run(look, "memory", "auto", source)
