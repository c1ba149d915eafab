"""Where links to Procore's pages lead: the pages of a company outside the first zone are at another address.

Procore is asked once a day and the ledger keeps its answer, so that Flower and the command line know it, too. What
bills in Xero name stays as PROCORE_WEB_URL says: by that they are found again.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from worker.assembly import Parts
from worker.errors import ApiUnavailable, ContractBroken, NotPermitted, RateLimited
from worker.http import exact_json

_GOOD_FOR = timedelta(days=1)
_NAME, _SETTING = "pages_at", "procore_web_url"
#: Python's own: commands that read the ledger load no other.
log = logging.getLogger(__name__)


def at(parts: Parts) -> str:
    """As it is set, else as Procore said last, else where most companies' are."""
    settings = parts.settings
    told = None if _SETTING in settings.model_fields_set else parts.of_procore().get(_NAME)
    said: str = exact_json.loads(told) if told else ""
    return said or settings.procore_web_url


def note(parts: Parts) -> None:
    """Ask Procore, where nobody has set it and its answer is a day old. Without an answer links stay as they were."""
    if _SETTING in parts.settings.model_fields_set:
        return
    try:
        parts.of_procore().once(_NAME, parts.now() - _GOOD_FOR, lambda: exact_json.dumps(parts.procore.pages_at()))
    except (ApiUnavailable, RateLimited, ContractBroken, NotPermitted) as error:
        log.warning("Procore does not say where its pages are: %s", error)
