"""The repository's address and the package's version have one place each; all files agree with them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from schema_sync import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
URLS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["urls"]
OWNER, NAME = URLS["Source"].removeprefix("https://github.com/").split("/")
ADDRESS = re.compile(
    rf"github(?:usercontent)?\.com/([\w.-]+/{NAME})\b"  # a page, a raw file, a repository
    rf"|https?://([\w-]+)\.github\.io\b"
    rf"|(?:uses: |--repo |git@github\.com:)([\w.-]+/{NAME})\b"
    rf"|^\* @([\w-]+)$",  # CODEOWNERS
    re.MULTILINE,
)
VERSION = re.compile(
    rf"/{NAME}(?:@|/blob/|/raw/|/archive/)v(\d[\w.]*\w)|`?rev: v(\d[\w.]*\w)"
    r"|supabase-schema-sync(?:\[[\w,]+\])?==(\d[\w.]*\w)"
)
PLACES = [
    *(path for path in REPOSITORY.glob("*") if path.suffix in {".md", ".yml", ".yaml", ".toml"}),
    *(REPOSITORY / folder for folder in (".github", "docs", "examples", "scripts", "src")),
]


def texts() -> Iterator[tuple[Path, str]]:
    for place in PLACES:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and path.suffix not in {".png", ".pyc", ".svg", ".woff2"}:
                yield path.relative_to(REPOSITORY), path.read_text()


def named(pattern: re.Pattern[str], text: str) -> set[str]:
    return {next(filter(None, match.groups())) for match in pattern.finditer(text)}


def test_the_address_is_the_one_of_the_project() -> None:
    known = {f"{OWNER}/{NAME}", OWNER}
    found = {path: named(ADDRESS, text) for path, text in texts()}
    assert {path: others for path, names in found.items() if (others := names - known)} == {}
    where = {str(path) for path, names in found.items() if names}
    assert {"README.md", "pyproject.toml", ".github/CODEOWNERS", "docs/guides/ci.md"} <= where


def test_the_version_is_the_one_of_the_package() -> None:
    found = {path: named(VERSION, text) for path, text in texts()}
    assert {path: others for path, names in found.items() if (others := names - {__version__})} == {}
    assert {"docs/guides/ci.md", "docs/guides/git-hooks.md"} <= {
        str(path) for path, names in found.items() if names
    }


def test_all_addresses_of_the_project_are_the_repository() -> None:
    assert all(url.startswith(URLS["Source"]) or f"{OWNER}.github.io" in url for url in URLS.values())


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (ADDRESS, "https://github.com/ME/schema-sync/blob/v1", {"ME/schema-sync"}),
        (ADDRESS, "[x](https://ME.github.io/schema-sync/)", {"ME"}),
        (ADDRESS, "      - uses: ME/schema-sync@v1", {"ME/schema-sync"}),
        (ADDRESS, "a\n* @ME\n", {"ME"}),
        (ADDRESS, "https://github.com/caronc/apprise", set()),
        (VERSION, "ME/schema-sync@v0.2.0", {"0.2.0"}),
        (VERSION, "    rev: v0.2.0", {"0.2.0"}),
        (VERSION, '"supabase-schema-sync[a,b]==0.2.0"', {"0.2.0"}),
        (VERSION, "actions/checkout@v7", set()),
    ],
)
def test_what_is_looked_for(pattern: re.Pattern[str], text: str, expected: set[str]) -> None:
    text = text.replace("ME", "somebody")
    assert named(pattern, text) == {each.replace("ME", "somebody") for each in expected}
