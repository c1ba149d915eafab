"""Who can reach Flower as it is about to start: with no login, nobody but this machine.

Asked when Flower has read all of its options, wherever they came from (our configuration file, the command line, its
own environment), and before it listens. Celery tells when: Flower loads the tasks then.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from flower import urls
from flower.utils import strtobool
from tornado.options import options

from worker.errors import ConfigError
from worker.flower.doors import TRANSFORMS, is_loopback

CONFIG = Path(__file__).with_name("flowerconfig.py")


def require_closed(chosen: Any = options) -> None:
    """Raise ConfigError when somebody could come in whom nobody let in."""
    if urls.settings.get("transforms") is not TRANSFORMS:
        raise ConfigError(f"Flower needs --conf={CONFIG}, which gives it its login and its pages.")
    if any(not all(login.partition(":")[::2]) for login in chosen.basic_auth or ()):
        raise ConfigError("Flower's option basic_auth is not user:password. Leave it out, and set FLOWER_LOGIN.")
    if chosen.basic_auth or chosen.auth:
        return
    if strtobool(os.environ.get("FLOWER_UNAUTHENTICATED_API") or "false"):
        raise ConfigError(
            "FLOWER_UNAUTHENTICATED_API would let every page that a browser shows start jobs. Take it out, and set "
            "FLOWER_LOGIN to user:password."
        )
    if not chosen.unix_socket and not _is_own(chosen.address):
        raise ConfigError(
            f"Flower has no login, and others can reach it at {chosen.address or 'every address of this machine'}. Set "
            "FLOWER_LOGIN to user:password, or have it listen on 127.0.0.1."
        )


def _is_own(address: str) -> bool:
    """Whether everything that this name stands for is this machine's own."""
    try:
        found = socket.getaddrinfo(address or None, None, flags=socket.AI_PASSIVE)
    except OSError:
        return False
    return all(is_loopback(str(one[4][0])) for one in found)
