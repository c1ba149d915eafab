"""Those who are told: a real mail server and a real web server on this machine, each keeping what it gets."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.services import PATIENCE_S
from worker.cli.processes import free_port

HOST = "127.0.0.1"
#: Seconds that the end of a web server may wait for its loop.
_POLL_S = 0.02
USER, PASSWORD = "reports@example.com", "p@ss/w:rd"


@dataclass
class Mailbox:
    """A mail server's content. `answers` is what it says to each message; 250 keeps it."""

    port: int
    answers: str = "250 OK"
    refused: tuple[str, ...] = ()
    messages: list[EmailMessage] = field(default_factory=list)
    #: Of each message: whether its line was encrypted.
    encrypted: list[bool] = field(default_factory=list)
    tries: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 nobody here of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.tries += 1
        if self.answers.startswith("250"):
            found = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
            assert isinstance(found, EmailMessage)
            self.messages.append(found)
            self.encrypted.append(session.ssl is not None)
        return self.answers

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]).strip() for message in self.messages]  # a long one is folded


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@contextmanager
def mail_server(**options: Any) -> Iterator[Mailbox]:
    """A server on a free port; options are aiosmtpd's."""
    mailbox = Mailbox(free_port())
    controller = Controller(mailbox, hostname=HOST, port=mailbox.port, ready_timeout=PATIENCE_S, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """For `authenticator`: lets in who knows the password."""
    right = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@dataclass
class Receiver:
    """What was posted to a web address, and what it answers."""

    url: str = ""
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)
    tries: int = 0


class Quiet(BaseHTTPRequestHandler):
    """Says nothing on the terminal: the test's output is not a log."""

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def serving(handler: type[Quiet]) -> Iterator[str]:
    """The address of a web server that answers so, on a free port; gone when the block is left."""
    server = ThreadingHTTPServer((HOST, 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def web_server() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(Quiet):
        def do_POST(self) -> None:
            receiver.tries += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.status == 200:
                receiver.bodies.append(json.loads(body))
            self.send_response(receiver.status)
            self.end_headers()

    with serving(Handler) as address:
        receiver.url = f"{address}/hooks/made-up-secret"
        yield receiver


def certified(directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for this machine: a server's context, and that of a client who trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, private = directory / "certificate.pem", serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))
