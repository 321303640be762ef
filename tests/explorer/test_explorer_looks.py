"""How the page looks: contrast by WCAG 2.2 (1.4.3), targets large enough for fingers (2.5.8), widths, themes, paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from exploring import atoms, explored, tab

from looks import faint

if TYPE_CHECKING:
    from pathlib import Path

    from doubles.chromium import Tab

__all__ = ["atoms", "explored", "tab"]  # fixtures

PLACES = ("", "public.projects", "public.projects.status", "public.project_status", "public.projects()", "history")
TARGETS = """
const found = [];
for (const each of document.querySelectorAll("button, summary, input, [role=option], .quiet, .row > a")) {
  const box = each.getBoundingClientRect();
  if (!box.width || !each.checkVisibility({ visibilityProperty: true })) continue;
  const least = each.matches("summary, a") ? 24 : 36;
  const height = each.matches("a.link") ? each.parentElement.getBoundingClientRect().height : box.height;
  if (height < least || box.width < 24) found.push(`${each.className || each.id}: ${box.width} x ${height}`);
}
return found;
"""


@pytest.mark.thorough
class TestContrast:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_all_text_can_be_read(self, explored: Tab, atoms: Path, theme: str) -> None:
        explored.media(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
        for address in PLACES:
            explored.show(atoms, address)
            explored.click("#filters .chip", "no policy")
            explored.press("/", "p")
            assert faint(explored) == [], address

    def test_what_is_too_faint_is_found(self, explored: Tab) -> None:
        explored.run("document.querySelector('#pane h1').style.setProperty('color', '#bbb')")
        assert faint(explored) == ["H1: 1.92"]


@pytest.mark.thorough
class TestNarrow:
    def test_targets_are_large_enough_for_fingers(self, explored: Tab, atoms: Path) -> None:
        explored.size(390, 844)
        for address in PLACES:
            for view in ("side", "map", "pane"):
                explored.show(atoms, address)
                explored.click(f"[data-shows={view}]")
                assert explored.run(TARGETS) == [], (address, view)

    @pytest.mark.parametrize("width", [360, 390, 820, 1024, 1920])
    def test_nothing_is_wider_than_the_screen(self, explored: Tab, atoms: Path, width: int) -> None:
        explored.size(width, 800)
        for address in PLACES:
            explored.show(atoms, address)
            assert explored.run("return document.documentElement.scrollWidth") <= width
            pane = "const p = document.getElementById('pane'); return p.scrollWidth - p.clientWidth"
            assert explored.run(pane) <= 0

    def test_a_phone_shows_one_view_at_a_time(self, explored: Tab, atoms: Path) -> None:
        explored.size(390, 800)
        explored.show(atoms)
        seen = "return getComputedStyle(document.querySelector(arguments[0])).visibility"
        explored.click(".tabs button", "Search")
        assert [explored.run(seen, view) for view in (".side", ".map", ".pane")] == ["visible", "hidden", "hidden"]
        explored.click("#results .result", "projects")
        assert [explored.run(seen, view) for view in (".side", ".map", ".pane")] == ["hidden", "hidden", "visible"]

    def test_the_map_of_a_phone_begins_where_names_can_be_read(self, explored: Tab, atoms: Path) -> None:
        scale = "return schemaMap.camera.scale"
        whole = explored.run(scale)
        explored.size(390, 800)
        explored.show(atoms)
        assert explored.run(scale) > whole
        box = explored.run("return schemaMap.placeOf('organizations')")
        assert box["width"] > 70
        assert 0 < box["x"] < 390 - box["width"]
        explored.press("0")
        assert explored.run(scale) < whole


@pytest.mark.thorough
class TestThemes:
    def test_dark_follows_the_system_and_the_switch(self, explored: Tab, atoms: Path) -> None:
        ground = "return getComputedStyle(document.body).backgroundColor"
        light = explored.run(ground)
        explored.media(prefers_color_scheme="dark")
        assert explored.run(ground) != light
        explored.click("#theme")
        assert explored.run(ground) == light
        explored.show(atoms)
        assert explored.run(ground) == light, "the choice is kept"

    def test_paper_is_light_and_hides_nothing(self, explored: Tab, atoms: Path) -> None:
        explored.media(prefers_color_scheme="dark")
        explored.show(atoms, "public.projects")
        theme = "return document.documentElement.dataset.theme"
        assert explored.run(theme) == "dark"
        explored.run("dispatchEvent(new Event('beforeprint'))")
        assert explored.run(theme) == "light"
        assert explored.run("return document.querySelectorAll('.pane details:not([open])').length") == 0
        explored.run("dispatchEvent(new Event('afterprint'))")
        assert explored.run(theme) == "dark"
