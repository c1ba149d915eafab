"""Payments that people make in Xero on the bills of claims, where payments come from Procore.

Each is named as long as it is neither deleted nor what Procore has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from worker import procore_pages
from worker.assembly import Parts
from worker.holds import HoldCode, title
from worker.ledger.holds import Holds
from worker.ledger.watched import KIND, Sent, Watched
from worker.pipeline.check.found import VOID
from worker.pipeline.values import because
from worker.pipeline.verdicts import said
from worker.reports.links import procore_page
from worker.xero import links
from worker.xero.answers import Element, changed_at
from worker.xero.documents import PAYMENTS, Endpoint
from worker.xero.naming import named
from worker.xero.proof import paid_id

CLAIMS = "claims"


def pages_of(parts: Parts, record: Sent, endpoint: Endpoint, xero_id: str) -> tuple[str, str]:
    """The record's page in Procore, and this document's in its organisation of Xero."""
    short_code = parts.organisation.short_code if parts.name else ""
    page = links.page(parts.settings.xero_web_url, endpoint.wrapper, xero_id, short_code)
    return procore_page(procore_pages.at(parts), record), page


class ByHand:
    """Those of one organisation, in one reading that began then by our clock."""

    def __init__(self, parts: Parts, began: datetime) -> None:
        self._parts = parts
        self._began = began
        self._tenant_id = parts.organisation.tenant_id
        self._ledger = Watched(parts.engine, self._tenant_id)
        self._told = 0
        #: When those changed that may be our own, on their way just now.
        self.unjudged: list[datetime] = []

    def look(self, strangers: Sequence[Element]) -> None:
        """Name those of these payments, which no record has, that are on a claim's bill; forget those deleted."""
        paid = {str(row["PaymentID"]): str(paid_id(row)) for row in strangers if row.get("Invoice")}
        bills = {one.xero_id: one for one in self._ledger.documents(list(set(paid.values())), self._began)}
        ours = [row for row in strangers if self._counts(bills.get(paid.get(str(row["PaymentID"]), "")))]
        if ours and self._ledger.is_paying(self._began):
            self.unjudged += [at for row in ours if (at := changed_at(row)) is not None]
            return
        before, known = self._ledger.said() if ours else {}, self._ledger.known_payments() if ours else set()
        for row in ours:
            id_, bill = str(row["PaymentID"]), bills[paid[str(row["PaymentID"])]]
            holds, key = self._holds(bill.project_id), f"{CLAIMS}/{bill.procore_id}/{id_}"
            if row.get("Status") in VOID or id_ in known:
                holds.forget(KIND, [key])
                continue
            why = because(HoldCode.PAID_IN_XERO, payment=named(row))
            pages = pages_of(self._parts, bill, PAYMENTS, id_)
            holds.settle([said(KIND, key, title(CLAIMS, bill.procore_id), why, *pages)])
            self._told += not why.is_said_by(before.get((bill.project_id, key)))

    def settle(self) -> int:
        """Forget those that are a record's by now, as a person said; returns how many are named for the first time."""
        notes = [(project_id, id_) for project_id, id_ in self._ledger.said() if id_.count("/") == 2]
        if notes:
            ids = [id_.rpartition("/")[2] for _, id_ in notes]
            known = self._ledger.known_payments() | {one.xero_id for one in self._ledger.documents(ids, self._began)}
            for project_id, id_ in notes:
                if id_.rpartition("/")[2] in known:
                    self._holds(project_id).forget(KIND, [id_])
        return self._told

    def _counts(self, bill: Sent | None) -> bool:
        """Whether what is paid on it is Procore's to say."""
        if bill is None or bill.kind != CLAIMS:
            return False
        rules = self._parts.rules().for_project(self._parts.projects.job_number(bill.project_id))
        return not rules.records.leaves_out("payments")

    def _holds(self, project_id: int) -> Holds:
        return Holds(self._parts.engine, self._tenant_id, project_id, self._parts.now)
