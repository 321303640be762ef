"""The rules' manual: each page is the docstring of the rule's module, as text for a terminal or as Markdown.

Rules about migrations have no module each: their pages are made of what they state.
A docstring is paragraphs; one may begin with a label (``Default severity: ``, ``Fix: ``, ``Facts: ``). What is
indented under ``Example:`` is the example, and what is indented further is code.
"""

from __future__ import annotations

import inspect
import re
import sys
from difflib import get_close_matches
from textwrap import dedent
from typing import TYPE_CHECKING

from schema_sync.errors import UsageError
from schema_sync.model.base import Value
from schema_sync.rules.migrations import MIGRATION_RULES
from schema_sync.rules.registry import drift_rules
from schema_sync.rules.squawk import SQUAWK, SQUAWK_RULES, address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schema_sync.model.findings import Rule
    from schema_sync.rules.migrations import MigrationRule

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
    """A rule's page: ``severity`` is the default, as a word; ``body`` all that follows the summary.

    ``command`` is the one that finds the fault: ``check`` or ``migrations check``.
    """

    id: str
    severity: str
    summary: str
    body: str
    replaces: tuple[str, ...] = ()
    command: str = "check"


def drift_pages() -> list[Page]:
    """Return the pages of the rules that compare a catalog with code."""
    return [page(rule) for rule in drift_rules().values()]


def migration_pages() -> list[Page]:
    """Return the pages of our own rules about migrations."""
    return [_migration_page(rule) for rule in MIGRATION_RULES.values()]


def squawk_pages() -> list[Page]:
    """Return the pages of Squawk's rules: what each finds, and where Squawk documents it."""
    return [_migration_page(rule) for rule in SQUAWK_RULES.values()]


def all_pages() -> dict[str, Page]:
    """Return every rule's page, by id."""
    return {each.id: each for each in (*drift_pages(), *migration_pages(), *squawk_pages())}


def find(rule: str) -> Page:
    """Return the page of the rule that is, or once was, called *rule*.

    Raises:
        UsageError: if there is none; the hint names one that is spelled alike.
    """
    pages = all_pages()
    current = {former: each for each in pages.values() for former in each.replaces}
    found = pages.get(rule) or current.get(rule)
    if found is None:
        close = get_close_matches(rule.lower().replace("_", "-"), [*pages, *current], n=1, cutoff=0.5)
        hint = f"Did you mean {close[0]}?" if close else "schema-sync rules lists them."
        raise UsageError(f"no rule {rule!r}", hint=hint)
    return found


def _migration_page(rule: MigrationRule) -> Page:
    return Page(
        id=rule.id,
        severity=rule.severity.name.lower(),
        summary=rule.summary,
        body=f"{rule.why}\n\nFound by `schema-sync migrations check`.",
        command="migrations check",
    )


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


def index() -> str:
    """Return the list of all pages as a Markdown document."""
    parts = [
        _GENERATED,
        "# Rules",
        "What `schema-sync check` can find. `schema-sync explain RULE` shows a page in the terminal.",
        _listed((f"[{each.id}]({each.id}.md)", each) for each in drift_pages()),
        "## Migrations",
        "What `schema-sync migrations check` can find by itself:",
        _listed((f"[{each.id}]({each.id}.md)", each) for each in migration_pages()),
        "And by Squawk, whose documentation says more; some apply only where `.squawk.toml` includes them:",
        _listed((f"[{each.id}]({address(each.id.removeprefix(SQUAWK))})", each) for each in squawk_pages()),
    ]
    return "\n\n".join(parts) + "\n"


def _listed(rows: Iterable[tuple[str, Page]]) -> str:
    head = ["| rule | default severity | fault |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {link} | {each.severity} | {each.summary} |" for link, each in rows)])


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
