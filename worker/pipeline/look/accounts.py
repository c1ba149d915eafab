"""The organisation's accounts, each with the codes that it had before."""

from __future__ import annotations

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


def read(xero: Xero, references: References, digest: str) -> list[Element]:
    """As they are now, under the mapping file of this digest."""
    return renumbered.noted(xero.accounts(), known(references), digest)
