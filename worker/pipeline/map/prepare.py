"""What mapping must know about a batch before it maps: options, contacts, bills. A few SQL statements per batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from worker.errors import MappingError, MissingReference
from worker.facts import DOUBT, MERGED_FROM, PAYEE, UNPROVED
from worker.holds import HoldCode
from worker.ledger.entries import Known as Entry
from worker.mapping.claims import APPROVED
from worker.mapping.money import cents
from worker.mapping.payments import claim_of
from worker.mapping.references import SentBill
from worker.pipeline.look.documents import last_written, stored
from worker.pipeline.look.watched import AWAITING
from worker.pipeline.map import known_options, named_cost_codes
from worker.pipeline.read import lists, stated_zero
from worker.pipeline.values import expected_tax
from worker.pipeline.work import Named, Work
from worker.procore.records import Claim, Contract, Invoice, InvoicePayment, Payment, Vendor, WbsCode
from worker.xero.answers import amount
from worker.xero.documents import BILLS, CREDIT_NOTES
from worker.xero.lines import comes_to


def project_option(work: Work) -> None:
    """The project's own option, from the ledger."""
    entry = work.named("projects", {work.project.procore_id}).get(work.project.procore_id)
    if entry is not None and entry.xero_id:
        work.known.project = known_options.tracking(work.known.project_category, entry)


def with_country(work: Work, records: Sequence[Vendor]) -> Sequence[Named]:
    """Whose country says what a tax number is; only where a vendor has one."""
    if not work.known.country and any(vendor.business_register is not None for vendor in records):
        work.known.country = work.settings.country()
    return ()


def with_contacts(work: Work, records: Sequence[Claim] | Sequence[Invoice]) -> Iterator[Named]:
    """Contacts of the vendors these records name, options of the cost codes on their lines.

    What of both is not in Xero yet goes first; a vendor that the project's own list does not have is read by its id.
    """
    stated_zero.note(work, records)
    _wbs_codes(work, records)
    named_cost_codes.load(work)
    yield from named_cost_codes.named(work, records)
    _tax_codes(work, records)
    _employee_contact(work, records)
    _commitments(work, records)
    wanted = {str(record.vendor_id) for record in records if record.vendor_id is not None}
    _contacts(work, wanted)
    held = {procore_id for kind, procore_id in work.known.held if kind == "vendors"}  # looked at in their own stage
    missing = sorted(wanted - work.known.contacts.keys() - work.from_procore.vendors_asked - held)
    if missing:
        work.from_procore.vendors_asked.update(missing)
        yield "vendors", work.shown.rows("vendors", work.procore.vendors_by_id(missing))
        _contacts(work, missing)


def with_bills(work: Work, payments: Sequence[Payment]) -> Sequence[Named]:
    """The bills of the claims these payments pay, and their status where they still awaited approval."""
    if any(payment.requisition_id is None for payment in payments) and not work.known.claims_numbered:
        _number_claims(work)
    claims = {payment.procore_id: _claim_id(work, payment) for payment in payments}
    wanted = set(claims.values()) - {"", *work.known.bills}
    asked = {claims[id_] for id_ in _to_ask(work, "payments", claims)}
    work.known.bills |= _bills(work, "claims", work.entries.known("claims", wanted), asked)
    return ()


def with_paid_invoices(work: Work, payments: Sequence[InvoicePayment]) -> Sequence[Named]:
    """The bills of the direct costs that were paid, with what they come to."""
    wanted = {payment.procore_id for payment in payments} - work.known.invoice_bills.keys()
    entries = work.entries.known("invoices", wanted)
    asked = _to_ask(work, "invoice_payments", wanted)
    for id_, bill in _bills(work, "invoices", entries, asked).items():
        total = _total(work, id_, bill, entries[id_].facts)
        work.known.invoice_bills[id_] = replace(bill, total=total)
    return ()


def _to_ask(work: Work, kind: str, ids: Iterable[str]) -> set[str]:
    """Payments whose bills are asked for here, if they awaited approval. Of those that wait already each pass tells it
    for all projects at once (`tasks.watching`); once a day, and for a person, they are asked for all the same."""
    if work.by_hand or lists.is_full(work, kind):
        return set(ids)
    return {id_ for id_ in ids if not work.holds.is_open(kind, id_, HoldCode.BILL_AWAITING_APPROVAL)}


def _bills(work: Work, kind: str, entries: Mapping[str, Entry], asked: Collection[str]) -> dict[str, SentBill]:
    """The documents of these records, and of those asked for their status in Xero now where they awaited approval."""
    bills: dict[str, SentBill] = {}
    for id_, entry in entries.items():
        if entry.state == "live" and entry.xero_id:
            credit = entry.facts.get("wrapper") == CREDIT_NOTES.wrapper
            in_doubt = str(entry.fingerprint).startswith(UNPROVED)
            bills[id_] = SentBill(entry.xero_id, str(entry.facts.get("status")), credit, in_doubt)
    for endpoint in (BILLS, CREDIT_NOTES):
        is_credit = endpoint == CREDIT_NOTES
        awaiting = {
            bill.xero_id: id_
            for id_, bill in bills.items()
            if bill.status in AWAITING and bill.credit is is_credit and id_ in asked
        }
        for xero_id, row in stored(work, endpoint, awaiting).items():
            id_, status = awaiting[xero_id], str(row["Status"])
            if status not in AWAITING:
                bills[id_] = replace(bills[id_], status=status)
                work.entries.note(kind, id_, {"status": status})
    return bills


def _total(work: Work, procore_id: str, bill: SentBill, facts: Mapping[str, Any]) -> Decimal | None:
    """With tax, as it was sent; of one that a person entered as Xero had it when it was first asked."""
    endpoint = CREDIT_NOTES if bill.credit else BILLS
    if body := last_written(work, endpoint, "invoices", procore_id):
        field, total = comes_to(body)
        return cents(total if field == "Total" else total + (expected_tax(facts) or Decimal(0)))
    if facts.get("total") is None:
        row = stored(work, endpoint, [bill.xero_id]).get(bill.xero_id)
        if row is None:
            return None
        work.entries.note("invoices", procore_id, {"total": str(amount(row, "Total"))})
        return amount(row, "Total")
    return Decimal(facts["total"])


def _claim_id(work: Work, payment: Payment) -> str:
    try:
        return claim_of(payment, work.known)
    except (MappingError, MissingReference):
        return ""


def _number_claims(work: Work) -> None:
    for claim_id, entry in work.entries.live_in_project("claims").items():
        key = (int(entry.facts.get("contract_id") or 0), str(entry.facts.get("number") or ""))
        work.known.claims_numbered.setdefault(key, set()).add(claim_id)
    for (_, claim_id), called in work.names.of([("claims", id_) for id_ in work.holds.ids("claims")]).items():
        work.known.claims_not_sent.setdefault(called.number, set()).add(claim_id)


def _contacts(work: Work, vendor_ids: Sequence[str] | set[str]) -> None:
    for vendor_id, entry in work.named("vendors", set(vendor_ids) - work.known.contacts.keys()).items():
        _contact(work, vendor_id, entry)


def _contact(work: Work, vendor_id: str, entry: Entry) -> None:
    """Which contact a vendor has, and which it had before, or has without being trusted."""
    work.known.payees[vendor_id] = entry.facts.get(PAYEE) or {}
    doubted = bool(entry.facts.get(DOUBT))
    if entry.state == "live" and entry.xero_id and not doubted:
        work.known.contacts[vendor_id] = entry.xero_id
    if entry.xero_id:
        work.merged |= dict.fromkeys(entry.facts.get(MERGED_FROM, ()), entry.xero_id)
    had = [*entry.facts.get("earlier", ()), *([entry.xero_id] if doubted else [])]
    if had:
        work.known.had[vendor_id] = tuple(map(str, had))


def _employee_contact(work: Work, records: Sequence[Claim] | Sequence[Invoice]) -> None:
    """To whom costs of employees go, only where there is one; looked for by its name once for each project."""
    name = work.known.rules.invoices.employee_contact
    if name and any(isinstance(record, Invoice) and record.is_of_employee for record in records):
        key = f"employee_contact:{name}"
        found = work.cursors.get(key) or work.settings.directory().named(name)
        work.known.employee_contact = found
        if found and work.cursors.get(key) != found:
            work.cursors.set({key: found})


def _wbs_codes(work: Work, records: Sequence[Claim] | Sequence[Invoice]) -> None:
    """The project's WBS list, only when a line names its cost code by nothing else."""
    if work.known.wbs_codes or not any(_needs_list(record) for record in records):
        return
    for code in work.shown.rows("wbs_codes", work.procore.wbs_codes(work.project.id)):
        if isinstance(code, WbsCode):
            work.known.wbs_codes[code.id] = code


def _needs_list(record: Claim | Invoice) -> bool:
    lines = record.items if isinstance(record, Claim) else record.line_items
    return any(
        line.wbs_code is not None
        and line.wbs_code.segment("cost_code") is None
        and getattr(line, "cost_code", None) is None
        for line in lines
    )


def _tax_codes(work: Work, records: Sequence[Claim] | Sequence[Invoice]) -> None:
    """Procore's tax codes, only when a line gives one by its id alone."""
    if work.known.tax_codes or not any(isinstance(record, Invoice) and _has_bare_tax(record) for record in records):
        return
    work.known.tax_codes = {code.id: code for code in work.shown.rows("tax_codes", work.procore.tax_codes())}


def _commitments(work: Work, records: Sequence[Claim] | Sequence[Invoice]) -> None:
    """What the commitments are called, only when a claim may go: each job reads their lists, for what is paid."""
    if not work.known.commitments and any(isinstance(row, Claim) and row.status in APPROVED for row in records):
        rows = (row for row in work.contracts() if isinstance(row, Contract))
        work.known.commitments = {row.id: row.number for row in rows if row.number}


def _has_bare_tax(invoice: Invoice) -> bool:
    details = invoice.tax_breakdown.tax_details if invoice.tax_breakdown else ()
    named = {detail.tax_code_id for detail in details if detail.tax_code_name}
    return any(line.tax_code_id is not None and line.tax_code_id not in named for line in invoice.line_items)
