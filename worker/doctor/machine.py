"""This side: mapping file, ledger, broker, worker and beat. How a worker is asked is the caller's to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from worker.assembly import Parts
from worker.broker import aside
from worker.counting import counted
from worker.doctor import reports
from worker.doctor.finding import Finding, looked, ok, warn, wrong
from worker.errors import ConfigError, SyncError
from worker.ledger.database import name_of, require_migrated
from worker.ledger.size import size
from worker.ledger.sqlite_file import is_open_to_others, path_of
from worker.local_time import local, zone
from worker.mapping import file as mapping_file
from worker.mapping.rules import Rules
from worker.settings import Settings

_WORKER = "procore-xero start, or celery -A worker.celery worker -Q manual,periodic"
_BEAT = "procore-xero start, or celery -A worker.celery beat"
#: A pass is late when none began for so many intervals.
LATE = 2


def read_rules(settings: Settings) -> tuple[Rules | None, Finding]:
    """The mapping file, and what is to be said of it."""
    try:
        return mapping_file.load(settings.mapping_file), ok("Mapping file", f"{settings.mapping_file} can be read.")
    except SyncError as error:
        remedy = "Correct it there." if settings.mapping_file.exists() else ""  # of a missing one the error says it
        return None, wrong("Mapping file", str(error), remedy)


def check_ledger(parts: Parts) -> Iterator[Finding]:
    try:
        require_migrated(parts.engine)
    except ConfigError as error:  # it says what to do
        yield wrong("Database", str(error))
        return
    except SyncError as error:
        yield wrong("Database", str(error), "Start it, or correct DATABASE_URL.")
        return
    yield ok("Database", f"The ledger {name_of(parts.engine)} answers, and its tables are up to date.")
    if (path := path_of(parts.engine.url)) is not None and is_open_to_others(path):
        yield warn(
            "Database", "Every user of this machine can read the ledger, or all of a group.", f"chmod 600 {path}*"
        )
    yield from looked("Ledger", lambda: [_size(parts)])
    yield from looked("Beat", lambda: [beat(parts)])
    yield from looked("Parked", lambda: _parked(parts))
    yield from reports.check(parts)


def _size(parts: Parts) -> Finding:
    found = size(parts.engine)
    rows = ", ".join(f"{name} {count:,}" for name, count in found.rows.items() if count)
    kept = f"What ended is kept for {counted(parts.settings.history_days, 'day')}"
    return ok("Ledger", f"{found.megabytes:,.1f} MB; rows: {rows or 'none'}. {kept}.")


def check_broker(
    parts: Parts,
    broker: Callable[[Parts], str],
    workers: Callable[[], Sequence[str]],
    strangers: Callable[[], int],
) -> Iterator[Finding]:
    """`broker` says what answers and takes messages, or raises; `workers` names who answers; `strangers` counts what
    was set aside."""
    try:
        yield ok("Broker", f"{broker(parts)}.")
    except SyncError as error:
        # before the first start there is none, and nothing is wrong with that
        yield wrong("Broker", str(error)) if parts.settings.names_broker else warn("Broker", str(error))
        return
    if parts.settings.redis.is_unverified:
        yield warn("Broker", "Its certificate is not verified.", "Take ssl_cert_reqs out of REDIS_URL.")
    if count := strangers():
        key, number = aside.key(parts.settings.key_prefix), aside.count_key(parts.settings.key_prefix)
        yield warn(
            "Queues",
            f"{counted(count, 'entry', 'entries')} set aside, since they are no messages of this worker's. "
            "Another program may write to this Redis database.",
            f"Look: redis-cli LRANGE {key} 0 9. Then forget them: redis-cli DEL {key} {number}",
        )
    names = workers()
    if names:
        yield ok("Worker", f"{counted(len(names), 'worker')} running: {', '.join(names)}.")
    else:
        yield warn("Worker", "None answered within a second: none runs, or all are busy.", _WORKER)


def beat(parts: Parts) -> Finding:
    """Whether passes begin when they should."""
    last = parts.passes.latest()
    if last is None:
        return warn("Beat", "There was no pass yet.", _BEAT)
    late = parts.now() - last.started_at > LATE * timedelta(minutes=parts.settings.sync_every_minutes)
    said = f"The last pass began {local(last.started_at, zone(parts))}."
    return warn("Beat", said, _BEAT) if late else ok("Beat", said)


def _parked(parts: Parts) -> Iterator[Finding]:
    several = {one.tenant_id: one for one in parts.each()} if parts.routes() else {}
    for tenant_id in several or [parts.settings.xero_tenant_id]:
        known = parts.organisations.find(parts.settings.xero_client_id, tenant_id)
        parked = parts.organisations.parked(known.tenant_id) if known else None
        if parked is not None and parked.parked_until is not None:
            to = f" to {several[tenant_id].name}" if several else ""
            until = local(parked.parked_until, zone(several.get(tenant_id, parts)))
            yield warn("Parked", f"Nothing is sent{to} until {until}: {parked.parked_why}", "procore-xero unpark")
