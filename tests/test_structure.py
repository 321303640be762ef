"""Files of Python are short enough to be read at one sitting, and modules of tests cannot be taken for one another."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES = 400
MOST_LINES_OF_FUNCTION = 50
# Lines of Python by folder of the package ("" for its top level). To grow is a decision: change the figure here.
BUDGET = {
    "": 980,
    "cli": 2580,
    "codebase": 8150,
    "codebase/queries": 2610,
    "compare": 5780,
    "explorer": 1010,
    "exports": 1430,
    "git_hook": 300,
    "github": 440,
    "mapping": 940,
    "mcp_server": 1390,
    "migrations": 750,
    "model": 3200,
    "notify": 290,
    "postgres": 2400,
    "queries": 570,
    "remote": 1510,
    "replay": 1770,
    "reports": 1890,
    "rules": 1200,
    "setup": 1710,
    "sources": 1340,
    "usecases": 2400,
}
APART = {"cases", "doubles"}  # their modules are not imported by their bare names


@pytest.mark.parametrize("folder", ["src", "tests"])
def test_no_file_is_too_long(folder: str) -> None:
    lines = {path: len(path.read_bytes().splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert lines
    assert {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > MOST_LINES} == {}


def test_no_function_is_too_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_FUNCTION
    ]
    assert long == []


def test_no_folder_grows_unnoticed() -> None:
    package = ROOT / "src/schema_sync"
    lines: Counter[str] = Counter()
    for path in package.rglob("*.py"):
        folders = path.parent.relative_to(package).parts
        folder = "/".join(folders[:2]) if "/".join(folders[:2]) in BUDGET else "/".join(folders[:1])
        lines[folder] += len(path.read_bytes().splitlines())
    assert lines.keys() == BUDGET.keys()
    assert {folder: count for folder, count in lines.items() if count > BUDGET[folder]} == {}


def test_modules_of_tests_have_names_of_their_own() -> None:
    tests = ROOT / "tests"
    modules = [path for path in tests.rglob("*.py") if path.relative_to(tests).parts[0] not in APART]
    assert Path(__file__) in modules
    assert [name for name, count in Counter(path.stem for path in modules).items() if count > 1] == []
