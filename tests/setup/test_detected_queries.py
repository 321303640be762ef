"""init: the calls of Supabase and the functions of the project's own that it finds, and what it takes for neither."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from initializing import Run, run, write

from schema_sync import config
from schema_sync.codebase.queries.find_wrappers import find_wrappers
from schema_sync.model.options import QueryWrapper
from schema_sync.setup.init_files import SCRIPT, templates

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]  # fixture

CLIENT = "from supabase import create_client\n\ndb = create_client('u', 'k')\n"
READING = 'supabase.select("orders", query={"select": "id", "id": f"eq.{x}"})\n'
WRITING = 'supabase.insert("orders", json={"total": 1})\n'
SELECT = QueryWrapper(call="supabase.select", table=0, params="query")
INSERT = QueryWrapper(call="supabase.insert", table=0, payload="json")


def found(*texts: str) -> dict[QueryWrapper, int]:
    return find_wrappers({f"{number}.py": text.encode() for number, text in enumerate(texts)})


class TestWrappers:
    def test_what_is_called_as_postgrest_is(self) -> None:
        assert found(READING * 3) == {SELECT: 3}
        assert found(
            READING, READING.replace("supabase", "self.supabase"), f"async def f():\n  await {READING}"
        ) == {SELECT: 3}
        assert found("(" * 400, READING * 3) == {SELECT: 3}

    def test_its_parts_are_where_the_calls_have_them(self) -> None:
        positional = 'http.fetch("orders", {"id": "not.eq.1"})\n'
        assert found(positional * 3) == {QueryWrapper(call="http.fetch", table=0, params=1): 3}
        named = 'rest.get(table="orders", params={"select": "*", "order": "id.desc", "id": "in.(1,2)"})\n'
        assert found(named * 3) == {QueryWrapper(call="rest.get", table="table", params="params"): 3}
        both = 'supabase.update("orders", {"total": 1}, query={"id": "eq.1"}, headers={"prefer": "x"})\n'
        assert found(both * 3) == {QueryWrapper(call="supabase.update", table=0, params="query", payload=1): 3}

    def test_a_plain_function_that_is_given_the_method_too(self) -> None:
        reading = '_rest("GET", "orders", query={"select": "id", "id": f"eq.{x}"})\n'
        writing = '_rest("POST", "orders", body={"total": 1})\n'
        assert found(reading * 3 + writing * 2) == {QueryWrapper(call="_rest", table=1, params="query"): 5}
        whole = QueryWrapper(call="_rest", table=1, params="query", payload="body")
        assert found(reading * 3 + writing * 3) == {whole: 6}
        named = '_rest(method="GET", path="orders", query={"id": "eq.1"})\n'
        assert found(named * 3) == {QueryWrapper(call="_rest", table="path", params="query"): 3}
        assert found(named * 3 + named.replace("orders", "/rest/v1/orders")) == {}

    def test_other_methods_of_the_same_object_write(self) -> None:
        rows = WRITING.replace('{"total": 1}', '[{"total": 1}, {"total": 2}]')
        assert found(READING * 3, WRITING * 2 + rows) == {INSERT: 3, SELECT: 3}
        assert found(WRITING * 3) == {}
        assert found(READING * 3, WRITING.replace("supabase", "mongo") * 3) == {SELECT: 3}
        assert found(READING * 3, WRITING * 2) == {SELECT: 3}

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(READING * 2, id="too few"),
            pytest.param(READING * 3 + 'supabase.select("/health", query={})\n', id="sometimes an address"),
            pytest.param(READING * 3 + "supabase.select(1)\n", id="sometimes a number"),
            pytest.param(READING * 3 + "supabase.select()\n", id="sometimes nothing"),
            pytest.param(READING * 3 + 'supabase.select("key")\n' * 4, id="mostly without parameters"),
            pytest.param(
                'requests.get("https://x.supabase.co/rest/v1/orders", params={"id": "eq.1"})\n' * 3, id="http"
            ),
            pytest.param(
                'requests.get(URL, params={"select": "id", "id": "eq.1"})\n' * 3, id="an address in a name"
            ),
            pytest.param('graph.get("users", params={"select": "displayName"})\n' * 3, id="no condition"),
            pytest.param('db.table("orders").select("id").eq("id", "eq.1")\n' * 3, id="Supabase's client"),
            pytest.param('supabase.rpc("f", {"select": "x", "id": "eq.1"})\n' * 3, id="Supabase's functions"),
            pytest.param('session.query("orders", {"select": "id"}).filter_by(id="eq.1")\n' * 3, id="SQLAlchemy"),
            pytest.param('db.order.find_many("orders", select={"id": True}, where={"id": 1})\n' * 3, id="Prisma"),
            pytest.param('dynamodb.query("orders", {"Select": "COUNT", "Key": {"eq": 1}})\n' * 3, id="boto3"),
            pytest.param('s3.select("orders", Query={"select": "eq"})\n' * 3, id="boto3's S3"),
            pytest.param('con.execute("orders", {"select": "eq.1 = 2"})\n'.replace("eq.1", "x") * 3, id="DuckDB"),
            pytest.param('pd.read_sql("orders", con, params={"id": 1})\n' * 3, id="pandas"),
            pytest.param('df.eval("total", local_dict={"eq": 1})\n' * 3, id="pandas' eval"),
            pytest.param('web.select("orders", vars={"id": 1}, what="eq.id")\n' * 3, id="web.py"),
            pytest.param('mongo.find("orders", {"id": {"$eq": 1}})\n' * 3, id="MongoDB"),
        ],
    )
    def test_of_others_nothing_is_guessed(self, text: str) -> None:
        assert found(text) == {}


class TestInit:
    def test_calls_of_supabase(self, tmp_path: Path, run: Run) -> None:
        call = 'db.table("orders").select("id").execute()\n'
        write(tmp_path, {"app/a.py": CLIENT + call * 2, "app/b.py": f"from app.a import db\n\n{call}"})
        _, _, err = run("init")
        assert "found calls of Supabase: 3; files: 2; check compares the names in them\n" in err
        assert "functions of your own" not in err
        text = (tmp_path / "schema-sync.toml").read_text()
        assert '\nqueries = "auto"\n' in text
        assert "query-wrappers" not in text

    def test_schemas_that_the_code_names_are_mentioned(self, tmp_path: Path, run: Run) -> None:
        options = "from supabase import ClientOptions, create_client\n\n"
        options += 'other = create_client("u", "k", options=ClientOptions(schema="app"))\n'
        options += 'other.table("orders").select("id").execute()\n'
        call = 'db.schema("bill\\ning").table("orders").select("id").execute()\n'
        write(tmp_path, {"app/a.py": options, "app/b.py": CLIENT + call})
        run("init")
        text = (tmp_path / "schema-sync.toml").read_text()
        assert '\n# The code also names "app", "bill\\ning". The names in those calls are checked anyway;' in text
        assert config.load(tmp_path).config.schemas == ("public",)

    def test_without_calls_the_key_is_a_comment(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"app/a.py": 'duckdb.table("orders").select("id").execute()\n'})
        _, _, err = run("init")
        assert "Supabase:" not in err
        assert '\n# queries = "auto"\n' in (tmp_path / "schema-sync.toml").read_text()

    def test_a_function_of_the_projects_own(self, tmp_path: Path, run: Run) -> None:
        write(
            tmp_path,
            {"app/a.py": READING * 3 + WRITING * 4, "app/ignored.py": READING, ".gitignore": "ignored.py\n"},
        )
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
        _, _, err = run("init")
        assert "found calls of Supabase: 7; files: 1;" in err
        assert (
            "found functions of your own that send queries: supabase.insert (4 calls), supabase.select (3 calls); "
            "see [[query-wrappers]] and edit it\n"
        ) in err
        assert config.load(tmp_path).config.query_wrappers == (INSERT, SELECT)
        assert run("init")[1] == "✓ Nothing to do: all files are in place\n"

    def test_in_the_scripts_folder(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {SCRIPT: templates()[SCRIPT].decode(), "app/a.py": READING * 3})
        run("init")
        written = json.loads((tmp_path / "scripts/schema_sync_config.json").read_text())
        assert written["queries"] == "auto"
        assert written["query-wrappers"] == [{"call": "supabase.select", "table": 0, "params": "query"}]
        assert config.load(tmp_path).config.query_wrappers == (SELECT,)
