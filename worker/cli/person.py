"""Who is at the terminal, for what is written down as said by a person."""

from __future__ import annotations

import getpass


def user() -> str:
    """The name that the machine knows them by; blank where it knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return ""
