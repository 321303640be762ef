"""The commands that tell what can be found: ``rules`` and ``explain``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from schema_sync.cli.session import Session, completes, shared
from schema_sync.cli.streams import look

if TYPE_CHECKING:
    from schema_sync.reports.base import Style, Styled
    from schema_sync.reports.tables import Table
    from schema_sync.rules.manual import Page

_LONGEST = 1000  # no page's summary is as long


@click.command("rules")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared
def rules_command(session: Session, format_name: str) -> None:
    """List the rules, their severities and what they find."""
    from schema_sync import config
    from schema_sync.rules import manual

    configured = config.load(session.root, session.config).config.severity
    pages = manual.all_pages().values()
    if format_name == "json":
        session.print(_document(pages, configured) + "\n")
    else:
        session.show([_table(pages, configured)])


@click.command("explain")
@click.argument("rule", shell_complete=completes("rules"))
def explain_command(rule: str) -> None:
    """Show the manual page of RULE."""
    from schema_sync.rules import manual

    page = manual.find(rule).text
    if look().width is None:
        click.echo(page, nl=False)
    else:
        Session().show(_paragraphs(page))


def _paragraphs(page: str) -> Iterator[Styled]:
    """Yield the paragraphs of a page in Markdown, a line each, and headings and code as they are."""
    from schema_sync.reports.base import Part, Styled

    paragraph: list[str] = []
    is_code = False
    for line in (*page.splitlines(), ""):
        is_fence = line.startswith("```")
        is_apart = is_code or is_fence or not line or line.startswith(("#", "|", "- "))
        if is_apart and paragraph:
            yield Styled((Part(" ".join(paragraph)),), hanging=2 if paragraph[0].startswith("- ") else 0)
            paragraph = []
        is_code ^= is_fence
        if line.startswith("- ") and not is_code:
            paragraph = [line]
        elif is_apart:
            style: Style = "title" if line.startswith("#") and not is_code else "plain"
            yield Styled((Part(line, style),), verbatim=is_code)
        else:
            paragraph.append(line.strip())


def _table(pages: Iterable[Page], configured: Mapping[str, str]) -> Table:
    from schema_sync.reports.tables import Table

    rows = tuple((page.id, _severity_cell(page, configured), page.summary) for page in pages)
    return Table(columns=("rule", "severity", "fault"), rows=rows, ruled=False, longest=_LONGEST)


def _severity_cell(page: Page, configured: Mapping[str, str]) -> Styled:
    from schema_sync.model.findings import Severity
    from schema_sync.reports.base import Part, styled

    text = _severity(page, configured)
    word = text.partition(" ")[0].upper()
    return styled(Part(text, Severity[word].word if word in Severity.__members__ else "quiet"))


def _severity(page: Page, configured: Mapping[str, str]) -> str:
    chosen = configured.get(page.id, page.severity)
    return chosen if chosen == page.severity else f"{chosen} (default {page.severity})"


def _document(pages: Iterable[Page], configured: Mapping[str, str]) -> str:
    from schema_sync.reports.escaping import json_text

    document = [
        {
            "id": page.id,
            "severity": configured.get(page.id, page.severity),
            "default_severity": page.severity,
            "summary": page.summary,
            "replaces": page.replaces,
            "command": page.command,
        }
        for page in pages
    ]
    return json_text(document, indent=2)
