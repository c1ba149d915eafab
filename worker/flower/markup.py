"""What our pages write as markup by themselves: times, and the commands in sentences. All else the templates escape."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo

from celery import Celery
from tornado.escape import xhtml_escape

from worker.assembly import Parts, parts
from worker.errors import SyncError
from worker.local_time import ago, ahead, local, zone

#: Characters of which a telephone's screen has room for in a line.
_SHORT = 24
_COMMAND = re.compile("`([^`]+)`")
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def in_code(sentence: str) -> str:
    """The sentence, with what stands between backticks as code, and no day broken at its hyphens."""
    days = _DAY.sub(r'<span class="text-nowrap">\g<0></span>', xhtml_escape(sentence))
    return _COMMAND.sub(r"<code>\1</code>", days)


def named(called: str) -> str:
    """What a record is called: a number, a date or an amount is not broken at its hyphens, a long name may be."""
    parts = map(xhtml_escape, called.split(", "))
    return ", ".join(f'<span class="text-nowrap">{part}</span>' if len(part) <= _SHORT else part for part in parts)


@dataclass(frozen=True, slots=True)
class Times:
    """How a page tells times: how far away they are, and the minute itself, in the organisation's zone, to point at."""

    now: datetime
    zone: tzinfo

    @classmethod
    def of(cls, parts: Parts) -> Times:
        return cls(parts.now(), zone(parts))

    def ago(self, at: datetime) -> str:
        return self._marked(at, ago(at, self.now))

    def ahead(self, at: datetime) -> str:
        return self._marked(at, ahead(at, self.now))

    def exact(self, at: datetime) -> str:
        """ "2026-11-29 14:30 AEDT" """
        return local(at, self.zone)

    def _marked(self, at: datetime, said: str) -> str:
        return f'<time datetime="{at.isoformat()}" title="{self.exact(at)}">{said}</time>'


def tell_local_times(app: Celery) -> None:
    """Flower's own pages tell times in Celery's zone: make it the organisation's, while the ledger can be read."""
    with suppress(SyncError):
        app.conf.update(timezone=zone(parts()))
