"""Addresses of databases that are none: said in a sentence that does not quote the password."""

from __future__ import annotations

import pytest

from worker.errors import ConfigError
from worker.ledger.database import open_engine


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret@host:port/db",
        "postgresql://user:s3cret@[::1/db",
        "mysql://user:s3cret@host/db",
        "postgres://user:s3cret@host/db",
        "//user:s3cret@host/db",
        "s3cret",
        "",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    """Every command ends with it, so it may stand in a log."""
    with pytest.raises(ConfigError, match="DATABASE_URL") as wrong:
        open_engine(url)
    assert "s3cret" not in str(wrong.value)
    assert wrong.value.__cause__ is None
