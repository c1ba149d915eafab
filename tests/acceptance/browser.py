"""Our pages in a real browser: Chromium without a window, logged in, and with a folder for what it saw.

Nothing is downloaded: the browser and its driver are the machine's own, and neither looks for news of itself.
"""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.services import PATIENCE_S, eventually, missing

QUIET = (
    "--headless=new",
    "--no-sandbox",  # Chromium's own sandbox does not start as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--force-prefers-reduced-motion",  # what opens is open
)
#: Width and height of a desk's screen and of a telephone's.
DESK, PHONE = (1280, 900), (390, 844)


@dataclass(frozen=True)
class Browser:
    """What an operator does with a page: opens it, reads it, types and presses."""

    driver: Chrome
    address: str
    pictures: Path

    def open(self, path: str) -> None:
        self.driver.get(f"{self.address}{path}")

    def find(self, css: str) -> WebElement:
        """The first element that fits, once there is one."""
        eventually(lambda: self.driver.find_elements(By.CSS_SELECTOR, css))
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def press(self, css: str) -> None:
        """Press a button once it can be pressed; a page that leaves is waited for."""
        eventually(lambda: self.find(css).is_displayed() and self.find(css).is_enabled())
        self.driver.execute_script(
            "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", self.find(css)
        )
        self.find(css).click()

    def reads(self, css: str) -> str:
        """The text of an element; blank while the page is just being replaced."""
        try:
            found = self.driver.find_elements(By.CSS_SELECTOR, css)
            return found[0].text if found else ""
        except StaleElementReferenceException:
            return ""

    def picture(self, name: str) -> None:
        """The whole page in light and dark, on a desk and on a telephone; on none is it scrolled sideways."""
        for size, (width, height) in (("desk", DESK), ("phone", PHONE)):
            for theme in ("light", "dark"):
                self._look(width, height, theme)
                assert self.driver.execute_script("return document.documentElement.scrollWidth") <= width, name
                whole = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
                (self.pictures / f"{name}-{size}-{theme}.png").write_bytes(base64.b64decode(whole["data"]))
        self._look(*DESK, "light")

    def wider_than_screen(self, width: int) -> int:
        """By how many pixels the page is wider than a screen of this width."""
        self._look(width, PHONE[1], "light")
        wide = self.driver.execute_script("return document.documentElement.scrollWidth")
        self._look(*DESK, "light")
        return int(wide) - width

    def overhang(self, css: str) -> list[int]:
        """By how many pixels what an element holds is wider than itself, on a desk and on a telephone."""
        wider = "var one = document.querySelector(arguments[0]); return one.scrollWidth - one.clientWidth"
        found = []
        for width, height in (DESK, PHONE):
            self._look(width, height, "light")
            found.append(int(self.driver.execute_script(wider, css)))
        self._look(*DESK, "light")
        return found

    def _look(self, width: int, height: int, theme: str) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width == PHONE[0]}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        preferred = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", preferred)
        self.driver.execute_script("document.documentElement.setAttribute('data-bs-theme', arguments[0])", theme)


def chromium_program() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None) or missing("Chromium on the PATH")


@contextmanager
def chromium(address: str, login: tuple[str, str] | None, directory: Path, pictures: Path) -> Iterator[Browser]:
    """A browser of its own, logged in at this address where there is a login."""
    driver = shutil.which("chromedriver") or missing("Chromium's chromedriver on the PATH")
    options = ChromeOptions()
    options.binary_location = chromium_program()
    for option in (*QUIET, f"--user-data-dir={directory}", f"--window-size={DESK[0]},{DESK[1]}"):
        options.add_argument(option)
    pictures.mkdir(parents=True, exist_ok=True)
    service = Service(executable_path=driver, env={"PATH": os.environ["PATH"], "HOME": str(directory)})
    chrome = Chrome(options=options, service=service)
    try:
        chrome.set_page_load_timeout(PATIENCE_S)
        if login is not None:
            # a person answers the browser's question once; the browser remembers it for every page of this address
            chrome.get(address.replace("://", f"://{':'.join(login)}@"))
        yield Browser(chrome, address, pictures)
    finally:
        chrome.quit()
