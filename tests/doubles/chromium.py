"""A real browser: the system's Chromium, without a window, steered by its own driver."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", ON_MACOS)
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en")
LOCAL = {"file", "data", "about", "chrome", "blob"}


class Tab:
    """A tab with a page, what it logged and what it asked for."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def show(self, page: Path, address: str = "") -> None:
        """Open *page* anew at an *address* of it."""
        self.driver.get("about:blank")
        self.driver.get(page.as_uri() + (f"#{address}" if address else ""))

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        shown = self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        return " ".join(str(shown).split())

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText)", selector
        )
        return [" ".join(each.split()) for each in found]

    def press(self, *keys: str) -> None:
        """Press keys where the focus is, as a person would."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()
        self.settle()

    def click(self, selector: str, containing: str = "") -> None:
        """Click the first element that *selector* finds, of those that contain a text."""
        from selenium.webdriver.common.by import By

        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        next(each for each in found if containing in each.text).click()
        self.settle()

    def go(self, way: Literal["back", "forward"]) -> None:
        """Press the browser's button."""
        getattr(self.driver, way)()
        self.settle()

    def settle(self) -> None:
        """Wait until the page has drawn what was asked of it before."""
        script = (
            "const [done] = arguments; setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        self.driver.execute_async_script(script)

    def pixel(self, x: float, y: float) -> list[int]:
        """Return the colour of the map at a place, in pixels, as it is drawn."""
        self.settle()
        script = "const c = document.getElementById('map'); return [...c.getContext('2d').getImageData(...arguments, 1, 1).data]"
        found: list[int] = self.run(script, round(x), round(y))
        return found

    def media(self, **features: str) -> None:
        """Set what the system prefers, such as ``prefers_color_scheme="dark"``."""
        shown = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": shown})
        self.settle()

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def complaints(self) -> list[str]:
        """Return what the console shows since the last call: errors, and what the page's policy refused."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses outside of this machine's files that were asked for since the last call."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        sent = (e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent")
        return [url for url in sent if urlsplit(url).scheme not in LOCAL]


@contextmanager
def tab() -> Iterator[Tab]:
    """Start the browser; skip the test where it is missing, but not in CI."""
    browser, driver = next(filter(None, map(shutil.which, BROWSERS)), None), shutil.which("chromedriver")
    if browser is None or driver is None:
        why = "chromium and chromedriver are not installed: no browser can show the page"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = browser
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = Chrome(options=options, service=Service(driver))
    try:
        yield Tab(started)
    finally:
        started.quit()
