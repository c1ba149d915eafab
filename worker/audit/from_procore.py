"""Procore's side of one project, read anew, with what the mapping file makes of it; nothing of ledger or mapping."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from worker.audit import terms
from worker.audit.coding import Coder
from worker.audit.foot import claim_due, invoice_due
from worker.audit.mapping_file import MappingFile
from worker.audit.procore_side import Due, PaidOut, ProcoreSide, Supplier
from worker.audit.retained import of_claim
from worker.mapping import tax_numbers
from worker.procore.client import CONTRACTS, Procore
from worker.procore.records import (
    Claim,
    Contract,
    Invoice,
    Payment,
    Project,
    TaxCodeRow,
    Unreadable,
    Vendor,
    WbsCode,
)
from worker.procore.shown import LISTS, Shown

_CLAIMS_DUE = ("approved", "approved_as_noted")
#: Kind to the lists of Procore that it is read from.
_LISTS = {
    "claims": ("requisitions",),
    "payments": (*CONTRACTS, "contract_payments"),
    "invoices": ("direct_costs",),
}


def procore_side(
    procore: Procore,
    project: Project,
    file: MappingFile,
    country: str,
    tax_types: Callable[[], Mapping[str, str]],
    today: date,
    taxed: Collection[str] = (),
    contact_tax: Callable[[Supplier], str] = lambda _: "",
) -> ProcoreSide:
    """One project: what is approved there, who is to be paid, and how the mapping file codes it.

    Xero's country says what a tax number is; `tax_types` are the accounts' own tax types there, and `contact_tax`
    is that of a supplier's contact. `taxed` are the kinds on which Procore is known to compute tax.
    """
    return _Reading(procore, project, file, country, tax_types, today, contact_tax).side(taxed)


class _Reading:
    """One project being read."""

    def __init__(
        self,
        procore: Procore,
        project: Project,
        file: MappingFile,
        country: str,
        tax_types: Callable[[], Mapping[str, str]],
        today: date,
        contact_tax: Callable[[Supplier], str],
    ) -> None:
        self._procore, self._project, self._file, self._country = procore, project, file, country
        #: The company's day may be further on than ours.
        self._tomorrow = today + timedelta(days=1)
        self._contact_tax = contact_tax
        self._unreadable: list[tuple[str, str, str]] = []
        self._shown = Shown(file.leaves_out)
        wbs_codes, tax_codes = cache(self._wbs_codes), cache(self._tax_codes)
        #: Kind to whether a stated tax of 0.00 without any tax code is a figure.
        self._zero_counts: dict[str, bool] = {}
        self._coder = Coder(file, project.job_number.strip(), tax_types, wbs_codes, tax_codes)

    def side(self, taxed: Collection[str]) -> ProcoreSide:
        file, shown, start = self._file, self._shown, self._file.not_before
        claims, invoices = self._claims(), self._invoices()
        before = [claim for claim in claims if _is_earlier(claim.billing_date, start)]
        contracts, payments = self._contracts()
        by_id = {one.id: one for one in contracts}
        vendors = self._vendors([*claims, *(one for one in invoices)], start)
        suppliers = {one.id: one for one in (_supplier(vendor, self._country) for vendor in vendors)}
        for kind, rows in (("claims", claims), ("invoices", invoices)):
            is_taxed = kind in taxed or any(row.states_tax for row in rows)
            self._zero_counts[kind] = file.zero_counts(kind, is_taxed)
        due = [self._claim(one, by_id, suppliers) for one in claims]
        due += [self._invoice(one, suppliers) for one in invoices]
        return ProcoreSide(
            self._project.id,
            self._project.job_number.strip(),
            list(suppliers.values()),
            due,
            [replace(self._paid_out(one, claims), is_opening=_is_opening(one, before, start)) for one in payments],
            retained(claims),
            retained(before),
            list(dict.fromkeys(self._unreadable)),
            [kind for kind, lists in _LISTS.items() if not shown.all_of(lists) or file.leaves_out(kind)],
            {(LISTS[name].tool, LISTS[name].tool_id, refusal.said) for name, refusal in shown.refused.items()},
            file.retention_accounts,
            start,
            file.due_days,
            file.moves_dates,
            file.tolerance,
            {str(one.id): one.number for one in contracts if one.number},
            not file.untaxed_type,
        )

    def _readable(self, rows: Iterable[object]) -> Iterator[object]:
        for row in rows:
            if isinstance(row, Unreadable):
                self._unreadable.append((row.kind, row.procore_id, row.detail))
            else:
                yield row

    def _claims(self) -> list[Claim]:
        rows = self._readable(self._shown.rows("requisitions", self._procore.claims(self._project.id)))
        return [row for row in rows if isinstance(row, Claim) and _is_due(row)]

    def _invoices(self) -> list[Invoice]:
        rows = self._readable(self._shown.rows("direct_costs", self._procore.invoices(self._project.id)))
        found = [row for row in rows if isinstance(row, Invoice) and row.deleted_at is None]
        due = [row for row in found if row.status == "approved" and row.direct_cost_type in self._file.types]
        return [row for row in due if not (row.is_of_employee and self._file.employees == "ignore")]

    def _vendors(self, records: Iterable[Claim | Invoice], start: date | None) -> Iterable[Vendor]:
        listed = self._shown.rows("project_vendors", self._procore.vendors(self._project.id))
        vendors = {row.id: row for row in self._readable(listed) if isinstance(row, Vendor)}
        named = {one.vendor_id for one in records if one.vendor_id is not None and not _is_earlier(_day(one), start)}
        others = named - vendors.keys()
        asked = self._procore.vendors_by_id(map(str, sorted(others)))
        found = self._readable(self._shown.rows("vendors", asked))
        return (vendors | {row.id: row for row in found if isinstance(row, Vendor)}).values()

    def _contracts(self) -> tuple[list[Contract], list[Payment]]:
        """The contracts, for their terms, and the payments that were made on them."""
        contracts: list[Contract] = []
        payments: list[Payment] = []
        for name in CONTRACTS:
            for contract in self._readable(self._shown.rows(name, self._procore.contracts(self._project.id, name))):
                if isinstance(contract, Contract):
                    contracts.append(contract)
                    asked = self._procore.payments(self._project.id, contract.id)
                    rows = self._readable(self._shown.whole("contract_payments", asked) or ())
                    payments += [row for row in rows if isinstance(row, Payment) and _is_made(row)]
        return contracts, payments

    def _wbs_codes(self) -> Mapping[int, WbsCode]:
        rows = self._shown.rows("wbs_codes", self._procore.wbs_codes(self._project.id))
        return {row.id: row for row in rows if isinstance(row, WbsCode)}

    def _tax_codes(self) -> Mapping[int, str]:
        rows = self._shown.rows("tax_codes", self._procore.tax_codes())
        return {row.id: row.code for row in rows if isinstance(row, TaxCodeRow)}

    def _claim(self, claim: Claim, contracts: Mapping[int, Contract], suppliers: Mapping[str, Supplier]) -> Due:
        lines, uncoded = self._coder.claim(claim, self._own_tax(claim, suppliers))
        contract, status = contracts.get(claim.commitment_id), self._file.status("claims")
        called = contract.number or "" if contract else ""
        due = claim_due(
            claim, called, self._project.job_number.strip(), self._zero_counts["claims"], self._file.means_due
        )
        own = terms.read(contract.payment_terms) if contract else None
        coded = replace(due, terms=own, status=status, lines=lines, uncoded=uncoded, retained=of_claim(claim))
        return replace(coded, is_opening=_is_earlier(claim.billing_date, self._file.not_before))

    def _invoice(self, invoice: Invoice, suppliers: Mapping[str, Supplier]) -> Due:
        due = invoice_due(invoice, self._file.is_inclusive, self._zero_counts["invoices"])
        own_tax, come_to = self._own_tax(invoice, suppliers), due.readings[0] if due.readings else None
        lines, uncoded = self._coder.invoice(invoice, come_to, own_tax)
        gross = due.inclusive
        if uncoded and not lines and self._file.is_inclusive and due.tax and come_to is not None:
            with_tax, why = self._coder.invoice(invoice, come_to + due.tax, own_tax)
            lines, uncoded, gross = (with_tax, why, True) if with_tax else (lines, uncoded, gross)
        own, status = terms.read(invoice.terms), self._file.status("invoices")
        coded = replace(due, terms=own, status=status, lines=lines, uncoded=uncoded, gross=gross)
        paid_on = invoice.payment_date
        if self._file.pays_invoices and paid_on is not None and paid_on <= self._tomorrow:
            coded = replace(coded, paid_on=paid_on, paid_from=self._file.invoice_account)
        if invoice.is_of_employee:
            coded = replace(coded, payee=self._file.employee_contact)
        return replace(coded, is_opening=_is_earlier(invoice.direct_cost_date, self._file.not_before))

    def _own_tax(self, record: Claim | Invoice, suppliers: Mapping[str, Supplier]) -> str:
        """The vendor's own tax type: by the mapping file, else as its contact has it in Xero."""
        supplier = suppliers.get(str(record.vendor_id))
        names = (supplier.name if supplier else "", record.vendor_name or "")
        said = self._file.own_tax_type(str(record.vendor_id), supplier.tax_number if supplier else "", *names)
        return said or (self._contact_tax(supplier) if supplier else "")

    def _paid_out(self, payment: Payment, claims: Sequence[Claim]) -> PaidOut:
        """A payment is of the claim that it names, else of the only one of its contract with its invoice number."""
        method = payment.payment_method or ("check" if payment.check_number else "electronic")
        number = payment.invoice_number
        of_contract = [one for one in claims if number and one.commitment_id == payment.contract_id]
        numbered = [one.id for one in of_contract if one.invoice_number == number]
        claim_id = payment.requisition_id or (numbered[0] if len(numbered) == 1 else "")
        account = self._file.bank_account(method)
        before_tax = self._file.pays_before_tax
        return PaidOut(str(payment.id), str(claim_id), payment.amount, False, payment.date, account, method, before_tax)


def retained(claims: Iterable[Claim]) -> dict[str, Decimal]:
    """What the newest claim of each commitment says is held back by now; one that does not say it is left out."""
    newest: dict[int, Claim] = {}
    for claim in claims:
        if claim.commitment_id not in newest or _place(claim) > _place(newest[claim.commitment_id]):
            newest[claim.commitment_id] = claim
    said = {str(commitment_id): claim.summary.total_retainage for commitment_id, claim in newest.items()}
    return {commitment_id: amount for commitment_id, amount in said.items() if amount is not None}


def _supplier(vendor: Vendor, country: str) -> Supplier:
    register = vendor.business_register
    number = tax_number(register.identifier, country, register.type) if register else ""
    return Supplier(str(vendor.id), vendor.name, number)


def tax_number(text: str | None, country: str, register: str | None) -> str:
    number = tax_numbers.read(text, country, register)
    return f"{number.kind} {number.digits}" if number else ""


def _is_due(claim: Claim) -> bool:
    return claim.deleted_at is None and claim.status in _CLAIMS_DUE


def _day(record: Claim | Invoice) -> date | None:
    return record.billing_date if isinstance(record, Claim) else record.direct_cost_date


def _is_earlier(on: date | None, start: date | None) -> bool:
    return start is not None and on is not None and on < start


def _is_made(payment: Payment) -> bool:
    """Procore Pay pays what is approved later; the day on which it was settled, or `paid`, says that it has."""
    if payment.deleted_at is not None or payment.status == "paid":
        return payment.deleted_at is None
    if payment.date_payment_settled is not None:
        return payment.status in ("approved", "processing")
    return payment.status == "approved" and payment.external_payment_id is None


def _is_opening(payment: Payment, before: Sequence[Claim], start: date | None) -> bool:
    """Whether it pays a claim from before the start; one that names none goes by its own date, too."""
    if payment.requisition_id is not None:
        return any(claim.id == payment.requisition_id for claim in before)
    named = (payment.contract_id, payment.invoice_number)
    is_named = bool(payment.invoice_number) and named in [(one.commitment_id, one.invoice_number) for one in before]
    return is_named or _is_earlier(payment.date, start)


def _place(claim: Claim) -> tuple[int, date, int]:
    """Claims of a commitment are numbered in their order."""
    return claim.number or 0, claim.billing_date or date.min, claim.id
