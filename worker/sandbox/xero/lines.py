"""Document lines: quantities, amounts, accounts, tax and tracking, and the sums above them.

Tax is rounded per line and then summed. All roundings are half away from zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from worker.sandbox.xero.books import Books, effective_rate, tax_fits, usable_on_lines
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.tracking import Tracking
from worker.sandbox.xero.values import FOUR_PLACES, ZERO_GUID, Row, fold, money, new_guid, tidied

_MAX_AMOUNT = Decimal("9999999999.99")
_MAX_DESCRIPTION = 4000
_HUNDRED = Decimal(100)
_AMOUNTS = frozenset({"Quantity", "UnitAmount", "LineAmount"})
_SENT = ("Description", "Quantity", "UnitAmount", "ItemCode", "AccountCode", "AccountID", "TaxType")


@dataclass(frozen=True)
class LineTerms:
    """What a document says about all of its lines."""

    #: Exclusive, Inclusive or NoTax.
    amount_types: str
    #: 4 with unitdp=4, else 2.
    unit_places: int
    #: SUBMITTED and AUTHORISED documents must be complete.
    complete: bool


class Lines:
    """Builds the lines of documents against one organisation's books."""

    def __init__(self, books: Books, tracking: Tracking) -> None:
        self._books = books
        self._tracking = tracking

    def replaced(self, old: list[Row], given: list[Row], terms: LineTerms) -> list[Row]:
        """The lines after an update: only what is named by LineItemID is kept, and new lines come first."""
        by_id = {line["LineItemID"]: line for line in old}
        new, kept = [], []
        for element in given:
            line_id = str(element.get("LineItemID", ZERO_GUID)).lower()
            if line_id == ZERO_GUID:
                new.append(self._line({}, element, terms))
            elif line_id in by_id:
                kept.append(self._line(by_id.pop(line_id), element, terms))
            else:
                raise Rejected(f"The LineItemID {line_id} could not be found on the document")
        return [*new, *kept]

    def recomputed(self, old: list[Row], terms: LineTerms) -> list[Row]:
        """The same lines under new terms, when a document changes but not its lines."""
        return [self._line(line, {}, terms) for line in old]

    def _line(self, old: Row, given: Row, terms: LineTerms) -> Row:
        line: Row = {"LineItemID": new_guid(), "Tracking": [], **old}
        line.update({key: given[key] for key in _SENT if key in given})
        if "Description" in given and self._books.switches.now.rewrites_texts:
            line["Description"] = tidied(given["Description"])
        if "AccountCode" in given and "AccountID" not in given:
            line.pop("AccountID", None)
        self._fill_from_item(line)
        self._amount(line, given, terms)
        self._code(line, given, terms)
        if "Tracking" in given:
            line["Tracking"] = self._tracking.pairs(given["Tracking"], old.get("Tracking", []))
        return line

    def _fill_from_item(self, line: Row) -> None:
        code = line.get("ItemCode")
        if not code:
            return
        found = self._books.items.find("code", fold(code))
        if not found:
            raise Rejected(f"Item code '{code}' is not valid")
        details = found[0].get("PurchaseDetails") or {}
        from_item = {
            "Description": found[0].get("PurchaseDescription") or found[0].get("Description"),
            "UnitAmount": details.get("UnitPrice"),
            "AccountCode": details.get("AccountCode"),
            "TaxType": details.get("TaxType"),
        }
        for key, value in from_item.items():
            if value is not None and key not in line:
                line[key] = value

    def _amount(self, line: Row, given: Row, terms: LineTerms) -> None:
        is_calculated = _calculate_missing(line, given)
        _check_complete(line, terms)
        if given.get("DiscountRate") or given.get("DiscountAmount"):
            raise Rejected("Discounts cannot be applied to this type of document")
        quantity = Decimal(line.setdefault("Quantity", Decimal(1 if "UnitAmount" in line else 0)))
        unit = Decimal(line.get("UnitAmount", 0))
        # A kept line that was not sent again keeps the places it was written with.
        in_cents = terms.unit_places == 2 and "UnitAmount" in given
        line["UnitAmount"] = money(unit) if in_cents else unit.quantize(FOUR_PLACES, ROUND_HALF_UP)
        if quantity != quantity.quantize(FOUR_PLACES):
            raise Rejected("Quantity may have at most 4 decimal places")
        line["Quantity"] = quantity
        expected = money(quantity * line["UnitAmount"])
        if is_calculated:
            expected = money(Decimal(given["LineAmount"]))
        elif "LineAmount" in line and not _AMOUNTS & set(given):
            expected = line["LineAmount"]
        line["LineAmount"] = expected
        if abs(expected) > _MAX_AMOUNT:
            raise Rejected(f"The line total must not exceed {_MAX_AMOUNT}")
        if "LineAmount" in given and given["LineAmount"] != expected:
            raise Rejected(f"The line total {given['LineAmount']} does not match the expected line total {expected}")

    def _code(self, line: Row, given: Row, terms: LineTerms) -> None:
        account = self._account(line, terms)
        rate = self._rate(line, account, terms)
        line["TaxAmount"] = _tax(line["LineAmount"], rate, terms.amount_types)
        if "TaxAmount" in given and terms.amount_types != "NoTax":
            line["TaxAmount"] = money(Decimal(given["TaxAmount"]))

    def _account(self, line: Row, terms: LineTerms) -> Row | None:
        code = line.get("AccountCode") or line.get("AccountID")
        if not code:
            if terms.complete:
                raise Rejected("Account code or ID must be specified")
            return None
        account = self._books.account(line, "AccountCode")
        if account is not None and account.get("Status", "ACTIVE") != "ACTIVE":
            raise Rejected(
                f"Account code '{code}' has been archived, or has been deleted."
                " Each line item must reference a valid account."
            )
        if account is None or not usable_on_lines(account):
            raise Rejected(f"Account code '{code}' is not a valid code for this document.")
        line["AccountCode"], line["AccountID"] = account.get("Code", ""), account["AccountID"]
        return account

    def _rate(self, line: Row, account: Row | None, terms: LineTerms) -> Decimal:
        if terms.amount_types == "NoTax":
            line["TaxType"] = "NONE"
            return Decimal(0)
        tax_type = line.get("TaxType") or (account or {}).get("TaxType")
        if not tax_type or tax_type == "NONE":
            line["TaxType"] = "NONE"
            return Decimal(0)
        rate = self._books.tax_rates.get(tax_type)
        if rate is None or rate.get("Status", "ACTIVE") != "ACTIVE":
            raise Rejected(
                f"The TaxType code '{tax_type}' does not exist or cannot be used for this type of transaction."
            )
        if account is not None and not tax_fits(rate, account):
            code = account.get("Code", "")
            raise Rejected(f"The TaxType code '{tax_type}' cannot be used with account code '{code}'")
        line["TaxType"] = tax_type
        return effective_rate(rate)


def sums(lines: Iterable[Row], amount_types: str) -> dict[str, Decimal]:
    """SubTotal, TotalTax and Total of a document."""
    zero = Decimal("0.00")
    amount = zero
    tax = zero
    for line in lines:
        amount += line["LineAmount"]
        tax += line["TaxAmount"]
    subtotal = amount - tax if amount_types == "Inclusive" else amount
    return {"SubTotal": subtotal, "TotalTax": tax, "Total": subtotal + tax}


def _tax(amount: Decimal, rate: Decimal, amount_types: str) -> Decimal:
    return money(amount * rate / (_HUNDRED + rate if amount_types == "Inclusive" else _HUNDRED))


def _calculate_missing(line: Row, given: Row) -> bool:
    """Beside a LineAmount, Quantity or UnitAmount may be left out and is calculated (Xero's page on invoices).

    The amount stays what was sent, though the product of the two may be a cent away from it.
    """
    if "LineAmount" not in given or {"Quantity", "UnitAmount"} <= set(line):
        return False
    known, missing = ("UnitAmount", "Quantity") if "UnitAmount" in line else ("Quantity", "UnitAmount")
    divisor = Decimal(line.setdefault(known, Decimal(1)))
    quotient = Decimal(given["LineAmount"]) / divisor if divisor else Decimal(0)
    line[missing] = quotient.quantize(FOUR_PLACES, ROUND_HALF_UP)
    return True


def _check_complete(line: Row, terms: LineTerms) -> None:
    description = line.get("Description", "")
    if len(description) > _MAX_DESCRIPTION:
        raise Rejected(f"Description must not exceed {_MAX_DESCRIPTION} characters")
    if not terms.complete:
        return
    if not description.strip():
        raise Rejected("Description must be specified")
    for field in ("Quantity", "UnitAmount"):
        if field not in line:
            raise Rejected(f"{field} must be specified")
