"""The organisation's accounts, each with the codes that it had before."""

from __future__ import annotations

from collections.abc import Mapping

from worker.http import exact_json
from worker.ledger.references import References
from worker.xero import renumbered
from worker.xero.answers import Element
from worker.xero.client import Xero

#: Under which name of the ledger's references they stand.
NAME = "accounts"


def known(references: References) -> list[Element]:
    """As they were read last, however long ago; nothing where nobody has read them."""
    rows: list[Element] = exact_json.loads(references.get(NAME) or "[]")
    return rows


def read(xero: Xero, references: References, named: Mapping[str, str]) -> list[Element]:
    """As they are now, and as the mapping file names them (`account_codes`)."""
    return renumbered.noted(xero.accounts(), known(references), named)
