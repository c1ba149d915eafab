"""E-mail through a real mail server: encrypted, logged in, and never a password in the clear or in an error."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.listening import HOST, PASSWORD, USER, certified, knows, mail_server, text_of
from worker.errors import NotDelivered
from worker.ledger.tables import NoticeRow
from worker.reports.mail import Mail

LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
FROM, TO = "Procore to Xero <reports@example.com>", ("Böök Keeper <books@example.com>", "boss@example.com")


def a_notice(subject: str = "12 created") -> NoticeRow:
    at = datetime(2026, 7, 31, 6, 0, tzinfo=UTC)
    return NoticeRow(id=7, subject=subject, text="Ümlaut & text", html="<p>Ümlaut &amp; text</p>", planned_at=at)


def test_a_relay_without_a_login_takes_it_as_it_is() -> None:
    """Plain text and HTML in one message, to everybody, with the same id whenever it is tried."""
    with mail_server() as mailbox:
        mail = Mail(f"smtp://{HOST}:{mailbox.port}", FROM, TO)
        assert mail.send(a_notice()) == ""
        mail.send(a_notice())
    first, second = mailbox.messages
    assert (first["To"], first["From"]) == ("Böök Keeper <books@example.com>, boss@example.com", FROM)
    assert (text_of(first).strip(), text_of(first, "html").strip()) == ("Ümlaut & text", "<p>Ümlaut &amp; text</p>")
    assert first["Message-ID"] == second["Message-ID"] != ""


def test_a_login_goes_over_starttls(tmp_path: Path) -> None:
    """The password, with its special characters, is right, and the line was encrypted."""
    theirs, ours = certified(tmp_path)
    with mail_server(tls_context=theirs, authenticator=knows, auth_required=True) as mailbox:
        Mail(f"smtp://{LOGIN}@{HOST}:{mailbox.port}", FROM, TO, ours).send(a_notice())
    assert mailbox.encrypted == [True]


def test_a_login_goes_over_tls_from_the_first_byte(tmp_path: Path) -> None:
    """smtps."""
    theirs, ours = certified(tmp_path)
    options = {"ssl_context": theirs, "authenticator": knows, "auth_require_tls": False, "auth_required": True}
    with mail_server(**options) as mailbox:
        Mail(f"smtps://{LOGIN}@{HOST}:{mailbox.port}", FROM, TO, ours).send(a_notice())
    assert len(mailbox.messages) == 1


def test_no_password_goes_over_a_plain_line() -> None:
    """A server that offers no STARTTLS does not get it, and the error says why."""
    with (
        mail_server(authenticator=knows, auth_require_tls=False) as mailbox,
        pytest.raises(NotDelivered, match="offers no STARTTLS") as refused,
    ):
        Mail(f"smtp://{LOGIN}@{HOST}:{mailbox.port}", FROM, TO).send(a_notice())
    assert mailbox.messages == []
    assert PASSWORD not in str(refused.value)


def test_a_certificate_that_nobody_vouches_for_gets_no_password(tmp_path: Path) -> None:
    """Who listens on the way cannot ask for it."""
    theirs, _ = certified(tmp_path)
    with (
        mail_server(tls_context=theirs, authenticator=knows) as mailbox,
        pytest.raises(NotDelivered, match="certificate"),
    ):
        Mail(f"smtp://{LOGIN}@{HOST}:{mailbox.port}", FROM, TO).send(a_notice())
    assert mailbox.messages == []


def test_a_wrong_password_is_said_without_it(tmp_path: Path) -> None:
    """The sentence goes into logs and to the doctor."""
    theirs, ours = certified(tmp_path)
    with (
        mail_server(tls_context=theirs, authenticator=knows) as mailbox,
        pytest.raises(NotDelivered, match="535") as refused,
    ):
        Mail(f"smtp://someone:wrong-secret@{HOST}:{mailbox.port}", FROM, TO, ours).send(a_notice())
    assert "wrong-secret" not in str(refused.value)


def test_one_bad_address_of_two_does_not_stop_the_other() -> None:
    """And is said."""
    with mail_server() as mailbox:
        mailbox.refused = ("boss@example.com",)
        said = Mail(f"smtp://{HOST}:{mailbox.port}", FROM, TO).send(a_notice())
    assert len(mailbox.messages) == 1
    assert "boss@example.com" in said


def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(NotDelivered, match=r"Mail server 127\.0\.0\.1:9: "):
        Mail(f"smtp://{HOST}:9", FROM, TO).send(a_notice())


def test_a_subject_cannot_become_a_header() -> None:
    """A project's name may hold a line break."""
    with mail_server() as mailbox:
        Mail(f"smtp://{HOST}:{mailbox.port}", FROM, TO).send(a_notice("24-017\r\nBcc: other@example.com"))
    assert mailbox.messages[0]["Bcc"] is None
    assert mailbox.messages[0]["Subject"] == "24-017 Bcc: other@example.com"
