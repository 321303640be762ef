"""No circle of imports in the package, be they for types only or within functions."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import schema_sync
from schema_sync.model.graph import components

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCE = Path(schema_sync.__file__).parent


def modules(root: Path, package: str) -> dict[str, ast.Module]:
    """Return the trees of all modules below *root*, by their dotted names."""
    found: dict[str, ast.Module] = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join((package, *parts)).removesuffix(".__init__")
        found[name] = ast.parse(path.read_bytes())
    return found


def imports(name: str, tree: ast.Module, known: Mapping[str, ast.Module]) -> Iterator[str]:
    """Yield the modules of *known* that a module imports, wherever in it, itself left out."""
    for node in ast.walk(tree):
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: write the whole name of what is imported"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                targets.append(full if full in known else node.module or "")
        yield from (target for target in targets if target in known and target != name)


def circles(root: Path, package: str) -> frozenset[frozenset[str]]:
    """Return the groups of modules that import each other in a circle."""
    known = modules(root, package)
    graph = {name: sorted(set(imports(name, tree, known))) for name, tree in known.items()}
    return frozenset(frozenset(group) for group in components(graph) if len(group) > 1)


def test_there_is_no_circle() -> None:
    assert circles(SOURCE, "schema_sync") == frozenset()


@pytest.mark.parametrize(
    ("of_a", "expected"),
    [
        ("from p.b import x", True),
        ("from p import b", True),
        ("import p.b", True),
        ("def f():\n    from p.b import x", True),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.b import x", True),
        ("import b", False),
    ],
)
def test_finds_circles(tmp_path: Path, of_a: str, expected: bool) -> None:
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "a.py").write_text(of_a)
    (tmp_path / "b.py").write_text("from p.a import y")
    assert bool(circles(tmp_path, "p")) is expected
