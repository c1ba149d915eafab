"""A cost code to its option of the tracking category "Cost Codes", or with its cost type to an item.

Headings are not chargeable and are not sent.
"""

from __future__ import annotations

from worker.errors import MappingError
from worker.holds import HoldCode
from worker.mapping import status
from worker.mapping.references import LONGEST_OPTION, Known, fit
from worker.procore.records import CostCode, CostItem
from worker.xero.documents import Item, Option

#: Longest code and name of an item (xero-api.md §4.5).
LONGEST_CODE, LONGEST_NAME = 30, 50


def to_document(code: CostCode, known: Known) -> Option | Item:
    status.refuse_deleted(code)
    if code.is_header:
        raise MappingError(HoldCode.HEADER_CODE)
    if isinstance(code, CostItem):
        return Item(
            fit(f"{code.full_code} {code.cost_type or ''}", LONGEST_CODE),
            fit(f"{code.name} {code.cost_type_name or ''}", LONGEST_NAME),
        )
    return Option(known.cost_code_category.id, fit(f"{code.full_code} {code.name}", LONGEST_OPTION))
