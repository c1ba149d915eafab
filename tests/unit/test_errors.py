"""A sentence of ours may quote somebody else: a proxy, a mail server, a library that quotes them."""

from __future__ import annotations

import pytest

from worker.errors import (
    AuthRejected,
    ConfigError,
    MappingError,
    NotDelivered,
    OutcomeUnknown,
    RequestRefused,
    SyncError,
)
from worker.holds import HoldCode

HOSTILE = "\x1b]0;title\x07red\x9b31m \x00\u202e東京"
PLAIN = " ]0;title red 31m  東京"


@pytest.mark.parametrize(
    "error",
    [
        *(kind(f"said {HOSTILE}") for kind in (ConfigError, NotDelivered, AuthRejected)),
        OutcomeUnknown(f"said {HOSTILE}", 2.0),
        RequestRefused(f"said {HOSTILE}", {}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_an_error_says_is_plain(error: SyncError) -> None:
    """It is stored, printed, sent and shown on pages, so it commands nobody and PostgreSQL takes it."""
    assert str(error) == f"said {PLAIN}"


def test_so_is_the_sentence_of_a_hold() -> None:
    held = MappingError(HoldCode.REJECTED, messages=HOSTILE)
    assert PLAIN in held.sentence
    assert held.sentence == str(held)
