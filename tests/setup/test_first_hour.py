"""init, doctor and check in repositories of many layouts: what a new user sees, word by word."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from scratch_repositories import REPOSITORIES, make

from schema_sync import cli, config
from schema_sync.cli import setup
from schema_sync.setup import installed

TRANSCRIPTS = Path(__file__).parent / "transcripts"
# Of what doctor shows, this depends on the machine, or is about sources that nobody configured.
MACHINE = re.compile(
    r"^(?:Environment|Versions)\n(?:  .*\n)+\n"
    r"|^  - (?:dsn|lock|management|mcp|postgrest|snapshot): .*\n(?:    → .*\n)?",
    re.MULTILINE,
)
VERSION = re.compile(r"(?:PostgreSQL )\d+(?:\.\d+)*")
CONFINED = re.compile(r"; the server is .*")
WRITTEN = ("source", "require", "target", "include", "schemas")


def said(*arguments: str) -> str:
    """Return what a command prints on both streams, in the order in which a terminal shows it, and its exit code."""
    screen = io.StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        code = cli.run([*arguments])
    text = CONFINED.sub("", VERSION.sub("PostgreSQL VERSION", MACHINE.sub("", screen.getvalue())))
    return f"$ schema-sync {' '.join(arguments)}\n{text}(exit code {code})\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    for name in ("SUPABASE_DB_URL", "DATABASE_URL", "SUPABASE_URL", "SUPABASE_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    make(tmp_path, request.param)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(setup, "_on_terminal", lambda: False)
    monkeypatch.setattr(installed, "_origin", lambda: None)  # as from a package index
    return tmp_path


QUICK = {"backend-folder", "no-classes", "typeddict-only", "pydantic-only", "fastapi"}


@pytest.mark.parametrize(
    ("repository", "name"),
    [
        pytest.param(name, name, id=name, marks=() if name in QUICK else pytest.mark.thorough)
        for name in REPOSITORIES
    ],
    indirect=["repository"],
)
@pytest.mark.thorough
def test_the_first_hour(repository: Path, name: str, request: pytest.FixtureRequest) -> None:
    first = said("init")
    text = (repository / "schema-sync.toml").read_text()
    doctor = said("doctor")
    shown = "\n".join((first, configured(text), doctor, said("check"))).replace(str(repository), "/project")
    assert counts(first) == counts(doctor)
    assert counts(first)[:1] == counts(said("-v", "check"))[:1]
    expected = TRANSCRIPTS / f"{name}.txt"
    if request.config.getoption("--update-cases"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(shown)
    assert shown == expected.read_text()
    for command in ("init", "update"):
        said(command)
        assert "✓ Nothing to do: all files are in place\n" in said("init")
    assert (repository / "schema-sync.toml").read_text() == text
    assert config.load(repository).path == "schema-sync.toml"


def configured(text: str) -> str:
    """Return the paragraphs of a configuration that depend on the repository, and its [paths]."""
    paragraphs = text.split("\n\n")
    own = [each for each in paragraphs if re.search(rf"^(?:# )?(?:{'|'.join(WRITTEN)}) = ", each, re.MULTILINE)]
    paths = next(each for each in paragraphs if "\n[paths]\n" in f"\n{each}")
    return "\n\n".join(["$ cat schema-sync.toml   # in part", *own, paths]) + "\n"


def counts(shown: str) -> tuple[str, ...]:
    """Return the numbers of classes, Enums, calls and their files that *shown* mentions."""
    words = (
        r"(\d+) class(?:es)? that nothing binds",
        r"row classes: (\d+)",
        r"Enum(?: classe)?s: (\d+)",
        r"calls(?: of Supabase)?: (\d+); files: (\d+)",
    )
    found = (re.search(word, shown) for word in words)
    return tuple(number for each in found for number in (each.groups() if each else ("0",)))
