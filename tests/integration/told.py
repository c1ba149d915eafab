"""A world whose people are told: by mail and by webhook, both real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from tasks import reporting
from tests.integration.conftest import MakeWorld
from tests.integration.world import World
from tests.listening import HOST, Mailbox, Receiver, mail_server, text_of, web_server
from worker.assembly import Parts
from worker.errors import SyncError
from worker.reports.channels import channels


@dataclass(frozen=True)
class Told:
    """A world, the mailbox and the web address."""

    world: World
    mailbox: Mailbox
    web: Receiver

    def look(self, parts: Parts | None = None) -> str:
        """What each worker does every few minutes."""
        return reporting.look(parts or self.world.parts, channels(self.world.settings))

    def whole_pass(self, after_s: float = 1800) -> None:
        """An interval goes by, a pass runs to its end, and a worker looks."""
        self.world.clock.advance(after_s)
        with suppress(SyncError):  # one that starts nothing is red, and told of
            self.world.discover()
        self.world.run_all()
        self.look()

    @property
    def last_mail(self) -> str:
        return text_of(self.mailbox.messages[-1])


def told(make: MakeWorld, seed: Mapping[str, Any] | None = None, **settings: Any) -> Iterator[Told]:
    """For fixtures."""
    with ExitStack() as stack:
        mailbox, web = stack.enter_context(mail_server()), stack.enter_context(web_server())
        addresses = {
            "smtp_url": f"smtp://{HOST}:{mailbox.port}",
            "report_email_from": "reports@example.com",
            "report_email_to": ("books@example.com",),
            "report_webhook_url": web.url,
        }
        yield Told(make(seed, **{**addresses, **settings}), mailbox, web)
