"""The tables. Times are aware UTC. Amounts live in Procore and in Xero; one stands here only to name a record."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from worker.called import UNNAMED, Called
from worker.holds import HoldCode
from worker.stated import id_of, stated


class Utc(TypeDecorator[datetime]):
    """A time in UTC: also from SQLite, which keeps no zone, and from PostgreSQL, which says it in the session's."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """An amount to its last digit, kept as text: SQLite has no exact numbers, and SQLAlchemy's Numeric goes through
    floats there (12345678901234.5678 reads back as …5684)."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


#: Procore's ids pass 32 bits (procore-api.md §1); SQLite counts its keys in INTEGER, which holds 64.
Whole = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    type_annotation_map = {datetime: Utc, Decimal: Exact, int: Whole, dict[str, Any]: JSON}  # noqa: RUF012 - SQLAlchemy's name


class LedgerRow(Table):
    """The one row that names this ledger."""

    __tablename__ = "ledger"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)


class Organisation(Table):
    """A Xero organisation that we write to, and until when it is parked."""

    __tablename__ = "organisations"
    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    xero_client_id: Mapped[str] = mapped_column(String(200), index=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    short_code: Mapped[str] = mapped_column(String(32), default="")
    parked_until: Mapped[datetime | None]
    parked_why: Mapped[str | None] = mapped_column(Text)


class Pass(Table):
    """One discovery run and the jobs it started."""

    __tablename__ = "passes"
    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    discovered_at: Mapped[datetime | None]
    message: Mapped[str] = mapped_column(Text, default="")
    eligible: Mapped[int] = mapped_column(default=0)
    queued: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    #: Calls that discovery itself used, by API; those of its jobs stand with them.
    calls: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: Whether it started nothing: `message` says why.
    failed: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: When the last of its jobs ended, as far as it was noticed; null while one is still to end.
    finished_at: Mapped[datetime | None] = mapped_column(index=True)


class ProjectRow(Table):
    """A project as discovery last saw it, and why it is or is not synced."""

    __tablename__ = "projects"
    __table_args__ = (Index("projects_numbered", text("lower(job_number)")),)
    procore_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    job_number: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(1000))
    stage: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[str] = mapped_column(String(16))  # eligible, paused, refused
    code: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    #: Which organisation of the mapping file it goes to, and by which rules; both blank where there is but one.
    organisation: Mapped[str] = mapped_column(String(100), default="")
    routed_by: Mapped[str] = mapped_column(String(16), default="")
    seen_at: Mapped[datetime]
    #: Since when it is judged so; null for one that was judged before this was remembered.
    judged_at: Mapped[datetime | None]


class Job(Table):
    """One run of one project's sync: the truth about it, whatever the broker says."""

    __tablename__ = "jobs"
    __table_args__ = (
        # the queueing lock: never two waiting or running for one job number
        Index(
            "jobs_one_active",
            "job_number",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        # the newest of each number, however many there were
        Index("jobs_newest", "job_number", "id"),
        # the history, the oldest first
        Index("jobs_ended", "finished_at", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    job_number: Mapped[str] = mapped_column(String(255))
    project_name: Mapped[str] = mapped_column(String(1000), default="")
    pass_id: Mapped[int | None] = mapped_column(ForeignKey("passes.id"), index=True)
    trigger: Mapped[str] = mapped_column(String(16))  # periodic, manual
    #: held: done, with records held that are known already.
    state: Mapped[str] = mapped_column(String(16), index=True)  # queued, running, failed, done, held, parked
    attempt: Mapped[int] = mapped_column(default=0)
    task_id: Mapped[str] = mapped_column(String(64), unique=True)
    owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    message: Mapped[str] = mapped_column(Text, default="")
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Calls used by API, over all attempts and retries.
    calls: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: The lists that it reads, between spaces: null means all of them.
    lists: Mapped[str | None] = mapped_column(String(100))
    #: The one record that it carries, "claims/58820", where a person asked for no more; null means all.
    only: Mapped[str | None] = mapped_column(String(300))
    #: The task of the job as which a person started it again; this one stays as it ended.
    retried_as: Mapped[str | None] = mapped_column(String(64))


class Entry(Table):
    """Ties one record to its document. `planned`: a request with it may be on its way; `live`: it is in Xero."""

    __tablename__ = "entries"
    # each is written anew with every step of an entry, so none is wider or has more rows than it is read for
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "procore_id"),
        # a project's entries, and how many of them are in Xero, without looking at them
        Index("entries_of_project", "project_id", "kind", "state"),
        # whose a document is; ids have no order, and there are millions
        Index("entries_with_document", "xero_id", postgresql_using="hash"),
        Index(
            "entries_requested",
            "request_id",
            sqlite_where=text("request_id IS NOT NULL"),
            postgresql_where=text("request_id IS NOT NULL"),
        ),
        Index(
            "entries_written",
            "written_request_id",
            sqlite_where=text("written_request_id IS NOT NULL"),
            postgresql_where=text("written_request_id IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    procore_id: Mapped[str] = mapped_column(String(255))
    project_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))  # free, planned, live
    xero_id: Mapped[str | None] = mapped_column(String(64))
    #: Of the document as Xero confirmed it, and as the request on its way asks for it. One that Xero stored otherwise
    #: than asked is marked, so that it is looked at again.
    fingerprint: Mapped[str | None] = mapped_column(String(80))
    planned_fingerprint: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    position: Mapped[int] = mapped_column(default=0)
    #: The request that Xero took last, and the place in it: what was written, whatever was tried since.
    written_request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    written_position: Mapped[int] = mapped_column(default=0)
    #: What other records need of it: status of a bill, contract and invoice number of a claim, name of an option.
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: What becomes of these facts when the request on its way is confirmed.
    planned_facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class RequestRow(Table):
    """One journalled write: the exact bytes, so that they can go again under the same key."""

    __tablename__ = "requests"
    __table_args__ = (
        # those on their way, which are few (SQLite cannot tell that a query asks for no others)
        Index("requests_planned", "state", "project_id", postgresql_where=text("state = 'planned'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(String(64))
    project_id: Mapped[int]
    job_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(128), unique=True)
    method: Mapped[str] = mapped_column(String(8))
    path: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))  # planned, answered, abandoned
    planned_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    #: Members that Xero took, by Procore id: what was done ("created", …), and the document.
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class HandedOverRow(Table):
    """A new document that a job handed over, to go in one request with those of other projects; and, once there is
    such a request, in which one it went."""

    __tablename__ = "handed_over"
    __table_args__ = (
        # a record waits once
        Index(
            "handed_over_once",
            "tenant_id",
            "kind",
            "procore_id",
            unique=True,
            sqlite_where=text("request_id IS NULL"),
            postgresql_where=text("request_id IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    procore_id: Mapped[str] = mapped_column(String(255))
    project_id: Mapped[int]
    job_id: Mapped[int] = mapped_column(index=True)
    waits_since: Mapped[datetime]
    #: The document and what its entry gets with it, as JSON; blank once it is in a request.
    document: Mapped[str] = mapped_column(Text)
    #: The job that takes it along just now.
    taken_by: Mapped[int | None]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), index=True)


class AttachmentRow(Table):
    """A file of a record and the document that it goes to. Its content stands in no table."""

    __tablename__ = "attachments"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "procore_id", "attachment_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(String(64))
    project_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    procore_id: Mapped[str] = mapped_column(String(255))
    attachment_id: Mapped[str] = mapped_column(String(255))
    xero_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16))  # planned, sending, sent, left_out
    size: Mapped[int] = mapped_column(default=0)


class Hold(Table):
    """Why a record is not in Xero: open while `closed_at` is null."""

    __tablename__ = "holds"
    __table_args__ = (
        Index(
            "holds_one_open",
            "tenant_id",
            "kind",
            "procore_id",
            "project_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # what a project's jobs and pages read, however many there were before
        Index(
            "holds_open",
            "project_id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "holds_closed",
            "closed_at",
            "id",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(String(64))
    project_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    procore_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(400))
    outcome: Mapped[str] = mapped_column(String(16))  # held, waiting, ignored
    code: Mapped[str] = mapped_column(String(64))
    sentence: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text)
    procore_url: Mapped[str] = mapped_column(Text, default="")
    xero_url: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    #: When it last made a job fail; null: never yet.
    reddened_at: Mapped[datetime | None]
    #: Read with it; None as long as the record has no name.
    name: Mapped[NameRow | None] = relationship(
        primaryjoin="and_(foreign(Hold.kind) == NameRow.kind, foreign(Hold.procore_id) == NameRow.procore_id)",
        viewonly=True,
        lazy="joined",
    )

    @property
    def called(self) -> Called:
        return self.name.called if self.name else UNNAMED

    @property
    def short_id(self) -> str:
        """By it a person acknowledges it."""
        return self.id_with(self.sentence)

    def id_with(self, sentence: str) -> str:
        """Of the record, the code and the values, its amount among them: another one once one of these changes."""
        code = HoldCode.__members__.get(self.code.upper())  # an older version may have noted another one
        values = code.states(sentence) if code else stated(sentence)
        return id_of(self.kind, self.procore_id, self.code, values, self.called.amount, self.called.currency)

    def earlier_id(self, sentence: str) -> str:
        """As it was acknowledged until the end of November 2026."""
        amount = "" if self.called.amount is None else f" {self.called.amount.normalize():f}"
        said = f"{self.kind} {self.procore_id} {self.code} {sentence}{amount}"
        return hashlib.sha256(said.encode()).hexdigest()[:8]


class NameRow(Table):
    """What people call a record by, as Procore last showed it."""

    __tablename__ = "names"
    __table_args__ = (Index("names_of_project", "project_id"),)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    procore_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    project_id: Mapped[int]
    supplier: Mapped[str] = mapped_column(String(255))
    document: Mapped[str] = mapped_column(String(255))
    number: Mapped[str] = mapped_column(String(255))
    date: Mapped[date | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[str] = mapped_column(String(3))

    @property
    def called(self) -> Called:
        return Called(self.supplier, self.document, self.number, self.date, self.amount, self.currency)


class Cursor(Table):
    """How far one list of one project was read: an updated_at, or a contract's total of payments."""

    __tablename__ = "cursors"
    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(String(255))


class ListRow(Table):
    """When one list of one project was read, when something moved in it, and when it is due."""

    __tablename__ = "lists"
    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(16), primary_key=True)  # claims, payments, invoices, vendors, cost_codes
    read_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    #: When its next reading is one of everything, and takes as many calls as the last one; null: not known.
    compare_at: Mapped[datetime | None]
    rules: Mapped[str] = mapped_column(String(64))
    #: Calls of its last reading of everything.
    calls: Mapped[int]


class Reference(Table):
    """What Xero's settings said when they were last read: read once per pass, shared by all jobs."""

    __tablename__ = "reference"
    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    read_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(Text)


class Reading(Table):
    """Who reads one of these settings just now, and until when the others wait for it; gone when it has been read."""

    __tablename__ = "readings"
    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    reader: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]


class TokenRow(Table):
    """A login that a person gave, both tokens encrypted, and which process renews it just now, and until when."""

    __tablename__ = "tokens"
    system: Mapped[str] = mapped_column(String(16), primary_key=True)  # procore, xero
    client_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    access_token: Mapped[str] = mapped_column(Text)
    refresh_token: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]
    connected_at: Mapped[datetime]
    refreshed_at: Mapped[datetime]
    #: When the refresh token was refused: only a person's new consent helps.
    lapsed_at: Mapped[datetime | None]
    #: Moves with every pair of tokens.
    version: Mapped[int] = mapped_column(default=0)
    refreshing_by: Mapped[str | None] = mapped_column(String(100))
    refreshing_until: Mapped[datetime | None]
    #: The Xero organisation that the login is used for.
    tenant_id: Mapped[str] = mapped_column(String(64), default="")


class NoticeRow(Table):
    """A message to people, written before it is sent: once per occasion and channel, however many workers look."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("occasion", "channel"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(String(100))  # pass 12; late 2026-07-31T06:00:00 raised
    channel: Mapped[str] = mapped_column(String(16))  # email, webhook
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(16), index=True)  # planned, sent, given_up
    planned_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)
    #: Nobody tries before this: it is being sent just now, or did not go last time.
    not_before: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    #: Why it did not go last time.
    trouble: Mapped[str] = mapped_column(Text, default="")


class AlarmRow(Table):
    """An alarm that is on: the row goes when its cause has gone."""

    __tablename__ = "alarms"
    name: Mapped[str] = mapped_column(String(16), primary_key=True)  # late, idle, calls, calls 7e57a000
    raised_at: Mapped[datetime]
    sentence: Mapped[str] = mapped_column(Text)


class Acknowledged(Table):
    """A difference between Procore and Xero, or a held record, that a person has accepted, as it was said then."""

    __tablename__ = "acknowledged"
    __table_args__ = (UniqueConstraint("job_number", "difference"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    job_number: Mapped[str] = mapped_column(String(255))
    #: The id of the difference or of the held record, which is made of the values in it.
    difference: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(400))
    sentence: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100))
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    #: The last day on which it holds; null: without end.
    until: Mapped[date | None]
