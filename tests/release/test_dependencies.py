"""docs/reference/dependencies.md against pyproject.toml, and what is stated as licences against what is accepted."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import licences
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]
LICENCES = Path(licences.__file__)
REFERENCE = REPOSITORY / "docs/reference"
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
NAME = PROJECT["name"]


def rows(name: str, heading: str) -> list[list[str]]:
    """The cells of the table with *heading* in a document."""
    text = (REFERENCE / name).read_text()
    lines = text[text.index(heading) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def declared() -> set[tuple[str, str]]:
    """Each dependency with the extra that brings it, the package's own extras left out."""
    extras = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
    found = {(Requirement(text).name, extra) for extra, texts in extras.items() for text in texts}
    return {(name, extra) for name, extra in found if name != NAME}


def test_each_dependency_has_its_row() -> None:
    assert sorted((name, extra) for name, extra, *_ in rows("dependencies.md", "| package | extra |")) == sorted(
        declared()
    )


def test_each_extra_has_its_row_and_all_has_all() -> None:
    extras = PROJECT["optional-dependencies"]
    assert sorted(extra.strip("`") for extra, _ in rows("installing.md", "| extra |")) == sorted(extras)
    (everything,) = extras["all"]
    assert Requirement(everything).extras == {*extras} - {"all"}


def test_all_have_bounds_on_both_sides() -> None:
    texts = [
        *PROJECT["dependencies"],
        *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
    ]
    loose = {"typing-extensions"}  # it never removes anything
    for needed in map(Requirement, texts):
        operators = {each.operator for each in needed.specifier}
        assert operators in ({">=", "<"}, {"=="}) or needed.name in {NAME, *loose}, needed


def test_licences_are_those_of_the_document() -> None:
    stated = licences.licences()
    assert {"psycopg-binary", "certifi"} <= stated.keys()  # what dependencies need is looked at too
    for name, _, licence, *_ in rows("dependencies.md", "| package | extra |"):
        assert stated.get(name, licence) == licence, name  # landlockpy is for Linux only


def test_a_licence_that_is_not_accepted_is_named() -> None:
    program = LICENCES.read_text().replace('"ISC", "MIT", ', "")
    assert program != LICENCES.read_text()
    accepted = subprocess.run([sys.executable, LICENCES], capture_output=True, text=True, check=False)
    assert (accepted.returncode, accepted.stdout + accepted.stderr) == (0, "")
    refused = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "'pydantic': 'MIT'" in refused.stderr
    assert "click" not in refused.stderr
