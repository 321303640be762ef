"""The command as people type it: what check and update do with a project, and what they say of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from command_project import ENUMS, IN_SYNC, SCHEMA, Project, project

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["project"]  # fixture


class TestPythonThatDoesNotParse:
    def test_is_told_with_its_place_and_the_rest_counts(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.write("schemas/broken.py", "x = 1\nclass (:\n")
        code, out, err = project.run("check", "--source", database.dsn)
        assert code == 2
        assert "could not read schemas/broken.py:2:7: " in err
        assert "Added values: pending, on_hold" in out
        assert "Schemas are in sync" not in out

        code, out, err = project.run("update", "--source", database.dsn)
        assert (code, out) == (2, "")
        assert "schemas/broken.py:2:7" in err
        assert (project.root / "schemas/enums.py").read_text() == ENUMS

    def test_never_passes_as_in_sync(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.run("update", "--source", database.dsn)
        project.write("schemas/broken.py", "class (:\n")
        code, out, _ = project.run("check", "--source", database.dsn)
        assert code == 2
        assert out.endswith("⚠️  Not all files could be read\n")


class TestThinSchemas:
    def test_an_empty_database(self, tmp_path: Path, project: Project, database: Database) -> None:
        for file in (project.root / "schemas").rglob("*.py"):
            file.unlink()
        assert project.run("check", "--source", database.dsn)[:2] == (0, IN_SYNC)
        code, _, _ = project.run("update", "--source", database.dsn)
        assert code == 0
        assert project.run("check", "--source", "lock")[0] == 0

    def test_a_table_without_columns(self, project: Project, database: Database) -> None:
        database.run("create table bare (); create type nothing as enum ()")
        project.write("schemas/database/entities.py", "")
        code, out, _ = project.run("check", "--source", database.dsn)
        assert code == 1
        assert "[HIGH] TABLE: bare\n  Change: added\n  Columns: 0\n" in out
        assert project.run("update", "--source", database.dsn)[0] == 0
        assert (
            'class BareRow(TypedDict):\n    """Table: public.bare"""\n'
            in (project.root / "schemas/database/entities.py").read_text()
        )

    def test_missing_folders_are_made(self, tmp_path: Path, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.write("schema-sync.toml", "[paths]\nenums = 'app/models/enums.py'\n")
        project.write("schemas/enums.py", "")
        code, out, _ = project.run("update", "--source", database.dsn)
        assert code == 0
        assert (project.root / "app/__init__.py").read_bytes() == b""
        assert (project.root / "app/models/__init__.py").read_bytes() == b""
        assert "✓ Updated app/models/enums.py\n" in out
        assert project.run("check", "--source", database.dsn)[0] == 0


class TestRemovals:
    def test_a_class_in_use_is_not_pruned(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.run("update", "--source", database.dsn)
        project.write(
            "schemas/uses.py", "from schemas.enums import ProjectStatus\n\nSTART = ProjectStatus.ACTIVE\n"
        )
        database.run("drop type project_status cascade")
        code, out, err = project.run("update", "--prune", "--source", database.dsn)
        assert (code, out) == (2, "")
        assert "schemas/uses.py:3 (ProjectStatus" in err

        code, out, _ = project.run("update", "--source", database.dsn)
        assert code == 1
        assert (
            "⚠️  Manual review: removed enum project_status still declared at schemas/enums.py:4"
            " (--prune removes it)\n" in out
        )
        code, _, _ = project.run("update", "--prune", "--force", "--source", database.dsn)
        assert code == 0
        assert "ProjectStatus" not in (project.root / "schemas/enums.py").read_text()

    def test_a_place_is_where_the_code_stands_before_and_after(self, project: Project, database: Database) -> None:
        database.run("create type mood as enum ('a', 'b', 'c')")
        project.write(
            "schemas/enums.py",
            'from enum import Enum\n\n\nclass Mood(str, Enum):\n    A = "a"\n    GONE = "gone"\n    C = "c"\n',
        )
        line = (
            "⚠️  Manual review: removed label mood.gone still declared at schemas/enums.py:{} (--prune removes it)"
        )
        _, out, _ = project.run("diff", "--source", database.dsn)
        assert line.format(6) in out
        _, out, _ = project.run("update", "--source", database.dsn)
        now = (project.root / "schemas/enums.py").read_text().splitlines().index('    GONE = "gone"') + 1
        assert now > 6
        assert line.format(now) in out

    def test_reexports_are_cleared(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.write(
            "schemas/__init__.py",
            "from schemas.database.entities import OrganizationRow\nfrom schemas.enums import ProjectStatus\n\n"
            '__all__ = ["OrganizationRow", "ProjectStatus"]\n',
        )
        project.run("update", "--source", database.dsn)
        database.run("drop type project_status cascade")
        assert project.run("update", "--prune", "--source", database.dsn)[0] == 0
        assert (project.root / "schemas/__init__.py").read_text() == (
            'from schemas.database.entities import OrganizationRow\n\n__all__ = ["OrganizationRow"]\n'
        )


class TestNotes:
    def test_what_else_there_is_to_say_goes_to_stderr(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.write("schemas/own.py", "from enum import Enum\n\n\nclass Sorting(Enum):\n    UP = 'up'\n")
        project.write("pyproject.toml", "[tool.schema-sync]\ntitle = 'X'\n")
        _, out, err = project.run("check", "-v", "--source", database.dsn)
        assert out.startswith("X Schema Synchronization\n")
        assert "scripts/schema_sync_config.json also configures schema-sync and is passed over" in err
        assert "1 class matches no database object (assumed to be application code): Sorting" in err
        assert "bound by name: schemas/enums.py: ProjectStatus = public.project_status (enum)" in err
        assert project.run("-q", "check", "--source", database.dsn)[2] == ""

    def test_a_hash_that_moved_without_concern(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.run("update", "--source", database.dsn)
        database.run("comment on table organizations is 'tenants'")
        code, out, err = project.run("check", "--source", database.dsn)
        assert (code, out) == (0, IN_SYNC)
        assert "Schema hash mismatch: " in err

    def test_classes_for_inserts_are_checked_in_full(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        project.run("update", "--source", database.dsn)
        entities = project.root / "schemas/database/entities.py"
        insert = "\n\nclass OrganizationInsert(TypedDict, total=False):\n    id: int\n    gone: str\n"
        entities.write_text(entities.read_text() + insert)
        code, out, err = project.run("check", "--source", database.dsn)
        assert code == 1
        assert "  Removed columns: gone\n" in out
        assert "  Changed columns: id (int → str, required on insert)\n" in out
        assert "OrganizationInsert" not in err


class TestSchemas:
    def test_two_schemas_in_one_package(self, project: Project, database: Database) -> None:
        database.run(
            "create schema other; create type other.status as enum ('open'); create type status as enum ('a')"
        )
        database.run("create table items (s status); create table other.items (s other.status)")
        project.write("schema-sync.toml", 'schemas = ["public", "other"]\n')
        project.write("schemas/enums.py", "")
        project.write("schemas/database/entities.py", "")
        assert project.run("update", "--source", database.dsn)[0] == 0
        text = (project.root / "schemas/database/entities.py").read_text()
        assert "class ItemRow(TypedDict):" in text
        assert "class OtherItemRow(TypedDict):" in text
        assert project.run("check", "--source", database.dsn)[0] == 0

    def test_schemas_of_the_platform_stay_out_unless_asked_for(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        assert "ENUM: aal_level" not in project.run("check", "--source", database.dsn)[1]
        assert "ENUM: aal_level" in project.run("check", "--source", database.dsn, "--schema", "auth")[1]
