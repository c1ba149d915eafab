"""A message as JSON to a web address: `text` is what chat tools show, the other fields are for programs."""

from __future__ import annotations

import httpx

from worker.errors import NotDelivered
from worker.http import exact_json
from worker.http.wire import client
from worker.ledger.tables import NoticeRow

#: For the whole of it.
TIMEOUT_S = 30.0


class Webhook:
    """One address; it is a secret, for whoever knows it may post there."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, notice: NoticeRow) -> str:
        """Raises NotDelivered unless the answer is a success. Redirects are not followed."""
        content = exact_json.dumps(notice.facts).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"procore-xero-{notice.id}"}
        try:
            with client(TIMEOUT_S) as http:
                answer = http.post(self._url, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered(f"The webhook cannot be reached: {type(error).__name__}.") from None
        if not answer.is_success:
            raise NotDelivered(f"The webhook answered {answer.status_code}.")
        return ""
