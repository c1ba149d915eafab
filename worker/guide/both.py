"""Reads both systems for the mapping file, with few calls, and counts them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from worker.assembly import Parts
from worker.broker import check
from worker.errors import ApiUnavailable, ConfigError
from worker.guide import procore, xero
from worker.guide.values import InProcore, InXero
from worker.ledger.projects import Seen
from worker.procore import client as procore_client
from worker.procore.client import Procore
from worker.procore.records import Project, Unreadable
from worker.xero import client as xero_client
from worker.xero.client import Xero

#: Judges projects as discovery does.
Judge = Callable[[Iterable[Project | Unreadable]], list[Seen]]
#: No limit of calls is kept with anybody: the few calls here go one after another.
_LIMITS = ("procore_calls_at_once", "xero_calls_at_once", "xero_calls_per_minute", "xero_calls_per_day")
_ALONE = dict.fromkeys((*_LIMITS, "xero_app_calls_per_minute"), 0)


@dataclass(frozen=True, slots=True)
class Read:
    """What both systems showed, and what that cost."""

    procore: InProcore
    xero: InXero
    #: "12 calls to Procore and 4 to Xero"
    calls: str
    #: Why a system was not read.
    unread: tuple[str, ...]


def read(parts: Parts, judge: Judge) -> Read:
    """What is not set up yet is left out, and says so. A system that does not answer raises what `Api.get` raises."""
    in_procore, in_xero, calls, unread = InProcore(), InXero(""), list[str](), list[str]()
    try:
        source = _procore(parts)
    except ConfigError as missing:
        unread.append(f"Procore was not read: {missing}")
    else:
        before = source.api.calls
        in_procore = procore.read(source, judge(source.projects()))
        calls.append(f"{source.api.calls - before} calls to Procore")
    try:
        target = _xero(parts)
    except ConfigError as missing:
        unread.append(f"Xero was not read: {missing}")
    else:
        before = target.api.calls
        in_xero = xero.read(target)
        calls.append(f"{target.api.calls - before} {'' if calls else 'calls '}to Xero")
    return Read(in_procore, in_xero, " and ".join(calls), tuple(unread))


def has_broker(parts: Parts) -> bool:
    """Without one no worker runs, with which the limits of calls would have to be shared."""
    try:
        check.look(parts.settings)
    except ApiUnavailable:
        return False
    return True


def _procore(parts: Parts) -> Procore:
    shared = parts.procore
    if has_broker(parts):
        return shared
    return procore_client.connect(parts.settings.model_copy(update=_ALONE), None, login=parts.login("procore"))


def _xero(parts: Parts) -> Xero:
    shared = parts.xero
    if has_broker(parts):
        return shared
    settings = parts.settings.model_copy(update={**_ALONE, "xero_tenant_id": parts.tenant_id})
    return xero_client.connect(settings, None, login=parts.login("xero"))
