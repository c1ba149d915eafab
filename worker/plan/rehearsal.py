"""A Xero that answers every write as if it was taken, with ids of its own making, and reads from the real one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from worker.http import exact_json
from worker.ledger.holds import Holds, Verdict
from worker.xero import batches
from worker.xero.answers import Element, amount
from worker.xero.client import Xero
from worker.xero.documents import Endpoint, allocated
from worker.xero.lines import comes_to

_ID = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.IGNORECASE)


class Rehearsal(Xero):
    """Reads through the given client; a write is only counted. Documents that it made up are answered from memory."""

    def __init__(self, real: Xero) -> None:
        super().__init__(real.api)
        self.writes = 0
        #: Whether the organisation was seen to; until then each is reckoned by itself, after a first try.
        self.takes_several_options = False
        self._made: dict[str, Element] = {}
        #: Documents that it would have deleted or voided.
        self._gone: set[str] = set()
        #: Options that it would have made or changed, by category and id.
        self._options: dict[str, dict[str, Element]] = {}
        #: What it would have set against bills, by credit note.
        self._credits: dict[str, list[Element]] = {}

    def write(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        body: str,
        key: str,
        in_time: Callable[[], bool] = lambda: True,
    ) -> list[Element]:
        """What Xero would answer if it took everything."""
        self.writes += 1
        parsed = exact_json.loads(body)
        bodies = parsed.get(endpoint.wrapper, [parsed])
        if endpoint.is_option and len(bodies) > 1 and not self.takes_several_options:
            return []
        if endpoint.is_allocation:
            self._credits[endpoint.path.split("/")[2]] = (taken := allocated({endpoint.wrapper: bodies}))
            return taken
        if withdrawn := batches.withdrawn_id(path):
            self._gone.add(withdrawn)
        elements = [_taken(endpoint, path.split("?")[0], one) for one in bodies]
        if endpoint.is_option:
            mine = self._options.setdefault(endpoint.path.split("/")[2], {})
            mine |= {element[endpoint.id_field]: element for element in elements}
        self._made |= {element[endpoint.id_field]: element for element in elements if method == "PUT"}
        return elements

    def attach(self, endpoint: Endpoint, xero_id: str, name: str, content: bytes, key: str) -> Element:
        """Every file is taken."""
        self.writes += 1
        return {"AttachmentID": str(uuid.uuid4()), "FileName": name, "ContentLength": len(content)}

    def tracking_categories(self, archived: bool = False) -> list[Element]:
        rows = super().tracking_categories(archived)
        return [{**row, "Options": self._as_rehearsed(row)} for row in rows]

    def _as_rehearsed(self, category: Element) -> list[Element]:
        mine = self._options.get(str(category["TrackingCategoryID"]), {})
        there = {str(row["TrackingOptionID"]): row for row in category.get("Options") or ()}
        return [{**there.get(id_, {}), **mine.get(id_, {})} for id_ in there | mine]

    def documents(self, endpoint: Endpoint, ids: Iterable[str]) -> Iterator[Element]:
        wanted = list(dict.fromkeys(ids))
        yield from (self._made[id_] for id_ in wanted if id_ in self._made)
        rows = super().documents(endpoint, [id_ for id_ in wanted if id_ not in self._made])
        yield from (self._with_credits(self._without_gone(row)) for row in rows)

    def _with_credits(self, document: Element) -> Element:
        """A credit note or bill, open by less what would have been set against each other."""
        if "CreditNoteID" in document:
            mine = self._credits.get(document["CreditNoteID"], [])
            rows, field = [*(document.get("Allocations") or ()), *mine], "RemainingCredit"
            document = {**document, "Allocations": rows}
        else:
            known = (one for some in self._credits.values() for one in some)
            mine, field = [one for one in known if one["InvoiceID"] == document["InvoiceID"]], "AmountDue"
        return {**document, field: amount(document, field) - sum(amount(one, "Amount") for one in mine)}

    def _without_gone(self, document: Element) -> Element:
        """A document, open by what was paid on it with payments that would have been deleted."""
        gone = [row for row in document.get("Payments") or () if row["PaymentID"] in self._gone]
        if not gone:
            return document
        paid, still = (
            sum(amount(row, "Amount") for row in gone),
            [row for row in document["Payments"] if row not in gone],
        )
        figures = {
            "AmountPaid": amount(document, "AmountPaid") - paid,
            "AmountDue": amount(document, "AmountDue") + paid,
        }
        return {**document, "Status": "AUTHORISED", "Payments": still, **figures}

    def payments_of_bills(self, bill_ids: Iterable[str]) -> Iterator[Element]:
        """A bill that was made up has no payments in the real books, and one that was deleted is not there."""
        rows = super().payments_of_bills(id_ for id_ in bill_ids if id_ not in self._made)
        yield from (row for row in rows if row["PaymentID"] not in self._gone)

    def bills_numbered(self, numbers: Iterable[str]) -> Iterator[Element]:
        yield from (row for row in super().bills_numbered(numbers) if row["InvoiceID"] not in self._gone)


class Listed(Holds):
    """The copy's holds, which also keep every verdict of the job in its order."""

    verdicts: list[Verdict]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.verdicts = []

    def settle(self, verdicts: Iterable[Verdict]) -> None:
        listed = list(verdicts)
        self.verdicts += listed
        super().settle(listed)


def unopened(_url: str, _most_bytes: int) -> bytes:
    """Any file: the smallest PDF, since none is downloaded for a look."""
    return b"%PDF-1.4\n"


def _taken(endpoint: Endpoint, path: str, body: Mapping[str, Any]) -> Element:
    named = _ID.search(path)
    id_ = body.get(endpoint.id_field) or (named[1] if named else str(uuid.uuid4()))
    element = {**body, endpoint.id_field: id_}
    if "LineItems" in body:
        lines = [
            {**line, "LineAmount": Decimal(line["Quantity"]) * Decimal(line["UnitAmount"])}
            for line in body["LineItems"]
        ]
        field, total = comes_to(body)
        element |= {"LineItems": lines, field: total}
    return element
