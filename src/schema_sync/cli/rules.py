"""The commands that tell what can be found: ``rules`` and ``explain``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from schema_sync.cli.session import Session, shared

if TYPE_CHECKING:
    from schema_sync.rules.manual import Page


@click.command("rules")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared
def rules_command(session: Session, format_name: str) -> None:
    """List the rules, their severities and what they find."""
    from schema_sync import config
    from schema_sync.rules import manual

    configured = config.load(session.root, session.config).config.severity
    pages = manual.all_pages().values()
    click.echo(_document(pages, configured) if format_name == "json" else _table(pages, configured))


@click.command("explain")
@click.argument("rule")
def explain_command(rule: str) -> None:
    """Show the manual page of RULE."""
    from schema_sync.rules import manual

    click.echo(manual.find(rule).text, nl=False)


def _table(pages: Iterable[Page], configured: Mapping[str, str]) -> str:
    rows = [("rule", "severity", "fault")]
    rows += [(page.id, _severity(page, configured), page.summary) for page in pages]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{id_:<{widths[0]}}  {severity:<{widths[1]}}  {fault}" for id_, severity, fault in rows)


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
