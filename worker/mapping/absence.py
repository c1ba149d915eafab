"""What it means that a list of Procore no longer has a record: evidence that it is gone, or a reason to ask a person.

Absence alone is none. Procore answers an empty list where access is missing, and 404 for a record that may not be seen
(procore-api.md §6): a contract that turned private, a tool that was switched off and a claim that was deleted look the
same in a list. Pure: what was asked, and of whom, is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Said(Enum):
    """What Procore says of the record when it is asked for it by its id."""

    NOT_ASKED = "not asked"
    #: It is there; the list left it out.
    SHOWN = "shown"
    DELETED = "deleted"
    #: 404 or 410: it is not there, or not for us to see.
    NOT_THERE = "not there"
    NOT_PERMITTED = "not permitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """One record that stands in Xero and that its list does not have any more, with what one job found out."""

    kind: str
    said: Said = Said.NOT_ASKED
    #: Another record of the list is shown when it is asked for by its id in the same way.
    has_neighbour: bool = False
    #: The contract of a claim or payment is listed; there is none for other records.
    has_contract: bool = True
    #: The contract's total of payments moved by just as much as its list did.
    total_moved: bool = False
    #: So many of so many documents of the list are missing without any other evidence.
    lost: int = 1
    of: int = 1
    #: Of so many in a hundred the records may be gone at once.
    percent: int = 100


def evidence(absence: Absence) -> str:
    """Why the record is gone, in words; blank where nothing proves it."""
    if absence.said is Said.DELETED:
        return "Procore says that it was deleted"
    if absence.said is Said.SHOWN:
        return ""
    if absence.total_moved:
        return "its contract's total of payments moved by just its amount"
    is_alone = absence.has_neighbour and absence.has_contract and not is_too_many(absence)
    if absence.said is Said.NOT_THERE and is_alone:
        return "Procore does not have it any more, and shows others of its list"
    return ""


def doubt(absence: Absence) -> str:
    """Why its silence proves nothing, in words."""
    many = absence.kind.replace("_", " ")
    if not absence.has_contract:
        return "it does not show its contract either"
    if absence.said is Said.NOT_PERMITTED:
        return "it does not let this app read it"
    if is_too_many(absence):
        return f"of {absence.of} {many} that stand in Xero {absence.lost} are missing at once"
    return f"it shows no other of these {many} either, by which this app's access could be told"


def may_be_asked(absence: Absence) -> bool:
    """Whether the record's own address can tell more than its list did."""
    return absence.has_contract and not absence.total_moved and not is_too_many(absence)


def is_too_many(absence: Absence) -> bool:
    return absence.lost > most_at_once(absence.of, absence.percent)


def most_at_once(of: int, percent: int) -> int:
    """How many of so many may be gone at once without a person: a share of them, but one of few; with 0 none."""
    return max(1, of * percent // 100) if percent else 0
