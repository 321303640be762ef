"""Clear errors with the documented exit codes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command_project import ENTITIES, Project, project

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["project"]  # fixture


class TestErrors:
    """A clear message, the documented exit code, no traceback."""

    def expect(self, project: Project, *arguments: str, code: int, says: str) -> str:
        got, out, err = project.run("check", *arguments)
        assert (got, out) == (code, "")
        assert says in err
        assert "Traceback" not in err
        return err

    @pytest.mark.parametrize(
        ("given", "near"),
        [("explian", "explain"), ("CHECK", "check"), ("updaet", "update"), ("-q listt", "list"), ("mcpp", "mcp")],
    )
    def test_a_misspelt_command(self, project: Project, given: str, near: str) -> None:
        code, out, err = project.run(*given.split())
        assert (code, out) == (2, "")
        assert err.endswith(f"Error: No such command {given.rsplit(maxsplit=1)[-1]!r}. Did you mean {near!r}?\n")

    def test_a_command_that_is_like_none(self, project: Project) -> None:
        assert "Did you mean" not in project.run("zzzzzz")[2]

    def test_wrong_dsn(self, project: Project) -> None:
        self.expect(project, "--source", "postgresql://h:p@/x?nonsense=1", code=2, says="not a connection string")

    @pytest.mark.parametrize("dsn", ["postgresql://u:s3cr%zz@h/x", "postgresql://u:s3cr@et@127.0.0.1:1/x"])
    def test_a_password_that_is_not_escaped_is_not_shown(self, project: Project, dsn: str) -> None:
        code, _, err = project.run("check", "--source", dsn)
        assert code in {2, 3}
        assert "s3cr" not in err
        assert "et@" not in err

    def test_nothing_listens(self, project: Project) -> None:
        dsn = "postgresql://u:s3cret@127.0.0.1:1/x"
        err = self.expect(project, "--source", dsn, code=3, says="cannot connect to postgresql://u@127.0.0.1:1/x")
        assert "Connection refused. Is the server running" in err
        assert "s3cret" not in err

    def test_wrong_password(self, project: Project, database: Database, server: object) -> None:
        database.run("create role locked login password 'right'")
        [(path,)] = database.run("show hba_file")
        rules = Path(path).read_text()
        try:
            Path(path).write_text("local all locked scram-sha-256\n" + rules)
            database.run("select pg_reload_conf()")
            dsn = re.sub(r"user=\S+", "", database.dsn)
            err = self.expect(
                project,
                "--source",
                f"{dsn} user=locked password=wr0ng-one",
                code=3,
                says="password authentication failed",
            )
        finally:
            Path(path).write_text(rules)
            database.run("select pg_reload_conf()")
            database.run("drop role locked")
        assert "wr0ng-one" not in err

    def test_no_such_database(self, project: Project, database: Database) -> None:
        dsn = database.dsn.replace(database.name, "nowhere")
        self.expect(project, "--source", dsn, code=3, says='database "nowhere" does not exist')

    def test_unknown_schema(self, project: Project, database: Database) -> None:
        err = self.expect(
            project, "--source", database.dsn, "--schema", "pubic", code=2, says="schema 'pubic' does not exist"
        )
        assert "public" in err.split("It has:")[1]

    def test_the_schemas_of_a_replay_are_named_less_its_own(self, project: Project) -> None:
        project.write("supabase/migrations/1_a.sql", "create schema billing;\n")
        err = self.expect(project, "--schema", "biling", code=2, says="schema 'biling' does not exist")
        assert "billing" in err.split("It has:")[1]
        assert "schema_sync" not in err

    def test_nothing_configured(self, project: Project) -> None:
        err = self.expect(project, code=2, says="no source is configured")
        for word in ("SUPABASE_DB_URL", "DATABASE_URL", "supabase/migrations"):
            assert word in err
        ways = [line for line in err.splitlines() if line.startswith("  - ")]
        assert len(ways) == len(set(ways)) == 4

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ('{"titel": "x"}', "unknown key titel\nHint: Did you mean title?"),
            ('{"title": 5}', "Expected `str`, got `int` - at `title`"),
            ('{"title": ', "scripts/schema_sync_config.json: Expecting value"),
            ("[]", "expected an object of settings"),
            ('{"schemas": []}', "schemas names no schema"),
            ('{"source": "postgresql://u:hidden@h/d"}', "not a place for secrets"),
            ('{"paths": {"enums": "../x.py"}}', "must be a relative path inside the project"),
            ('{"paths": {"lock": "lock.py"}}', "must end in .json"),
            ('{"paths": {"enum": "x.py"}}', "unknown key paths.enum\nHint: Did you mean paths.enums?"),
            ('{"types": {"numeric": "1 +"}}', "types.numeric: '1 +' is not a Python type"),
            ('{"types": {"numeric": "f()"}}', "is not a type expression"),
            ('{"severity": {"colum-removed": "low"}}', "Did you mean column-removed?"),
            ('{"severity": {"column-removed": "bad"}}', "'bad' is not one of low, medium, high, critical, off"),
            ('{"precision": "exakt"}', "precision: 'exakt' is not one of plain, exact\nHint: Did you mean exact?"),
            (
                '{"shapes": ["row", "inserts"]}',
                "shapes: 'inserts' is not one of row, insert, update\nHint: Did you mean insert?",
            ),
            ('{"enum_columns": "x"}', "enum-columns: 'x' is not one of str, enum, literal\n"),
            (
                '{"notify": {"min_severity": "x"}}',
                "notify.min-severity: 'x' is not one of low, medium, high, critical",
            ),
            ('{"require_manual_review": ["zzz"]}', "no rule 'zzz'"),
            ('{"bindings": {"OrganizationRow": "a.b.c"}}', "is not an object; write schema.name"),
        ],
    )
    def test_bad_configuration(self, project: Project, database: Database, text: str, says: str) -> None:
        project.write("scripts/schema_sync_config.json", text)
        err = self.expect(project, "--source", database.dsn, code=2, says=says)
        assert "hidden" not in err

    def test_a_configuration_that_is_not_there(self, project: Project) -> None:
        self.expect(
            project,
            "--config",
            "nope.toml",
            code=2,
            says="nope.toml: No such file or directory\nHint: Check the path given to --config.",
        )

    def test_a_configuration_that_was_found_and_cannot_be_read(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project.write("schema-sync.toml", "")
        opened = os.open

        def refused(path: Path, flags: int) -> int:
            if path.name == "schema-sync.toml":
                raise PermissionError(13, "Permission denied")
            return opened(path, flags)

        monkeypatch.setattr(os, "open", refused)  # permissions stop no superuser
        err = self.expect(project, code=2, says="schema-sync.toml: Permission denied")
        assert "--config" not in err

    @pytest.mark.parametrize(
        "arguments",
        [("chekc",), ("check", "--formt", "json"), ("update", "--force"), ("mcp", "--port", "8765")],
    )
    def test_usage(self, project: Project, arguments: tuple[str, ...]) -> None:
        code, out, err = project.run(*arguments)
        assert (code, out) == (2, "")
        assert "Error: " in err

    @pytest.mark.parametrize(
        ("source", "code", "says"),
        [
            ("snapsot:x", 2, "Did you mean snapshot?"),
            ("snapshot", 2, "which snapshot?"),
            ("snapshot:gone.json", 3, "gone.json: No such file or directory"),
            ("snapshot:broken.json", 3, "broken.json: not a readable snapshot"),
            ("lock", 3, "schemas/schema_lock.json: No such file or directory"),
            ("lock:x", 2, "lock takes no argument"),
            ("dsn", 2, "no connection string"),
            ("migrations:gone", 3, "gone cannot be read"),
        ],
    )
    def test_sources(self, project: Project, source: str, code: int, says: str) -> None:
        project.write("broken.json", "{}")
        self.expect(project, "--source", source, code=code, says=says)

    def test_a_migration_that_fails(self, project: Project) -> None:
        project.write("supabase/migrations/1_a.sql", "create table a (id int);\n\ncreate table b (id itn);\n")
        err = self.expect(project, code=3, says='supabase/migrations/1_a.sql:3: type "itn" does not exist')
        assert "create table b (id itn)" in err

    def test_what_a_replay_passes_over_is_said(self, project: Project) -> None:
        project.write("supabase/migrations/1_a.sql", "create role anon; create table a (id int);")
        _, _, err = project.run("snapshot")
        assert err == (
            "source: migrations, supabase/migrations (auto: supabase/migrations exists)\n"
            "supabase/migrations/1_a.sql:1: role anon is there in every Supabase project: its creation is passed over\n"
        )

    def test_two_tables_for_one_name(self, project: Project, database: Database) -> None:
        database.run("create table user_notes (id int); create table usernotes (id int)")
        project.write(
            "schemas/database/entities.py", ENTITIES + "\n\nclass UserNoteRow(TypedDict):\n    id: int\n"
        )
        err = self.expect(
            project,
            "--source",
            database.dsn,
            code=2,
            says="UserNoteRow could map to public.user_notes or public.usernotes",
        )
        assert "[bindings] UserNoteRow = 'public.user_notes'" in err
