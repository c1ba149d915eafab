"""README's pictures, from the real thing: `make pictures` syncs the demo's books and looks at Flower and a terminal."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.acceptance.browser import DESK, chromium
from tests.acceptance.conftest import LOGIN, Running, a_machine, a_system
from tests.acceptance.syncing import states

DOCS = Path(__file__).parents[1] / "docs"
#: Pixels of Flower's page from the top.
HEIGHT = 720
COLUMNS = 80
#: Without the fonts that the library would have every reader fetch.
SVG = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def terminal(system: Running, *words: str) -> str:
    """A command of procore-xero as a terminal shows it, as SVG."""
    env = {**system.system.env, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "worker.cli", *words]
    done = subprocess.run(command, env=env, cwd=system.system.directory, capture_output=True, text=True, timeout=60)
    screen = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    screen.print(Text.from_ansi(f"$ procore-xero {' '.join(words)}\n{done.stdout}"))
    return screen.export_svg(title=f"procore-xero {' '.join(words)}", code_format=SVG, unique_id="terminal")


def flower(system: Running, folder: Path) -> bytes:
    """The page Projects on a desk, with what a failed job holds, as PNG."""
    address = str(system.flower.base_url).rstrip("/")
    with chromium(address, LOGIN, folder / "chromium", folder / "pictures") as browser:
        browser.open("/projects?state=failed")
        browser.press(".projects-records summary")
        browser.driver.execute_script("document.documentElement.style.overflow = 'hidden'")
        clip = {"x": 0, "y": 0, "width": DESK[0], "height": HEIGHT, "scale": 0.8}
        seen = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
    return base64.b64decode(seen["data"])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with a_machine(folder / "system") as machine, a_system(machine) as system:
            system.discover()
            states(system)
            (DOCS / "terminal.svg").write_text(terminal(system, "problems", "--project", "25-003"), encoding="utf-8")
            (DOCS / "flower.png").write_bytes(flower(system, folder))


if __name__ == "__main__":
    main()
