"""Retention of a claim: what it withholds and releases, as lines of its bill.

Taxed on release, a line takes the tax of the work it is withheld from, so that the tax that is not paid now is just
that of the money that is not paid now: one line for each tax type, withheld and released apart. Taxed on the invoice,
the tax fell due with the work, and the lines have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from worker.errors import MappingError
from worker.holds import HoldCode
from worker.mapping.money import is_cents
from worker.mapping.references import Coding, Known, Tax
from worker.procore.records import Claim, ClaimItem
from worker.xero.documents import Line


def of(items: Sequence[ClaimItem]) -> tuple[Decimal, Decimal]:
    """Withheld and released in this period, on work and on materials."""
    return sum(map(withheld, items), Decimal(0)), sum(map(released, items), Decimal(0))


def withheld(item: ClaimItem) -> Decimal:
    return item.work_completed_retainage_retained_this_period + item.materials_stored_retainage_new_materials


def released(item: ClaimItem) -> Decimal:
    return item.work_completed_retainage_released_this_period + item.materials_stored_retainage_released_this_period


@dataclass(frozen=True, slots=True)
class Forward:
    """What is held back on a commitment, from the claim before to this one."""

    before: Decimal
    withheld: Decimal
    released: Decimal
    #: By the foot of this claim.
    stated: Decimal

    @property
    def adds_up(self) -> bool:
        return self.before + self.withheld - self.released == self.stated


def forward(claim: Claim, before: Decimal | None) -> Forward | None:
    """The roll-forward of this claim; None where it does not state what is held back by now.

    `before` is what the foot of the claim before it says. Where that is not known, this claim's own lines say it.
    """
    if claim.summary.total_retainage is None:
        return None
    return Forward(_before(claim) if before is None else before, *of(claim.items), claim.summary.total_retainage)


def rolled(claim: Claim, feet: Mapping[int, Decimal | None]) -> Forward | None:
    """The roll-forward from the claim before, of which `feet` say by id what was held back by then.

    A commitment's first claim begins with nothing, or with what its lines say was held back before it, where the
    commitment was begun elsewhere.
    """
    if claim.previous_requisition_id is not None:
        return forward(claim, feet.get(claim.previous_requisition_id))
    found = forward(claim, Decimal(0))
    return found if found is None or found.adds_up else forward(claim, None)


def _before(claim: Claim) -> Decimal:
    """By the lines' columns of the claims before. Those of materials say only what is held back by now."""
    materials = sum((item.materials_stored_retainage_currently_retained for item in claim.items), Decimal(0))
    new = sum((item.materials_stored_retainage_new_materials for item in claim.items), Decimal(0))
    released = sum((item.materials_stored_retainage_released_this_period for item in claim.items), Decimal(0))
    work = sum((item.work_completed_retainage_from_previous_application for item in claim.items), Decimal(0))
    return work + materials - new + released


def lines(
    items: Sequence[tuple[ClaimItem, Line | None]], sign: int, known: Known, own: str | None, source: str
) -> Iterator[Line]:
    """The lines of what is withheld, then of what is released. `items` come with the lines of their work, where they
    have any; `sign` is -1 on a credit note, `own` the vendor's own tax type."""
    rules = known.rules.retention
    for text, of_item, signed, account in (
        ("Retention withheld", withheld, -sign, rules.withheld_account or rules.account),
        ("Retention released", released, sign, rules.released_account or rules.account),
    ):
        groups: dict[tuple[str | None, str | None, bool], list[Decimal]] = {}
        for item, worked in items:
            if amount := of_item(item):
                groups.setdefault(_taxed_like(item, worked, known, own), []).append(signed * amount)
        for (tax_type, taxed_like, is_open), grouped in groups.items():
            total = sum(grouped, Decimal(0))
            if not total:
                continue
            if not is_cents(total):
                raise MappingError(HoldCode.PART_OF_A_CENT, what=text, amount=total)
            if account is None:
                raise MappingError(HoldCode.RETENTION_ACCOUNT_MISSING, amount=total)
            tracking = (known.own_tracking(),)
            yield Line(
                text,
                total,
                account,
                tax_type,
                tracking,
                taxed_like=taxed_like,
                figures=len(grouped),
                is_tax_open=is_open,
                source=source,
            )


def _taxed_like(
    item: ClaimItem, worked: Line | None, known: Known, own: str | None
) -> tuple[str | None, str | None, bool]:
    """The tax type of what is withheld from this item; where its account's own counts, that account; and whether the
    contact's own goes before it."""
    if known.rules.retention.tax == "on_invoice":
        return known.rules.retention.untaxed_type, None, False
    if worked is not None:
        return worked.tax_type, None if worked.tax_type else worked.account_code, worked.is_tax_open
    found = tax(item, known, own)
    return found.type, None if found.type else coding(item, known).account_code, found.is_open


def tax(item: ClaimItem, known: Known, own: str | None) -> Tax:
    """How an item is taxed; claims give a rate as a fraction (procore-api.md §4.6)."""
    taxes = [(code, None if code.tax_code_rate is None else code.tax_code_rate * 100) for code in item.taxes]
    return known.tax(taxes, own)


def coding(item: ClaimItem, known: Known) -> Coding:
    return known.coding(item.line_number or str(item.id), item.wbs_code, None, "")
