"""A cost code to its option of the tracking category "Cost Codes". Headings are not chargeable and are not sent."""

from __future__ import annotations

from worker.errors import MappingError
from worker.holds import HoldCode
from worker.mapping.references import LONGEST_OPTION, Known, fit
from worker.procore.records import CostCode
from worker.xero.documents import Option


def to_document(code: CostCode, known: Known) -> Option:
    if code.deleted_at is not None:
        raise MappingError(HoldCode.DELETED)
    if code.is_header:
        raise MappingError(HoldCode.HEADER_CODE)
    return Option(known.cost_code_category.id, fit(f"{code.full_code} {code.name}", LONGEST_OPTION))
