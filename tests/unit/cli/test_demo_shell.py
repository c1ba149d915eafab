"""The file by which another terminal talks to the demo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from worker.cli import demo_shell


def test_a_shell_reads_the_settings_as_they_are(tmp_path: Path) -> None:
    """Whatever is in them; and it finds this installation's programs first."""
    folder = tmp_path / "a folder's"
    folder.mkdir()
    secret = 'it\'s $HOME "quoted"; `id`'
    demo_shell.write(folder, {"xero_client_secret": secret, "sync_every_minutes": "10.0"})
    script = (
        f'{demo_shell.enter(folder)}; printf "%s|%s|%s\\n" "$XERO_CLIENT_SECRET" "$SYNC_EVERY_MINUTES" "$PATH"; pwd'
    )
    said = subprocess.run(
        ["/bin/sh", "-euc", script], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    ).stdout
    found, minutes, rest = said.split("|")
    assert (found, minutes) == (secret, "10.0")
    assert rest.splitlines() == [f"{Path(sys.executable).parent}:/usr/bin:/bin", str(folder)]
