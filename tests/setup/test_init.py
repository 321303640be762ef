"""init: what it writes, and that it overwrites nothing unasked."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from initializing import ENUM, REPOSITORY, ROW, SCRIPT, WORKFLOW, Run, contents, run, write

from schema_sync import config
from schema_sync.cli import setup
from schema_sync.setup.init_files import CONFIGURATION, SCRIPTS_CONFIGURATION, templates

__all__ = ["run"]  # fixture

ALL = [
    "schema-sync.toml",
    "scripts/mcp_schema_query.py",
    "scripts/pre-commit-schema-check.sh",
    "scripts/query_db_schema.py",
    "scripts/sync_schema.py",
    "tests/test_schema_sync.py",
    WORKFLOW,
]


class TestWriting:
    def test_an_empty_repository(self, tmp_path: Path, run: Run) -> None:
        code, out, err = run("init")
        assert (code, out) == (0, "".join(f"✓ Wrote {path}\n" for path in ALL))
        assert (
            "found no row or Enum classes yet; new ones go to schemas/database/entities.py and schemas/enums.py"
            in err
        )
        assert sorted(contents(tmp_path)) == sorted(ALL)
        assert config.load(tmp_path).config == config.Config()
        for path in ALL:
            assert bool((tmp_path / path).stat().st_mode & stat.S_IXUSR) == path.startswith("scripts/")

    def test_twice_changes_nothing(self, tmp_path: Path, run: Run) -> None:
        run("init")
        before = contents(tmp_path)
        code, out, _ = run("init")
        assert (code, out) == (0, "✓ Nothing to do: all files are in place\n")
        assert contents(tmp_path) == before

    def test_a_dry_run_lists_and_writes_nothing(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {SCRIPT: "mine\n"})
        code, out, _ = run("init", "--dry-run")
        assert code == 0
        assert out.splitlines() == [
            "Would write schema-sync.toml",
            "Would write scripts/mcp_schema_query.py",
            "Would write scripts/pre-commit-schema-check.sh",
            "Would keep scripts/query_db_schema.py (it has other content)",
            "Would write scripts/sync_schema.py",
            "Would write tests/test_schema_sync.py",
            f"Would write {WORKFLOW}",
        ]
        assert contents(tmp_path) == {SCRIPT: b"mine\n"}
        assert "Would overwrite scripts/query_db_schema.py" in run("init", "--dry-run", "--force")[1]

    def test_other_content_is_kept_without_a_terminal(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {SCRIPT: "mine\n"})
        code, out, _ = run("init")
        assert code == 2
        assert "✓ Wrote scripts/sync_schema.py\n" in out
        assert "Kept scripts/query_db_schema.py: it has other content (--force overwrites it)" in out
        assert (tmp_path / SCRIPT).read_text() == "mine\n"

        code, out, _ = run("init", "--force")
        assert (code, out) == (0, f"✓ Wrote {SCRIPT}\n")
        assert (tmp_path / SCRIPT).read_bytes() == templates()[SCRIPT]

    @pytest.mark.parametrize(("answer", "kept"), [("y\n", False), ("n\n", True), ("\n", True)])
    def test_a_person_is_asked(
        self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, *, kept: bool
    ) -> None:
        write(tmp_path, {SCRIPT: "mine\n"})
        monkeypatch.setattr(setup, "_on_terminal", lambda: True)
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answer.strip())
        code, _, _ = run("init")
        assert code == 0
        assert ((tmp_path / SCRIPT).read_text() == "mine\n") == kept

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written(self, tmp_path: Path, run: Run) -> None:
        (tmp_path / "scripts").mkdir(mode=0o500)
        code, _, err = run("init")
        assert code == 2
        assert "cannot be written" in err
        assert not (tmp_path / "schema-sync.toml").exists()

    def test_a_folder_in_the_way(self, tmp_path: Path, run: Run) -> None:
        (tmp_path / "schema-sync.toml").mkdir()
        code, out, err = run("init")
        assert (code, out) == (2, "")
        assert "schema-sync.toml: Is a directory" in err
        assert contents(tmp_path) == {}

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("pyproject.toml", "[tool.schema-sync]\ntitle = 'X'\n"),
            ("scripts/schema_sync_config.json", '{"title": "X"}'),
        ],
    )
    def test_a_project_that_is_configured_keeps_its_configuration(
        self, tmp_path: Path, run: Run, path: str, text: str
    ) -> None:
        write(tmp_path, {path: text})
        code, out, err = run("init")
        assert code == 0
        assert f"{path} configures schema-sync already: no schema-sync.toml is written" in err
        assert "schema-sync.toml" not in out
        assert not (tmp_path / "schema-sync.toml").exists()

    def test_quiet(self, run: Run) -> None:
        assert run("-q", "init")[2] == ""

    def test_without_a_terminal_it_does_not_wait(self, tmp_path: Path) -> None:
        write(tmp_path, {SCRIPT: "mine\n"})
        done = subprocess.run(
            [sys.executable, "-m", "schema_sync", "init"],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=150,
        )
        assert done.returncode == 2


class TestTemplates:
    def test_the_repositorys_own_scripts_are_what_init_writes(self) -> None:
        scripts = {path: content for path, content in templates().items() if path.startswith("scripts/")}
        del scripts[SCRIPTS_CONFIGURATION]
        assert set(scripts) == {path for path in ALL if path.startswith("scripts/")}
        for path, content in scripts.items():
            assert (REPOSITORY / path).read_bytes() == content

    def test_so_is_its_configuration_in_scripts(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"scripts/sync_schema.py": "from schema_sync.entry import sync_schema\n"})
        run("init")
        written = (tmp_path / SCRIPTS_CONFIGURATION).read_bytes()
        assert written == (REPOSITORY / SCRIPTS_CONFIGURATION).read_bytes()

    def test_the_configuration_names_every_table_of_keys(self) -> None:
        text = templates()[CONFIGURATION].decode()
        for key in ("title", "source", "schemas", "include", "exclude", "wire", "exclude-tables", "exclude-enums"):
            assert f"\n{key} = " in text or f"\n# {key} = " in text
        for table in ("paths", "bindings", "types", "notify", "severity"):
            assert f"\n[{table}]\n" in text

    def test_what_is_commented_out_is_right_too(self, tmp_path: Path, run: Run) -> None:
        run("init")
        path = tmp_path / "schema-sync.toml"
        lines = path.read_text().splitlines()
        path.write_text("\n".join(line.removeprefix("# ") if " = " in line else line for line in lines))
        loaded = config.load(tmp_path).config
        assert loaded.bindings == {"TestRow": "public.test_req"}
        assert loaded.severity == {"view-undeclared": "off"}


class TestScriptsLayout:
    """A repository that has our scripts is configured beside them."""

    @pytest.fixture
    def scripts(self, tmp_path: Path) -> Path:
        write(
            tmp_path,
            {
                "scripts/sync_schema.py": templates()["scripts/sync_schema.py"].decode(),
                "app/db.py": ROW.format(name="UserRow"),
                'app/a"\\é/x.py': ENUM.format(name="Mood"),
            },
        )
        return tmp_path

    def test_the_configuration_is_written_there_and_is_in_force(self, scripts: Path, run: Run) -> None:
        code, out, _ = run("init")
        assert code == 0
        assert f"✓ Wrote {SCRIPTS_CONFIGURATION}\n" in out
        assert not (scripts / CONFIGURATION).exists()
        loaded = config.load(scripts)
        assert (loaded.path, loaded.passed_over) == (SCRIPTS_CONFIGURATION, ())
        assert loaded.config.paths.entities == "app/db.py"
        assert run("init")[1] == "✓ Nothing to do: all files are in place\n"

    def test_it_has_the_keys_of_the_toml(self, scripts: Path, run: Run) -> None:
        run("init")
        document = json.loads((scripts / SCRIPTS_CONFIGURATION).read_text())
        text = templates()[CONFIGURATION].decode()
        lines = [line.removeprefix("# ") for line in text.splitlines()]
        keys = set(re.findall(r"^([a-z-]+) = ", text[: text.index("\n[paths]")].replace("# ", ""), re.MULTILINE))
        tables = {line[1:-1] for line in lines if re.fullmatch(r"\[[a-z]+\]", line)}
        depending = {"queries", "query-wrappers"}  # on the code; of hook-source the default on the environment
        assert set(document) == (keys | tables | depending) - {"hook-source"}
        assert document["wire"] == "json"

    @pytest.mark.parametrize("text", ["print('mine')\n", None])
    def test_without_a_script_of_ours_it_is_at_the_top(self, tmp_path: Path, run: Run, text: str | None) -> None:
        write(tmp_path, {"scripts/sync_schema.py": text} if text else {"scripts/other.py": ""})
        run("init")
        assert config.load(tmp_path).path == CONFIGURATION

    def test_a_configuration_at_the_top_stays_the_only_one(self, scripts: Path, run: Run) -> None:
        write(scripts, {CONFIGURATION: "title = 'X'\n"})
        code, out, _ = run("init")
        assert code == 2
        assert f"Kept {CONFIGURATION}" in out
        assert not (scripts / SCRIPTS_CONFIGURATION).exists()


class TestTests:
    TESTS = "tests/test_schema_sync.py"

    def test_a_strangers_linters_like_it(self, tmp_path: Path, run: Run) -> None:
        run("init")
        (tmp_path / "tests/__init__.py").write_text("")
        for program in (
            (
                "ruff",
                "check",
                "--isolated",
                "--select",
                "ALL",
                "--ignore",
                "CPY,D203,D213,D104",
                "--line-length",
                "79",
                "tests",
            ),
            ("ruff", "format", "--isolated", "--check", "tests"),
            ("mypy", "--strict", "tests"),
            ("basedpyright", "tests"),
        ):
            done = subprocess.run(
                [str(Path(sys.executable).parent / program[0]), *program[1:]],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr

    def test_an_own_one_is_kept(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {self.TESTS: "def test_mine(): pass\n"})
        code, out, _ = run("init")
        assert code == 2
        assert f"Kept {self.TESTS}: it has other content" in out
        assert (tmp_path / self.TESTS).read_text() == "def test_mine(): pass\n"

    def test_a_suite_without_pytest_is_not_disturbed(self, tmp_path: Path, run: Run) -> None:
        run("init")
        write(
            tmp_path,
            {
                "tests/test_own.py": "import unittest\n\n\nclass T(unittest.TestCase):\n"
                "    def test_x(self): pass\n"
            },
        )
        done = subprocess.run(
            [sys.executable, "-S", "-m", "unittest", "discover", "tests"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Ran 1 test" in done.stderr


def test_after_an_update_init_still_has_nothing_to_do(tmp_path: Path, run: Run) -> None:
    write(
        tmp_path,
        {
            "app/rows.py": ROW.format(name="UserRow"),
            "supabase/migrations/1_a.sql": "create type mood as enum ('a');"
            "create table users (id uuid primary key, m mood not null);",
        },
    )
    assert run("init")[0] == 0
    assert run("update")[0] == 0
    assert run("check")[0] == 0
    assert run("init")[:2] == (0, "✓ Nothing to do: all files are in place\n")
