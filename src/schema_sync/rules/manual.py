"""The rules' manual: each page is the docstring of the rule's module, as text for a terminal or as Markdown.

A docstring is paragraphs; one may begin with a label (``Default severity: ``, ``Fix: ``, ``Facts: ``). What is
indented under ``Example:`` is the example, and what is indented further is code.
"""

from __future__ import annotations

import inspect
import re
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

from schema_sync.model.base import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schema_sync.model.findings import Rule

_EXAMPLE = re.compile(r"^Example:\n((?:    .*\n|\n)+)", re.MULTILINE)
_BLOCK = re.compile(r"^    .*\n(?:\n*    .*\n)*|(?:^\S.*\n)+", re.MULTILINE)
_FIX = re.compile(r"(?<=\.)\s(?=Fix: )")  # may stand behind the severity, on its line
_GENERATED = "<!-- Generated from the docstrings by `make docs`; do not edit. -->"
_LABELS = ("Default severity", "Fix", "Facts")
_LANGUAGES = (
    (r"(?:alter|comment|create|drop|insert|select|update|with)\b", "sql"),
    (r"\[|[a-z-]+ = \[", "toml"),
    (r"\$ ", "console"),
)


class Page(Value, frozen=True, kw_only=True):
    """A rule's page: ``severity`` is the default, as a word; ``body`` all that follows the summary."""

    id: str
    severity: str
    summary: str
    body: str
    replaces: tuple[str, ...] = ()


def page(rule: Rule) -> Page:
    """Return the page of *rule*."""
    text = inspect.cleandoc(sys.modules[rule.check.__module__].__doc__ or "")
    summary, _, body = text.partition("\n\n")
    return Page(
        id=rule.id,
        severity=rule.severity.name.lower(),
        summary=" ".join(summary.split()),
        body=body.strip(),
        replaces=rule.replaces,
    )


def text(shown: Page) -> str:
    """Return the page for a terminal."""
    parts = [f"{shown.id} ({shown.severity})", shown.summary, shown.body, *_former(shown), _configure(shown)]
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown(shown: Page) -> str:
    """Return the page as a Markdown document, as it is committed."""
    return f"{_GENERATED}\n\n{markdown_help(shown)}"


def markdown_help(shown: Page) -> str:
    """Return the page as Markdown for those who show it themselves."""
    title = f"# {shown.id}"
    fence = f'```toml\n[severity]\n{shown.id} = "{_another(shown)}"\n```'
    configure = f'## Severity\n\nSet it in the configuration; `"off"` silences the rule:\n\n{fence}'
    parts = [title, shown.summary, *_blocks(shown.body), *_former(shown), configure]
    return "\n\n".join(parts) + "\n"


def index(pages: Iterable[Page]) -> str:
    """Return the list of all pages as a Markdown document."""
    rows = [f"| [{each.id}]({each.id}.md) | {each.severity} | {each.summary} |" for each in pages]
    head = ["| rule | default severity | fault |", "|---|---|---|"]
    intro = "What `schema-sync check` can find. `schema-sync explain RULE` shows a page in the terminal."
    return "\n\n".join([_GENERATED, "# Rules", intro, "\n".join(head + rows)]) + "\n"


def _former(shown: Page) -> Iterator[str]:
    if shown.replaces:
        yield f"Formerly: {', '.join(shown.replaces)}."


def _configure(shown: Page) -> str:
    return (
        'Severity, in the configuration ("off" silences the rule):\n\n'
        f'    [severity]\n    {shown.id} = "{_another(shown)}"'
    )


def _another(shown: Page) -> str:
    return "low" if shown.severity != "low" else "medium"


def _blocks(body: str) -> Iterator[str]:
    """Yield the Markdown blocks of a body; indented code becomes fenced."""
    flat = _EXAMPLE.sub(lambda match: f"## Example\n\n{dedent(match[1])}", f"{body}\n")
    for block in _BLOCK.findall(flat):
        if block.startswith("    "):
            code = dedent(block).strip("\n")
            yield f"```{_language(code)}\n{code}\n```"
        else:
            yield from map(_labelled, _FIX.split(block.strip("\n")))


def _language(code: str) -> str:
    return next((name for pattern, name in _LANGUAGES if re.match(pattern, code)), "python")


def _labelled(paragraph: str) -> str:
    label, colon, rest = paragraph.partition(": ")
    return f"**{label}:** {rest}" if colon and label in _LABELS else paragraph
