"""The git hook and names in queries: a commit with a wrong one is stopped, other Python starts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from repositories import HOOK, Repository, repository, without_program

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
