"""The tax type that a vendor has of its own by `[tax.vendors]` in the mapping file: one that charges no tax, say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from worker.mapping.payees import folded

Pairs = tuple[tuple[str, str], ...]


def find(vendors: Mapping[str, str], vendor_id: str, number: str, name: str) -> str | None:
    """By the vendor's number in Procore, else its valid tax number, else its name, however people write it."""
    if not vendors:
        return None
    by_id, by_number, by_name = _indexed(tuple(vendors.items()))
    return by_id.get(vendor_id) or by_number.get(number) or by_name.get(folded(name))


@lru_cache(maxsize=8)
def _indexed(pairs: Pairs) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The same vendors as numbers in Procore, as tax numbers and as names; a key of signs alone is none of them."""
    tables = [{read(key): tax_type for key, tax_type in pairs} for read in (str.strip, _number, folded)]
    by_id, by_number, by_name = ({key: tax_type for key, tax_type in one.items() if key} for one in tables)
    return by_id, by_number, by_name


def _number(key: str) -> str:
    """Signs and the name of the register left off: "ABN 51 824 753 556" is 51824753556."""
    return "".join(char for char in key.upper() if char.isalnum()).removeprefix("ABN")
