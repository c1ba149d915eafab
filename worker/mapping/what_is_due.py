"""Whether the amount that a claim states as due has its tax in it. Pure.

Procore does not document it (procore-api.md §4.6), and no single claim can tell: where 10 % of retention meets 10 % of
tax, a claim whose retention columns are missing reads well without tax and is wrong by both. So it is one answer for
the company, from the mapping file or from claims that can mean but one thing, and every claim is held to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from worker.mapping import retention
from worker.mapping.claims import net
from worker.procore.records import Claim

Reading = Literal["with_tax", "without_tax"]
SAID: Mapping[Reading, str] = {"with_tax": "with its tax in it", "without_tax": "before tax"}


def tax(claim: Claim) -> Decimal:
    return claim.summary.tax_applicable_to_this_payment or Decimal(0)


def before_tax(claim: Claim, reading: Reading) -> Decimal:
    """What is due before tax, read in this way."""
    due = claim.summary.current_payment_due or Decimal(0)
    return due - tax(claim) if reading == "with_tax" else due


def fits(claim: Claim, reading: Reading) -> bool:
    """Whether the claim's lines come to what is due, read in this way."""
    return net(claim) == before_tax(claim, reading)


def evidence(claim: Claim, *, rolls_forward: bool) -> Reading | None:
    """What this claim shows: the one reading that fits, if its tax tells the two apart and no retention can be missing
    on its lines, since it adds up or is there."""
    total = net(claim)
    fitting = [reading for reading in SAID if total == before_tax(claim, reading)]
    if len(fitting) != 1 or not (rolls_forward or any(retention.of(claim.items))):
        return None
    return fitting[0]
