"""How the lines of a claim or an invoice are to be coded: from the record and the mapping file, apart from mapping.

Of a line counts its value in this period (procore-api.md §4.6); what is withheld and released are lines of their own.
What no rule fits is said, and nothing of the record's lines is compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from worker.audit.codings import Coded, Coding
from worker.audit.mapping_file import MappingFile
from worker.procore.records import Claim, ClaimItem, Invoice, InvoiceLine, TaxCode, WbsCode

ZERO = Decimal(0)


class NoRuleError(Exception):
    """The mapping file has nothing for a line; the message is the sentence."""


@dataclass(frozen=True)
class Coder:
    """What is needed to code the lines of one project's records."""

    file: MappingFile
    job_number: str
    #: Account code to its own tax type in Xero.
    tax_types: Callable[[], Mapping[str, str]] = dict
    #: WBS codes by id, and the company's tax codes; asked for where a line names one by its number alone.
    wbs_codes: Callable[[], Mapping[int, WbsCode]] = dict
    tax_codes: Callable[[], Mapping[int, str]] = dict

    def claim(self, claim: Claim, own_tax: str = "") -> tuple[Coded, str]:
        """Amounts by coding, or why there are none. `own_tax` is the vendor's own tax type."""
        return _coded(self._of_claim(claim, own_tax))

    def invoice(self, invoice: Invoice, come_to: Decimal | None, own_tax: str = "") -> tuple[Coded, str]:
        """The same of an invoice, whose lines have two columns: the one counts that comes to its header."""
        extended = [
            line.amount if line.extended_amount is None else line.extended_amount for line in invoice.line_items
        ]
        plain = [line.extended_amount if line.amount is None else line.amount for line in invoice.line_items]
        for column in (extended, plain):
            amounts = [amount or ZERO for amount in column]
            if sum(amounts, ZERO) == come_to:
                return _coded(self._of_invoice(invoice, amounts, own_tax))
        return {}, "Its lines in Procore do not come to its total, so they are not compared."

    def _of_claim(self, claim: Claim, own: str) -> Iterator[tuple[Coding, Decimal]]:
        for item in claim.items:
            stored = item.materials_presently_stored - item.materials_presently_stored_from_previous_progress
            work = item.work_completed_this_period + item.materials_moved + stored
            held = item.work_completed_retainage_retained_this_period + item.materials_stored_retainage_new_materials
            freed = (
                item.work_completed_retainage_released_this_period
                + item.materials_stored_retainage_released_this_period
            )
            code, taxes = self._code_of(item.wbs_code), list(item.taxes)
            if work:
                yield self._coding(item, code, taxes, own), work
            for account, amount in ((self.file.withheld_account, -held), (self.file.released_account, freed)):
                if amount:
                    yield self._retention(item, code, taxes, own, account), amount

    def _retention(
        self, item: ClaimItem, code: tuple[str, str], taxes: list[TaxCode], own: str, account: str
    ) -> Coding:
        """Taxed like the work that it is withheld from, unless its tax fell due with the work."""
        if not account:
            raise NoRuleError("The mapping file names no account for retention")
        tax_type = self.file.untaxed_type or self._tax_type(taxes, own, lambda: self._account(item, code))
        return Coding(account, tax_type, self.job_number)

    def _of_invoice(self, invoice: Invoice, amounts: Iterable[Decimal], own: str) -> Iterator[tuple[Coding, Decimal]]:
        details = invoice.tax_breakdown.tax_details if invoice.tax_breakdown else ()
        named = {detail.tax_code_id: detail for detail in details}
        for line, amount in zip(invoice.line_items, amounts, strict=True):
            if amount:
                id_ = line.tax_code_id
                taxes = [] if id_ is None else [named.get(id_) or TaxCode(tax_code_id=id_)]
                code, kind = self._code_of(line.wbs_code)
                coded = (code or line.cost_code or "", kind or line.cost_type or "")
                yield self._coding(line, coded, taxes, own), amount

    def _code_of(self, wbs: WbsCode | None) -> tuple[str, str]:
        """Cost code and cost type by the segments of a WBS code."""
        if wbs is not None and wbs.segment("cost_code") is None:
            wbs = self.wbs_codes().get(wbs.id)
        code = wbs.segment("cost_code") if wbs else None
        kind = wbs.segment("line_item_type") if wbs else None
        return (code.code if code else "", kind.code if kind else "")

    def _coding(self, line: ClaimItem | InvoiceLine, coded: tuple[str, str], taxes: list[TaxCode], own: str) -> Coding:
        account, (code, kind) = self._account(line, coded), coded
        is_option, is_item = self.file.target == "tracking", self.file.target == "item"
        item = f"{code} {kind}".strip() if is_item else ""
        tax_type = self._tax_type(taxes, own, lambda: account)
        return Coding(account, tax_type, self.job_number, code if is_option else "", item)

    def _account(self, line: ClaimItem | InvoiceLine, coded: tuple[str, str]) -> str:
        code, kind = coded
        if not code:
            raise NoRuleError(f"Line {line.id} names no cost code")
        if account := self.file.account(code, kind):
            return account
        raise NoRuleError(f"The mapping file names no account for cost code {code}, cost type {kind or 'none'}")

    def _tax_type(self, taxes: list[TaxCode], own: str, account: Callable[[], str]) -> str:
        """By Procore's tax codes; without one the vendor's own, the file's default, or that of the account in Xero."""
        if not taxes and own:
            return own
        names = [tax.tax_code_name or self.tax_codes().get(tax.tax_code_id, str(tax.tax_code_id)) for tax in taxes]
        code = " + ".join(names)
        found = self.file.tax_type(code)
        if code and not found:
            raise NoRuleError(f"The mapping file names no tax type for Procore's tax code {code}")
        return found or self.tax_types().get(account(), "NONE")


def _coded(pairs: Iterable[tuple[Coding, Decimal]]) -> tuple[Coded, str]:
    sums: dict[Coding, Decimal] = defaultdict(Decimal)
    try:
        for coding, amount in pairs:
            sums[coding] += amount
    except NoRuleError as missing:
        return {}, f"{missing}, so its lines are not compared."
    sign = -1 if sum(sums.values(), ZERO) < 0 else 1
    return {coding: sign * amount for coding, amount in sums.items() if amount}, ""
