"""A direct invoice (direct cost of type `invoice`) to a bill, or to a credit note when its total is negative.

The header's `amount` and `grand_total` are said to be the same and are not always (procore-api.md §4.8), so the lines
are held against them: what they leave over is tax, which Xero's own tax must equal.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from worker.errors import MappingError, MissingReference
from worker.holds import HoldCode
from worker.mapping import status, terms
from worker.mapping.money import is_cents, multiplies_out
from worker.mapping.references import Known
from worker.procore.records import Invoice, InvoiceLine, TaxCode
from worker.xero.documents import LONGEST_TEXT, Bill, Line, document_number

APPROVED = ("approved",)
NOT_YET = ("draft", "pending", "revise_and_resubmit")
TYPES = ("invoice", "expense", "payroll", "subcontractor_invoice")


def to_document(invoice: Invoice, known: Known) -> Bill:
    _check_scope(invoice, known)
    amounts, stated_tax, inclusive = _amounts(invoice, known)
    if not any(amounts):
        raise MappingError(HoldCode.NO_LINES)
    contact_id = _contact(invoice, known)
    on = _date(invoice)
    sign = -1 if sum(amounts) < 0 else 1
    own = known.own_tax(invoice.vendor_id, invoice.vendor_name)
    pairs = [(line, amount) for line, amount in zip(invoice.line_items, amounts, strict=True) if amount]
    said = None if stated_tax is None else sign * stated_tax
    is_figure = bool(stated_tax) or invoice.states_tax
    return Bill(
        contact_id=contact_id,
        number=document_number(invoice.invoice_number, f"DC-{invoice.id}"),
        on=on,
        due_on=terms.due_on(on, terms.in_words(invoice.terms)),
        lines=tuple(_line(line, sign * amount, known, _tax_codes(invoice), own) for line, amount in pairs),
        url=known.bill_url(invoice.page),
        status=known.rules.documents.invoices_status or known.rules.documents.status,
        currency=invoice.currency_configuration.currency_iso_code if invoice.currency_configuration else None,
        credit=sign < 0,
        inclusive=inclusive,
        stated_tax=said if is_figure else None,
        says_no_tax=stated_tax == 0 and not invoice.states_tax,
        stated_zero=None if is_figure else said,
        tax_tolerance=known.rules.tax.tolerance,
    )


def _check_scope(invoice: Invoice, known: Known) -> None:
    status.refuse_deleted(invoice)
    if invoice.direct_cost_type not in TYPES:
        raise MappingError(HoldCode.VALUE_UNKNOWN, field="Its type", value=invoice.direct_cost_type)
    if invoice.direct_cost_type not in known.rules.invoices.types:
        raise MappingError(HoldCode.OTHER_TYPE, type=invoice.direct_cost_type)
    status.require(invoice.status, APPROVED, NOT_YET)


def _contact(invoice: Invoice, known: Known) -> str:
    """The vendor's contact; of what an employee laid out the one that the mapping file names."""
    if not invoice.is_of_employee or invoice.employee is None:
        return known.contact(invoice.vendor_id, invoice.vendor_name)
    rules, employee = known.rules.invoices, invoice.employee.name or f"number {invoice.employee.id}"
    if rules.employees == "hold":
        raise MissingReference(HoldCode.OF_EMPLOYEE, employee=employee)
    if rules.employees == "ignore":
        raise MappingError(HoldCode.EMPLOYEE_LEFT_OUT, employee=employee)
    if not known.employee_contact:
        name = rules.employee_contact
        raise MissingReference(HoldCode.EMPLOYEE_CONTACT_MISSING, employee=employee, contact=name)
    return known.employee_contact


def _amounts(invoice: Invoice, known: Known) -> tuple[list[Decimal], Decimal | None, bool]:
    """The lines' amounts, the tax Procore states, and whether it is in them: whichever column fits the header, or a
    hold. Lines to which Procore adds the tax are before tax, whatever the mapping file says."""
    inclusive = known.rules.invoices.amounts == "inclusive"
    extended = [line.amount if line.extended_amount is None else line.extended_amount for line in invoice.line_items]
    plain = [line.extended_amount if line.amount is None else line.amount for line in invoice.line_items]
    totals, tax = _stated(invoice)
    for column in (extended, plain):
        amounts = [Decimal(0) if amount is None else amount for amount in column]
        come_to = sum(amounts, Decimal(0))
        if come_to in totals and all(map(is_cents, amounts)):
            says_nothing = inclusive and not tax and not any(line.tax_code_id for line in invoice.line_items)
            return amounts, None if says_nothing else tax, inclusive and not tax
        if inclusive and tax and come_to - tax in totals and all(map(is_cents, amounts)):
            return amounts, tax, True
    lines = sum((amount for amount in extended if amount is not None), Decimal(0))
    if lines in totals:
        place, amount = next((n, one) for n, one in enumerate(extended, 1) if one is not None and not is_cents(one))
        raise MappingError(HoldCode.PART_OF_A_CENT, what=f"Line {place}", amount=amount)
    raise MappingError(HoldCode.TOTALS_DIFFER, lines=lines, total=totals[0] if totals else "nothing")


def _stated(invoice: Invoice) -> tuple[list[Decimal], Decimal | None]:
    """What the lines may add up to before tax, and the tax Procore states."""
    broken_down = invoice.tax_breakdown
    if broken_down is not None and broken_down.subtotal is not None and broken_down.adds_up:
        tax, whole = broken_down.tax_total, broken_down.grand_total or None
        if tax is None and whole is not None:
            tax = whole - broken_down.subtotal
        with_tax = broken_down.subtotal + (tax or Decimal(0))
        given = [total for total in (whole, invoice.grand_total) if total is not None]
        if any(total != with_tax for total in given):
            raise MappingError(HoldCode.TOTALS_DIFFER, lines=with_tax, total=given[-1])
        return [broken_down.subtotal], tax
    totals = [total for total in (invoice.grand_total, invoice.amount) if total is not None]
    if len(set(totals)) == 2:
        return totals[1:], totals[0] - totals[1]
    return totals, None if broken_down is None else broken_down.tax_total


def _date(invoice: Invoice) -> date:
    if invoice.direct_cost_date is None:
        raise MappingError(HoldCode.DATE_MISSING, field="The date")
    return invoice.direct_cost_date


def _tax_codes(invoice: Invoice) -> dict[int, TaxCode]:
    """The tax codes with name and rate, which lines give only by id."""
    details = invoice.tax_breakdown.tax_details if invoice.tax_breakdown else ()
    return {detail.tax_code_id: detail for detail in details}


def _line(line: InvoiceLine, amount: Decimal, known: Known, codes: dict[int, TaxCode], own: str | None) -> Line:
    name = str(line.position or line.id)
    coding = known.coding(name, line.wbs_code, line.cost_code, line.cost_type or "")
    code = None
    if line.tax_code_id is not None:
        code = codes.get(line.tax_code_id) or TaxCode(tax_code_id=line.tax_code_id)
    tax = known.tax([(code, code.tax_code_rate)] if code else [], own)
    exact = multiplies_out(line.quantity, line.unit_cost, amount)
    return Line(
        description=_description(line, name, exact),
        amount=amount,
        account_code=coding.account_code,
        tax_type=tax.type,
        tracking=coding.tracking,
        item_code=coding.item_code,
        item_first=coding.item_first,
        stated_rate=tax.stated,
        own_tax_type=tax.own,
        is_tax_open=tax.is_open,
        quantity=line.quantity if exact and line.quantity else Decimal(1),
        unit_amount=line.unit_cost if exact else None,
    )


def _description(line: InvoiceLine, name: str, exact: bool) -> str:
    """The real quantity goes into the text where it does not multiply out to the cent."""
    text = line.description or f"Line {name}"
    if not exact and line.quantity is not None and line.unit_cost is not None and line.quantity != 1:
        text = f"{text} ({line.quantity.normalize():f} {line.uom or 'x'} at {line.unit_cost.normalize():f})"
    return text[:LONGEST_TEXT]
