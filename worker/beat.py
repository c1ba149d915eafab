"""One beat at a time: a second one keeps time beside the first and sends nothing, until the first is gone.

The lease lies in Redis, where beat's messages go as well: a beat that cannot reach it could not send either. It is no
lock on jobs; that is the lease in the job row. Should two beats send all the same, the second pass finds nothing to
start.
"""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from datetime import timedelta
from typing import Any

import redis
import structlog
from celery.beat import PersistentScheduler, ScheduleEntry
from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from worker.broker import age
from worker.broker.client import connect
from worker.clock import APART_S
from worker.owner import owner_name
from worker.settings import settings

NAME = "beat"
#: The entry that the one beat begins with.
FIRST = "discover"
#: Looks at the lease in one life of it: a pause of this process must not cost it the lease.
LOOKS = 4
#: Seconds between two looks at a Redis that is away.
AWAY_S = 5.0
#: Longer than between two of any entry's times.
LONG_AGO = timedelta(days=8)

log = structlog.get_logger(__name__)


class Lease:
    """Held by one process: it frees itself when that process has not been heard of for `lease_s`."""

    def __init__(self, client: redis.Redis, prefix: str, lease_s: float) -> None:
        self._client = client
        self._lock = Lock(client, f"{prefix}{NAME}", timeout=lease_s, blocking=False, thread_local=False)

    def is_ours(self) -> bool:
        """Kept for another life of it, or taken where nobody has it."""
        try:
            return bool(self._lock.reacquire())
        except LockError:  # not ours yet, or not any more
            return bool(self._lock.acquire(token=owner_name()))

    def holder(self) -> str:
        """Who has it: the name of a process, `host:pid:…`; blank when nobody has. Raises RedisError."""
        found: Any = self._client.get(self._lock.name)
        return bytes(found or b"").decode(errors="replace")

    def leave(self) -> None:
        """The next one need not wait for its end."""
        with suppress(LockError, RedisError):
            self._lock.release()


class OneBeat(PersistentScheduler):
    """Celery's own scheduler, which sends only while this process holds the lease.

    Without it entries come due all the same and are dropped: a beat that takes over has its place in the calendar, and
    does not send again what the other one has sent. It begins with a pass, as every beat does.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._redis = connect(settings())
        self._lease = Lease(self._redis, settings().key_prefix, settings().lease_s)
        #: Whether it is our turn; None while that is not known.
        self._sends: bool | None = None
        super().__init__(*args, **kwargs)
        self.max_interval = settings().lease_s / LOOKS  # type: ignore[assignment]  # its types know whole seconds only

    def tick(self, *args: Any, **kwargs: Any) -> float:
        try:
            sends = self._lease.is_ours()
            self._say(sends)
        except RedisError as error:  # what is due now stays due until Redis is back
            log.warning("the lease of beat cannot be asked for", why=str(error))
            return AWAY_S
        if sends and not self._sends:
            self._send(self.schedule[FIRST], self.producer)
        self._sends = sends
        self._forget_the_future()
        return float(super().tick(*args, **kwargs))

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        if self._sends:
            self._send(entry, producer)

    def close(self) -> None:
        self._lease.leave()
        super().close()

    def _send(self, entry: ScheduleEntry, producer: Any) -> None:
        """With the time at which it goes, by Redis' clock."""
        stamped = copy(entry)
        with suppress(RedisError):
            stamped.options = {**(entry.options or {}), "headers": age.stamp(self._redis)}
        super().apply_entry(stamped, producer=producer)

    def _forget_the_future(self) -> None:
        """What seems to have run at a time that is still to come is due at once: this machine's clock was ahead when
        it ran, and its next time would be as far away as the clock was wrong."""
        for entry in self.schedule.values():
            now = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at - now > timedelta(seconds=APART_S):
                log.warning("the clock was set back: this is due at once", entry=entry.name)
                entry.last_run_at = now - LONG_AGO
                self._heap = None  # is made anew, in the order in which they are due now

    def _say(self, sends: bool) -> None:
        """Once, when it is known, and whenever it has changed."""
        if sends and not self._sends:
            log.info("this beat sends")
        elif not sends and self._sends is not False:
            host, pid = (*self._lease.holder().split(":"), "")[:2]
            log.warning("this beat waits: another one sends", host=host, pid=pid, key=f"{settings().key_prefix}{NAME}")
