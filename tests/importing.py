"""Imports each module of each tree first, in a process of its own, and tells what its calls bind.

Usage: importing.py ROOT TREE…; prints JSON: tree → module → error and calls. Run by ``written``.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

with contextlib.suppress(ImportError):
    import pydantic
    import pydantic.dataclasses
    import typing_extensions

    _ = pydantic.TypeAdapter, typing_extensions.TypedDict  # loaded once, for all that are forked from here


def look(folder: Path, name: str) -> dict[str, Any]:
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    try:
        module = importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - whatever user code raises
        missing = str(error.name) if isinstance(error, ModuleNotFoundError) else ""
        return {"error": traceback.format_exc(limit=-3), "missing": missing, "calls": {}}
    calls: dict[str, Any] = {}
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_bytes())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            found = bound(node, module)
            if found is not None:
                calls[ast.unparse(node)] = found
    return {"error": "", "calls": calls}


def bound(node: ast.Call, module: object) -> dict[str, str] | None:
    """Return which parameter takes which argument; None for what is not a call of a class of the project."""
    called: object = module
    for part in ast.unparse(node.func).split("."):
        called = getattr(called, part, None)
    own = isinstance(called, type) and not hasattr(sys.modules.get(called.__module__), "__path__")
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    if not own or starred or not all(keyword.arg for keyword in node.keywords):
        return None
    given = [ast.unparse(argument) for argument in node.args]
    named = {str(keyword.arg): ast.unparse(keyword.value) for keyword in node.keywords}
    try:
        return {
            key: str(value) for key, value in inspect.signature(called).bind(*given, **named).arguments.items()
        }
    except (TypeError, ValueError):
        return None


def main(root: Path, trees: list[str]) -> None:
    found: dict[str, dict[str, Any]] = {}
    for tree in trees:
        found[tree] = {}
        for path in sorted((root / tree).rglob("*.py")):
            parts = list(path.relative_to(root / tree).with_suffix("").parts)
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            reader, writer = os.pipe()
            child = os.fork()
            if not child:
                with os.fdopen(writer, "w") as out:
                    json.dump(look(root / tree, name), out)
                os._exit(0)
            os.close(writer)
            with os.fdopen(reader) as stream:
                found[tree][name] = json.loads(stream.read())
            os.waitpid(child, 0)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
