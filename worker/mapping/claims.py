"""A progress claim to a bill, or to a credit note when its total is negative.

The value of a line in this period is work this period, plus stored materials now less before, plus materials moved
(moved out of the store into work: the same amount leaves the store). Every other column is cumulative and is never
summed (procore-api.md §4.6). The lines must add up to what Procore says is due, or the claim is held.
"""

from __future__ import annotations

from decimal import Decimal

from worker.errors import MappingError
from worker.holds import HoldCode
from worker.mapping import retention, status, wording
from worker.mapping.money import is_cents
from worker.mapping.references import Known
from worker.procore.records import Claim, ClaimItem
from worker.xero.documents import LONGEST_TEXT, Bill, Line

ITEM_TYPES = ("contract_item", "contract_detail_item", "change_order_item", "whole_change_order_item")
APPROVED = ("approved", "approved_as_noted")
NOT_YET = ("draft", "under_review", "revise_and_resubmit", "pending_owner_approval")


def to_document(claim: Claim, known: Known) -> Bill:
    status.refuse_deleted(claim)
    status.require(claim.status, APPROVED, NOT_YET)
    _check_items(claim)
    amounts = [(item, this_period(item)) for item in claim.items]
    total = net(claim)
    _check_total(claim, total)
    if not any(amount for _, amount in amounts) and not any(retention.of(claim.items)):
        raise _nothing_due(claim)
    contact_id = known.contact(claim.vendor_id, claim.vendor_name)
    if claim.billing_date is None:
        raise MappingError(HoldCode.DATE_MISSING, field="The billing date")
    sign = -1 if total < 0 else 1
    own = known.own_tax(claim.vendor_id, claim.vendor_name)
    source = wording.source(claim, known)
    worked = [_line(source, item, sign * amount, known, own) if amount else None for item, amount in amounts]
    lines = [
        *filter(None, worked),
        *retention.lines(list(zip(claim.items, worked, strict=True)), sign, known, own, source),
    ]
    stated = claim.summary.tax_applicable_to_this_payment
    return Bill(
        contact_id=contact_id,
        number=wording.number(claim, known.commitments.get(claim.commitment_id, ""), known.job_number),
        plain_number=wording.plain_number(claim),
        on=claim.billing_date,
        lines=tuple(lines),
        url=known.bill_url(claim.page),
        status=known.rules.documents.claims_status or known.rules.documents.status,
        currency=claim.currency_configuration.currency_iso_code if claim.currency_configuration else None,
        credit=total < 0,
        stated_tax=sign * stated if stated is not None and claim.states_tax else None,
        says_no_tax=stated == 0 and not claim.states_tax,
        tax_tolerance=known.rules.tax.tolerance,
    )


def this_period(item: ClaimItem) -> Decimal:
    """What this claim adds on one line, before retention and tax."""
    stored = item.materials_presently_stored - item.materials_presently_stored_from_previous_progress
    return item.work_completed_this_period + item.materials_moved + stored


def net(claim: Claim) -> Decimal:
    """What its lines come to: work and materials, less what is withheld, and what is released. Before tax."""
    withheld, released = retention.of(claim.items)
    return sum(map(this_period, claim.items), released - withheld)


def _check_items(claim: Claim) -> None:
    """A kind of line that is new in Procore may mean something else by its columns."""
    for item in claim.items:
        if item.item_type is not None and item.item_type not in ITEM_TYPES:
            name = item.line_number or item.id
            raise MappingError(HoldCode.VALUE_UNKNOWN, field=f"The type of line {name}", value=item.item_type)


def _check_total(claim: Claim, total: Decimal) -> None:
    """Either reading is taken here, with the tax or without (procore-api.md §4.6); before a claim is sent it is held to
    the company's own (`what_is_due`)."""
    due = claim.summary.current_payment_due
    tax = claim.summary.tax_applicable_to_this_payment or Decimal(0)
    if due is None or total not in (due, due - tax):
        raise MappingError(HoldCode.TOTALS_DIFFER, lines=total, total="nothing" if due is None else due)
    if not is_cents(total):
        raise MappingError(HoldCode.PART_OF_A_CENT, what="What is due", amount=due)


def _nothing_due(claim: Claim) -> MappingError:
    """Nothing is carried for nothing; but tax on nothing is a contradiction."""
    if tax := claim.summary.tax_applicable_to_this_payment:
        return MappingError(HoldCode.TAX_DIFFERS, computed=Decimal("0.00"), stated=tax)
    return MappingError(HoldCode.NOTHING_DUE)


def _line(source: str, item: ClaimItem, amount: Decimal, known: Known, own: str | None) -> Line:
    name = item.line_number or str(item.id)
    if not is_cents(amount):
        raise MappingError(HoldCode.PART_OF_A_CENT, what=f"Line {name}", amount=amount)
    coding = retention.coding(item, known)
    tax = retention.tax(item, known, own)
    return Line(
        description=(item.description_of_work or f"Line {name}")[:LONGEST_TEXT],
        source=wording.of_line(source, item),
        amount=amount,
        account_code=coding.account_code,
        tax_type=tax.type,
        tracking=coding.tracking,
        item_code=coding.item_code,
        item_first=coding.item_first,
        stated_rate=tax.stated,
        own_tax_type=tax.own,
        is_tax_open=tax.is_open,
    )
