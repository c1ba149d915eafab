"""What a document says, and what changes about it, in a bookkeeper's words. Pure; works on bodies as they are sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from worker.counting import counted, money

Body = Mapping[str, Any]
#: What a person would not read as a change: ids, and what only names the kind.
_SILENT = ("InvoiceID", "CreditNoteID", "ContactID", "PaymentID", "ItemID", "TrackingOptionID", "LineItems", "Type")
_NAMES = {
    "InvoiceNumber": "number",
    "CreditNoteNumber": "number",
    "DueDate": "due date",
    "Date": "date",
    "Status": "status",
    "Name": "name",
    "ContactNumber": "contact number",
    "TaxNumber": "tax number",
    "TaxNumberType": "type of tax number",
    "EmailAddress": "e-mail",
    "CurrencyCode": "currency",
    "Phones": "phones",
    "Addresses": "address",
    "Url": "link",
    "LineAmountTypes": "tax basis",
    "Amount": "amount",
    "Reference": "reference",
    "Contact": "contact",
    "Account": "account",
}


def described(body: Body, currency: str, before_tax: str = "") -> str:
    """One line about a new document; of a payment with its amount in Procore, where tax comes on top of that.
    `currency` is the record's."""
    if "LineItems" in body:
        lines = body["LineItems"]
        kind = "bill" if body["Type"] == "ACCPAY" else "credit note"
        number = body.get("InvoiceNumber") or body.get("CreditNoteNumber")
        count = counted(len(lines), "line")
        amount = f"{money(total(body), currency)} {_taxed(body)}"
        return f"{kind} {number} of {body['Date']}: {amount}, {count}, {body['Status']}"
    if "Amount" in body and "Account" not in body:
        return f"{money(Decimal(body['Amount']), currency)} of a credit note set against a bill, on {body['Date']}"
    if "Amount" in body:
        more = f" ({money(Decimal(before_tax), currency)} before tax)" if before_tax else ""
        amount = money(Decimal(body["Amount"]), currency) + more
        return f"{amount} on {body['Date']} from {_text(body['Account'])}, {body['Reference']}"
    said = [_text(body[field]) for field in ("Code", "Name", "ContactNumber") if body.get(field)]
    return ", ".join(said) or _text(body)


def changes(old: Body, new: Body, currency: str) -> list[str]:
    """What the update changes, a line each: header fields first, then the lines that are not as they were."""
    shown = partial(_shown, currency=currency)
    found = [
        f"{_NAMES.get(name, name)}: {shown(name, old.get(name))} -> {shown(name, value)}"
        for name, value in new.items()
        if name not in _SILENT and value != old.get(name)
    ]
    if "LineItems" in new:
        found += _line_changes(old.get("LineItems") or (), new["LineItems"], currency)
        before, after = total(old), total(new)
        if before != after:
            found.append(f"total {_taxed(new)}: {money(before, currency)} -> {money(after, currency)}")
    return found


def _taxed(body: Body) -> str:
    return "with tax" if body.get("LineAmountTypes") == "Inclusive" else "before tax"


def total(body: Body) -> Decimal:
    """Of its lines: before tax, unless the tax is in them."""
    return sum(map(_amount, body.get("LineItems") or ()), Decimal(0))


def _line_changes(old: Sequence[Body], new: Sequence[Body], currency: str) -> list[str]:
    """Lines that are the same drop out; of the rest those of one description are the same line, changed."""
    gone, come = _left_over(old, new), _left_over(new, old)
    found = []
    for line in come:
        was = next((one for one in gone if one["Description"] == line["Description"]), None)
        if was is None:
            found.append(f"new line: {_line(line, currency)}")
            continue
        gone.remove(was)
        found.append(f"line '{_short(line['Description'])}': {'; '.join(_line_change(was, line, currency))}")
    return found + [f"line left out: {_line(line, currency)}" for line in gone]


def _left_over(lines: Sequence[Body], others: Sequence[Body]) -> list[Body]:
    there = Counter(map(_said, others))
    left = []
    for line in lines:
        if there[_said(line)]:
            there[_said(line)] -= 1
        else:
            left.append(line)
    return left


def _line_change(old: Body, new: Body, currency: str) -> list[str]:
    pairs = (
        ("amount", money(_amount(old), currency), money(_amount(new), currency)),
        ("account", old.get("AccountCode"), new.get("AccountCode")),
        ("tax type", old.get("TaxType"), new.get("TaxType")),
        ("tracking", _tracking(old), _tracking(new)),
        ("item", old.get("ItemCode"), new.get("ItemCode")),
        ("quantity", f"{Decimal(old['Quantity']):f}", f"{Decimal(new['Quantity']):f}"),
    )
    return [f"{name} {_text(was)} -> {_text(now)}" for name, was, now in pairs if was != now]


def _said(line: Body) -> tuple[object, ...]:
    coded = (line.get("AccountCode"), line.get("TaxType"), line.get("ItemCode"))
    quantity = Decimal(line["Quantity"])
    return (line["Description"], quantity, _amount(line), *coded, _tracking(line))


def _line(line: Body, currency: str) -> str:
    return f"'{_short(line['Description'])}' {money(_amount(line), currency)} on account {line.get('AccountCode')}"


def _tracking(line: Body) -> str:
    """The options as they are called."""
    return ", ".join(sorted(str(item["Option"]) for item in line.get("Tracking") or ()))


def _amount(line: Body) -> Decimal:
    return Decimal(line["Quantity"]) * Decimal(line["UnitAmount"])


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _shown(name: str, value: object, currency: str) -> str:
    return money(Decimal(str(value)), currency) if name == "Amount" and value is not None else _text(value)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(_text(inner) for inner in value.values() if inner)
    if isinstance(value, list):
        return "; ".join(map(_text, value))
    return "nothing" if value in (None, "") else str(value)
