"""Where messages go: by e-mail, and to a web address. Each channel is there when its settings are.

A channel sends one message or raises NotDelivered; when it is tried again is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from worker.ledger.tables import NoticeRow
from worker.reports.mail import Mail
from worker.reports.webhook import Webhook
from worker.settings import Settings


class Channel(Protocol):
    def send(self, notice: NoticeRow) -> str:
        """Returns what is to be said of it all the same: that one of several addresses was refused, say."""
        ...


def channels(settings: Settings) -> Mapping[str, Channel]:
    """Those that are set, by name."""
    found: dict[str, Channel] = {}
    if settings.report_email_to:
        server = settings.smtp_url.get_secret_value()
        found["email"] = Mail(server, settings.report_email_from, settings.report_email_to)
    if address := settings.report_webhook_url.get_secret_value():
        found["webhook"] = Webhook(address)
    return found
