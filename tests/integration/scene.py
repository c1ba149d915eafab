"""One moment of both systems and of the ledger between them, and what Xero should hold by what Procore says.

Written from the two systems' data alone: how a record becomes a document is said here once more, in plain words, for
the few kinds of record that the state machine enters. Nothing of `worker.mapping` or `worker.pipeline` is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import select

from tests.integration.firm import Settings
from tests.integration.world import World
from worker.holds import Outcome
from worker.ledger.database import transaction
from worker.ledger.tables import Cursor, Entry, Hold, Job, Pass

Row = Mapping[str, Any]
#: Kind and Procore id.
Key = tuple[str, str]

VOID = ("VOIDED", "DELETED")
APPROVED = ("AUTHORISED", "PAID")
LISTS = {"claims": "requisitions", "payments": "contract_payments", "invoices": "direct_costs"}
#: Kinds whose documents are payments, and how those name their records.
PAYMENTS = {"payments": "Procore payment ", "invoice_payments": "Procore direct cost "}
CENT = Decimal("0.01")


@dataclass
class Hands:
    """What a person did in Xero, by the ids of the documents."""

    #: Voided or deleted.
    took_out: set[str] = field(default_factory=set)
    #: Another date, other lines, another name.
    edited: set[str] = field(default_factory=set)
    reconciled: set[str] = field(default_factory=set)
    #: Credit notes that were taken off what they were set against, and as pairs of claims what was known to be set.
    took_off: set[str] = field(default_factory=set)
    pairs_off: set[str] = field(default_factory=set)


class Scene:
    """One moment: what Procore says, what Xero holds, and what the ledger says of both."""

    def __init__(self, world: World, hands: Hands, settings: Settings) -> None:
        dump = world.sandbox.dump()
        self.procore: Row = dump["procore"]
        self._xero: Row = dump["xero"]
        self.hands = hands
        self.settings = settings
        with transaction(world.parts.engine) as session:
            self.entries = list(session.scalars(select(Entry)))
            self.holds = list(session.scalars(select(Hold).where(Hold.closed_at.is_(None))))
            cursors = list(session.scalars(select(Cursor)))
            own_pass = select(Job.job_number, Pass.started_at).join(Pass, Pass.id == Job.pass_id).order_by(Job.id)
            begun_at = dict(session.execute(own_pass).tuples().all())
        numbers = {row.procore_id: row.job_number for row in world.parts.projects.all()}
        self.cursors = {row.name: row.value for row in cursors}
        #: By project and name: vendors and cost codes, whose list is not due yet.
        self.not_due = {
            (row.project_id, row.name.removesuffix(":listed_at"))
            for row in cursors
            if row.name.endswith(":listed_at")
            and datetime.fromisoformat(row.value) + timedelta(hours=world.settings.lists_every_hours)
            > world.clock.now()
        }
        #: By project and kind: a record that changed later is left to the pass after that of the project's last job.
        self.left_after: dict[tuple[int, str], datetime] = {}
        for row in cursors:
            if row.name.startswith("handed_over:") and (at := begun_at.get(numbers[row.project_id])) is not None:
                began, until = map(datetime.fromisoformat, row.value.split())
                if began == at:
                    self.left_after[row.project_id, row.name.removeprefix("handed_over:")] = until

    # --- what there is -----------------------------------------------------------------------------------------

    @cached_property
    def projects(self) -> dict[int, Row]:
        return {row["id"]: row for row in self.procore["projects"]}

    @cached_property
    def records(self) -> dict[Key, tuple[int, Row]]:
        """Claims, payments and invoices of all projects, deleted ones too: the project's id, and the row. Where direct
        costs are paid in Xero, too, each is a payment besides."""
        lists = {**LISTS, **({"invoice_payments": "direct_costs"} if self.settings.paid == "pay" else {})}
        return {
            (kind, str(row["id"])): (int(project_id), row)
            for kind, name in lists.items()
            for project_id, rows in self.procore[name].items()
            for row in rows
        }

    @cached_property
    def vendors(self) -> dict[str, Row]:
        return {str(row["id"]): row for row in self.procore["vendors"]}

    @cached_property
    def codes(self) -> dict[str, Row]:
        return {row["full_code"]: row for rows in self.procore["cost_codes"].values() for row in rows}

    @cached_property
    def contacts(self) -> dict[str, Row]:
        return {row["ContactID"]: row for row in self._xero["contacts"]}

    @cached_property
    def options(self) -> dict[str, Row]:
        rows = (option for category in self._xero["tracking_categories"] for option in category["Options"])
        return {row["TrackingOptionID"]: row for row in rows}

    @cached_property
    def payments(self) -> list[Row]:
        """All of them, also those that nobody here made."""
        return list(self._xero["payments"])

    @cached_property
    def bills(self) -> list[Row]:
        """All of them, also those that nobody here made."""
        return list(self._xero["invoices"])

    @cached_property
    def documents(self) -> dict[Key, list[Row]]:
        """Bills, credit notes and payments by the record they name, voided and deleted ones too."""
        found: dict[Key, list[Row]] = defaultdict(list)
        for row in [*self._xero["invoices"], *self._xero["credit_notes"]]:
            prefix, _, id_ = str(row.get("InvoiceNumber") or row.get("CreditNoteNumber")).partition("-")
            if not id_:
                continue  # a person's
            found["claims" if prefix == "INV" else "invoices", id_].append(row)
        for row in self._xero["payments"]:
            for kind, prefix in PAYMENTS.items():
                if (id_ := str(row["Reference"]).removeprefix(prefix)) != str(row["Reference"]):
                    found[kind, id_].append(row)
        return found

    @cached_property
    def credits(self) -> list[tuple[str, Decimal]]:
        """What is set against what, as pairs of the claims' ids, and how much of it."""
        numbers = {row["InvoiceID"]: row["InvoiceNumber"] for row in self._xero["invoices"]}
        return [
            (
                f"{_claim(row['CreditNoteNumber'])}/{_claim(numbers[one['Invoice']['InvoiceID']])}",
                Decimal(one["Amount"]),
            )
            for row in self._xero["credit_notes"]
            for one in row.get("Allocations", ())
        ]

    def live(self, key: Key) -> Row | None:
        """The document of this record that stands in Xero."""
        return next((row for row in self.documents[key] if row["Status"] not in VOID), None)

    def held(self, *outcomes: Outcome) -> dict[Key, Hold]:
        return {(hold.kind, hold.procore_id): hold for hold in self.holds if hold.outcome in outcomes}

    # --- what there should be ----------------------------------------------------------------------------------

    def as_said(self) -> dict[Key, tuple[Any, ...]]:
        """What stands in Xero of each record, without ids and without what a payment makes of a bill's status."""
        return {key: self._facts(key, row) for key in self.documents if (row := self.live(key)) is not None}

    def wrong(self, key: Key) -> str:
        """How the document of this record is another than the record says; blank when it is as it says."""
        project_id, row = self.records[key]
        document = self.live(key)
        if not is_due(key, row) or row.get("deleted_at"):
            return "it is not due, and stands in Xero" if document is not None else ""
        if document is None:
            return "it is due, and does not stand in Xero"
        there, asked = self._facts(key, document), self._asked(key, project_id, row)
        return "" if there == asked else f"Xero has {there}, Procore says {asked}"

    def _facts(self, key: Key, row: Row) -> tuple[Any, ...]:
        if key[0] in PAYMENTS:
            return (self._number_of(paid_id(row)), self._in_procore(key, row), str(row["Date"]))
        lines = sorted(
            (
                line["Description"].rpartition(" (")[0] or line["Description"],
                Decimal(line["LineAmount"]),
                line["AccountCode"],
                tuple(sorted(self.options[tracked["TrackingOptionID"]]["Name"] for tracked in line["Tracking"])),
            )
            for line in row["LineItems"]
        )
        contact = self.contacts[row["Contact"]["ContactID"]]["ContactNumber"]
        return (row["Type"], contact, str(row["Date"]), Decimal(row["SubTotal"]), Decimal(row["TotalTax"]), *lines)

    def _in_procore(self, key: Key, payment: Row) -> Decimal | str:
        """The amount of a payment; of one that Procore has before tax, Procore's own, if it is that with its share of
        the tax, but for a cent for each payment on its document."""
        made = Decimal(payment["Amount"])
        if key[0] == "invoice_payments" or key not in self.records or self.settings.amounts == "with_tax":
            return made
        is_its_share = abs(made - self.with_tax(key, paid_id(payment))) <= self.slack(paid_id(payment))
        return abs(Decimal(self.records[key][1]["amount"])) if is_its_share else f"{made} with tax"

    def with_tax(self, key: Key, document_id: str) -> Decimal:
        """What a payment of this record on this document comes to, not rounded."""
        stated = abs(Decimal(self.records[key][1]["amount"]))
        document = self._document(document_id)
        if self.settings.amounts == "with_tax":
            return stated
        return stated * Decimal(document["Total"]) / Decimal(document["SubTotal"])

    def slack(self, document_id: str) -> Decimal:
        """How far one payment may be off: sums are rounded, and each payment that ever stood moved them by a cent."""
        beside = [row for row in self.payments if paid_id(row) == document_id]
        return CENT * len(beside) if self.settings.amounts == "before_tax" else Decimal(0)

    def _asked(self, key: Key, project_id: int, row: Row) -> tuple[Any, ...]:
        """The same as the record says it."""
        if key[0] == "payments":
            return (f"INV-{row['requisition_id']}", abs(Decimal(row["amount"])), row["date"])
        if key[0] == "invoice_payments":
            return (f"DC-{row['id']}", abs(Decimal(row["grand_total"])), row["payment_date"])
        total = total_of(key, row)
        project = self.projects[project_id]
        own = f"{project['project_number']} {project['name']}"
        if key[0] == "claims":
            (item,) = row["items"]
            code, account, tax = item["wbs_code"]["flat_code"].split(".")[0], "320", abs(total) / 10
            text, on = item["description_of_work"], row["billing_date"]
        else:
            (item,) = row["line_items"]
            code, account, tax = item["cost_code"]["full_code"], "325", Decimal(0)
            text, on = item["description"], row["direct_cost_date"]
        tracking = tuple(sorted((own, f"{code} {self.codes[code]['name']}")))
        line = (text, abs(total), account, tracking)
        kind = "ACCPAYCREDIT" if total < 0 else "ACCPAY"
        return (kind, f"procore-{row['vendor_id']}", on, abs(total), tax.quantize(Decimal("0.01")), line)

    def _number_of(self, document_id: str) -> str:
        found = self._document(document_id)
        return str(found.get("InvoiceNumber") or found.get("CreditNoteNumber"))

    def contact_of(self, vendor_id: str) -> Row:
        return next(row for row in self.contacts.values() if row.get("ContactNumber") == f"procore-{vendor_id}")

    def _document(self, id_: str) -> Row:
        return next(row for rows in self.documents.values() for row in rows if id_of(row) == id_)

    def is_touched(self, key: Key) -> bool:
        """Whether a person was at its document, or at the bill without which a direct cost is not paid."""
        mine = {id_of(row) for row in self.documents[key]}
        of_bill = key[0] == "invoice_payments" and self.is_touched(("invoices", key[1]))
        return of_bill or bool(mine & (self.hands.took_out | self.hands.edited))

    def listed_vendors(self) -> Iterator[str]:
        for vendor_ids in self.procore["project_vendors"].values():
            yield from map(str, vendor_ids)


def is_due(key: Key, row: Row) -> bool:
    """Whether it is to be in the books as long as it is not deleted."""
    is_paid_for = key[0] != "invoice_payments" or row.get("payment_date") is not None
    return is_paid_for and row["status"] in ("approved", "approved_as_noted", "paid")


def total_of(key: Key, row: Row) -> Decimal:
    return Decimal(row["summary"]["current_payment_due"] if key[0] == "claims" else row["grand_total"])


def id_of(document: Row) -> str:
    found = (document.get(name) for name in ("PaymentID", "InvoiceID", "CreditNoteID"))
    return str(next(filter(None, found)))


def paid_id(payment: Row) -> str:
    return str((payment.get("Invoice") or {}).get("InvoiceID") or payment["CreditNote"]["CreditNoteID"])


def is_paid(document: Row) -> bool:
    return any(Decimal(document.get(name) or 0) for name in ("AmountPaid", "AmountCredited", "AppliedAmount"))


def _claim(number: str) -> str:
    return number.removeprefix("INV-")


def called(key: Key) -> str:
    return f"{key[0].removesuffix('s')} {key[1]}"
