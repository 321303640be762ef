"""The page in a real browser: search, keys, focus, addresses, filters, themes; and three questions on a real schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from exploring import APP, ATOMS, atoms, explored, tab

if TYPE_CHECKING:
    from pathlib import Path

    from doubles.chromium import Tab

__all__ = ["atoms", "explored", "tab"]  # fixtures

EXPECTED = json.loads((ATOMS / "expected.json").read_text())
ENTER, ESCAPE, DOWN = "\ue007", "\ue00c", "\ue015"


def click_table(tab: Tab, name: str) -> None:
    """Click a table on the map where the page has drawn it."""
    from selenium.webdriver import ActionChains

    canvas = tab.driver.find_element("id", "map")
    box = place(tab, name)
    x = box["x"] + box["width"] / 2 - canvas.size["width"] / 2
    y = box["y"] + box["height"] / 2 - canvas.size["height"] / 2
    ActionChains(tab.driver).move_to_element_with_offset(canvas, round(x), round(y)).click().perform()
    tab.settle()


def place(tab: Tab, name: str) -> dict[str, float]:
    found: dict[str, float] = tab.run("return schemaMap.placeOf(arguments[0])", name)
    return found


def colour(tab: Tab, name: str) -> list[int]:
    """Return the colour of a table's box near its corner."""
    box = place(tab, name)
    return tab.pixel(box["x"] + box["width"] * 0.07, box["y"] + box["height"] * 0.1)


class TestQuestions:
    """Each is answered within three actions."""

    def test_which_code_reads_a_column(self, explored: Tab) -> None:
        explored.press("/", *"organizations.settings")
        explored.press(ENTER)
        target = explored.text(".column.target")
        assert target.startswith("settings")
        assert "app/store.py:9 select in settings_of" in target
        assert "1 use" in target

    def test_what_breaks_if_an_enum_loses_a_label(self, explored: Tab) -> None:
        explored.press("/", *"projects.status")
        explored.press(ENTER)
        assert explored.texts(".labels .row") == [
            "active 2 uses",
            "archived 1 use",
            "draft 1 use",
            "deleted 0 uses",
        ]
        explored.click(".labels a", "active")
        target = explored.text(".label.target")
        assert "app/store.py:13 eq active in active" in target
        assert "app/store.py:33 ProjectStatus.ACTIVE" in target
        assert "projects.status" in explored.text("#pane")

    def test_which_tables_have_no_policy(self, explored: Tab) -> None:
        explored.click("#filters .chip", "no policy")
        assert explored.text("#found") == "36 tables"
        names = explored.texts("#results .what")
        assert len(names) == 36
        assert not {"projects", "organizations"} & {*names}


@pytest.mark.thorough
class TestSearch:
    def test_finds_whatever_has_a_name_and_forgives(self, explored: Tab) -> None:
        for typed, kind, found in (
            ("prjstatus", "enum", "project_status"),
            ("organizations", "table", "organizations"),
            ("orgnzsettings", "column", "settings organizations"),
            ("projects.status", "column", "status projects"),
            ("ProjectRow", "class", "ProjectRow"),
            ("members", "policy", "members"),
            ("super_admin", "label", "super_admin"),
            ("opnprj", "view", "open_projects"),
            ("address web", "comment", "Part of its address on the web projects"),
        ):
            explored.run("const s = document.getElementById('search'); s.value = ''; s.focus()")
            explored.press(*typed)
            rows = explored.texts("#results .result")[:6]
            assert [row for row in rows if f"{row} ".startswith(f"{kind} {found} ")], (typed, rows)

    def test_goes_by_the_keyboard_alone(self, explored: Tab) -> None:
        explored.press("/")
        assert explored.run("return document.activeElement.id") == "search"
        explored.press(*"organization", DOWN, DOWN)
        chosen = explored.text("#results [aria-selected=true] .what")
        assert chosen == explored.texts("#results .what")[2]
        explored.press(ENTER)
        assert explored.text("#pane h1") in explored.texts("#results .what") + explored.texts("#results .where")
        explored.press(ESCAPE)
        assert explored.run("return document.getElementById('search').value") == ""
        explored.press(ESCAPE)
        assert explored.run("return document.activeElement.id") != "search"
        explored.press(ESCAPE)
        assert explored.text("#pane h1") == "Database schema"

    def test_says_when_nothing_is_found(self, explored: Tab) -> None:
        explored.press("/", *"qqqqqzzz")
        assert explored.text("#found") == "Nothing found"
        explored.press(ENTER)
        assert explored.text("#pane h1") == "Database schema"


@pytest.mark.thorough
class TestMap:
    def test_a_click_focuses_and_a_second_one_opens(self, explored: Tab) -> None:
        click_table(explored, "projects")
        assert explored.text("#hint").startswith("projects: 10 neighbours")
        assert explored.text("#pane h1") == "Database schema"
        click_table(explored, "projects")
        assert explored.text("#pane h1") == "projects"
        assert explored.run("return location.hash") == "#public.projects"

    def test_a_click_from_afar_leads_near_and_two_open(self, explored: Tab) -> None:
        from selenium.webdriver import ActionChains

        explored.press("-", "-", "-")
        click_table(explored, "projects")
        explored.settle()
        assert explored.run("return schemaMap.camera.scale") > 0.22
        assert explored.run("return location.hash") == ""
        explored.press("0", "-", "-", "-", "\ue00c")
        box = place(explored, "profiles")
        canvas = explored.driver.find_element("id", "map")
        x = box["x"] + box["width"] / 2 - canvas.size["width"] / 2
        y = box["y"] + box["height"] / 2 - canvas.size["height"] / 2
        ActionChains(explored.driver).move_to_element_with_offset(
            canvas, round(x), round(y)
        ).double_click().perform()
        explored.settle()
        assert explored.text("#pane h1") == "profiles"

    def test_what_is_not_near_the_focus_fades(self, explored: Tab) -> None:
        before = colour(explored, "trace_links")
        click_table(explored, "projects")
        assert colour(explored, "trace_links") != before
        explored.press(ESCAPE)
        assert colour(explored, "trace_links") == before

    def test_the_legend_filters_the_map_and_the_list(self, explored: Tab) -> None:
        before = colour(explored, "projects")
        explored.click("#legend .chip", "in sync")
        assert explored.text("#found") == "4 tables"
        assert colour(explored, "projects") != before
        explored.click("#legend .chip", "in sync")
        assert explored.text("#found") == "38 tables, 1 view"

    def test_zooms_and_fits(self, explored: Tab) -> None:
        scale = "return schemaMap.camera.scale"
        before = explored.run(scale)
        explored.press("+", "+")
        assert explored.run(scale) > before * 1.5
        explored.press("0")
        assert explored.run(scale) == pytest.approx(before)


@pytest.mark.thorough
class TestPointer:
    def test_drags_the_map(self, explored: Tab) -> None:
        from selenium.webdriver import ActionChains

        before = place(explored, "projects")
        canvas = explored.driver.find_element("id", "map")
        drag = ActionChains(explored.driver).move_to_element_with_offset(canvas, 200, 250)
        drag.click_and_hold().move_by_offset(-60, -40).release().perform()
        explored.settle()
        after = place(explored, "projects")
        assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((-60, -40), abs=1)
        assert explored.text("#hint") == "", "what was dragged was not clicked"

    def test_scrolls_where_it_is(self, explored: Tab) -> None:
        box = place(explored, "projects")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        turn = (
            "const c = document.getElementById('map'), r = c.getBoundingClientRect();"
            "c.dispatchEvent(new WheelEvent('wheel', {deltaY: -400, clientX: r.left + arguments[0],"
            " clientY: r.top + arguments[1], cancelable: true}))"
        )
        explored.run(turn, x, y)
        explored.settle()
        after = place(explored, "projects")
        assert after["width"] > 1.5 * box["width"]
        assert after["x"] + after["width"] / 2 == pytest.approx(x, abs=1)
        assert after["y"] + after["height"] / 2 == pytest.approx(y, abs=1)

    def test_columns_can_be_read_near_by_and_the_small_map_leads_on(self, explored: Tab) -> None:
        seen = "return getComputedStyle(document.getElementById('minimap')).visibility"
        assert explored.run(seen) == "hidden", "all of the map is on the screen"
        explored.press("+", "+", "+", "+")
        assert explored.run("return schemaMap.camera.scale") > 0.5
        assert explored.run(seen) == "visible"
        before = explored.run("return schemaMap.camera.x")
        explored.click("#minimap")
        middle = explored.run("return schemaMap.camera.x")
        explored.run("document.getElementById('minimap').dispatchEvent(new PointerEvent('pointerdown', {}))")
        explored.settle()
        assert explored.run("return schemaMap.camera.x") < middle
        assert middle == pytest.approx(before, rel=0.5)

    def test_two_fingers_zoom(self, explored: Tab) -> None:
        before = explored.run("return schemaMap.camera.scale")
        pinch = """
        const map = document.getElementById("map"), box = map.getBoundingClientRect();
        map.setPointerCapture = () => {};
        const at = (type, id, x) => map.dispatchEvent(new PointerEvent(type, {
          pointerId: id, clientX: box.left + x, clientY: box.top + 200 }));
        at("pointerdown", 1, 200); at("pointerdown", 2, 300); at("pointermove", 2, 400);
        at("pointerup", 1, 200); at("pointerup", 2, 400);
        """
        explored.run(pinch)
        assert explored.run("return schemaMap.camera.scale") == pytest.approx(before * 2)


@pytest.mark.thorough
class TestAddresses:
    def test_lead_to_a_column_and_back_and_forward(self, tab: Tab, explored: Tab, atoms: Path) -> None:
        tab.show(atoms, "public.projects.status")
        assert tab.text(".column.target").startswith("status")
        tab.click(".column.target a.link", "project_status")
        assert tab.text("#pane h1") == "project_status"
        tab.go("back")
        assert tab.text("#pane h1") == "projects"
        tab.go("forward")
        assert tab.text("#pane h1") == "project_status"

    def test_to_nothing_show_the_overview(self, tab: Tab, atoms: Path) -> None:
        for address in ("public.nothing", "%", "public.projects.gone.gone", "x"):
            tab.show(atoms, address)
            assert tab.text("#pane h1") == "Database schema"
        tab.show(atoms, "public.projects.gone")
        assert tab.text("#pane h1") == "projects"

    def test_places_lead_to_the_editor(self, tab: Tab, atoms: Path) -> None:
        tab.show(atoms, "public.projects")
        links = tab.run("return [...document.querySelectorAll('a.place')].map((a) => a.getAttribute('href'))")
        file = f"vscode://file{atoms.parent}/app/store.py"
        places = [link.removeprefix(f"{file}:").split(":") for link in links if link.startswith(file)]
        pointed = {APP.split("\n")[int(line) - 1][int(column) - 1 :][:8] for line, column in places}
        assert {'"status"', "projects"} <= pointed


@pytest.mark.thorough
class TestObjects:
    def test_a_table_has_all_that_is_known(self, tab: Tab, atoms: Path) -> None:
        tab.show(atoms, "public.projects")
        pane = tab.text("#pane")
        for part in (
            "ROW LEVEL SECURITY",
            "members",
            "(visibility = 'public'",
            "ProjectRow",
            "REFERENCED BY",
            "INDEXES",
        ):
            assert part in pane, part
        assert "column-nullability-mismatch" in tab.text(".column.high")
        assert "organizations" in tab.texts(".key a")
        assert "public.projects has no column nmae. Did you mean name?" in tab.text("#pane > .finding")

    def test_a_view_shows_what_it_reads_and_its_query(self, tab: Tab, atoms: Path) -> None:
        tab.show(atoms, "public.open_projects")
        assert tab.text("#pane .sql").startswith("SELECT id, name FROM public.projects WHERE")
        assert "'deleted'::public.project_status" in tab.text("#pane .sql")
        assert "sk_live" not in tab.text("#pane .sql")
        tab.click("#pane .row a", "projects")
        assert tab.text("#pane h1") == "projects"
        assert "READ BY VIEWS open_projects" in tab.text("#pane")

    def test_a_function_has_all_signatures_and_is_no_table_of_its_name(self, tab: Tab, atoms: Path) -> None:
        tab.show(atoms, "public.projects()")
        pane = tab.text("#pane")
        assert "projects(a integer) → integer function, sql, volatile" in pane
        assert "projects(b text, c integer) → text function, sql, volatile, security definer" in pane
        assert tab.texts("#pane .use") == ["app/store.py:29 rpc in named"]
        tab.show(atoms, "public.projects")
        assert "store.py:29" not in tab.text("#pane")

    def test_an_enum_shows_its_columns_and_class(self, tab: Tab, atoms: Path) -> None:
        tab.show(atoms, "public.project_status")
        assert tab.texts("#pane .label .name") == ["active", "archived", "draft", "deleted"]
        assert "projects.status" in tab.texts("#pane .row a")
        assert "ProjectStatus enum schemas/enums.py" in tab.text("#pane .class")

    def test_the_overview_shows_drift_and_classes_without_an_object(self, explored: Tab) -> None:
        pane = explored.text("#pane")
        for name in EXPECTED["unbound_enums"]:
            assert name in pane
        assert "MOST REFERENCED organizations" in pane

    def test_long_lists_of_the_overview_are_folded(self, explored: Tab) -> None:
        drift = "return document.querySelector('#pane .part').querySelectorAll(arguments[0]).length"
        assert explored.run(drift, ":scope > .row") == 10
        assert explored.text("#pane .part summary") == f"{explored.run(drift, '.row') - 10} more"


def test_complains_of_nothing_and_asks_for_nothing(explored: Tab, atoms: Path) -> None:
    explored.complaints()
    explored.requests()
    explored.show(atoms, "public.projects")
    explored.press("/", *"settings", ENTER)
    explored.click("#filters .chip", "no policy")
    assert explored.complaints() == []
    assert explored.requests() == []


@pytest.mark.thorough
def test_the_policy_refuses_what_is_not_the_pages_own(explored: Tab) -> None:
    explored.complaints()
    explored.run(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);"
        "const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i);"
        "fetch('http://127.0.0.1:9/').catch(() => 0)"
    )
    assert explored.run("return window.ran") is None
    assert len([each for each in explored.complaints() if "Content Security Policy" in each]) >= 2
