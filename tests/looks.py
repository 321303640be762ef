"""What can be measured of how a page looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doubles import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTRAST = """
const parse = (text) => {
  const found = text.match(/[\\d.]+/g).map(Number);
  const full = text.startsWith("color(") ? 1 : 255;
  const [r, g, b, a = 1] = found;
  return { rgb: [r, g, b].map((each) => each / full), a };
};
const over = (top, below) => top.rgb.map((each, i) => each * top.a + below[i] * (1 - top.a));
const ground = (element) => {
  if (!element) return [1, 1, 1];
  const own = parse(getComputedStyle(element).backgroundColor);
  return own.a === 1 ? own.rgb : over(own, ground(element.parentElement));
};
const light = (rgb) => {
  const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const found = new Map();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
  const style = getComputedStyle(element);
  const below = ground(element);
  const [a, b] = [light(over(parse(style.color), below)), light(below)];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (isLarge ? 3 : 4.5)) found.set(`${element.className || element.tagName}: ${ratio.toFixed(2)}`, 1);
}
return [...found.keys()];
"""


@pytest.fixture(scope="module")
def tab() -> Iterator[chromium.Tab]:
    with chromium.tab() as started:
        yield started


def faint(tab: chromium.Tab) -> list[str]:
    """Return what text on the page has less contrast than WCAG 2.2, 1.4.3 (AA), asks for: its class and the ratio."""
    found: list[str] = tab.run(CONTRAST)
    return found
