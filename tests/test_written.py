"""All cases at once: what an update writes imports and type-checks, and calls mean what they meant."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from databases import create_database, drop_database

import casefile
import laws
import written
from conftest import Database
from schema_sync.errors import SchemaSyncError
from test_cases import CASES, FILES, prepare, texts

if TYPE_CHECKING:
    from pathlib import Path

    from schema_sync.replay import embedded_server

pytestmark = pytest.mark.thorough

Pairs = dict[str, tuple[written.Tree, written.Tree]]


@pytest.fixture(scope="module")
def pairs(server: embedded_server.Server, tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    """The files of each case before and after an update, in plain settings and as they are."""
    found: Pairs = {}
    for path in FILES:
        case = casefile.load(path)
        name = re.sub(r"\W", "_", str(path.relative_to(CASES).with_suffix("")))
        root = tmp_path_factory.mktemp(name)
        database = Database(name, create_database(server, f"written_{name}"))
        try:
            prepare(case, root, database)
            before = texts(root)
            laws.update(root, database.dsn)
            found[name] = before, texts(root)
        except SchemaSyncError:
            assert case.refused
        finally:
            drop_database(server, f"written_{name}")
    return found


@pytest.fixture(scope="module")
def seen(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    trees = {
        f"{which}_{name}": tree for name, pair in pairs.items() for which, tree in zip("ba", pair, strict=True)
    }
    return written.seen_in_python(trees, tmp_path_factory.mktemp("trees"))


def test_every_module_still_imports(pairs: Pairs, seen: dict[str, dict[str, object]]) -> None:
    lost = {name: written.lost_imports(seen[f"b_{name}"], seen[f"a_{name}"]) for name in pairs}
    assert not {name: errors for name, errors in lost.items() if errors}


def test_every_call_binds_what_it_bound(pairs: Pairs, seen: dict[str, dict[str, object]]) -> None:
    moved = {name: written.moved_calls(seen[f"b_{name}"], seen[f"a_{name}"]) for name in pairs}
    assert not {name: calls for name, calls in moved.items() if calls}
    assert sum(len(each["calls"]) for tree in seen.values() for each in tree.values()) > 20  # type: ignore[index]


def test_every_comment_is_still_there(pairs: Pairs) -> None:
    lost = {name: lost_comments(*pair) for name, pair in pairs.items()}
    assert not {name: comments for name, comments in lost.items() if comments}


def lost_comments(before: written.Tree, after: written.Tree) -> list[str]:
    def count(tree: written.Tree) -> Counter[str]:
        return Counter(comment for text in tree.values() for comment in laws.comments(text.encode()))

    return sorted(comment for comment in count(before) - count(after) if not comment.startswith("#:"))


MEANT = {
    # A null that can come, which a type checker now shows where the code uses the value.
    "pydantic_columns": ["reportOptionalMemberAccess", "union-attr"],
    # The module that the configuration names is not there.
    "overrides_imports": ["reportMissingImports", "import-not-found"],
}


def test_no_type_error_is_new(pairs: Pairs, tmp_path: Path) -> None:
    found = written.new_type_errors(pairs, tmp_path)
    meant = {
        name: [error for error in errors if error.rpartition("[")[2][:-1] in MEANT.get(name, ())]
        for name, errors in found.items()
    }
    assert {name: errors for name, errors in found.items() if errors != meant[name]} == {}
    assert set(meant) == set(MEANT)
