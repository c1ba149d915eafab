"""What amounts are coded to, and what differs: Procore with the mapping file against what stands in Xero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from worker.audit.options import fits
from worker.counting import money


class Coding(NamedTuple):
    """What an amount is coded to. Of Procore's side project and cost code are the job number and the code itself, of
    Xero's the names of the options; blank for none."""

    account: str
    tax_type: str
    project: str = ""
    cost_code: str = ""
    item: str = ""


#: Amounts before tax by what they are coded to.
Coded = Mapping[Coding, Decimal]

ZERO = Decimal(0)
#: Sentences about one document.
MOST = 4
#: Longest code of an item in Xero; a longer one is cut, and ends otherwise.
_LONGEST_ITEM = 30
_NOTHING = Coding("no account", "no tax type", "no project", "no cost code", "no item")
_WORDS = Coding(
    "is on {}, not on {}",
    "has {}, not {}",
    "is tracked to {}, not to {}",
    "is tracked to {}, not to {}",
    "has {}, not {}",
)
#: What stands before the value that is in Xero.
_BEFORE = Coding("account ", "tax type ", "", "", "item ")


#: What an amount is to be coded to, and what it is coded to.
Pair = tuple[Coding, Coding]


@dataclass(frozen=True, slots=True)
class Moved:
    """What differs between the lines of a record and those of its document."""

    #: The same amount here and there, coded otherwise; and the amount as it stands in Xero.
    recoded: Sequence[tuple[Pair, Decimal]]
    #: What does not go into pairs: how much stands on a coding, and how much is to.
    rest: Sequence[tuple[Coding, Decimal, Decimal]]


def differences(
    procore: Coded, xero: Coded, job_number: str, uncompared: Iterable[str] = (), currency: str = ""
) -> list[str]:
    """Sentences, each with both values. `uncompared` are fields of a coding that are left out on both sides."""
    found = moved(procore, xero, job_number, uncompared)
    said = [f"{money(amount, currency)} {'; it '.join(changes(*pair))}." for pair, amount in found.recoded]
    said += [
        f"On {_in_words(one)} stands {money(there, currency)} instead of {money(here, currency)}."
        for one, there, here in found.rest
    ]
    more = len(said) - MOST
    return [*said[:MOST], f"And {more} more of this kind."] if more > 0 else said


def moved(procore: Coded, xero: Coded, job_number: str, uncompared: Iterable[str] = ()) -> Moved:
    """The same as values."""
    ours = _summed((_without(coding, uncompared), amount) for coding, amount in procore.items())
    named = Named(ours, job_number)
    theirs = _summed((named.coding(_without(coding, uncompared)), amount) for coding, amount in xero.items())
    by = {coding: theirs.get(coding, ZERO) - ours.get(coding, ZERO) for coding in {**ours, **theirs}}
    rest = {coding: amount for coding, amount in by.items() if amount}
    recoded = list(_recoded(rest, ours, theirs))
    return Moved(recoded, [(one, theirs.get(one, ZERO), ours.get(one, ZERO)) for one in sorted(rest)])


class Named:
    """Names of Xero's options turned into the codes that they stand for."""

    def __init__(self, ours: Coded, job_number: str) -> None:
        self._job_number = job_number
        self._codes = sorted({coding.cost_code for coding in ours}, key=len, reverse=True)
        self._items = {coding.item for coding in ours if coding.item}

    def coding(self, coding: Coding) -> Coding:
        project = self._job_number if fits(coding.project, self._job_number) else coding.project
        codes = (code for code in self._codes if code and fits(coding.cost_code, code))
        item = coding.item if self._items else ""
        items = (one for one in self._items if _is_item(one, item))
        return coding._replace(project=project, cost_code=next(codes, coding.cost_code), item=next(items, item))


def _is_item(ours: str, theirs: str) -> bool:
    """An item is called by cost code and cost type, or by the cost code alone."""
    is_cut = len(ours) > _LONGEST_ITEM and theirs.startswith(ours[: _LONGEST_ITEM - 10])
    return theirs == ours or is_cut or (theirs != "" and ours.startswith(f"{theirs} "))


def _without(coding: Coding, fields: Iterable[str]) -> Coding:
    return coding._replace(**dict.fromkeys(fields, ""))


def _summed(pairs: Iterable[tuple[Coding, Decimal]]) -> dict[Coding, Decimal]:
    sums: dict[Coding, Decimal] = defaultdict(Decimal)
    for coding, amount in pairs:
        sums[coding] += amount
    return {coding: amount for coding, amount in sums.items() if amount}


def _recoded(rest: dict[Coding, Decimal], ours: Coded, theirs: Coded) -> Iterator[tuple[Pair, Decimal]]:
    """The same amount here and there, coded otherwise; what has most in common first. Takes them out of `rest`."""
    short = [one for one in rest if abs(theirs.get(one, ZERO)) < abs(ours.get(one, ZERO))]
    over = [one for one in rest if one not in short]
    pairs = [(from_, to) for from_ in short for to in over if rest[from_] == -rest[to]]
    for from_, to in sorted(pairs, key=lambda pair: (len(changes(*pair)), pair)):
        if from_ in rest and to in rest:
            yield (from_, to), rest.pop(to)
            del rest[from_]


def changes(ours: Coding, theirs: Coding) -> Sequence[str]:
    """ "is on account 429, not on 320" for each field that differs."""
    fields = zip(_WORDS, _BEFORE, theirs, ours, _NOTHING, strict=True)
    return [
        words.format(f"{before}{there}" if there else none, here or none)
        for words, before, there, here, none in fields
        if there != here
    ]


def _in_words(coding: Coding) -> str:
    named = [f"account {coding.account}", coding.tax_type, coding.project, coding.cost_code, coding.item]
    return ", ".join(filter(None, named))
