"""Reports in files: which format each gets, what stdout has, and what becomes of a file that cannot be written."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from schema_sync import cli
from schema_sync.codebase.atomic_write import put
from schema_sync.reports.formats import FORMATS

REPOSITORY = Path(__file__).parents[1]
STARTS = {
    "github": "::error file=",
    "gitlab": '[\n  {\n    "description"',
    "html": "<!DOCTYPE html>\n",
    "json": '{\n  "format_version"',
    "jsonl": '{"format_version"',
    "junit": '<?xml version="1.0"',
    "markdown": "# Example",
    "sarif": '{\n  "$schema"',
    "text": "Example Schema Synchronization\n\n",
}


class Project:
    """The example, with a lock to read instead of a server."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(["-q", *arguments])
        out, err = self._capture.readouterr()
        return code, out, err

    def check(self, *arguments: str) -> tuple[int, str, str]:
        return self.run("check", "--source", "snapshot:catalog.json", *arguments)

    def format_of(self, path: str) -> str:
        text = (self.root / path).read_text("utf-8")
        (name,) = (name for name, start in STARTS.items() if text.startswith(start))
        return name


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("example") / "project"
    shutil.copytree(REPOSITORY / "examples", root, ignore=shutil.ignore_patterns("__pycache__"))
    command = [
        sys.executable,
        "-m",
        "schema_sync",
        "snapshot",
        "--source",
        "migrations",
        "--output",
        "catalog.json",
    ]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture
def project(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    shutil.copytree(example, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return Project(tmp_path / "project", capsys)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_on_stdout(project: Project, name: str) -> None:
    code, out, _ = project.check("--format", name)
    assert code == 1
    assert out.startswith(STARTS[name])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["r.json"], "json"),
        (["r.jsonl"], "jsonl"),
        (["r.ndjson"], "jsonl"),
        (["r.md"], "markdown"),
        (["R.HTML"], "html"),
        (["r.sarif"], "sarif"),
        (["r.sarif.json"], "sarif"),
        (["r.xml"], "junit"),
        (["r.txt"], "text"),
        (["r.github.txt"], "github"),
        (["r.gitlab.json"], "gitlab"),
        (["gl-code-quality-report.json"], "gitlab"),
        (["sarif:r.json"], "sarif"),
        (["junit:r:1.out"], "junit"),
        (["r"], "text"),
        (["r:1.json"], "json"),
        (["r", "--format", "github"], "github"),
        (["r.out", "--format", "github"], "github"),
        (["r.json", "--format", "gitlab"], "gitlab"),
        (["r.json", "--format", "sarif"], "sarif"),
        (["r.json", "--format", "json"], "json"),
        (["r.json", "--format", "github"], "json"),
        (["r.sarif", "--format", "json"], "sarif"),
    ],
)
def test_the_format_of_a_file(project: Project, arguments: list[str], expected: str) -> None:
    code, out, _ = project.check("--output", *arguments)
    assert code == 1
    path = re.sub("^(sarif|junit):", "", arguments[0])
    assert project.format_of(path) == expected
    chosen = arguments[2] if len(arguments) > 1 else "text"
    assert out.startswith(STARTS[chosen]) if chosen != expected else out == ""


def test_many_files_at_once(project: Project) -> None:
    names = ["r.json", "r.jsonl", "r.md", "r.html", "r.sarif", "r.xml", "r.gitlab.json"]
    before = set(project.root.iterdir())
    code, out, err = project.check("--format", "github", *(a for name in names for a in ("--output", name)))
    assert (code, err) == (1, "")
    assert out.startswith("::error")
    assert {path.name for path in set(project.root.iterdir()) - before} == set(names)
    assert len({project.format_of(name) for name in names}) == len(names)


def test_a_report_into_several_files(project: Project) -> None:
    source = ("--source", "snapshot:catalog.json")
    code, out, _ = project.run("report", *source, "--output", "r", "--output", "html:r.out", "--output", "r.json")
    assert (code, out) == (0, "✓ Report written to r\n✓ Report written to r.out\n✓ Report written to r.json\n")
    assert [project.format_of(name) for name in ("r", "r.out", "r.json")] == ["markdown", "html", "json"]

    for name, form in FORMATS.items():
        code, out, _ = project.run("report", *source, "--format", name)
        assert code == 0
        path = out.removeprefix("✓ Report written to ").rstrip("\n")
        assert re.fullmatch(r"schema_drift_report_\d{8}_\d{6}" + re.escape(form.endings[0]), path)
        assert project.format_of(path) == name


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--output", "r.htlm"],
            "--output r.htlm: cannot infer the format from its ending\nHint: Known are .github.txt, ",
        ),
        (["--output", "sarfi:r.out"], "--output sarfi:r.out: no format 'sarfi'\nHint: Did you mean sarif?"),
        (["--output", "sarif:"], "--output sarif:: no file is named\nHint: Write sarif:FILE."),
        (["--output", "r.md", "--output", "html:./r.md"], "--output names a file twice"),
        (["--output", "gone/r.md", "--output", "html:schemas"], "gone/r.md: there is no folder "),
        (["--output", "gone/r.md", "--output", "html:schemas"], "schemas: it is a folder"),
        (["--output", f"{'x' * 300}.md"], "x.md: File name too long"),
        (["--output", "-"], "-: stdout is not a file; leave --output out, or write /dev/stdout\n"),
    ],
)
def test_what_cannot_be_written_is_told_before_the_source_is_read(
    project: Project, arguments: list[str], says: str
) -> None:
    before = sorted(project.root.iterdir())
    for command in ("check", "report"):
        code, out, err = project.run(command, "--source", "postgresql://u@127.0.0.1:1/x", *arguments)
        assert (code, out) == (2, "")
        assert says in err
    assert sorted(project.root.iterdir()) == before


def test_a_file_that_fails_does_not_keep_the_others_back(project: Project) -> None:
    code, out, err = project.check("--output", "html:/dev/full", "--output", "r.md")
    assert code == 2
    assert out.startswith(STARTS["text"])
    assert err == "Error: /dev/full: No space left on device\nHint: Pass a path that can be written.\n"
    assert project.format_of("r.md") == "markdown"


def test_a_link_stays_one_and_a_mode_too(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to("real.json")
    put(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "real.json"]


def test_a_new_file_has_the_mode_that_others_get(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    put(tmp_path / "new", b"")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_device_is_written_to_and_not_replaced(project: Project) -> None:
    command = [sys.executable, "-m", "schema_sync", "-q", "check", "--source", "snapshot:catalog.json"]
    done = subprocess.run(
        [*command, "--output", "sarif:/dev/stderr"], cwd=project.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert json.loads(done.stderr)["version"] == "2.1.0"
    assert Path("/dev/stderr").exists()


def test_a_file_that_cannot_be_replaced_keeps_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "r.md"
    target.write_text("old")

    def refuse(self: Path, other: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="Input/output error"):
        put(target, b"new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("r.md", "old")]


def test_a_project_below_the_root_of_its_repository(project: Project) -> None:
    assert ",col=" in project.check("--format", "github")[1]
    assert "::error file=schemas/" in project.check("--format", "github")[1]
    (project.root.parent / ".git").mkdir()
    assert "::error file=project/schemas/" in project.check("--format", "github")[1]
    assert '"path": "project/schemas/' in project.check("--format", "gitlab")[1]
    assert '"path": "schemas/' in project.check("--format", "json")[1]
    (project.root / ".git").mkdir()
    assert "::error file=schemas/" in project.check("--format", "github")[1]


@pytest.mark.parametrize(("threshold", "failures"), [("high", 6), ("never", 0)])
def test_junit_fails_where_the_check_does(project: Project, threshold: str, failures: int) -> None:
    code, out, _ = project.check("--format", "junit", "--fail-on", threshold)
    assert code == (1 if failures else 0)
    assert ET.fromstring(out).attrib["failures"] == str(failures)
