"""A release is refused where its tag, the version and the changelog differ."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import notes
import pytest

from schema_sync import __version__

REPOSITORY = Path(__file__).parents[2]
CHANGELOG = "# Changelog\n\n## 1.2.0 (2026-12-31)\n\n- New.\n\n## 1.1.0 (2026-11-30)\n\n- Old.\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "src/schema_sync").mkdir(parents=True)
    (tmp_path / "src/schema_sync/__init__.py").write_text('"""Text."""\n\n__version__ = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return tmp_path


def test_the_section_of_the_release(repository: Path) -> None:
    assert notes.notes(repository, "v1.2.0") == "- New."


@pytest.mark.parametrize("tag", ["1.2.0", "v1.1.0", "v1.2.0rc1", "v1.2"])
def test_another_tag(repository: Path, tag: str) -> None:
    with pytest.raises(ValueError, match=rf"^the tag is {tag}, the version in .* 1\.2\.0$"):
        notes.notes(repository, tag)


@pytest.mark.parametrize("heading", ["1.2.0 (unreleased)", "1.2.0", "1.1.0 (2026-11-30)", "1.2.00 (2026-12-31)"])
def test_another_heading(repository: Path, heading: str) -> None:
    (repository / "CHANGELOG.md").write_text(CHANGELOG.replace("1.2.0 (2026-12-31)", heading, 1))
    with pytest.raises(ValueError, match=r"^the first section of CHANGELOG\.md is"):
        notes.notes(repository, "v1.2.0")


def test_an_empty_section(repository: Path) -> None:
    (repository / "CHANGELOG.md").write_text(CHANGELOG.replace("- New.\n", ""))
    with pytest.raises(ValueError, match=r"^CHANGELOG\.md says nothing of 1\.2\.0$"):
        notes.notes(repository, "v1.2.0")


def test_the_version_and_the_changelog_of_this_repository() -> None:
    assert notes.version(REPOSITORY) == __version__
    assert f"\n## {__version__} (" in (REPOSITORY / "CHANGELOG.md").read_text()


def test_the_program_refuses_another_tag() -> None:
    command = [sys.executable, notes.__file__, "v999.0.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("No release: the tag is v999.0.0, ")
