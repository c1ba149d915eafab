"""The where language: what is read, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from worker.sandbox.xero.refusals import CallRefused
from worker.sandbox.xero.where import Fields, parse_order, parse_where

GUID = "7e57a000-0000-4000-8000-000000000001"
FIELDS: Fields = {
    "ID": "guid",
    "Name": "text",
    "Date": "date",
    "AmountDue": "number",
    "Total": "number",
    "IsSupplier": "bool",
    "Contact.Name": "text",
}
ROW: dict[str, Any] = {
    "ID": GUID,
    "Name": "Müller & Söhne",
    "Date": date(2026, 3, 1),
    "AmountDue": Decimal("10.50"),
    "Total": Decimal("10.50"),
    "IsSupplier": True,
    "Contact.Name": None,
}


def matches(where: str) -> bool:
    """Whether the one row matches."""
    return parse_where(where, FIELDS, lambda row, field: row[field]).matches(ROW)


@pytest.mark.parametrize(
    "where",
    [
        'Name=="muller & sohne"',
        'Name = "MÜLLER & SÖHNE"',
        f'ID==guid("{GUID.upper()}")',
        "Date>=DateTime(2026,03,01) AND Date<DateTime(2026, 4, 1)",
        "AmountDue>10 && AmountDue<=10.5",
        "Total==10.50",
        "IsSupplier==true",
        'Name!="x" AND Contact.Name!="x"',
        'Name=="x" OR Total==10.5',
        '(Name=="x" OR Total==10.5) AND IsSupplier==true',
        'Name=="x" AND Total==1 OR IsSupplier==true',
    ],
)
def test_true_filters(where: str) -> None:
    """Comparison, AND before OR, brackets; text without case and accents."""
    assert matches(where)


@pytest.mark.parametrize(
    "where",
    [
        'Name.Contains("ller &")',
        'Name.startswith("MULLER")',
        'Name.EndsWith("ne")',
        'Name.tolower()=="muller & sohne"',
        "Contact.Name==null",
        "Name!=null",
        'Name!=null&&Name.contains("sohne")',
        'Contact.Name==null OR Contact.Name.StartsWith("a")',
        f'ID==Guid("{GUID.replace("-", "")}")',
    ],
)
def test_what_pyxero_writes(where: str) -> None:
    """Methods in any case, null, GUIDs without dashes."""
    assert matches(where)


@pytest.mark.parametrize("where", ['Name.Contains("x")', 'Name.StartsWith("ller")', "Name==null", "Contact.Name!=null"])
def test_their_opposite(where: str) -> None:
    """And what they do not find."""
    assert not matches(where)


@pytest.mark.parametrize(
    "where",
    ['Name=="muller"', "Date<DateTime(2026,3,1)", 'Contact.Name=="x"', 'Name=="x" AND (Total==10.5 OR Total==1)'],
)
def test_false_filters(where: str) -> None:
    """What does not match is left out; a missing value equals nothing."""
    assert not matches(where)


@pytest.mark.parametrize(
    "where",
    [
        'Contact.Name.Contains("x")',
        'Name.Contains("x"',
        "Name.Contains()",
        'Name.Contains=="x"',
        'Name.ToLower("x")',
        "Name.ToLower()",
        'Name.Trim()=="x"',
        'Date.Contains("1")',
        "Name>null",
        'Colour=="red"',
        "Name==",
        '(Name=="x"',
        'Name=="x" Total==1',
        f'ID=="{GUID}"',
        'ID==guid("12")',
        'Date>="2026-03-01"',
        "Date>DateTime(2026,13,1)",
        "Total>1",
        'Name>"a"',
        'Name=="say \\"hi\\""',
        "Name=='x'",
    ],
)
def test_everything_else_is_refused(where: str) -> None:
    """400: other methods and fields, ranges on other fields, escapes, a method on what is null."""
    with pytest.raises(CallRefused):
        matches(where)


def test_required_equalities_are_known() -> None:
    """Equalities joined by AND let an index be asked; those under OR do not."""
    where = parse_where(f'ID==guid("{GUID}") AND (Name=="a" OR Name=="b")', FIELDS, lambda row, field: row[field])
    assert where.required == {"ID": GUID}


def test_order_reads_fields_and_directions() -> None:
    """Several fields, each with its direction."""
    assert parse_order("Date DESC, Name", FIELDS) == [("Date", True), ("Name", False)]
    for wrong in ("Date DOWN", "Colour", "", "Date DESC Name"):
        with pytest.raises(CallRefused):
            parse_order(wrong, FIELDS)
