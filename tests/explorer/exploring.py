"""Pages to explore, made once for a module's tests, and the browser that shows them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from databases import create_database, drop_database

from looks import tab
from schema_sync.usecases import explore
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from doubles.chromium import Tab
    from schema_sync.replay.embedded_server import Server

__all__ = ["tab"]  # a fixture

ATOMS = Path(__file__).parents[1] / "cases/atoms"
APP = """from supabase import create_client

from schemas.enums import ProjectStatus

client = create_client("u", "k")


def settings_of(organization):
    return client.table("organizations").select("id, settings").eq("id", organization).execute()


def active(organization):
    return client.table("projects").select("id, name").eq("status", "active").execute()


def archive(project):
    client.table("projects").update({"status": "archived"}).eq("id", project).execute()


def either():
    return client.table("projects").select("id").or_("status.eq.draft,name.eq.x").execute()


def names():
    return client.table("projects").select("nmae").execute()


def named():
    return client.rpc("projects", {"a": 1}).execute()


def is_open(status):
    return status is ProjectStatus.ACTIVE
"""
POLICIES = """
alter table projects enable row level security;
alter table organizations enable row level security;
create policy members on projects for select to authenticated using (visibility = 'public');
create policy owners on organizations for all to authenticated using (true);
comment on column projects.slug is 'Part of its address on the web';
create view open_projects as select id, name from projects where status <> 'deleted' and name <> 'sk_live_51Habc';
create function projects(a int) returns int language sql as $$ select 1 $$;
create function projects(b text, c int) returns text language sql security definer as $$ select b $$;
"""


def data_of(text: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    loaded: dict[str, Any] = json.loads(found)
    return loaded


def page(server: Server, root: Path, *statements: str, name: str) -> Path:
    """Return the page of a database that *statements* make, and of the code in *root*."""
    dsn = create_database(server, name)
    try:
        with psycopg.connect(dsn, autocommit=True) as session:
            for each in statements:
                session.execute(each.encode())
        path = root / "schema.html"
        found = explore.explore(projects.open_project(root, source=dsn), root)
        path.write_text(found.text, encoding="utf-8")
        return path
    finally:
        drop_database(server, name)


@pytest.fixture(scope="module")
def atoms(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("atoms")
    shutil.copytree(ATOMS / "schemas", root / "schemas")
    (root / "app").mkdir()
    (root / "app/store.py").write_text(APP)
    return page(server, root, (ATOMS / "schema.sql").read_text(), POLICIES, name="explored_atoms")


@pytest.fixture
def explored(tab: Tab, atoms: Path) -> Tab:
    tab.size(1440, 900)
    tab.media(prefers_reduced_motion="reduce", prefers_color_scheme="light")
    tab.show(atoms)
    tab.run("localStorage.clear()")
    tab.show(atoms)
    return tab
