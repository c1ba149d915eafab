"""The lines of a bill compared: those that were asked for with those that Xero holds.

As a set, since whether Xero keeps their order is not documented (xero-api.md §4.6). Texts are the same whatever blanks
and line ends they have, amounts and quantities to the four decimals that Xero keeps.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice, zip_longest
from typing import Any, NamedTuple

from worker.counting import counted, money
from worker.xero.answers import Element, amount
from worker.xero.documents import INCLUSIVE

#: Lines that a difference names one by one.
LINES_SHOWN = 4
_LONGEST_TEXT = 60
_FOUR_PLACES = Decimal("0.0001")


class LineFacts(NamedTuple):
    """What is compared of one line."""

    amount: Decimal
    account_code: str
    tax_type: str
    #: Category ids with the options' names, folded.
    tracking: frozenset[tuple[str, str]]
    item_code: str
    text: str
    quantity: Decimal
    unit_amount: Decimal
    #: None where Xero computes it.
    tax: Decimal | None


def differences(sent: Sequence[Mapping[str, Any]], stored: Sequence[Element], currency: str) -> list[str]:
    """The lines that differ, each beside the one that stands in its place; a long list is cut short."""
    say_alike = len({"TaxAmount" in line for line in sent}) == 1
    if say_alike and len(sent) == len(stored) and all(map(_came_back, sent, stored)):
        return []
    names = {item["TrackingOptionID"]: str(item["Option"]).casefold() for line in sent for item in line["Tracking"]}
    has_tax = any("TaxAmount" in line for line in sent)
    ours, theirs = Counter(map(_sent, sent)), Counter(_stored(line, names, has_tax=has_tax) for line in stored)
    return _line_by_line(list((ours - theirs).elements()), list((theirs - ours).elements()), currency)


def _came_back(sent: Mapping[str, Any], stored: Element) -> bool:
    """Whether a line came back word for word in its place, as nearly all do: then nothing of it is compared further."""
    ours, theirs = sent["Tracking"], stored.get("Tracking") or ()
    is_same = (
        stored.get("Description") == sent["Description"]
        and stored.get("AccountCode") == sent["AccountCode"]
        and stored.get("TaxType") == sent["TaxType"]
        and stored.get("Quantity") == sent["Quantity"]
        and stored.get("UnitAmount") == sent["UnitAmount"]
        and stored.get("LineAmount") == line_amount(sent)
        and stored.get("ItemCode", "") == sent.get("ItemCode", "")
        and ("TaxAmount" not in sent or stored.get("TaxAmount") == sent["TaxAmount"])
        and len(ours) == len(theirs)
    )
    if is_same:
        for option, tracked in zip(ours, theirs, strict=True):
            if not option.items() <= tracked.items():
                return False
    return is_same


def line_amount(line: Mapping[str, Any]) -> Decimal:
    return Decimal(line["Quantity"]) * Decimal(line["UnitAmount"])


def by_coding(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One line without text for each account, tax type, item and tracking, sent or stored, that comes to something."""
    merged: dict[tuple[object, ...], dict[str, Any]] = {}
    for line in lines:
        options = line.get("Tracking") or ()
        tracking = frozenset((item["TrackingCategoryID"], item["Option"].casefold()) for item in options)
        key = (line.get("AccountCode"), line.get("TaxType"), line.get("ItemCode") or "", tracking)
        whole = amount(line, "LineAmount") if "LineAmount" in line else line_amount(line)
        tax = {"TaxAmount": amount(line, "TaxAmount")} if "TaxAmount" in line else {}
        if (before := merged.get(key)) is not None:
            whole += before["LineAmount"]
            tax = {"TaxAmount": before["TaxAmount"] + tax["TaxAmount"]} if tax and "TaxAmount" in before else {}
        rest = {name: value for name, value in line.items() if name != "TaxAmount"}
        same = {"Description": "", "Quantity": Decimal(1), "UnitAmount": whole, "LineAmount": whole}
        merged[key] = {**rest, **same, **tax}
    return [line for line in merged.values() if line["LineAmount"] or line.get("TaxAmount")]


def moves(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> bool:
    """Whether of lines that were sent other amounts, or amounts with another coding, stand in these than in those."""
    return _amounts(before) != _amounts(after)


def _amounts(lines: Sequence[Mapping[str, Any]]) -> Counter[LineFacts]:
    return Counter(_sent(line)._replace(tax=None) for line in by_coding(lines))


def comes_to(body: Mapping[str, Any]) -> tuple[str, Decimal]:
    """What the lines of a bill come to, and the field in which Xero has that: before tax, or with the tax in them."""
    field = "Total" if body["LineAmountTypes"] == INCLUSIVE else "SubTotal"
    return field, sum(map(line_amount, body["LineItems"]), Decimal(0))


def plain(text: object) -> str:
    """A text without what changes nothing about it: how blanks, line ends and accents are written."""
    return unicodedata.normalize("NFC", " ".join(str(text or "").split()))


def _sent(line: Mapping[str, Any]) -> LineFacts:
    tracking = frozenset((item["TrackingCategoryID"], item["Option"].casefold()) for item in line["Tracking"])
    return LineFacts(
        line_amount(line),
        line["AccountCode"],
        line["TaxType"],
        tracking,
        str(line.get("ItemCode") or ""),
        plain(line["Description"]),
        _rounded(Decimal(line["Quantity"])),
        _rounded(Decimal(line["UnitAmount"])),
        Decimal(line["TaxAmount"]) if "TaxAmount" in line else None,
    )


def _stored(line: Element, names: Mapping[str, str], *, has_tax: bool) -> LineFacts:
    return LineFacts(
        amount(line, "LineAmount"),
        str(line.get("AccountCode")),
        str(line.get("TaxType")),
        frozenset(_tracked(item, names) for item in line.get("Tracking") or ()),
        str(line.get("ItemCode") or ""),
        plain(line.get("Description")),
        _rounded(amount(line, "Quantity")),
        _rounded(amount(line, "UnitAmount")),
        amount(line, "TaxAmount") if has_tax else None,
    )


def _tracked(item: Element, names: Mapping[str, str]) -> tuple[str, str]:
    """An option is known by its id where Xero answers it (not in lists, §4.3), whatever it is called by now."""
    name, id_ = str(item.get("Option", "")).casefold(), item.get("TrackingOptionID")
    if id_ and id_ in names:
        name = names[id_]
    elif id_ and name in names.values():
        name = f"another option named {name}"
    return str(item.get("TrackingCategoryID", "")), name


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(_FOUR_PLACES, ROUND_HALF_UP)


def _line_by_line(missing: Sequence[LineFacts], instead: Sequence[LineFacts], currency: str) -> list[str]:
    found = []
    for ours, theirs in islice(zip_longest(missing, instead), LINES_SHOWN):
        if ours is None:
            found.append(f"a line of {_in_words(theirs, None, currency)} that was not sent")
        else:
            instead_of = f", but one of {_in_words(theirs, ours, currency)}" if theirs else ""
            found.append(f"no line of {_in_words(ours, theirs, currency)}{instead_of}")
    more = max(len(missing), len(instead)) - len(found)
    return [*found, f"and {counted(more, 'more line')}"] if more else found


def _in_words(line: LineFacts, beside: LineFacts | None, currency: str) -> str:
    """What a bookkeeper tells it by; text, quantity and tax where they are what differs."""
    tracked = " and ".join(sorted(option for _, option in line.tracking)) or "no tracking"
    said = [f"{money(line.amount, currency)} on account {line.account_code}", line.tax_type, f"tracked to {tracked}"]
    if line.item_code:
        said.append(f"item {line.item_code}")
    if beside is not None and line.text != beside.text:
        said.append(f"'{line.text if len(line.text) <= _LONGEST_TEXT else line.text[:_LONGEST_TEXT] + '…'}'")
    if beside is not None and (line.quantity, line.unit_amount) != (beside.quantity, beside.unit_amount):
        said += (
            [f"{_number(line.quantity)} at {money(line.unit_amount, currency)}"] if line.amount == beside.amount else []
        )
    if beside is not None and line.tax != beside.tax:
        said.append("tax by Xero" if line.tax is None else f"tax {money(line.tax, currency)}")
    return ", ".join(said)


def _number(number: Decimal) -> str:
    return f"{number.normalize():f}"
