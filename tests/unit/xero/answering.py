"""A document as Xero answers it after it was stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from worker.http import exact_json

GUID = "11111111-1111-1111-1111-111111111111"


def stored_bill(body: Mapping[str, Any], xero_id: str = GUID, **changed: Any) -> dict[str, Any]:
    """The element of a bill or credit note that was stored as asked, with `changed` on top."""
    lines = []
    for line in exact_json.loads(exact_json.dumps(body))["LineItems"]:
        tracking = [{key: item[key] for key in ("Name", "Option", "TrackingCategoryID")} for item in line["Tracking"]]
        amount = line["Quantity"] * line["UnitAmount"]
        lines.append({**line, "LineItemID": GUID, "LineAmount": amount, "Tracking": tracking})
    return {
        **body,
        "CreditNoteID" if body["Type"] == "ACCPAYCREDIT" else "InvoiceID": xero_id,
        "Date": "/Date(1785456000000+0000)/",
        "DateString": f"{body['Date']}T00:00:00",
        "LineItems": lines,
        "SubTotal": sum((line["LineAmount"] for line in lines), Decimal(0)),
        "TotalTax": Decimal("1.00"),
        "HasErrors": False,
        "StatusAttributeString": "OK",
        **changed,
    }
