"""What a list of what moved in Xero tells of a document of ours: that a person took it out, or changed it.

`UpdatedDateUTC` is a hint only, since our own writes, payments, notes and files move it, too. What counts is what the
document says beside what we wrote into it last. Pure, but for what keeps the mark and what a person has accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from worker.facts import ACCEPTED_EDIT, UNPROVED
from worker.holds import HoldCode
from worker.ledger.entries import GONE
from worker.ledger.watched import KIND
from worker.pipeline.check.found import ACCOUNT_CODE, VOID, Recoded, as_stored, by_coding, renamed
from worker.pipeline.check.hands_off import gone
from worker.pipeline.values import Reason, because
from worker.pipeline.work import Work
from worker.xero import proof
from worker.xero.answers import Element, day
from worker.xero.documents import Endpoint
from worker.xero.naming import named

#: What moved is asked for again from so much before the newest that was seen: what is written at the same time becomes
#: visible one after the other.
OVERLAP = timedelta(minutes=5)
#: The clock of what answers and that of what moved do not differ by more.
SKEW = timedelta(hours=1)
#: What a document names, and people may call otherwise.
ACCOUNTS, OPTIONS = "accounts", "options"
#: Statuses of a document that payments wait for.
AWAITING = ("DRAFT", "SUBMITTED")


@dataclass(frozen=True, slots=True)
class Written:
    """A document as the ledger knows it: its entry's fingerprint and facts, and the body that was last written."""

    fingerprint: str | None
    facts: Mapping[str, Any]
    #: None where it was adopted, or what was written is not known any more.
    body: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Names:
    """What options, items and accounts are called by now, since people and we rename them."""

    options: Mapping[str | None, str]
    recoded: Recoded


def judge(endpoint: Endpoint, stored: Element, written: Written, names: Names) -> Reason | None:
    """Why a person should look at the document; None where it is as it was, or it was said before.

    Raises ContractBroken when an amount or a date of it cannot be read.
    """
    if stored.get("Status") in VOID:
        return None if written.fingerprint == GONE else gone(stored)
    found = _edits(endpoint, stored, written, names)
    if not found:
        return None
    on = "" if "PaymentID" in stored else f", dated {day(stored, 'Date')},"
    reason = because(HoldCode.CHANGED_IN_XERO, document=f"{named(stored)}{on}", difference="; ".join(found))
    return None if reason.is_said_by(written.facts.get(ACCEPTED_EDIT)) else reason


def _edits(endpoint: Endpoint, stored: Element, written: Written, names: Names) -> list[str]:
    """Of what Xero stored otherwise than asked the record's own hold says so."""
    if written.body is None or str(written.fingerprint).startswith(UNPROVED):
        return []
    body = as_stored(names.recoded, renamed(written.body, names.options), stored)
    return proof.differences(endpoint, by_coding(body), by_coding(stored))


def other_names(stored: Element, body: Mapping[str, Any] | None, names: Names) -> set[str]:
    """Whether the document does not show an account or an option of the body under the names that are known."""
    if body is None:
        return set()
    ours = _names(renamed(body, names.options))
    theirs = _names(stored)
    return {kind for kind, some in ours.items() if not some <= theirs[kind]}


def _names(document: Mapping[str, Any]) -> dict[str, set[str]]:
    lines = document.get("LineItems") or ()
    codes = [*(line.get(ACCOUNT_CODE) for line in lines), (document.get("Account") or {}).get("Code")]
    options = (str(one.get("Option")).casefold() for line in lines for one in line.get("Tracking") or ())
    return {ACCOUNTS: {code for code in codes if code}, OPTIONS: set(options)}


def approved(stored: Element, facts: Mapping[str, Any]) -> str:
    """The status of a document that awaited approval and does not any more; blank for all others."""
    status = str(stored.get("Status"))
    return status if facts.get("status") in AWAITING and status not in AWAITING else ""


def next_mark(
    mark: datetime, newest: datetime | None, began: datetime | None, unjudged: Sequence[datetime] = ()
) -> datetime:
    """From when is asked next. All moments are of Xero's clock, which ours need not agree with.

    `newest` is the last change that was told, `began` when the answers say that the reading began, and `unjudged` when
    those changed that could not be judged yet. Not behind it, since what moves meanwhile may have missed its page.
    """
    if newest is not None and began is not None:
        newest = min(newest, began)
    elif newest is not None:
        newest -= SKEW
    shown = [moment for moment in (newest, began - SKEW if began else None) if moment is not None]
    if not shown:
        return mark
    return max(mark, min([max(shown), *unjudged]) - OVERLAP)


def accept(work: Work, kind: str, procore_id: str) -> None:
    """The document is as Procore has it, whoever changed it: what is said of it goes, and is not said again."""
    id_ = f"{kind}/{procore_id}"
    for said in work.holds.still(KIND, [id_]):
        work.entries.note(kind, procore_id, {ACCEPTED_EDIT: said.sentence})
    work.holds.forget(KIND, [id_])
