"""What a claim's foot and a direct cost's header say is due, and how their documents may be numbered. Pure."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from worker.audit.procore_side import Due
from worker.procore.records import Claim, Invoice

#: Signs outside ASCII that people type for others.
_PLAIN = {**dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
          **dict.fromkeys(map(ord, "\u2018\u2019"), "'"), **dict.fromkeys(map(ord, "\u201c\u201d"), '"')}  # fmt: skip
_LONGEST_NUMBER = 255


def number_of(said: str | None, instead: str) -> str:
    """The supplier's number as Xero takes it: in ASCII, without accents; `instead` where that leaves none."""
    letters = unicodedata.normalize("NFKD", (said or "").translate(_PLAIN))
    plain = " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())
    return plain[:_LONGEST_NUMBER].rstrip() if plain.isascii() and plain else instead


def claim_due(claim: Claim, commitment: str, job_number: str, zero_counts: bool = False, means: str = "") -> Due:
    """The foot of the claim. Whether `current_payment_due` includes the tax is not documented: where the mapping file
    does not say what the company means, either is taken."""
    due, tax = claim.summary.current_payment_due, claim.summary.tax_applicable_to_this_payment
    tax = tax if claim.states_tax or zero_counts else None
    readings = () if due is None else (due, due - tax) if tax else (due,)
    if means and tax:
        readings = readings[1:] if means == "with_tax" else readings[:1]
    numbers, numbered = _claim_numbers(claim, commitment, job_number)
    vendor_id, currency = str(claim.vendor_id or ""), _currency(claim)
    on, commitment_id = claim.billing_date, str(claim.commitment_id)
    return Due(
        "claims", str(claim.id), numbers, vendor_id, readings, tax, commitment_id, currency, on=on, numbered=numbered
    )


def _claim_numbers(claim: Claim, commitment: str, job_number: str) -> tuple[tuple[str, ...], str]:
    """The supplier's; else "24-017 SC-001 claim 3", with the commitment's number of then, or Procore's id."""
    if given := number_of(claim.invoice_number, ""):
        return (given,), ""
    if not claim.number:
        return (f"PC-{claim.id}",), ""
    ending = f" claim {claim.number}"
    job = "" if job_number.casefold() in commitment.casefold() else f"{job_number} "
    named = number_of(f"{job}{commitment}{ending}", "") if commitment else ""
    return tuple(filter(None, (named, f"PC-{claim.id}"))), ending


def invoice_due(invoice: Invoice, is_inclusive: bool, zero_counts: bool = False) -> Due:
    """The header of a direct cost: its breakdown where it has one, else what `amount` and `grand_total` say. Where it
    states no tax, the mapping file says whether the tax is in it."""
    number = number_of(invoice.invoice_number, f"DC-{invoice.id}")
    before_tax, tax = _of_header(invoice)
    tax = tax if tax or invoice.states_tax or zero_counts else None
    inclusive = tax is None and is_inclusive
    readings = () if before_tax is None else (before_tax,)
    vendor_id, currency = str(invoice.vendor_id or ""), _currency(invoice)
    place = ("invoices", str(invoice.id), (number,), vendor_id, readings, tax)
    return Due(*place, currency=currency, inclusive=inclusive, on=invoice.direct_cost_date)


def _currency(record: Claim | Invoice) -> str:
    said = record.currency_configuration
    return (said.currency_iso_code or "") if said else ""


def _of_header(invoice: Invoice) -> tuple[Decimal | None, Decimal | None]:
    broken_down = invoice.tax_breakdown
    stated = broken_down.tax_total if broken_down else None
    if broken_down is not None and broken_down.subtotal is not None and broken_down.adds_up:
        return broken_down.subtotal, stated
    if invoice.grand_total is not None and invoice.amount is not None:
        return invoice.amount, (invoice.grand_total - invoice.amount) or stated
    return (invoice.amount if invoice.grand_total is None else invoice.grand_total), stated
