"""Writes docs/rules, the rules' pages with a list of all, and docs/schemas, of the JSON documents (make docs)."""

from __future__ import annotations

import json
from pathlib import Path

from schema_sync.exports.analysis import Analysis
from schema_sync.migrations.render import ExaminationDocument
from schema_sync.reports.json_report import ReportDocument, json_schema
from schema_sync.rules import manual


def pages() -> dict[str, str]:
    """Return the documents by file name."""
    found = [*manual.drift_pages(), *manual.migration_pages()]
    return {"README.md": manual.index()} | {f"{page.id}.md": manual.copied(page) for page in found}


def schemas() -> dict[str, str]:
    """Return the JSON Schemas of the documents by file name."""
    kinds = {
        "report": (ReportDocument, "schema-sync check --format json"),
        "analysis": (Analysis, "schema-sync analyze --format json"),
        "migrations": (ExaminationDocument, "schema-sync migrations check --format json"),
    }
    found = {f"{name}.schema.json": json_schema(kind, title) for name, (kind, title) in kinds.items()}
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in found.items()}


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
