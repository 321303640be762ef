"""The HTML report in a real browser: readable, not wider than the screen, and without a request or complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from drifted import drifted

from looks import faint, tab
from schema_sync import cli
from schema_sync.reports.formats import html

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database
    from doubles.chromium import Tab

__all__ = ["tab"]  # fixture


def pages(root: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a report with findings, and one without."""
    red, green = root / "drifted/red.html", root / "synced/green.html"
    for page in (red, green):
        page.parent.mkdir()
    red.write_text(html.render(drifted(red.parent, database)), encoding="utf-8")
    monkeypatch.chdir(green.parent)
    assert cli.run(["update", "-q", "--source", database.dsn]) == 0
    assert cli.run(["check", "-q", "--source", database.dsn, "--output", "green.html"]) == 0
    return [red, green]


@pytest.mark.thorough
def test_reports_can_be_read_on_any_screen(
    tab: Tab, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in pages(tmp_path, database, monkeypatch):
        for width in (390, 1400):
            for theme in ("light", "dark"):
                tab.size(width, 900)
                tab.media(prefers_color_scheme=theme)
                tab.complaints()
                tab.requests()
                tab.show(page)
                tab.run("for (const each of document.querySelectorAll('details')) each.open = true")
                assert faint(tab) == [], (page.name, theme)
                assert tab.run("return document.documentElement.scrollWidth") <= width
                assert tab.complaints() == []
                assert tab.requests() == []
