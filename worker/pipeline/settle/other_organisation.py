"""A project that goes to another organisation than before is held, as long as money of it stands in the old one.

Nothing is written to either of them, since both would then hold the same bills. It goes on by itself when it is sent
back to where it was, or when Xero says that a person has voided or deleted everything in the old organisation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import structlog

from worker.errors import ApiUnavailable, Fatal, RateLimited
from worker.holds import HoldCode
from worker.ledger.elsewhere import Left
from worker.pipeline.values import MONEY, because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Work
from worker.xero import links
from worker.xero.client import Xero
from worker.xero.documents import PAYMENTS

_GONE = ("VOIDED", "DELETED")
log = structlog.get_logger(__name__)


def is_held(work: Work) -> bool:
    """Whether the project is held for what it has in another organisation; notes it, or lets go of what is gone."""
    if work.elsewhere.is_nothing():
        return False
    left = work.elsewhere.left()
    standing = [tenant_id for tenant_id, its in _by_organisation(left) if not _all_gone(work, tenant_id, its)]
    if standing:
        _hold(work, [one for one in left if one.tenant_id == standing[0]])
        return True
    if left:
        log.info("moved", documents=len(left), to=work.organisation)
        work.elsewhere.let_go(left)
    work.elsewhere.close_holds()
    return False


def _by_organisation(left: Sequence[Left]) -> Iterator[tuple[str, list[Left]]]:
    for tenant_id, rows in groupby(left, lambda one: one.tenant_id):
        yield tenant_id, list(rows)


def _all_gone(work: Work, tenant_id: str, left: Sequence[Left]) -> bool:
    """Whether Xero says of every one of them that it is gone. What cannot be asked, or is not answered, stands."""
    xero = work.reach(tenant_id)
    if xero is None or any(one.state != "live" for one in left):
        return False
    try:
        return all(_are_gone(xero, wrapper, {one.xero_id for one in its}) for wrapper, its in _by_kind(left))
    except (ApiUnavailable, RateLimited, Fatal) as error:
        log.warning("the other organisation cannot be asked", why=str(error))
        return False


def _by_kind(left: Sequence[Left]) -> Iterator[tuple[str, list[Left]]]:
    for wrapper, rows in groupby(sorted(left, key=lambda one: one.wrapper), lambda one: one.wrapper):
        yield wrapper, list(rows)


def _are_gone(xero: Xero, wrapper: str, ids: set[str]) -> bool:
    """Reads no further than the first one that stands."""
    endpoint = MONEY.get(wrapper)
    if endpoint is None:
        return False
    rows = xero.payments(sorted(ids)) if endpoint == PAYMENTS else xero.documents(endpoint, sorted(ids))
    missing = set(ids)
    for row in rows:
        if row.get("Status") not in _GONE:
            return False
        missing.discard(str(row[endpoint.id_field]))
    return not missing


def _hold(work: Work, left: Sequence[Left]) -> None:
    project, first = work.project, left[0]
    there = work.elsewhere.organisation(first.tenant_id)
    said = {"to": work.organisation, "count": len(left), "where": there.name, "document": first.title}
    page = links.page(work.xero_web_url, first.wrapper, first.xero_id, there.short_code) if first.xero_id else ""
    work.settle([held(work, project, because(HoldCode.PROJECT_MOVED, **said), page=page)])
