"""A request is not on its way any more when others may give it up, and its key is not forgotten while it is."""

from __future__ import annotations

from worker.pipeline.send.request import RESEND_SHARE, SEND_SHARE, SETTLED_SHARE
from worker.settings import Settings

#: What the network may hold back when our side of a request is over.
NETWORK_S = 120.0


def test_every_request_is_over_in_time() -> None:
    """With the longest that a request may be allowed to take, let go at the last moment."""
    longest_s = next(one.le for one in Settings.model_fields["http_timeout_s"].metadata if hasattr(one, "le"))
    key_window_s = Settings.model_fields["key_window_s"].default
    assert SEND_SHARE * key_window_s + longest_s + NETWORK_S < SETTLED_SHARE * key_window_s
    assert RESEND_SHARE * key_window_s + longest_s + NETWORK_S < key_window_s
