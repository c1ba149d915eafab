"""Where logins are kept: encrypted, renewed by one at a time, and never overwritten by who came too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, text

from worker.errors import ConfigError
from worker.ledger.cipher import Cipher
from worker.ledger.tokens import Pair, Tokens

LEASE_S = 120.0
OLD_KEY, NEW_KEY = (Fernet.generate_key().decode() for _ in range(2))


class Row:
    """One login, as several processes see it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = datetime(2026, 3, 1, 9, tzinfo=UTC)
        self.dead: set[str] = set()
        self._names = map(str, count())

    def tokens(self, cipher: Cipher | None = None, client_id: str = "app-1") -> Tokens:
        return Tokens(
            self.engine,
            "xero",
            client_id,
            cipher or Cipher(OLD_KEY),
            lease_s=LEASE_S,
            owner_name=lambda: f"process {next(self._names)}",
            is_dead=lambda name: name in self.dead,
            now=lambda: self.now,
        )

    @property
    def pair(self) -> Pair:
        found = self.tokens().read()
        assert found is not None
        return found

    def claim(self, version: int | None = None) -> str:
        name = self.tokens().claim(self.pair.version if version is None else version)
        assert name is not None
        return name

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def row(engine: Engine) -> Row:
    found = Row(engine)
    found.tokens().connect("access-1", "refresh-1", 1800)
    return found


def test_what_is_stored_is_read(row: Row) -> None:
    """Times are aware, and each pair has a version of its own."""
    first = row.pair
    assert (first.access, first.refresh, first.lapsed) == ("access-1", "refresh-1", False)
    assert (first.refreshed_at, first.expires_at) == (row.now, row.now + timedelta(seconds=1800))
    row.tokens().keep(row.claim(), first.version, "access-2", "refresh-2", 60)
    assert (row.pair.access, row.pair.refresh, row.pair.version) == ("access-2", "refresh-2", first.version + 1)


def test_one_of_all_may_renew(row: Row) -> None:
    """The others are told to wait, until it is done or lets go."""
    version = row.pair.version
    first = row.claim()
    assert row.tokens().claim(version) is None
    row.tokens().release(first)
    second = row.claim()
    row.tokens().keep(second, version, "access-2", "refresh-2", 60)
    row.tokens().release(second)
    assert row.tokens().claim(version) is None
    assert row.claim(version + 1)


def test_who_died_renewing_holds_nobody_up(row: Row) -> None:
    """Where it is seen that the process has ended, at once; else when its lease is over."""
    first = row.claim()
    row.dead.add(first)
    second = row.claim()
    assert row.tokens().claim(row.pair.version) is None
    row.passes(LEASE_S + 1)
    assert row.claim() != second


def test_releasing_what_is_not_ours_does_nothing(row: Row) -> None:
    """A process whose lease is over does not free the claim of the next one."""
    late = row.claim()
    row.passes(LEASE_S + 1)
    row.claim()
    row.tokens().release(late)
    assert row.tokens().claim(row.pair.version) is None


def two_at_once(row: Row) -> tuple[int, str, str]:
    """A renewal that is slower than its lease, and the next one, which asks for the same version after it."""
    version, slow = row.pair.version, row.claim()
    row.passes(LEASE_S + 1)
    return version, slow, row.claim()


def test_of_two_who_asked_the_last_one_counts(row: Row) -> None:
    """What was given first may have ended with what was given last, in whichever order the two are stored."""
    for slow_is_first in (True, False):
        version, slow, later = two_at_once(row)
        calls: list[Callable[[], None]] = [
            lambda: row.tokens().keep(slow, version, "slow", "slow", 1800),  # noqa: B023 - called in this turn
            lambda: row.tokens().keep(later, version, "later", "later", 1800),  # noqa: B023
        ]
        for call in calls if slow_is_first else reversed(calls):
            call()
        assert row.pair.refresh == "later"
        row.tokens().release(later)


def test_the_slow_one_has_the_only_tokens_where_each_is_good_once(row: Row) -> None:
    """The next one was refused; what the slow one was given is kept, and the login has not lapsed."""
    version, slow, later = two_at_once(row)
    row.tokens().keep(slow, version, "slow", "slow", 1800)
    assert not row.tokens().lapse(version)
    row.tokens().release(later)
    assert (row.pair.refresh, row.pair.lapsed) == ("slow", False)


def test_a_lapsed_login_comes_back_with_tokens_that_were_late(row: Row) -> None:
    """Even when it was given up for lost meanwhile."""
    version, slow, _ = two_at_once(row)
    assert row.tokens().lapse(version)
    assert row.tokens().claim(version) is None
    row.tokens().keep(slow, version, "slow", "slow", 1800)
    assert (row.pair.refresh, row.pair.lapsed) == ("slow", False)


def test_a_new_consent_ends_whatever_is_under_way(row: Row) -> None:
    """Neither a renewal nor a refusal of the old login touches the new one."""
    version, claim = row.pair.version, row.claim()
    row.tokens().connect("new", "new", 1800)
    row.tokens().keep(claim, version, "old", "old", 1800)
    assert not row.tokens().lapse(version)
    assert (row.pair.refresh, row.pair.lapsed) == ("new", False)


def test_each_app_has_its_own_login(row: Row) -> None:
    """Another client id has not connected, whatever the first one has."""
    assert row.tokens(client_id="app-2").read() is None
    assert row.tokens(client_id="app-2").standing() is None


def test_the_organisation_stays_with_the_login(row: Row) -> None:
    """It is noted once, and a person who connects again does not change it."""
    row.tokens().choose("tenant-1")
    row.tokens().connect("new", "new", 1800)
    standing = row.tokens().standing()
    assert standing is not None
    assert (standing.tenant_id, standing.lapsed_at) == ("tenant-1", None)


def test_a_new_key_reads_the_old_and_writes_the_new(row: Row) -> None:
    """With both keys set nothing stops; after one renewal the old key is not needed any more."""
    both = row.tokens(Cipher(NEW_KEY, OLD_KEY))
    found = both.read()
    assert found is not None
    claim = both.claim(found.version)
    assert claim is not None
    both.keep(claim, found.version, "access-2", "refresh-2", 1800)
    new = row.tokens(Cipher(NEW_KEY)).read()
    assert new is not None
    assert new.refresh == "refresh-2"


def test_a_wrong_key_is_one_sentence(row: Row) -> None:
    """It names both ways out, and no token."""
    with pytest.raises(ConfigError, match=r"TOKEN_KEY_OLD.*procore-xero connect"):
        row.tokens(Cipher(NEW_KEY)).read()


@pytest.mark.parametrize(
    "key", ["", "short", "not base64 at all!", NEW_KEY[:-4]], ids=["none", "short", "words", "cut"]
)
def test_what_is_no_key_says_how_to_make_one(key: str) -> None:
    """With a command that can be copied."""
    with pytest.raises(ConfigError, match=r"TOKEN_KEY.*python -c .*generate_key"):
        Cipher(key)


def test_no_token_is_stored_in_clear(row: Row) -> None:
    """Whoever reads the database, or its file, reads no token."""
    row.tokens().connect("access-in-clear", "refresh-in-clear", 1800)
    row.tokens().keep(row.claim(), row.pair.version, "access-in-clear", "refresh-in-clear", 1800)
    with row.engine.connect() as connection:
        said = str(connection.execute(text("SELECT * FROM tokens")).all())
    path = row.engine.url.database
    if row.engine.dialect.name == "sqlite" and path:
        for suffix in ("", "-wal"):
            said += Path(path + suffix).read_bytes().decode("latin-1")
    assert "app-1" in said
    assert "in-clear" not in said
