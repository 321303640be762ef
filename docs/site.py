"""Builds the documentation's site in build/site (make site).

The pages are the Markdown files of docs and some of the root, with their links. The build is strict, and what came
out is read again: each link leads somewhere, and nothing is loaded from another host.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from html import escape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
MERMAID = "mermaid.min.js"
FROM_ROOT = {
    "SCHEMA_SYNC_QUICKSTART.md": "start.md",
    "SCHEMA_SYNC_IMPLEMENTATION.md": "explanation/inside.md",
    "ARCHITECTURE.md": "explanation/architecture.md",
    "SECURITY.md": "explanation/security.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}
RENAMED = {
    "SCHEMA_SYNC_README.md": "index.md",
    "MEASUREMENTS.md": "explanation/measurements.md",
    "ROBUSTNESS.md": "explanation/robustness.md",
    "real-repositories.md": "explanation/real-repositories.md",
    "replay.md": "explanation/replay.md",
}
ASSETS = {".css", ".json", ".png", ".svg"}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
PIPED = re.compile(r"`([^`\n]*\\\|[^`\n]*)`")
"""Code in a table with an escaped ``|``: GitHub takes the backslash away, Python-Markdown does not."""


def places() -> dict[str, str]:
    """Return where each file of the repository is in the site."""
    found = dict(FROM_ROOT)
    for path in sorted((ROOT / "docs").rglob("*")):
        name = path.relative_to(ROOT / "docs").as_posix()
        if path.suffix == ".md" or path.suffix in ASSETS:
            place = RENAMED.get(name, re.sub(r"README\.md$", "index.md", name))
            found[f"docs/{name}"] = place
    return found


def repository() -> str:
    """Return the address of the repository, empty while pyproject.toml has none or a placeholder."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    address = project.get("urls", {}).get("Source", "").rstrip("/")
    return "" if "/OWNER/" in address else address


def page(source: str, text: str, where: dict[str, str]) -> str:
    """Return the page of the file *source*: its links lead to where files are in the site, see ``places``.

    A link to another file leads to the repository; without an address of the repository only its text is left.

    Raises:
        FileNotFoundError: if a link leads nowhere.
    """

    def relinked(match: re.Match[str]) -> str:
        mark, label, link = match.groups()
        path, _, anchor = link.partition("#")
        if not path or urlsplit(link).scheme:
            return match[0]
        target = normpath((PurePosixPath(source).parent / path).as_posix())
        if target in where:
            place = relpath(where[target], PurePosixPath(where[source]).parent.as_posix())
            return f"{mark}[{label}]({place}{'#' if anchor else ''}{anchor})"
        if not (ROOT / target).exists():
            raise FileNotFoundError(f"{source}: {link}")
        return f"{mark}[{label}]({repository()}/blob/HEAD/{target})" if repository() else label

    def shown(prose: str) -> str:
        return PIPED.sub(piped, LINK.sub(relinked, prose))

    parts, end = [], 0
    for match in FENCE.finditer(text):
        parts += [shown(text[end : match.start()]), match[0]]
        end = match.end()
    parts.append(shown(text[end:]))
    if "```mermaid" in text:  # before the theme looks for it on another host
        up = "../" * where[source].count("/")
        parts.append(f'\n<script src="{up}{MERMAID}"></script>\n')
    return "".join(parts)


def piped(code: re.Match[str]) -> str:
    """Return code with escaped pipes as HTML."""
    return f"<code>{escape(code[1].replace(chr(92) + '|', '|')).replace('|', '&#124;')}</code>"


def configuration(where: dict[str, str]) -> str:
    """Return zensical.toml with the other pages of a folder where its navigation has ``FOLDER/*``."""
    text = (ROOT / "zensical.toml").read_text("utf-8")
    pages = [f'"{place}"' for place in where.values() if place.endswith(".md")]

    def others(match: re.Match[str]) -> str:
        return "".join(f"{page}, " for page in pages if page.startswith(f'"{match[1]}/') and page not in text)

    return re.sub(r'"([a-z]+)/\*",?', others, text)


def assemble(build: Path, mermaid: Path) -> None:
    """Write the site's configuration, pages and assets into the folder *build*, with the script *mermaid*."""
    where = places()
    pages = build / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    for source, place in where.items():
        (pages / place).parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".md"):
            (pages / place).write_text(page(source, (ROOT / source).read_text("utf-8"), where), "utf-8")
        else:
            shutil.copy(ROOT / source, pages / place)
    shutil.copy(mermaid, pages / MERMAID)
    (build / "zensical.toml").write_text(configuration(where), "utf-8")


LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}


class Reader(HTMLParser):
    """What a page of the site links to, loads, and has as anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag's addresses and its anchor."""
        values = {name: value or "" for name, value in attrs}
        self.anchors.add(values.get("id", ""))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if address := values.get(LOADS.get(tag, "")):
            self.loaded.append(address)


def faults(site: Path) -> list[str]:
    """Return the links of a built site that lead nowhere, and what its pages load from other hosts."""
    read: dict[Path, Reader] = {}
    for path in sorted(site.rglob("*.html")):
        read[path] = Reader()
        read[path].feed(path.read_text("utf-8"))
    found: list[str] = []
    for path, reader in read.items():
        name = path.relative_to(site).as_posix()
        found += [f"{name} loads {each}" for each in reader.loaded if urlsplit(each).netloc]
        for link in {*reader.links, *reader.loaded}:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            base = site if parts.path.startswith("/") else path.parent
            target = Path(normpath(base / unquote(parts.path).lstrip("/"))) if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            anchors = read[target].anchors if target in read else {parts.fragment}
            if not target.exists() or (parts.fragment and unquote(parts.fragment) not in anchors):
                found.append(f"{name} links to {link}")
    return found


def main() -> None:
    """Assemble, build and check the site."""
    assemble(BUILD, BUILD / "mermaid/node_modules/mermaid/dist" / MERMAID)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    if code := subprocess.run(command, cwd=BUILD, check=False).returncode:  # noqa: S603 - our own
        sys.exit(code)
    if found := faults(BUILD / "site"):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
