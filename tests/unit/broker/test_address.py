"""REDIS_URL is read once, and nothing of a password is ever said."""

from __future__ import annotations

import re
import ssl
from urllib.parse import quote

import pytest
from kombu import Connection
from kombu.utils.url import maybe_sanitize_url

from worker.broker.address import NO_PASSWORD, ONE_ONLY, UNKNOWN_OPTION, UNREADABLE, Address, read

#: A password with everything that means something in an address.
ODD = "p@s/s:w#o?r%d;é ,&=+[1]"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://127.0.0.1:6379/0", Address("127.0.0.1", 6379, 0)),
        ("redis://redis", Address("redis", 6379, 0)),
        ("redis://redis/\n", Address("redis", 6379, 0)),
        ("redis://:s3cret@redis:6380/3", Address("redis", 6380, 3, password="s3cret")),
        ("redis://[::1]:6379/1", Address("::1", 6379, 1)),
        (f"redis://me:{quote(ODD, safe='')}@redis/0", Address("redis", 6379, 0, "", "me", ODD)),
        ("unix:///run/redis.sock", Address("", 0, 0, "/run/redis.sock")),
        ("unix://me:s3cret@/run/redis.sock?db=2", Address("", 0, 2, "/run/redis.sock", "me", "s3cret")),
        ("unix:///run/redis.sock?virtual_host=2", Address("", 0, 2, "/run/redis.sock")),
    ],
)
def test_an_address_is_read(url: str, expected: Address) -> None:
    """Host and port, or a socket of this machine; user, password and database."""
    assert read(url) == expected


def test_a_password_may_stand_beside_the_address() -> None:
    """As a secret of its own it needs no escaping; one in the address is kept."""
    assert read("redis://redis", ODD) == Address("redis", 6379, 0, password=ODD)
    assert read("redis://me@redis", ODD) == Address("redis", 6379, 0, "", "me", ODD)
    assert read("redis://me:own@redis", ODD).password == "own"


@pytest.mark.parametrize(
    ("options", "verify", "checks_name"),
    [
        ("", ssl.CERT_REQUIRED, True),
        ("?ssl_cert_reqs=required", ssl.CERT_REQUIRED, True),
        ("?ssl_cert_reqs=CERT_REQUIRED", ssl.CERT_REQUIRED, True),
        ("?ssl_cert_reqs=CERT_OPTIONAL", ssl.CERT_OPTIONAL, True),
        ("?ssl_cert_reqs=none", ssl.CERT_NONE, False),
        ("?ssl_cert_reqs=CERT_NONE", ssl.CERT_NONE, False),
        ("?ssl_check_hostname=false", ssl.CERT_REQUIRED, False),
    ],
)
def test_certificates_are_verified_unless_the_address_says_no(
    options: str, verify: ssl.VerifyMode, checks_name: bool
) -> None:
    """In redis-py's spelling and in kombu's, of which each knows only its own."""
    address = read(f"rediss://redis/0{options}")
    assert address.tls == {"ssl_cert_reqs": verify, "ssl_check_hostname": checks_name}
    assert address.is_unverified is (verify is ssl.CERT_NONE)


def test_files_of_certificates_are_handed_on() -> None:
    """An authority of one's own, and a certificate for us."""
    tls = read("rediss://redis?ssl_ca_certs=/etc/ca.pem&ssl_certfile=/etc/me.pem&ssl_keyfile=/etc/me.key").tls or {}
    assert [tls[name] for name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")] == [
        "/etc/ca.pem", "/etc/me.pem", "/etc/me.key",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "said"),
    [
        # a password that was not escaped, piece by piece in the place of something else
        ("redis://:s3c/ret@host", UNREADABLE),
        ("redis://:12/34@host", UNREADABLE),
        ("redis://:12#34@host", UNREADABLE),
        ("redis://user:12#34@host", UNREADABLE),
        ("redis://user:12?34@host", UNREADABLE),
        ("redis://user:12?s3cret=4@host", UNKNOWN_OPTION),
        ("redis://user:12/s3cret@host", UNREADABLE),
        ("redis://:s3cret@host:s3", UNREADABLE),
        ("redis://:s3cret@ho st:6379", UNREADABLE),
        ("redis://s3cret@host", NO_PASSWORD),
        ("redis://[s3cret", UNREADABLE),
        ("redis://:s3cret@", UNREADABLE),
        ("redis://", UNREADABLE),
        ("s3cret", UNREADABLE),
        ("http://:s3cret@host", UNREADABLE),
        ("unix://s3cret/run/redis.sock", UNREADABLE),
        ("redis://:s3cret@host/one", UNREADABLE),
        # what one of the libraries would take, and another would not
        ("redis://host?ssl_cert_reqs=s3cret", UNKNOWN_OPTION),
        ("rediss://host?ssl_cert_reqs=s3cret", "ssl_cert_reqs is required, optional or none"),
        ("rediss://host?ssl_check_hostname=s3cret", "ssl_check_hostname is true or false"),
        ("rediss://host?s3cret=1", UNKNOWN_OPTION),
        # several
        ("sentinel://:s3cret@host:26379", ONE_ONLY),
        ("redis+sentinel://:s3cret@host:26379/mymaster", ONE_ONLY),
        ("redis-cluster://:s3cret@host:26379", ONE_ONLY),
        ("redis://:s3cret@one;redis://:s3cret@two", ONE_ONLY),
        ("redis://:s3cret@one,redis://:s3cret@two", ONE_ONLY),
    ],
)
def test_what_cannot_be_read_is_refused_without_a_word_of_it(url: str, said: str) -> None:
    """The sentence says how to write it, and quotes nothing: any piece may be the password's."""
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$") as refused:
        read(url)
    assert not any(piece in said for piece in ("s3c", "12", "34"))
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    "url",
    [
        f"redis://me:{quote(ODD, safe='')}@redis:6380/3",
        f"rediss://me:{quote(ODD, safe='')}@redis:6380/3",
        "redis://[::1]:6380/3",
        f"unix://me:{quote(ODD, safe='')}@/run/redis.sock?db=3",
    ],
)
def test_celery_reads_the_same_and_prints_no_password(url: str) -> None:
    """What kombu makes of it is what we mean; what it prints of it, and what we do, has no password."""
    address = read(url)
    connection = Connection(address.for_celery(), ssl=dict(address.tls or {}))
    with connection:
        if not address.socket:
            assert (connection.hostname, connection.port) == (address.host, address.port)
            assert (connection.userid or "", connection.password or "") == (address.username, address.password)
            assert int(str(connection.virtual_host)) == address.database
        assert connection.ssl == dict(address.tls or {})
        printed = f"{connection.as_uri()} {maybe_sanitize_url(address.for_celery())} {address} {address!r}"
    for written in (ODD, quote(ODD), quote(ODD, safe="")):
        assert written not in printed
