"""What holds of code that an update wrote: it imports, type-checks, and its calls mean what they meant.

Trees of files are looked at in batches: one interpreter for imports, one run of each type checker.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

Tree = dict[str, str]
_IMPORTER = Path(__file__).with_name("importing.py")


def seen_in_python(trees: dict[str, Tree], root: Path) -> dict[str, dict[str, Any]]:
    """Return, by tree and module, what ``importing.py`` saw: an error, or what its calls bind."""
    for name, tree in trees.items():
        for path, text in tree.items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_bytes(text.encode())
    command = [sys.executable, "-W", "ignore", str(_IMPORTER), str(root), *trees]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # type: ignore[no-any-return]


def lost_imports(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """Return the modules that imported, or were not there, and do not import now, each with its error.

    Other packages that the configuration names need not exist.
    """
    failed = {
        name: str(seen["error"])
        for name, seen in after.items()
        if seen["error"] and (not seen["missing"] or seen["missing"] in after)
    }
    return {name: error for name, error in failed.items() if not before.get(name, {"error": ""})["error"]}


def moved_calls(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[object, object]]:
    """Return the calls that do not bind what they bound."""
    return {
        f"{name}: {call}": (bound, after[name]["calls"].get(call))
        for name, seen in before.items()
        if not seen["error"] and name in after
        for call, bound in seen["calls"].items()
        if bound is not None and after[name]["calls"].get(call) != bound
    }


# ---- type checkers


def new_type_errors(pairs: dict[str, tuple[Tree, Tree]], root: Path) -> dict[str, list[str]]:
    """Return the errors of mypy and basedpyright that the second tree of a pair has and the first has not."""
    for name, trees in pairs.items():
        for which, tree in zip(("before", "after"), trees, strict=True):
            _lay_out(root / f"{which}_{name}", tree)
    found: dict[str, Counter[str]] = {}
    for line in [*_mypy(root), *_basedpyright(root)]:
        match = re.match(r"(?P<which>before|after)_(?P<name>\w+)/(?P<path>[^:]+): (?P<error>.*)", line)
        assert match, line
        error = re.sub(rf"\b(before|after)_{match['name']}\b", "tree", match["error"])
        found.setdefault(f"{match['which']} {match['name']}", Counter())[f"{match['path']}: {error}"] += 1
    return {
        name: sorted(new)
        for name in pairs
        if (new := found.get(f"after {name}", Counter()) - found.get(f"before {name}", Counter()))
    }


def _lay_out(folder: Path, tree: Tree) -> None:
    """Write *tree* as a package of its own, so that one run can look at all."""
    tops = {path.partition("/")[0].removesuffix(".py") for path in tree}
    names = "|".join(map(re.escape, sorted(tops)))
    own = re.compile(rf"^([ \t]*(?:from|import)[ \t]+)({names})\b", re.MULTILINE)
    for path, text in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(own.sub(rf"\1{folder.name}.\2", text).encode())
    folder.mkdir(exist_ok=True)
    for each in {folder, *(path.parent for path in folder.rglob("*.py"))}:
        (each / "__init__.py").touch()


def _mypy(root: Path) -> list[str]:
    command = [sys.executable, "-m", "mypy", "--no-incremental", "--hide-error-context", "--no-error-summary"]
    command += ["--no-warn-unused-configs", "--config-file", "", "--python-version", "3.11", "."]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode in {0, 1}, result.stdout + result.stderr
    lines = [line for line in result.stdout.splitlines() if ": error: " in line]
    return [re.sub(r":\d+(:\d+)?: error: ", ": mypy: ", line) for line in lines]


def _basedpyright(root: Path) -> list[str]:
    (root / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard", "pythonVersion": "3.11"}))
    command = [Path(sys.executable).with_name("basedpyright"), "--outputjson", "--pythonpath", sys.executable, "."]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    document = json.loads(result.stdout)
    return [
        f"{Path(each['file']).relative_to(root)}: basedpyright: {each['message'].splitlines()[0]} [{each.get('rule')}]"
        for each in document["generalDiagnostics"]
        if each["severity"] == "error"
    ]
