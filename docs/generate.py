"""Copies the rules' pages to docs/rules, with a list of all (make docs)."""

from __future__ import annotations

from pathlib import Path

from schema_sync.rules import manual


def pages() -> dict[str, str]:
    """Return the documents by file name."""
    found = [*manual.drift_pages(), *manual.migration_pages()]
    return {"README.md": manual.index()} | {f"{page.id}.md": manual.copied(page) for page in found}


def main() -> None:
    """Write the documents and remove those of rules that are no more."""
    folder = Path(__file__).parent / "rules"
    folder.mkdir(exist_ok=True)
    written = pages()
    for stale in folder.glob("*.md"):
        if stale.name not in written:
            stale.unlink()
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
