"""init: what it detects, and what it says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from initializing import ENUM, MODEL, REPOSITORY, ROW, TABLE, WORKFLOW, Run, run, write

from schema_sync import config
from schema_sync.setup import find_layout

__all__ = ["run"]  # fixture


class TestTests:
    """Tests may have tables of their own, which no database has."""

    def test_their_classes_are_left_out(self, tmp_path: Path) -> None:
        own = {"app/tests/test_orm.py": TABLE, "app/tests/rows.py": ROW.format(name="FakeRow")}
        write(tmp_path, own | {"app/models.py": TABLE, "app/tests/test_api.py": MODEL.format(name="Answer")})
        assert find_layout.find(tmp_path).exclude == ("app/tests/rows.py", "app/tests/test_orm.py")

    def test_they_are_in_the_configuration(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"app/tests/test_orm.py": TABLE, "app/models.py": TABLE})
        run("init")
        assert config.load(tmp_path).config.exclude == ("app/tests/test_orm.py",)


class TestDetection:
    @pytest.mark.parametrize(
        ("files", "include", "paths"),
        [
            pytest.param(
                {"app/models.py": ROW.format(name="UserRow") + "\n" + ENUM.format(name="Mood")},
                ["app/**/*.py"],
                {
                    "enums": "app/models.py",
                    "entities": "app/models.py",
                    "relationships": "app/models.py",
                    "version": "app/schema_version.py",
                    "lock": "app/schema_lock.json",
                },
                id="one file",
            ),
            pytest.param(
                {"src/app/db/rows.py": ROW.format(name="UserRow"), "src/app/enums.py": ENUM.format(name="Mood")},
                ["src/app/**/*.py"],
                {
                    "enums": "src/app/enums.py",
                    "entities": "src/app/db/rows.py",
                    "relationships": "src/app/db/rows.py",
                    "version": "src/app/schema_version.py",
                },
                id="src layout",
            ),
            pytest.param(
                {"schemas/rows.py": ROW.format(name="UserRow")},
                ["schemas/**/*.py"],
                {
                    "enums": "schemas/enums.py",
                    "entities": "schemas/rows.py",
                    "relationships": "schemas/database/relationships.py",
                    "lock": "schemas/schema_lock.json",
                },
                id="the usual folder, another file",
            ),
            pytest.param(
                {"db/rows.py": ROW.format(name="UserRow"), "db/relations.py": ROW.format(name="UserTeamRow")},
                ["db/**/*.py"],
                {"entities": "db/rows.py", "relationships": "db/relations.py", "enums": "db/enums.py"},
                id="junctions apart",
            ),
            pytest.param(
                {"db/rows.py": ROW.format(name="UserRow"), "lib/kinds.py": ENUM.format(name="Mood")},
                ["db/**/*.py", "lib/**/*.py"],
                {"entities": "db/rows.py", "enums": "lib/kinds.py", "version": "db/schema_version.py"},
                id="two folders",
            ),
            pytest.param(
                {"models.py": ROW.format(name="UserRow")},
                ["*.py"],
                {"entities": "models.py", "enums": "enums.py", "version": "schema_version.py"},
                id="no folder",
            ),
            pytest.param(
                {"app/kinds.py": ENUM.format(name="Mood")},
                ["app/**/*.py", "schemas/**/*.py"],
                {"entities": "schemas/database/entities.py", "enums": "schemas/enums.py"},
                id="enums that may be the application's own",
            ),
            pytest.param(
                {"app/db/kinds.py": ENUM.format(name="Mood")},
                ["app/db/**/*.py"],
                {"entities": "app/db/entities.py", "relationships": "app/db/relationships.py"}
                | {"enums": "app/db/kinds.py"},
                id="enums of a database package",
            ),
            pytest.param(
                {
                    "app/db/rows.py": ROW.format(name="UserRow"),
                    "app/settings.py": f"{ENUM}\nDEBUG = 1\n\n\ndef load():\n    pass\n".format(name="Stage"),
                },
                ["app/**/*.py"],
                {"entities": "app/db/rows.py", "enums": "app/enums.py"},
                id="an Enum in a file of other things",
            ),
            pytest.param(
                {"app/agent/state.py": ROW.format(name="AgentState")},
                ["app/agent/**/*.py", "schemas/**/*.py"],
                {"entities": "schemas/database/entities.py", "version": "schemas/schema_version.py"},
                id="a TypedDict that may be the application's own",
            ),
            pytest.param(
                {"app/api.py": MODEL.format(name="UserCreate")},
                ["app/**/*.py", "schemas/**/*.py"],
                {"entities": "schemas/database/entities.py"},
                id="models only",
            ),
            pytest.param(
                {"app/models.py": TABLE},
                ["app/**/*.py", "schemas/**/*.py"],
                {"entities": "schemas/database/entities.py"},
                id="SQLAlchemy",
            ),
            pytest.param(
                {"app/db.py": ROW.format(name="UserRow"), "web/forms.py": ROW.format(name="LoginForm")},
                ["app/**/*.py"],
                {"entities": "app/db.py"},
                id="rows tell themselves from other TypedDicts",
            ),
            pytest.param(
                {"app/db.py": ROW.format(name="Users").replace(":\n    id", ":\n    '''Table: users'''\n    id")},
                ["app/**/*.py"],
                {"entities": "app/db.py"},
                id="by a marker",
            ),
            pytest.param(
                {"app/db.py": MODEL.format(name="UserRow"), "web/api.py": MODEL.format(name="UserInsert")},
                ["app/**/*.py"],
                {"entities": "app/db.py"},
                id="models that end in Row, and no others",
            ),
            pytest.param(
                {"app/api.py": MODEL.format(name="User"), "app/db.py": ROW.format(name="User")},
                ["app/**/*.py"],
                {"entities": "app/db.py"},
                id="an application's own models are no rows",
            ),
            pytest.param(
                {"app/db.py": ROW.format(name="User")}, ["app/**/*.py"], {"entities": "app/db.py"}, id="by default"
            ),
            pytest.param(
                {
                    "tests/test_x.py": ROW.format(name="UserRow"),
                    "x/conftest.py": ROW.format(name="UserRow"),
                    "venv/pyvenv.cfg": "",
                    "venv/lib/x.py": ROW.format(name="UserRow"),
                    "node_modules/x.py": ROW.format(name="UserRow"),
                    "odd{}/x.py": ROW.format(name="UserRow"),
                    "app/broken.py": "class (:\n",
                    "app/sizes.py": "from enum import Enum\n\n\nclass Size(Enum):\n    A = 1\n",
                },
                ["schemas/**/*.py"],
                {"entities": "schemas/database/entities.py"},
                id="nothing of the project's own",
            ),
        ],
    )
    def test_layouts(
        self, tmp_path: Path, run: Run, files: dict[str, str], include: list[str], paths: dict[str, str]
    ) -> None:
        write(tmp_path, files)
        assert run("init")[0] == 0
        loaded = config.load(tmp_path).config
        assert list(loaded.include) == include
        assert {name: getattr(loaded.paths, name) for name in paths} == paths
        assert run("init")[1] == "✓ Nothing to do: all files are in place\n"

    def test_what_was_found_is_told(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"app/db.py": ROW.format(name="UserRow"), "supabase/migrations/1_a.sql": ""})
        err = run("init")[2]
        assert "found row classes: 1, Enum classes: 0; in app/**/*.py" in err
        assert "found SQL: supabase/migrations (1 file)\n" in err
        assert 'source = "auto" (migrations (supabase/migrations exists)): 0 tables, 0 enums\n' in err
        text = (tmp_path / "schema-sync.toml").read_text()
        assert "supabase/migrations exists: auto replays it.\n" in text

    def test_how_to_install_the_hook_is_told_and_no_hook_installed(self, tmp_path: Path, run: Run) -> None:
        assert ".git/hooks" not in run("init")[2]
        (tmp_path / "scripts/pre-commit-schema-check.sh").unlink()
        (tmp_path / ".git").mkdir()
        assert "ln -s ../../scripts/pre-commit-schema-check.sh .git/hooks/pre-commit" in run("init")[2]
        assert not (tmp_path / ".git/hooks").exists()

    def test_the_workflow_watches_what_is_compared(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"app/db.py": ROW.format(name="UserRow")})
        run("init")
        paths = yaml.safe_load((tmp_path / WORKFLOW).read_text())[True]["pull_request"]["paths"]
        assert paths[:2] == ["app/**/*.py", "**/*.sql"]

        edited = (tmp_path / "schema-sync.toml").read_text().replace("app/**/*.py", "lib/**/*.py")
        (tmp_path / "schema-sync.toml").write_text(edited)
        (tmp_path / WORKFLOW).unlink()
        run("init")
        paths = yaml.safe_load((tmp_path / WORKFLOW).read_text())[True]["pull_request"]["paths"]
        assert paths[:2] == ["lib/**/*.py", "**/*.sql"]

    def test_below_the_top_of_a_repository_there_is_no_workflow(
        self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "backend").mkdir()
        monkeypatch.chdir(tmp_path / "backend")
        code, out, err = run("init")
        assert code == 0
        assert WORKFLOW not in out
        assert f"{WORKFLOW} belongs at the repository's top, not in backend" in err
        assert not (tmp_path / "backend/.github").exists()

    def test_without_migrations(self, tmp_path: Path, run: Run) -> None:
        assert "found SQL" not in run("init")[2]
        assert "Neither is here: auto needs a variable." in (tmp_path / "schema-sync.toml").read_text()

    def test_the_example_gets_the_defaults(self) -> None:
        found = find_layout.find(REPOSITORY / "examples")
        assert (found.include, found.paths) == (config.Config().include, config.Paths())
