"""How what documents name is called by now: as the ledger knows it; and as it is, before a person is said to have coded
a document otherwise who only renamed an option, or gave an account another code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.assembly import Parts
from worker.http import exact_json
from worker.ledger.watched import Watched
from worker.mapping.account_codes import account_codes
from worker.pipeline.check.found import ACCOUNT_CODE, ITEM_CODE
from worker.pipeline.look import accounts, items, watched
from worker.pipeline.look.watched import Names
from worker.xero.answers import Element
from worker.xero.renumbered import former_codes


class Called:
    """The names of one organisation, read when they are first asked for."""

    def __init__(self, parts: Parts, ledger: Watched) -> None:
        self._parts, self._ledger = parts, ledger
        self._looked: set[str] = set()
        self._names: Names | None = None

    def names(self) -> Names:
        if self._names is None:
            found = self._ledger.names()
            options: dict[str | None, str]
            options = {id_: str(facts.get("name")) for id_, facts in found if facts.get("wrapper") == "Options"}
            codes = former_codes(accounts.known(self._parts.references()))
            self._names = Names(options, {ITEM_CODE: items.recoded(facts for _, facts in found), ACCOUNT_CODE: codes})
        return self._names

    def look_again(self, stored: Element, body: Mapping[str, Any] | None) -> bool:
        """Read what this document may name otherwise, once for all documents; whether something was read."""
        names = self.names()
        kinds = watched.other_names(stored, body, names) - self._looked
        if not kinds:
            return False
        self._looked |= kinds
        references, xero, options = self._parts.references(), self._parts.xero, dict(names.options)
        if watched.ACCOUNTS in kinds:
            named = account_codes(self._parts.rules())
            references.anew(accounts.NAME, lambda: exact_json.dumps(accounts.read(xero, references, named)))
        if watched.OPTIONS in kinds:  # not kept: a job that reads them follows what was renamed
            rows = (row for category in xero.tracking_categories(archived=True) for row in category["Options"] or ())
            options |= {str(row["TrackingOptionID"]): str(row["Name"]) for row in rows}
        codes = former_codes(accounts.known(references))
        self._names = Names(options, {**names.recoded, ACCOUNT_CODE: codes})
        return True
