"""The broker that `procore-xero start` keeps for one installation: where it lies, so that every command finds it.

It listens on a socket of this machine and on no port: whoever may not enter the folder cannot reach it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

#: Bytes that the path of a socket may have on every system that has sockets (sun_path of macOS, less its end).
LONGEST_PATH = 103


def folder(state_dir: Path) -> Path:
    """Its socket and its data; once it is there, commands look for their broker in it."""
    return state_dir.absolute() / "broker"


def socket(state_dir: Path) -> Path:
    return folder(state_dir) / "redis.sock"


def url(state_dir: Path) -> str:
    """As REDIS_URL has it."""
    return f"unix://{quote(str(socket(state_dir)))}?db=0"
