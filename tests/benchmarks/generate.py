"""A project as large as one wants, for the benchmark: every record can be carried, nothing is held.

Rows are copies of the demo seed's with other ids, names and amounts, so that they are as wide as real ones. Nothing is
random: the same size gives the same seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stdnum.au import acn

from worker.sandbox.seed import read_seed

Row = dict[str, Any]
PROJECT_ID = 310900
JOB_NUMBER = "25-900"
LINES_PER_CLAIM = 5
LINES_PER_INVOICE = 2
#: Contacts that the organisation has already; every vendor is looked for among them before a contact is created.
OTHER_CONTACTS = 900
_COST_TYPES = ("L", "M", "S", "E")
_DEMO_PROJECT = "310417"
_FIRST_DAY = date(2025, 8, 1)  # after the demo organisation's lock date
_FIRST_MOMENT = datetime(2025, 8, 1, tzinfo=UTC)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Size:
    """How many records of each kind the project has; the defaults are the size that the promises are made for.

    Of several projects the others have no records.
    """

    vendors: int = 200
    cost_codes: int = 300
    claims: int = 1000
    payments: int = 1000
    invoices: int = 500
    projects: int = 1

    def divided_by(self, divisor: int) -> Size:
        """A project with so many times fewer records and the same cost codes."""
        return Size(
            vendors=self.vendors // divisor,
            cost_codes=self.cost_codes,
            claims=self.claims // divisor,
            payments=self.payments // divisor,
            invoices=self.invoices // divisor,
            projects=self.projects,
        )

    @property
    def bills(self) -> int:
        return self.claims + self.invoices

    @property
    def records(self) -> int:
        """The project itself is one of them."""
        return 1 + self.vendors + self.cost_codes + self.bills + self.payments


def seed(size: Size) -> dict[str, Any]:
    """A whole seed for the sandbox: one eligible project of this size, and the demo's organisation in Xero, which takes
    several new options in one request."""
    demo = read_seed()
    old = demo["procore"]
    key = str(PROJECT_ID)
    codes = list(_cost_codes(_first(old["cost_codes"]), size.cost_codes))
    vendors = list(_vendors(old["vendors"][0], size.vendors))
    contracts = list(_contracts(_first(old["work_order_contracts"]), vendors))
    claims = list(_claims(_first(old["requisitions"]), size.claims, contracts, codes))
    procore = {
        **{name: rows for name, rows in old.items() if name not in _REPLACED},
        "projects": list(_projects(old["projects"][0], size.projects)),
        "vendors": vendors,
        "project_vendors": {key: [vendor["id"] for vendor in vendors]},
        "cost_codes": {key: codes},
        "work_order_contracts": {key: contracts},
        "requisitions": {key: claims},
        "contract_payments": {key: list(_payments(_first(old["contract_payments"]), size.payments, claims))},
        "direct_costs": {key: list(_invoices(_first(old["direct_costs"]), size.invoices, vendors, codes))},
    }
    contacts = [*demo["xero"]["contacts"], *_other_contacts()]
    switches = {**demo["xero"].get("switches", {}), "several_options": "all"}
    return {"procore": procore, "xero": {**demo["xero"], "contacts": contacts, "switches": switches}}


_REPLACED = ("cost_codes", "wbs_codes", "purchase_order_contracts", "forbidden_projects")


def _first(by_project: dict[str, list[Row]]) -> Row:
    return by_project[_DEMO_PROJECT][0]


def _projects(row: Row, count: int) -> Iterator[Row]:
    for number in range(count):
        job_number = f"{JOB_NUMBER}-{number}" if number else JOB_NUMBER
        name = f"Benchmark Towers {number}" if number else "Benchmark Towers"
        own = {"id": PROJECT_ID + number, "name": name, "display_name": f"{job_number} {name}"}
        yield {**row, **own, "project_number": job_number}


def _vendors(row: Row, count: int) -> Iterator[Row]:
    for number in range(count):
        name = f"Supplier {number:04d} Pty Ltd"
        register = {**row["business_register"], "id": 91_000 + number, "identifier": _abn(number)}
        yield {
            **row,
            "id": 170_000 + number,
            "name": name,
            "company": name,
            "legal_name": name,
            "email_address": f"accounts{number:04d}@supplier.example",
            "business_register": register,
            "project_ids": [PROJECT_ID],
            "updated_at": _moment(number),
        }


def _abn(number: int) -> str:
    """A valid one of its own for each supplier."""
    company = f"{number:08d}"
    return str(acn.to_abn(f"{company}{acn.calc_check_digit(company)}"))


def _cost_codes(row: Row, count: int) -> Iterator[Row]:
    for number in range(count):
        code = f"{number + 1:02d}-100"
        own = {"id": 21_600_000 + number, "full_code": code, "code": code, "sortable_code": code}
        yield {**row, **own, "name": f"Trade {number + 1}", "biller_id": PROJECT_ID, "updated_at": _moment(number)}


def _contracts(row: Row, vendors: Sequence[Row]) -> Iterator[Row]:
    """One subcontract for each vendor."""
    for number, vendor in enumerate(vendors):
        yield {
            **row,
            "id": 710_000 + number,
            "number": f"SC-900-{number:04d}",
            "vendor": {"id": vendor["id"], "company": vendor["name"]},
            "project": {"id": PROJECT_ID, "name": "Benchmark Towers"},
            "updated_at": _moment(number),
        }


def _claims(row: Row, count: int, contracts: Sequence[Row], codes: Sequence[Row]) -> Iterator[Row]:
    retained: dict[int, Decimal] = {}
    for number in range(count):
        contract = contracts[number % len(contracts)]
        amounts = [_amount(number, line) for line in range(LINES_PER_CLAIM)]
        withheld = [_rounded(amount * 5 / 100) for amount in amounts]
        retention = -sum(withheld, Decimal(0))
        due, tax = sum(amounts, retention), _tax([*amounts, retention])
        total = retained[contract["id"]] = retained.get(contract["id"], Decimal(0)) - retention
        summary = {"current_payment_due": str(due), "tax_applicable_to_this_payment": str(tax)}
        summary["total_retainage"] = str(total)
        yield {
            **row,
            "id": 600_000 + number,
            "project_id": PROJECT_ID,
            "number": 1 + number // len(contracts),
            "previous_requisition_id": 600_000 + number - len(contracts) if number >= len(contracts) else None,
            "invoice_number": f"INV-{number:05d}",
            "billing_date": _day(number),
            "commitment_id": contract["id"],
            "contract_name": f"{contract['number']} - {contract['title']}",
            "vendor_id": contract["vendor"]["id"],
            "vendor_name": contract["vendor"]["company"],
            "updated_at": _moment(number),
            "summary": {**row["summary"], **summary},
            "items": [
                _item(row["items"][0], number * LINES_PER_CLAIM + line, codes, amount, retained)
                for line, (amount, retained) in enumerate(zip(amounts, withheld, strict=True))
            ],
        }


def _item(row: Row, number: int, codes: Sequence[Row], amount: Decimal, withheld: Decimal) -> Row:
    item = deepcopy(row)
    code, kind = codes[number % len(codes)], _COST_TYPES[number % len(_COST_TYPES)]
    of_code, of_kind = item["wbs_code"]["segment_items"]
    of_code |= {"code": code["full_code"], "name": code["name"]}
    of_kind["code"] = kind
    item["wbs_code"] |= {"id": 450_000 + number, "flat_code": f"{code['full_code']}.{kind}"}
    return {
        **item,
        "id": 1_000_000 + number,
        "cost_code_id": code["id"],
        "line_number": str(1 + number % LINES_PER_CLAIM),
        "work_completed_this_period": str(amount),
        "work_completed_retainage_retained_this_period": str(withheld),
    }


def _payments(row: Row, count: int, claims: Sequence[Row]) -> Iterator[Row]:
    """Each claim is paid in part; more payments than claims pay a second part, and so on up to four."""
    for number in range(count):
        claim = claims[number % len(claims)]
        yield {
            **row,
            "id": 1_600_000 + number,
            "amount": str(_rounded(Decimal(claim["summary"]["current_payment_due"]) / 4)),
            "check_number": f"{number:06d}",
            "contract_id": claim["commitment_id"],
            "project_id": PROJECT_ID,
            "requisition_id": claim["id"],
            "invoice_number": claim["invoice_number"],
            "date": _day(number + 30),
            "updated_at": _moment(number),
        }


def _invoices(row: Row, count: int, vendors: Sequence[Row], codes: Sequence[Row]) -> Iterator[Row]:
    for number in range(count):
        vendor = vendors[number % len(vendors)]
        amounts = [_amount(number, line) for line in range(LINES_PER_INVOICE)]
        tax = _tax(amounts)
        total = sum(amounts, tax)
        broken_down = {"subtotal": str(sum(amounts)), "tax_total": str(tax), "grand_total": str(total)}
        yield {
            **row,
            "id": 90_000 + number,
            "amount": str(total),
            "grand_total": str(total),
            "direct_cost_date": _day(number),
            "invoice_number": f"DI-{number:05d}",
            "vendor": {"id": vendor["id"], "name": vendor["name"]},
            "vendor_id": vendor["id"],
            "vendor_name": vendor["name"],
            "updated_at": _moment(number),
            "tax_breakdown": {**row["tax_breakdown"], **broken_down},
            "line_items": [
                _invoice_line(row["line_items"][0], number * LINES_PER_INVOICE + line, line, codes, amount)
                for line, amount in enumerate(amounts)
            ],
        }


def _invoice_line(row: Row, number: int, place: int, codes: Sequence[Row], amount: Decimal) -> Row:
    code = codes[number % len(codes)]
    return {
        **row,
        "id": 4_900_000 + number,
        "position": place + 1,
        **dict.fromkeys(("amount", "extended_amount", "total_amount", "unit_cost"), str(amount)),
        "quantity": "1.0",
        "cost_code": {"id": code["id"], "full_code": code["full_code"], "name": code["name"], "origin_id": None},
        "wbs_code": {**row["wbs_code"], "id": 460_000 + number, "flat_code": f"{code['full_code']}.M"},
    }


def _other_contacts() -> Iterator[Row]:
    for number in range(OTHER_CONTACTS):
        yield {"Name": f"Customer {number:04d}", "TaxNumber": f"{61_000_000_000 + number}", "ContactStatus": "ACTIVE"}


def _amount(number: int, line: int) -> Decimal:
    """Between 100 and 5,100 dollars, with odd cents."""
    return Decimal(10_000 + (number * 7919 + line * 104_729) % 500_000) / 100


def _tax(amounts: Sequence[Decimal]) -> Decimal:
    """As Xero computes it: rounded on each line (the retention is one), then summed."""
    return sum((_rounded(amount / 10) for amount in amounts), Decimal(0))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _day(number: int) -> str:
    return (_FIRST_DAY + timedelta(days=number % 300)).isoformat()


def _moment(number: int) -> str:
    """A minute apart, so that a second pass reads again only the few that lie in its overlap."""
    return (_FIRST_MOMENT + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
