"""doctor: what it looks at, that it goes on where check stops, and that no secret leaves it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schema_sync import cli
from schema_sync.errors import SourceError
from schema_sync.replay.statements import split
from schema_sync.setup.doctor import _LIBPQ, _PACKAGES, VARIABLES

if TYPE_CHECKING:
    from conftest import Database

CANARY = "c4n4ry"
ROW = "from typing import TypedDict\n\n\nclass UserRow(TypedDict):\n    id: str\n    x: 'Unknown'\n"


class Project:
    """A folder, and doctor run in it."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run([*arguments])
        return (code, *self._capture.readouterr())

    def doctor(self, *arguments: str, code: int) -> dict[str, dict[str, Any]]:
        """The checks by section and name; the last of a name counts."""
        got, out, _ = self.run("doctor", "--format", "json", *arguments)
        document = json.loads(out)
        assert document["format_version"] == 1
        assert (got, document["can_check"]) == (code, code == 0)
        return {
            section: {check["name"]: check for check in checks} for section, checks in document["sections"].items()
        }


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    for name in (*VARIABLES, *_LIBPQ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, capsys)


class TestSources:
    def test_nothing_is_configured(self, project: Project) -> None:
        found = project.doctor(code=2)
        auto = found["sources"]["auto"]
        assert (auto["state"], auto["says"]) == ("fault", "no source is configured")
        assert "SUPABASE_DB_URL" in auto["next"]
        assert found["sources"]["dsn"]["says"] == "not configured"
        assert found["sources"]["lock"]["state"] == "note"
        assert found["sources"]["lock"]["next"] == "Write it from a live source: schema-sync update --source auto."
        assert "snapshot:FILE" in found["sources"]["snapshot"]["next"]

    def test_a_database_that_answers(
        self, project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
        project.write("supabase/migrations/1_a.sql", "create table users (id uuid primary key);")
        found = project.doctor(code=0)["sources"]
        assert found["dsn"]["says"].startswith("taken, because SUPABASE_DB_URL is set; postgresql://schema_sync@")
        assert "PostgreSQL 18" in found["dsn"]["says"]
        assert found["migrations"]["says"].startswith(
            "supabase/migrations exists; supabase/migrations: 1 file replayed on postgres (PostgreSQL)"
        )

    def test_what_the_git_hook_compares_with(
        self, project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hook(code: int) -> tuple[str, str]:
            check = project.doctor(code=code)["sources"]["git hook"]
            return check["state"], check["says"]

        assert hook(2) == ("ok", "offline, because no live source is configured")
        monkeypatch.setenv("SCHEMA_SYNC_HOOK_SOURCE", "live")
        assert hook(2) == ("warning", "no live source is configured")
        monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
        assert hook(0) == ("ok", "live, because SCHEMA_SYNC_HOOK_SOURCE is set")
        monkeypatch.delenv("SCHEMA_SYNC_HOOK_SOURCE")
        assert hook(0) == ("ok", "live, because SUPABASE_DB_URL is set")
        project.write("schema-sync.toml", "hook-source = 'offline'\n")
        assert hook(0) == ("ok", "offline, because hook-source is configured")
        project.write(".env", "SCHEMA_SYNC_HOOK_SOURCE=live\n")
        assert hook(0) == ("ok", "live, because SCHEMA_SYNC_HOOK_SOURCE in .env is set")
        monkeypatch.setenv("SCHEMA_SYNC_HOOK_SOURCE", "lvie")
        assert hook(0) == ("warning", "SCHEMA_SYNC_HOOK_SOURCE is neither live nor offline")

    def test_a_schema_that_does_not_exist(self, project: Project, database: Database) -> None:
        check = project.doctor("--source", database.dsn, "--schema", "pubic", code=2)["sources"]["dsn"]
        assert check["says"].endswith(" has no schema pubic")

    def test_a_server_that_refuses(self, project: Project, database: Database) -> None:
        dsn = database.dsn.replace("options=''", "options='-c role=nobody'")
        check = project.doctor("--source", dsn, code=2)["sources"]["dsn"]
        assert "cannot connect" in check["says"]

    def test_a_database_that_does_not(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://u:x@127.0.0.1:1/d?connect_timeout=600")
        project.write("supabase/migrations/1_a.sql", "")
        check = project.doctor(code=2)["sources"]["dsn"]
        assert check["state"] == "fault"
        assert "cannot connect to postgresql://u@127.0.0.1:1/d" in check["says"]
        assert check["next"].startswith("Check host and port")
        # where another source is chosen, it matters less
        assert project.doctor("--source", "migrations", code=0)["sources"]["dsn"]["state"] == "warning"

    def test_no_connection_string_at_all(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", CANARY)
        assert "not a connection string" in project.doctor(code=2)["sources"]["dsn"]["says"]

    def test_an_empty_migrations_folder(self, project: Project) -> None:
        (project.root / "supabase/migrations").mkdir(parents=True)
        check = project.doctor(code=2)["sources"]["migrations"]
        assert "there are no migrations" in check["says"]
        assert "supabase migration new" in check["next"]

    @pytest.mark.parametrize(("missing", "says"), [("pgparse", "pgparse"), ("server", "no PostgreSQL 18")])
    def test_without_the_extra(
        self, project: Project, monkeypatch: pytest.MonkeyPatch, missing: str, says: str
    ) -> None:
        project.write("supabase/migrations/1_a.sql", "")

        def refuse() -> str:
            raise SourceError("there is no PostgreSQL 18 or later", hint="pip install it")

        if missing == "pgparse":
            monkeypatch.setitem(sys.modules, "pgparse", None)
            split.cache_clear()
        else:
            monkeypatch.setattr("schema_sync.replay.embedded_server.available", refuse)
        check = project.doctor(code=2)["sources"]["migrations"]
        assert says in check["says"]
        assert "pip install" in check["next"]

    def test_no_room_for_the_binaries(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(_: object) -> Path:
            raise OSError(28, "No space left on device")

        project.write("supabase/migrations/1_a.sql", "")
        monkeypatch.setattr("schema_sync.replay.embedded_server._cache", full)
        assert "could not be prepared" in project.doctor(code=2)["sources"]["migrations"]["says"]

    def test_lock_and_snapshot(self, project: Project, database: Database) -> None:
        database.run("create table users (id uuid primary key)")
        project.run("update", "--source", database.dsn)
        project.run("snapshot", "--source", database.dsn, "--output", "s.json")
        found = project.doctor("--source", "lock", code=0)
        assert found["sources"]["lock"]["says"].startswith(
            "taken, because it is configured; schemas/schema_lock.json: 1 tables and views, DB_HASH "
        )
        assert found["records"]["last sync"]["state"] == "ok"
        assert "DB_HASH" in found["records"]["last sync"]["says"]
        assert "1 tables" in project.doctor("--source", "snapshot:s.json", code=0)["sources"]["snapshot"]["says"]

        project.write("schemas/schema_lock.json", "{")
        assert "not a readable lock" in project.doctor("--source", "lock", code=2)["sources"]["lock"]["says"]


class TestTheRest:
    def test_configuration(self, project: Project) -> None:
        assert project.doctor(code=2)["configuration"] == {
            "file": {
                "name": "file",
                "state": "note",
                "says": "none: defaults",
                "next": "schema-sync init writes one",
            }
        }
        project.write(
            "schema-sync.toml",
            "title = 'X'\nschemas = ['public']\n[paths]\nenums = 'a/b.py'\n[bindings]\nARow = 'public.a'\n",
        )
        project.write("scripts/schema_sync_config.json", "{}")
        found = project.doctor("--schema", "auth", code=2)["configuration"]
        assert list(found) == ["file", "title", "schemas", "bindings", "paths.enums"]
        assert found["schemas"]["says"] == '["auth"]'
        assert "scripts/schema_sync_config.json" in found["file"]["says"]
        assert found["file"]["state"] == "warning"

    def test_a_wrong_configuration_does_not_end_it(self, project: Project) -> None:
        project.write("schema-sync.toml", "titel = 'X'\n")
        found = project.doctor(code=2)
        assert found["configuration"]["file"]["says"] == "schema-sync.toml: unknown key titel"
        assert found["configuration"]["file"]["next"] == "Did you mean title?"
        assert set(found) == {"configuration", "environment", "versions"}

    def test_environment(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUPABASE_URL", "https://x.supabase.co")
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", "")
        monkeypatch.setenv("PGHOST", "h")
        found = project.doctor(code=2)["environment"]
        assert found["SUPABASE_URL"]["says"] == "set (the project's address)"
        assert found["SUPABASE_SERVICE_KEY"]["state"] == "warning"
        assert found["SUPABASE_DB_URL"]["says"].startswith("not set")
        assert "PGHOST" in found
        assert "PGUSER" not in found

    def test_files(self, project: Project) -> None:
        assert project.doctor(code=2)["files"]["read"]["state"] == "warning"
        project.write("schemas/a.py", ROW)
        project.write("supabase/migrations/1_a.sql", "")
        found = project.doctor(code=0)["files"]
        assert found["read"]["says"] == "schemas/**/*.py: 1; row classes: 1; Enums: 0"
        assert found["opaque"]["state"] == "note"
        assert "queries" not in found
        project.write(
            "app.py", "import supabase\nx.table('a').select('b').execute()\nx.table(y).select('b').execute()"
        )
        found = project.doctor(code=0)["files"]
        assert (
            found["queries"]["says"] == "calls: 2; files: 1; certain: 1; inferred: 0; dynamic: 1; SQL literals: 0"
        )
        assert (
            found["computed"]["says"] == "1 mention in queries, the first in app.py:3: its name is not a literal"
        )
        project.write("sql.py", "import psycopg\npsycopg.connect('').execute('select 1')\n")
        found = project.doctor(code=0)["files"]
        counts = "calls: 2; files: 2; certain: 1; inferred: 0; dynamic: 1; SQL literals: 1"
        assert found["queries"]["says"] == counts
        project.write("schemas/b.py", "x = 1\nclass (:\n")
        found = project.doctor(code=2)["files"]
        assert found["unreadable"]["says"].startswith("schemas/b.py:2:7: ")

    def test_queries(self, project: Project) -> None:
        project.write("supabase/migrations/1_a.sql", "")
        project.write(
            "app.py",
            "from supabase import create_client\ndb = create_client('u', 'k')\n"
            "db.table('a').select('b').execute()\nq = db.table('a')\nq.select('b').execute()\n"
            "db.table('a').insert(rows).execute()\ndb.table('a').insert(others).execute()\n"
            "db.schema(x).table('a').select(y).execute()\ndb.rpc(f).execute()\n",
        )
        project.write("broken.py", "table(\n")
        project.write("own.py", "rest.get('a', params={'id': 'eq.1'})\n" * 3)
        _, out, _ = project.run("doctor")
        assert (
            "  ✓ queries: calls: 6; files: 1; certain: 3; inferred: 1; dynamic: 2; SQL literals: 0\n"
            "  - computed: 1 mention in queries, the first in app.py:9: its name is not a literal\n"
            "      1 mention in queries, the first in app.py:8: its schema is not a literal\n"
            "      2 mentions in queries, the first in app.py:6: the rows are not literals\n"
            "    → What is computed at run time is not checked: write literals, or constants of the file.\n"
            "  - queries: broken.py:1:6: '(' was never closed: its queries are not checked\n"
            "  - wrapper: rest.get looks like a function of your own that sends queries; calls: 3\n"
            "    → Describe it in [[query-wrappers]].\n"
        ) in out
        wrapper = "[[query-wrappers]]\ncall = 'rest.get'\nparams = 'params'\n"
        project.write("schema-sync.toml", wrapper)
        found = project.doctor(code=0)["files"]
        assert "wrapper" not in found
        assert "inferred: 4;" in project.run("doctor")[1]
        project.write("schema-sync.toml", "queries = 'off'\n")
        assert project.doctor(code=0)["files"].keys() == {"read"}

    def test_versions(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        found = project.doctor(code=2)["versions"]
        assert list(found) == ["supabase-schema-sync", "Python", *_PACKAGES]
        monkeypatch.setattr("schema_sync.setup.doctor._PACKAGES", {"no-such-package": ("some", "nothing")})
        check = project.doctor(code=2)["versions"]["no-such-package"]
        assert check["says"] == "not installed"
        assert check["next"] == "pip install 'supabase-schema-sync[some]' (only for nothing)"

    def test_text(self, project: Project) -> None:
        project.write("supabase/migrations/1_a.sql", "")
        code, out, _ = project.run("doctor")
        assert code == 0
        assert "Configuration\n  - file: none: defaults\n    → schema-sync init writes one\n\nEnvironment\n" in out
        assert out.endswith("\n✓ schema-sync check can run\n")
        project.write("schemas/\x1b[31m.py", "class (:\n")
        code, out, _ = project.run("doctor")
        assert code == 2
        assert out.endswith("\n✗ schema-sync check cannot run yet\n")
        assert "\x1b" not in out


class TestSecrets:
    @pytest.mark.parametrize(
        "url",
        [
            f"postgresql://u:{CANARY}@127.0.0.1:1/d",
            f"postgresql://u:x{CANARY}@y{CANARY}@127.0.0.1:1/d",
            f"postgresql://u:x/{CANARY}@127.0.0.1:1/d",
            f"postgresql://u:{CANARY}/x@127.0.0.1:1/d",
            f"postgresql://u:%{CANARY}@127.0.0.1:1/d",
            f"postgresql://u@127.0.0.1:1/d?password={CANARY}",
            f"postgresql://u@127.0.0.1:1/d?password=x&{CANARY}=y",
            f"host=127.0.0.1 port=1 user=u password={CANARY}",
            f"host=127.0.0.1 port=1 user=u password=x {CANARY}",
            f"https://u:{CANARY}@h/d",
            CANARY,
        ],
    )
    @pytest.mark.parametrize("arguments", [("doctor",), ("doctor", "--format", "json"), ("check",)])
    def test_none_is_printed(
        self, project: Project, monkeypatch: pytest.MonkeyPatch, url: str, arguments: tuple[str, ...]
    ) -> None:
        for name in VARIABLES:
            secret = url if name.endswith("_URL") else "prj" if "PROJECT" in name else CANARY
            monkeypatch.setenv(name, secret)
        for name in ("PGPASSWORD", "PGOPTIONS"):
            monkeypatch.setenv(name, CANARY)
        project.write("schema-sync.toml", "source = 'auto'\n")
        project.write("schemas/a.py", ROW)
        _, out, err = project.run(*arguments)
        assert out + err
        assert CANARY not in out + err

    def test_nor_from_the_command_line_or_the_configuration(self, project: Project) -> None:
        dsn = f"postgresql://u:{CANARY}@127.0.0.1:1/d"
        _, out, err = project.run("doctor", "--source", dsn)
        assert 'source: "postgresql://u@127.0.0.1:1/d"' in out
        assert CANARY not in out + err
        project.write("schema-sync.toml", f"source = '{dsn}'\n")
        _, out, err = project.run("doctor")
        assert "not a place for secrets" in out
        assert CANARY not in out + err

    def test_every_variable_that_a_source_reads_is_among_them(self) -> None:
        package = Path(cli.__file__).parents[1]
        code = "".join(
            path.read_text()
            for name in ("sources", "remote", "postgres", "notify")
            for path in (package / name).glob("*.py")
        )
        found = re.findall(r"\b(?:SUPABASE_[A-Z_]+|SCHEMA_SYNC_[A-Z_]+|DATABASE_URL)\b", code)
        assert set(found) == set(VARIABLES)
