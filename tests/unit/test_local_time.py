"""Times for people are in the organisation's zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.local_time import local, zone_of


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
        ("NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
        ("GMTSTANDARDTIME", "Europe/London"),
        ("UTC", "Etc/UTC"),
    ],
)
def test_xero_calls_a_time_zone_as_windows_does(name: str, zone: str) -> None:
    assert str(zone_of(name)) == zone


def test_an_unknown_time_zone_is_utc() -> None:
    assert zone_of("MIDDLEEARTHSTANDARDTIME") == zone_of("") == UTC


def test_a_time_is_told_with_the_name_of_its_zone() -> None:
    """Also over the day's end, and in summer."""
    assert local(datetime(2026, 11, 29, 14, 30, tzinfo=UTC), zone_of("AUSEASTERNSTANDARDTIME")) == (
        "2026-11-30 01:30 AEDT"
    )
    assert local(datetime(2026, 11, 29, 14, 30, tzinfo=UTC), UTC) == "2026-11-29 14:30 UTC"
