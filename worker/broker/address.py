"""REDIS_URL, read once, for everybody who needs it: Celery's broker and results, our own clients, people.

Celery, kombu and redis-py each read such an address in their own way: what one refuses another takes for something
else, and two of them do not verify certificates. So none of them gets to see it. Pure: nothing is connected to here.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

#: Said of an address that cannot be read. It quotes nothing: a piece of a password that was not escaped may stand
#: where the host, the port, the path or an option is looked for.
UNREADABLE = (
    "write it as redis://:PASSWORD@HOST:6379/0, rediss://USER:PASSWORD@HOST:6379/0 (TLS) or unix:///PATH?db=0, the "
    "password's special characters as %XX, or the password in REDIS_PASSWORD"
)
ONE_ONLY = (
    "one Redis, not Sentinel, a cluster or a list: name one address that always leads to the master, as managed "
    "services and proxies give it"
)
NO_PASSWORD = f"it names a user and no password; {UNREADABLE}"
_VERIFY = {"required": ssl.CERT_REQUIRED, "optional": ssl.CERT_OPTIONAL, "none": ssl.CERT_NONE}
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
OPTIONS = ("ssl_cert_reqs", "ssl_check_hostname", *_FILES)
UNKNOWN_OPTION = f"of options only {', '.join(OPTIONS)} are known (with rediss://), and db (with unix://)"
_YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?")
_PORT = 6379


@dataclass(frozen=True, slots=True)
class Address:
    """One Redis: a host and port, or a socket of this machine; with TLS where `tls` holds its options."""

    host: str
    port: int
    database: int
    socket: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    tls: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        """For people: never a user or a password."""
        return self.socket or f"{self.host}:{self.port}"

    @property
    def is_unverified(self) -> bool:
        """Whether TLS is used, and anybody between could pass for this Redis all the same."""
        return self.tls is not None and self.tls["ssl_cert_reqs"] == ssl.CERT_NONE

    def for_client(self) -> dict[str, Any]:
        """Arguments of `redis.Redis`."""
        where = {"unix_socket_path": self.socket} if self.socket else {"host": self.host, "port": self.port}
        who = {"username": self.username or None, "password": self.password or None, "db": self.database}
        return {**where, **who, **({"ssl": True, **self.tls} if self.tls else {})}

    def for_celery(self) -> str:
        """As kombu and Celery's results read it. It holds the password, and both of them hide it where they print."""
        who = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@" if self.password else ""
        if self.socket:
            return f"redis+socket://{who}{quote(self.socket)}?virtual_host={self.database}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'rediss' if self.tls else 'redis'}://{who}{host}:{self.port}/{self.database}"


def read(url: str, password: str = "") -> Address:
    """The address; `password` is for one that names none. Raises ValueError with a sentence that quotes nothing."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORT
    except ValueError:
        raise ValueError(UNREADABLE) from None
    if "sentinel" in parts.scheme or "cluster" in parts.scheme or url.count("://") > 1:
        raise ValueError(ONE_ONLY)
    if parts.scheme not in ("redis", "rediss", "unix") or parts.fragment:
        raise ValueError(UNREADABLE)
    options = _options(parts)
    username, given = unquote(parts.username or ""), unquote(parts.password or "") or password
    if username and not given:
        raise ValueError(NO_PASSWORD)
    if parts.scheme == "unix":
        if parts.hostname or not parts.path.startswith("/"):
            raise ValueError(UNREADABLE)
        return Address("", 0, _database(options.get("db", "0")), unquote(parts.path), username, given)
    if not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError(UNREADABLE)
    database, tls = _database(parts.path.removeprefix("/") or "0"), None
    if parts.scheme == "rediss":
        tls = _tls(options)
    return Address(str(parts.hostname), port, database, "", username, given, tls)


def _options(parts: SplitResult) -> dict[str, str]:
    known = {"rediss": OPTIONS, "unix": ("db", "virtual_host")}.get(parts.scheme, ())
    try:
        found = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise ValueError(UNREADABLE) from None
    if not found.keys() <= set(known):
        raise ValueError(UNKNOWN_OPTION)
    if "virtual_host" in found:  # as kombu writes it
        found["db"] = found.pop("virtual_host")
    return found


def _database(said: str) -> int:
    if not (said.isascii() and said.isdecimal()):
        raise ValueError(UNREADABLE)
    return int(said)


def _tls(options: Mapping[str, str]) -> dict[str, Any]:
    """Verified, unless the address says otherwise; `ssl_cert_reqs` as redis-py (required) or kombu (CERT_REQUIRED)."""
    verify = _VERIFY.get(options.get("ssl_cert_reqs", "required").casefold().removeprefix("cert_"))
    if verify is None:
        raise ValueError("ssl_cert_reqs is required, optional or none")
    checks = _YES_OR_NO.get(options.get("ssl_check_hostname", "true").casefold())
    if checks is None:
        raise ValueError("ssl_check_hostname is true or false")
    files = {name: options[name] for name in _FILES if name in options}
    return {"ssl_cert_reqs": verify, "ssl_check_hostname": checks and verify != ssl.CERT_NONE, **files}
