"""Prints what the changelog says of a release; refuses one whose tag, version and changelog differ.

    python release/notes.py v1.2.3

The tag is ``v`` and the version in src/schema_sync/__init__.py. The changelog's first section has that version and
the date of its release as its heading (``## 1.2.3 (2026-12-31)``).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def version(repository: Path) -> str:
    """Return the package's version."""
    text = (repository / "src/schema_sync/__init__.py").read_text(encoding="utf-8")
    return re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0]


def notes(repository: Path, tag: str) -> str:
    """Return the changelog's section on the release *tag*.

    Raises:
        ValueError: if tag, version and changelog differ.
    """
    named = version(repository)
    if tag != f"v{named}":
        raise ValueError(f"the tag is {tag}, the version in src/schema_sync/__init__.py {named}")
    changelog = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    heading, _, rest = changelog.partition("\n## ")[2].partition("\n")
    if not re.fullmatch(rf"{re.escape(named)} \(\d{{4}}-\d\d-\d\d\)", heading):
        raise ValueError(f"the first section of CHANGELOG.md is {heading!r}, not {named!r} with a date")
    section = rest.partition("\n## ")[0].strip()
    if not section:
        raise ValueError(f"CHANGELOG.md says nothing of {named}")
    return section


if __name__ == "__main__":
    try:
        print(notes(REPOSITORY, sys.argv[1]))
    except ValueError as error:
        sys.exit(f"No release: {error}")
