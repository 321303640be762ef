"""Completion by a shell: what is offered, that nothing goes wrong loudly, and the scripts in the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from click.shell_completion import ShellComplete
from command_project import ENTITIES, REPOSITORY

from comparing import catalog, enum, made_lock, table
from schema_sync import cli
from schema_sync.cli.session import Session
from schema_sync.model.snapshot import encode
from schema_sync.rules.manual import all_pages
from schema_sync.sources.base import NAMES

LOCK = "schemas/schema_lock.json"
PROGRAMS = Path(sys.executable).parent
HOSTILE = ("$(touch x)", "a b", "a\nb", "`x`", "a;b", "-rf", "\x1b[31m", "'", "~root", "*")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas/database").mkdir(parents=True)
    return tmp_path


def lock(*names: str) -> None:
    tables = [table(name, "id int4", "name text") for name in sorted(names)]
    Path(LOCK).write_bytes(encode(made_lock(catalog(*tables, enums=[enum("status", "a")]))))


def offered(*words: str) -> list[str]:
    """What is offered for the last of *words*; the type, where a shell completes it by itself."""
    shell = ShellComplete(cli.cli, {"obj": Session()}, "schema-sync", "")
    found = shell.get_completions([*words[:-1]], words[-1])
    return [each.value if each.type == "plain" else f"<{each.type}>" for each in found]


def test_commands_and_options() -> None:
    assert offered("") == [*cli.MODULES]
    assert offered("do") == ["docs", "doctor"]
    assert {"--fail-on", "--format", "--source"} <= {*offered("check", "--")}
    assert offered("check", "--fail-on", "") == ["low", "medium", "high", "critical", "never"]
    assert offered("list", "t") == ["tables", "triggers"]
    assert offered("migrations", "") == ["check"]
    assert offered("completion", "") == ["bash", "zsh", "fish"]


def test_every_rule() -> None:
    assert offered("explain", "") == [*all_pages()]
    assert offered("explain", "unknown-c") == ["unknown-column"]


def test_every_source() -> None:
    assert {*offered("check", "--source", "")} == {"auto", "live", "offline", *NAMES}
    assert offered("--source", "lo") == ["lock"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("check", "--output", ""), "<file>"),
        (("--config", ""), "<file>"),
        (("docs", ""), "<dir>"),
        (("migrations", "check", ""), "<dir>"),
    ],
)
def test_files_and_folders_are_the_shell_s(words: tuple[str, ...], kind: str) -> None:
    assert offered(*words) == [kind]


class TestNames:
    def test_of_the_last_sync(self) -> None:
        lock("orders", "order_lines")
        assert offered("uses", "") == ["order_lines", "orders", "status"]
        assert offered("uses", "orders") == ["orders"]
        assert offered("uses", "orders.") == ["orders.id", "orders.name"]
        assert offered("update", "--add", "s") == ["status"]
        assert offered("--schema", "") == ["public"]

    def test_of_classes_where_there_is_no_lock(self) -> None:
        marked = ENTITIES.replace("Row(TypedDict):\n", 'Row(TypedDict):\n    """Table: organizations"""\n\n')
        Path("schemas/database/entities.py").write_text(marked)
        Path("schema-sync.toml").write_text('[bindings]\nOther = "row:audit.events"\nNone_ = ""\n')
        assert offered("uses", "") == ["audit.events", "organizations"]
        assert offered("--schema", "") == ["audit", "public"]

    def test_of_another_configuration(self) -> None:
        Path("other.toml").write_text('[bindings]\nOther = "events"\n')
        assert offered("uses", "") == []
        assert offered("--config", "other.toml", "uses", "") == ["events"]
        assert offered("uses", "--config", "other.toml", "") == ["events"]

    def test_that_a_shell_would_run_are_not_offered(self) -> None:
        lock("orders", *HOSTILE)
        assert offered("uses", "") == ["orders", "status"]

    @pytest.mark.parametrize(
        ("path", "content"),
        [
            (LOCK, b"{"),
            (LOCK, b"\xff"),
            ("schema-sync.toml", b"= 1"),
            ("schema-sync.toml", b'[bindings]\nA = "no name; at all"'),
            ("schemas/a.py", b"class ("),
        ],
    )
    def test_what_is_broken_offers_nothing(self, path: str, content: bytes) -> None:
        Path(path).write_bytes(content)
        assert offered("uses", "") == []

    def test_a_folder_that_cannot_be_read_offers_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path(LOCK).mkdir()
        assert offered("uses", "") == []

    def test_what_takes_long_is_not_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        released = Event()

        def slow(_project: object) -> dict[str, tuple[str, ...]]:
            released.wait()
            return {"orders": ()}

        monkeypatch.setattr("schema_sync.usecases.known_names.known_names", slow)
        monkeypatch.setattr("schema_sync.cli.completion._SECONDS", 0.01)
        assert offered("uses", "") == []
        released.set()


def asked(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the program answers to bash."""
    typed = {
        "COMP_WORDS": " ".join(("schema-sync", *words)),
        "COMP_CWORD": str(len(words)),
        "_SCHEMA_SYNC_COMPLETE": "bash_complete",
    }
    return subprocess.run(
        [PROGRAMS / "schema-sync"],
        env=os.environ | typed | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_defect_is_told_to_somebody_who_types() -> None:
    done = asked("uses", "", COMP_CWORD="no number")
    assert (done.stdout, done.stderr) == ("", "")


def test_nothing_is_connected_to() -> None:
    Path("schema-sync.toml").write_text('source = "postgresql://nowhere.invalid/x"\n')
    lock("orders")
    done = asked("uses", "o")
    assert (done.stdout, done.stderr) == ("plain,orders\n", "")


class TestTheCommand:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_prints_a_script_and_writes_nothing(
        self, shell: str, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = sorted(project.rglob("*"))
        assert cli.run(["completion", shell]) == 0
        out, err = capsys.readouterr()
        assert f"_SCHEMA_SYNC_COMPLETE={shell}_complete" in out
        assert (err, sorted(project.rglob("*"))) == ("", before)
        if shutil.which(shell):
            subprocess.run([shell, "-n"], input=out, text=True, check=True)

    def test_another_shell(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["completion", "csh"]) == 2
        assert "'csh' is not one of" in capsys.readouterr().err

    def test_in_bash(self) -> None:
        lock("orders", "order_lines")
        program = """
            source <(schema-sync completion bash)
            COMP_WORDS=(schema-sync uses ord) COMP_CWORD=2
            _schema_sync_completion schema-sync
            echo "${COMPREPLY[@]}"
        """
        environment = os.environ | {"PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-c", program], env=environment, capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == ("order_lines orders\n", "")


def test_the_documents_show_how_each_shell_is_told() -> None:
    documents = "".join(path.read_text() for path in (REPOSITORY / "docs").rglob("*.md"))
    for shell in ("bash", "zsh", "fish"):
        assert f"schema-sync completion {shell}" in documents
