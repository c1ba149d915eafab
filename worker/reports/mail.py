"""E-mail by SMTP, plain and HTML in one message.

A login never goes over a line in the clear: smtps:// is encrypted from the first byte, smtp:// by STARTTLS. Only
without a login a server that has no STARTTLS is taken as it is: a relay on one's own network.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from worker.errors import NotDelivered
from worker.ledger.tables import NoticeRow

TIMEOUT_S = 30.0
_PORTS = {"smtps": 465, "smtp": 587}


class Mail:
    """One mail server, one sender, some recipients. `trusted` says whose certificates are, where not the system's."""

    def __init__(self, url: str, sender: str, to: Sequence[str], trusted: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._is_encrypted = parts.scheme == "smtps"
        self._host, self._port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._to = sender, list(to)
        self._trusted = trusted or ssl.create_default_context()

    def send(self, notice: NoticeRow) -> str:
        """Raises NotDelivered when no address was taken; returns which of several were not."""
        try:
            with self._connected() as server:
                refused = server.send_message(self._message(notice), to_addrs=[parseaddr(to)[1] for to in self._to])
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotDelivered(f"Mail server {self._host}:{self._port}: {self._said(error)}") from None
        return f"Mail server {self._host} refused {', '.join(sorted(refused))}." if refused else ""

    def _connected(self) -> smtplib.SMTP:
        """Logged in, where there is a login."""
        server = self._opened()
        try:
            if not self._is_encrypted:
                self._encrypt(server)
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def _opened(self) -> smtplib.SMTP:
        if self._is_encrypted:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=self._trusted)
        return smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)

    def _encrypt(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=self._trusted if self._user else _unverified())
            server.ehlo()
        elif self._user:
            raise smtplib.SMTPNotSupportedError("it offers no STARTTLS, and the password does not go without")

    def _message(self, notice: NoticeRow) -> EmailMessage:
        """The same message has the same id however often it is tried, so that a second copy shows as one."""
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"
        message = EmailMessage()
        message["Subject"] = " ".join(notice.subject.split())
        message["From"] = _address(self._sender)
        message["To"] = [_address(to) for to in self._to]
        message["Date"] = format_datetime(notice.planned_at)
        message["Message-ID"] = f"<procore-xero-{notice.id}-{notice.planned_at:%Y%m%d%H%M%S%f}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"  # nobody's holiday answer is wanted
        message.set_content(notice.text)
        message.add_alternative(notice.html, subtype="html")
        return message

    def _said(self, error: Exception) -> str:
        """One line, without the password should the server repeat it."""
        said = " ".join(str(error).split())[:300] or type(error).__name__
        return said.replace(self._password, "[hidden]") if self._password else said


def _unverified() -> ssl.SSLContext:
    """For a line that could as well be plain: no password goes over it, and relays certify themselves."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _address(text: str) -> Address:
    """Raises ValueError for what is no address."""
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)
