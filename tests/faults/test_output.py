"""stdout and stderr that cannot be written, arguments that are no text, a folder that is gone; invisible names."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from typing import TYPE_CHECKING

import msgspec
import pytest
from broken_project import LIVE, LOCK, Project, catalog, made

from schema_sync import cli
from schema_sync.model import json_text
from schema_sync.model.snapshot import Snapshot, decode_lock, decode_snapshot, encode, encode_snapshot
from schema_sync.reports.formats import FORMATS
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.thorough

COMMANDS = (
    f"check --source {LIVE}",
    f"check --format json --source {LIVE}",
    f"diff --source {LIVE}",
    f"update --source {LIVE}",
    f"snapshot --source {LIVE}",
    f"list tables --format json --source {LIVE}",
    f"analyze --source {LIVE}",
    f"docs made --source {LIVE}",
    f"report --output r.md --source {LIVE}",
    "rules",
    "explain table-removed",
    "init --dry-run",
    "doctor",
    "--help",
    "--version",
)
SCRIPT = '"$PYTHON" -c "import sys; from schema_sync.cli.scripts import sync_schema; sys.argv[1:] = [\'{}\']; sync_schema()"'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    return made(tmp_path, monkeypatch, capsys)


class TestStreams:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_stdout_is_full(self, project: Project, command: str) -> None:
        done = project.shell(f"schema-sync {command} > /dev/full")
        assert done.returncode == 2
        assert b"Error: the output cannot be written: No space left on device\nHint: " in done.stderr

    @pytest.mark.parametrize("command", COMMANDS)
    def test_stdout_is_closed(self, project: Project, command: str) -> None:
        before = project.lock.read_bytes()
        done = project.shell(f"schema-sync {command} >&-")
        assert done.returncode == 2
        assert done.stderr == b"Error: stdout is closed\nHint: To drop the result, redirect it: >/dev/null\n"
        assert project.lock.read_bytes() == before
        assert not (project.root / "made").exists()

    @pytest.mark.parametrize("command", COMMANDS)
    def test_the_reader_has_gone(self, project: Project, command: str) -> None:
        """As ``| head`` does; 1 would mean drift."""
        done = project.shell(f'mkfifo p; exec 4<>p 5>p 4<&-; schema-sync {command} >&5; echo "$?" >code')
        assert (project.root / "code").read_text() == "141\n"
        assert b"Error" not in done.stderr

    @pytest.mark.parametrize("command", COMMANDS[:5])
    def test_stdout_cannot_be_written(self, project: Project, command: str) -> None:
        done = project.shell(f"schema-sync {command} 1</dev/null")
        assert done.returncode == 2
        assert b"Error: the output cannot be written: Bad file descriptor" in done.stderr

    @pytest.mark.parametrize(
        "command", [f"check --source {LIVE}", "check --source nope", "check --nope", "nope", "check --source lock"]
    )
    @pytest.mark.parametrize("where", ["/dev/full", "&-"])
    def test_stderr_cannot_be_written(self, project: Project, command: str, where: str) -> None:
        """The code alone tells, and it is never that of drift."""
        done = project.shell(f"schema-sync {command} 2>{where}")
        works = "nope" not in command and where == "&-"
        assert done.returncode == (0 if works else 2)

    def test_all_of_them_are_closed(self, project: Project) -> None:
        assert project.shell(f"schema-sync check --source {LIVE} <&- >&- 2>&-").returncode == 2
        assert project.shell(f"schema-sync check --source {LIVE} <&- 2>&-").returncode == 0

    def test_a_file_that_was_opened_does_not_take_the_place_of_a_closed_stream(self, project: Project) -> None:
        done = project.shell(f"schema-sync report --output r.json --source {LIVE} 2>&- <&-; cat r.json")
        assert json.loads(done.stdout.partition(b"\n")[2])["in_sync"] is True

    @pytest.mark.parametrize("argument", ["--nope", "--help"])
    def test_of_the_scripts_too(self, project: Project, argument: str) -> None:
        line = SCRIPT.format(argument)
        assert project.shell(f"{line} >/dev/full 2>/dev/full", PYTHON=sys.executable).returncode == 2
        assert project.shell(f"{line} >&-", PYTHON=sys.executable).returncode == 2


class TestFolder:
    @pytest.mark.parametrize(
        "command",
        [
            *("check", "diff", "update", "report", "snapshot", "init", "init --dry-run", "rules", "list tables"),
            *("sql select", "docs d", "analyze", "migrations check", "github x", "notify --test", "doctor"),
            *(
                "check --output a.json",
                "report --output a.md",
                "snapshot --output x",
                "check --config x.toml",
                "mcp",
            ),
            *(f"check --source {LIVE}", "check --source lock", "history"),
        ],
    )
    def test_the_current_one_is_gone(self, project: Project, command: str) -> None:
        done = project.shell(f'mkdir gone; cd gone; rmdir "$PWD"; schema-sync {command} </dev/null')
        assert done.returncode == (0 if command == "mcp" else 2)
        if command != "mcp":
            assert b"the current folder does not exist any more" in done.stderr + done.stdout

    @pytest.mark.parametrize("command", ["--help", "--version", "explain table-removed"])
    def test_what_needs_none_works(self, project: Project, command: str) -> None:
        assert project.shell(f'mkdir gone; cd gone; rmdir "$PWD"; schema-sync {command}').returncode == 0

    def test_one_whose_name_is_no_text(self, project: Project) -> None:
        """Reports name places by their path in the repository."""
        folder = project.root / os.fsdecode(b"n\xe9")
        folder.mkdir()
        (project.root / ".git").mkdir()
        for name in ("schemas", "live.json"):
            (project.root / name).rename(folder / name)
        (folder / "schemas/bad.py").write_text("def (")
        for name in FORMATS:
            done = project.shell(f"cd n*; schema-sync check --format {name} --source {LIVE}")
            assert done.returncode == 2, name
            done.stdout.decode()
        sarif = project.shell(f"cd n*; schema-sync check --format sarif --source {LIVE}").stdout
        assert b"n%E9/schemas/bad.py" in sarif, "an address has the bytes themselves"


class TestArguments:
    """Bytes that are not UTF-8: names of files may have them, texts may not."""

    TEXTS = (
        *(
            "sql $B",
            "check --schema $B",
            "check --project-id $B",
            "check --source $B",
            "check --source postgresql://$B",
        ),
        *(
            "check --source mcp:http://$B",
            "check --source host=$B",
            "check --format $B",
            "$B",
            "explain $B",
            "list $B",
        ),
        *("check --fail-on $B", "check --config $B", "migrations check $B", "github $B", "--source $B sql select"),
        *("snapshot --source mcp:$B", "report --output json:", "sql $B --source snapshot:live.json"),
    )

    @pytest.mark.parametrize("command", TEXTS)
    @pytest.mark.parametrize("argument", [r"x\xff", r"\xed\xa0\x80", r"\x80"])
    def test_no_text(self, project: Project, command: str, argument: str) -> None:
        done = project.shell(f"B=$'{argument}'; schema-sync {command}")
        assert done.returncode in {2, 3}
        assert b"Error" in done.stderr

    def test_the_place_is_named(self, project: Project) -> None:
        done = project.shell(r"schema-sync sql $'select \xff'")
        assert done.returncode == 2
        assert done.stderr == b"Error: QUERY is not UTF-8: byte 0xff at character 8\n"

    def test_names_of_files(self, project: Project) -> None:
        done = project.shell(
            r"""set -e; B=$'x\xff'; cp live.json "$B.json"
            schema-sync check --source "snapshot:$B.json" --format json --output "sarif:$B.s" --output "gitlab:$B.g"
            schema-sync report --source "snapshot:$B.json" --output "$B.md"
            schema-sync snapshot --source "snapshot:$B.json" --output "$B.out"
            schema-sync list tables --source "snapshot:$B.json" --format json
            schema-sync docs "$B.d" --source "snapshot:$B.json"
            schema-sync update --source "snapshot:$B.json"
            cmp live.json "$B.out"; test -s "$B.s"; test -s "$B.g"; test -s "$B.md"; test -d "$B.d" """
        )
        assert done.returncode == 0, done.stderr
        assert b'"describe": "x\\\\udcff.json"' in done.stdout, (
            "an escape within the text: JSON has no such character"
        )


INVISIBLE = (
    "\x9b",
    "\u202e",
    "\u2066",
    "\x7f",
    "\x85",
    "\u2028",
    "\u200b",
    "\ufeff",
    "\U000e0041",
    "\ue000",
    "\u0378",
)


def _invisible(text: str) -> set[str]:
    return {c for c in text if c != "\n" and unicodedata.category(c) in json_text.INVISIBLE}


class TestInvisible:
    """Names, labels and comments that a terminal obeys or a reader does not see: escaped, and the same values."""

    @pytest.mark.parametrize("char", INVISIBLE)
    def test_in_every_document(self, project: Project, char: str) -> None:
        project.live(catalog("orders", f"us{char}ers", comment=f"c{char}", label=f"l{char}"))
        for arguments in (
            *(("check", "--format", name) for name in ("json", "jsonl", "sarif", "gitlab")),
            *(("snapshot",), ("list", "tables", "--format", "json"), ("diff",), ("update", "--dry-run")),
        ):
            code, out, _ = project.run(*arguments)
            assert code in {0, 1}, arguments
            assert not _invisible(out), arguments
            assert "us" in out
        _, out, _ = project.run("check", "--format", "json")
        assert f"us{char}ers" in {f["object"]["name"] for f in json.loads(out)["findings"]}

    @pytest.mark.parametrize("char", INVISIBLE)
    def test_in_the_lock(self, project: Project, char: str) -> None:
        project.live(catalog("orders", f"us{char}ers", comment=f"c{char}", label=f"l{char}"))
        project.run("update")
        text = project.lock.read_text("utf-8")
        assert not _invisible(text)
        lock = decode_lock(text.encode(), path=LOCK)
        assert [r.comment for r in lock.catalog.relations] == [f"c{char}"] * 2
        assert project.run("check", source="lock")[0] in {0, 1}

    @pytest.mark.parametrize("char", INVISIBLE)
    def test_files_that_hold_them_raw_are_still_read(self, char: str) -> None:
        value = catalog(f"us{char}ers", comment=f"c{char}")
        content = encode_snapshot(value)
        raw = msgspec.json.encode(msgspec.json.decode(content, type=Snapshot))
        assert char.encode() in raw
        assert decode_snapshot(raw, path="old.json") == decode_snapshot(content, path="new.json")

    @pytest.mark.parametrize("text", ["users", "Übergröße", "日本", "emoji 🎉", 'quotes " \\ / <>', "a\nb\tc"])
    def test_ordinary_text_is_written_as_before(self, text: str) -> None:
        content = encode_snapshot(catalog(text, comment=text))
        assert json.dumps(text, ensure_ascii=False).encode() in content

    @pytest.mark.parametrize(
        "value", ["\ud800", {"\udfff": 1}, [{"a": ("x\udc80",)}], {"a": {"b": ["\ud83d"]}}, "good \U0001f600"]
    )
    def test_what_is_no_unicode_is_still_json(self, value: object) -> None:
        encoded = json_text.encode(value)
        assert encoded.decode().isascii() or value == "good \U0001f600"
        msgspec.json.decode(encoded)


@pytest.fixture
def outcome(project: Project) -> checks.Outcome:
    return checks.check(projects.open_project(project.root, source=LIVE))


def test_the_lock_of_ordinary_text_is_the_same_bytes_as_ever(project: Project, outcome: checks.Outcome) -> None:
    assert outcome.lock is not None
    assert encode(outcome.lock) == project.lock.read_bytes()
    assert project.lock.read_bytes().isascii()
    assert cli.run(["check", "-q", "--source", "lock"]) == 0
