"""The report formats: a file for each, which is loaded once it is asked for. Nothing there decides anything."""

from __future__ import annotations

from importlib import import_module

from schema_sync.model.base import Value
from schema_sync.reports.base import View


class Format(Value, frozen=True, kw_only=True):
    """A format of ``check``.

    Attributes:
        name: what ``--format`` calls it, and its module here.
        endings: the ends of file names that mean this format, the usual one first.
        whole: whether it holds the whole JSON report, proposals included.
        shows_code: whether it shows the lines that mend a finding.
    """

    name: str
    endings: tuple[str, ...]
    whole: bool = False
    shows_code: bool = False

    def render(self, view: View) -> str:
        """Return the whole report, with a final newline."""
        text: str = import_module(f"{__name__}.{self.name}").render(view)
        return text


_ALL = (
    Format(name="github", endings=(".github.txt",)),
    Format(name="gitlab", endings=(".gitlab.json", "gl-code-quality-report.json", ".json")),
    Format(name="html", endings=(".html", ".htm"), shows_code=True),
    Format(name="json", endings=(".json",), whole=True),
    Format(name="jsonl", endings=(".jsonl", ".ndjson"), whole=True),
    Format(name="junit", endings=(".xml",)),
    Format(name="markdown", endings=(".md", ".markdown")),
    Format(name="sarif", endings=(".sarif", ".sarif.json", ".json")),
    Format(name="text", endings=(".txt",)),
)
FORMATS = {each.name: each for each in _ALL}
