"""Writes docs/rules, the rules' pages with a list of all, and docs/schemas, of the JSON documents (make docs)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec

from schema_sync.exports.analysis import Analysis
from schema_sync.exports.history import History
from schema_sync.migrations.render import ExaminationDocument
from schema_sync.reports.json_report import ReportDocument
from schema_sync.rules import manual
from schema_sync.rules.migrations import SQUAWK, address

GENERATED = "<!-- Copied from src/schema_sync/rules/pages by `make docs`; edit it there. -->"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def pages() -> dict[str, str]:
    """Return the documents by file name."""
    own = (page for group in manual.groups()[:-1] for page in group)
    return {"README.md": index()} | {f"{page.id}.md": f"{GENERATED}\n\n{page.text}" for page in own}


def index() -> str:
    """Return the list of all pages as a Markdown document."""
    drift, queries, migrations, squawk = manual.groups()
    parts = [
        GENERATED,
        "# Rules",
        "What `schema-sync check` can find. `schema-sync explain RULE` shows a page in the terminal.",
        listed((f"[{each.id}]({each.id}.md)", each) for each in drift),
        "## Names in queries",
        "What `schema-sync check` can find in the calls of Supabase's client:",
        listed((f"[{each.id}]({each.id}.md)", each) for each in queries),
        "## Migrations",
        "What `schema-sync migrations check` can find by itself:",
        listed((f"[{each.id}]({each.id}.md)", each) for each in migrations),
        "And by Squawk, whose documentation says more; some apply only where `.squawk.toml` includes them:",
        listed((f"[{each.id}]({address(each.id.removeprefix(SQUAWK))})", each) for each in squawk),
    ]
    return "\n\n".join(parts) + "\n"


def listed(rows: Iterable[tuple[str, manual.Page]]) -> str:
    """Return rules as a table."""
    head = ["| rule | default severity | fault |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {link} | {each.severity} | {each.summary} |" for link, each in rows)])


def schemas() -> dict[str, str]:
    """Return the JSON Schemas of the documents by file name."""
    kinds = {
        "report": (ReportDocument, "schema-sync check --format json"),
        "analysis": (Analysis, "schema-sync analyze --format json"),
        "history": (History, "schema-sync history --format json"),
        "migrations": (ExaminationDocument, "schema-sync migrations check --format json"),
    }
    found: dict[str, str] = {}
    for name, (kind, title) in kinds.items():
        schema = {"$schema": DIALECT, "title": title, **msgspec.json.schema(kind)}
        found[f"{name}.schema.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return found


def main() -> None:
    """Write all files and remove those that are no more."""
    for name, written in (("rules", pages()), ("schemas", schemas())):
        write(Path(__file__).parent / name, written)


def write(folder: Path, written: dict[str, str]) -> None:
    """Write the files of a folder."""
    folder.mkdir(exist_ok=True)
    for stale in folder.iterdir():
        if stale.name not in written:
            stale.unlink()
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
