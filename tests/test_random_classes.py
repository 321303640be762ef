"""Random row classes of every form, out of date in random ways: what an update writes works as before.

    pytest tests/test_random_classes.py --hypothesis-profile=thorough

runs twenty times as many.
"""

from __future__ import annotations

import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databases import create_database, drop_database
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import laws
import written
from conftest import Database
from random_classes import Project
from random_schema import Drawer
from test_written import lost_comments

if TYPE_CHECKING:
    from schema_sync.replay import embedded_server

pytestmark = pytest.mark.thorough

NUMBERS = count()
PAIRS: dict[str, tuple[written.Tree, written.Tree]] = {}


@settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
@given(data=st.data())
def test_an_update_keeps_what_works(server: embedded_server.Server, data: st.DataObject) -> None:
    draw = Drawer(data)
    project = Project(draw)
    name = f"classes_{next(NUMBERS)}"
    root = Path(tempfile.mkdtemp(prefix=name))
    draw.say(f"{project.sql()};\n\n{project.configuration}")
    try:
        database = Database(name, create_database(server, name))
        database.run(project.sql())
        (root / "schema-sync.toml").write_text(project.configuration)
        for path, text in project.files.items():
            draw.say(f"--- {path}\n{text}")
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        before = _tree(root)
        laws.assert_update_mends(root, database.dsn)
        after = _tree(root)
        for path, text in after.items():
            draw.say(f"--- {path} after\n{text}" if before.get(path) != text else "")
        assert lost_comments(before, after) == []
        seen = written.seen_in_python({"b": before, "a": after}, root / "trees")
        assert [each["error"] for each in seen["b"].values() if each["error"]] == []
        assert written.lost_imports(seen["b"], seen["a"]) == {}
        assert written.moved_calls(seen["b"], seen["a"]) == {}
        PAIRS[name] = before, after
    finally:
        drop_database(server, name)
        shutil.rmtree(root)


def test_no_type_error_is_new(tmp_path: Path) -> None:
    assert written.new_type_errors(PAIRS, tmp_path) == {}


def _tree(root: Path) -> written.Tree:
    return {path: content.decode() for path, content in laws.python_files(root).items()}
