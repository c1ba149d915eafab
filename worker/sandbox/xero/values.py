"""The small values of Xero's wire: GUIDs, dates, moments, money, and text as Xero compares it.

Pure functions. `Row` is one stored document with Python values: date, aware datetime, Decimal.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
CENT = Decimal("0.01")
FOUR_PLACES = Decimal("0.0001")

GUID_FIELDS = frozenset(
    [
        "InvoiceID",
        "ContactID",
        "CreditNoteID",
        "PaymentID",
        "LineItemID",
        "AccountID",
        "TrackingCategoryID",
        "TrackingOptionID",
        "ItemID",
        "BrandingThemeID",
        "MergedToContactID",
        "OrganisationID",
        "AttachmentID",
        "BatchPaymentID",
        "AllocationID",
    ]
)
DATE_FIELDS = frozenset(
    [
        "Date",
        "DueDate",
        "PlannedPaymentDate",
        "ExpectedPaymentDate",
        "FullyPaidOnDate",
        "EndOfYearLockDate",
        "PeriodLockDate",
    ]
)
MOMENT_FIELDS = frozenset({"UpdatedDateUTC", "CreatedDateUTC", "DateUTC"})
NUMBER_FIELDS = frozenset(
    [
        "Quantity",
        "UnitAmount",
        "LineAmount",
        "TaxAmount",
        "Amount",
        "BankAmount",
        "CurrencyRate",
        "SubTotal",
        "TotalTax",
        "Total",
        "AmountDue",
        "AmountPaid",
        "AmountCredited",
        "RemainingCredit",
        "AppliedAmount",
        "UnitPrice",
        "EffectiveRate",
        "DisplayTaxRate",
        "Rate",
        "DiscountRate",
        "DiscountAmount",
        "RoundingAmount",
        "TotalAmount",
    ]
)

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PLAIN_GUID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_TICKS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T00:00:00)?")
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_guid() -> str:
    """A fresh GUID as Xero writes it."""
    return str(uuid.uuid4())


def is_guid(text: object) -> bool:
    """Whether `text` is a whole GUID."""
    return isinstance(text, str) and _GUID.fullmatch(text) is not None


def queried_guid(text: str) -> str | None:
    """A GUID of an address, as stored; there it may be written without dashes, as pyxero does. None: it is none."""
    return str(uuid.UUID(hex=text)) if is_guid(text) or _PLAIN_GUID.fullmatch(text) else None


def parse_date(value: object) -> date:
    """A calendar date as Xero takes it; raises ValueError for any other text."""
    text = str(value)
    ticks = _TICKS.fullmatch(text)
    if ticks:
        return (_EPOCH + timedelta(milliseconds=int(ticks[1]))).date()
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text[:10])


def parse_moment(value: object) -> datetime:
    """A moment from a seed, as `/Date(ms)/` or ISO text, UTC when it names no zone."""
    text = str(value)
    ticks = _TICKS.fullmatch(text)
    if ticks:
        return _EPOCH + timedelta(milliseconds=int(ticks[1]))
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def wire_date(day: date) -> str:
    """Midnight UTC of the calendar date, in milliseconds since the epoch."""
    return f"/Date({(day.toordinal() - _EPOCH_ORDINAL) * 86_400_000}+0000)/"


def wire_moment(moment: datetime) -> str:
    """A moment to the millisecond."""
    return f"/Date({(moment - _EPOCH) // timedelta(milliseconds=1)}+0000)/"


def money(amount: Decimal) -> Decimal:
    """To the cent, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def fold(text: str) -> str:
    """Text as Xero compares it: without case and accents."""
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(part for part in parts if not unicodedata.combining(part))
    return text.casefold()


def tidied(text: str) -> str:
    """Without blanks that nobody sees; lines stay apart."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def to_wire(value: Any) -> Any:
    """A stored value as it is answered."""
    if isinstance(value, datetime):
        return wire_moment(value)
    if isinstance(value, date):
        return wire_date(value)
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in value.items()}
    return [to_wire(item) for item in value] if isinstance(value, list) else value


def from_seed(value: Any, key: str = "") -> Any:
    """A seed's value with the Python types that rows hold, judged by its field's name."""
    if isinstance(value, dict):
        return {name: from_seed(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [from_seed(item) for item in value]
    if value is None or isinstance(value, bool | date):
        return value
    if key in DATE_FIELDS:
        return parse_moment(value).date() if "T" in str(value) else parse_date(value)
    if key in MOMENT_FIELDS:
        return parse_moment(value)
    if key in NUMBER_FIELDS:
        return Decimal(str(value))
    return value.lower() if key in GUID_FIELDS and isinstance(value, str) else value


def to_seed(value: Any) -> Any:
    """A stored value as a seed writes it: plain JSON with ISO dates."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: to_seed(item) for key, item in value.items()}
    return [to_seed(item) for item in value] if isinstance(value, list) else value
