"""The git hook and names in queries: a commit with a wrong one is stopped, other Python starts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from repositories import HOOK, Repository, repository, without_program
from schema_sync.codebase import parse_cache

if TYPE_CHECKING:
    from pathlib import Path

QUERY = 'from supabase import create_client\n\ndb = create_client("u", "k")\ndb.table("projects").select("{}").execute()\n'


@pytest.fixture
def hooked(tmp_path: Path) -> Repository:
    made = repository(tmp_path / "repository")
    (made.top / ".git/hooks/pre-commit").symlink_to(HOOK)
    (made.top / "app").mkdir()
    return made


def test_a_wrong_name_stops_the_commit(hooked: Repository) -> None:
    (hooked.top / "app/main.py").write_text(QUERY.format("id, nmae"))
    hooked.git("add", "-A")
    code, said = hooked.commit()
    assert code == 1
    assert "[CRITICAL] QUERY: projects\n  Unknown column: nmae (did you mean name?)\n  app/main.py:4\n" in said
    (hooked.top / "app/main.py").write_text(QUERY.format("id, name"))
    assert hooked.commit().code == 1, "what is staged counts"
    hooked.git("add", "-A")
    assert hooked.commit().code == 0


def test_python_without_queries_starts_nothing(hooked: Repository, tmp_path: Path) -> None:
    watched = without_program(hooked, tmp_path)
    (hooked.top / "app/main.py").write_text("print('hello')\n")
    hooked.git("add", "-A")
    assert watched.commit().code == 0
    assert not (tmp_path / "started").exists()
    (hooked.top / "app/main.py").write_text(QUERY.format("id"))
    hooked.git("add", "-A")
    assert watched.commit().code == 0
    assert (tmp_path / "started").exists()


def test_each_commit_uses_what_the_project_keeps(hooked: Repository, tmp_path: Path) -> None:
    parsed = tmp_path / "cache/schema-sync/parsed"
    variables = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "SCHEMA_SYNC_NO_CACHE": ""}
    hooked = hooked._replace(environment=hooked.environment | variables)
    for columns in ("id", "id, name"):
        (hooked.top / "app/main.py").write_text(QUERY.format(columns))
        hooked.git("add", "-A")
        assert hooked.commit().code == 0
    own = {place.name for kind in ("queries", "classes") if (place := parse_cache.place(hooked.project, kind))}
    assert {path.name for path in parsed.iterdir()} == own  # none for the copy of what is staged
