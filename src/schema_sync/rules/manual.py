"""The rules' manual: a page in Markdown for each, ``pages/RULE.md``; those of Squawk's are made from a table."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from schema_sync.errors import UsageError
from schema_sync.model.base import Value
from schema_sync.model.findings import Severity
from schema_sync.nearest import nearest
from schema_sync.rules.migrations import (
    MIGRATION_RULES,
    SQUAWK,
    SQUAWK_OFF,
    SQUAWK_SEVERITY,
    address,
    squawk_rules,
)
from schema_sync.rules.registry import DRIFT_RULES, QUERY_RULES

HEADINGS = ("What it finds", "Why it matters", "Example", "What `update` does", "How to silence it")
_YOURS = "Nothing: migrations are yours to edit."
_SUMMARY = re.compile(rf"^## {HEADINGS[0]}\n\n(.+?)\n\n", re.MULTILINE | re.DOTALL)


class Page(Value, frozen=True, kw_only=True):
    """A rule's page.

    Attributes:
        id: the rule.
        severity: the default, as a word; ``off`` for a rule that has to be turned on.
        summary: the fault in one sentence.
        text: the whole page, as Markdown.
        replaces: former ids.
        command: what finds the fault: ``check`` or ``migrations check``.
    """

    id: str
    severity: str
    summary: str
    text: str
    replaces: tuple[str, ...] = ()
    command: str = "check"


def groups() -> tuple[list[Page], list[Page], list[Page], list[Page]]:
    """Return the pages of the rules on classes, on names in queries, of ours on migrations, and of Squawk's."""
    drift = [_read(rule.id, rule.severity, "check", rule.replaces) for rule in DRIFT_RULES.values()]
    queries = [_read(rule.id, rule.severity, "check", rule.replaces) for rule in QUERY_RULES]
    migrations = [_read(id_, severity, "migrations check") for id_, severity in MIGRATION_RULES.items()]
    return drift, queries, migrations, [_of_squawk(id_, fault) for id_, fault in squawk_rules().items()]


def all_pages() -> dict[str, Page]:
    """Return every rule's page, by id."""
    return {each.id: each for group in groups() for each in group}


def find(rule: str) -> Page:
    """Return the page of the rule that is, or once was, called *rule*.

    Raises:
        UsageError: if there is none; the hint names one that is spelled alike.
    """
    pages = all_pages()
    current = {former: each for each in pages.values() for former in each.replaces}
    found = pages.get(rule) or current.get(rule)
    if found is None:
        close = nearest(rule.lower().replace("_", "-"), [*pages, *current], cutoff=0.5)
        hint = f"Did you mean {close}?" if close else "schema-sync rules lists them."
        raise UsageError(f"no rule {rule!r}", hint=hint)
    return found


def _read(id_: str, severity: Severity, command: str, replaces: tuple[str, ...] = ()) -> Page:
    text = (Path(__file__).parent / "pages" / f"{id_}.md").read_text(encoding="utf-8")
    found = _SUMMARY.search(text)
    return Page(
        id=id_,
        severity=severity.word,
        summary=" ".join(found[1].split()) if found else "",
        text=f"{text}\nFormerly: {', '.join(replaces)}.\n" if replaces else text,
        replaces=replaces,
        command=command,
    )


def _of_squawk(id_: str, fault: str) -> Page:
    source = f"One of Squawk's rules, documented at {address(id_.removeprefix(SQUAWK))}."
    scope = "`.squawk.toml` is respected; some rules apply only where it includes them."
    text = f"# {id_}\n\n## {HEADINGS[0]}\n\n{fault}\n\n{source}\n{scope}\n"
    why = SQUAWK_OFF.get(id_)
    if why is not None:
        text += f'\nOff by default: {why}\nTo turn it on:\n\n```toml\n[severity]\n{id_} = "medium"\n```\n'
    return Page(
        id=id_,
        severity=SQUAWK_SEVERITY.word if why is None else "off",
        summary=fault,
        text=text,
        command="migrations check",
    )


@cache
def advice(rule: str) -> str:
    """Return why the fault of a rule on migrations matters, and what to do, in one line."""
    behind = (find(rule).text.partition(f"\n## {heading}\n")[2] for heading in (HEADINGS[1], HEADINGS[3]))
    sections = [text.partition("\n## ")[0] for text in behind]
    return " ".join(" ".join(sections).replace(_YOURS, "").split())
