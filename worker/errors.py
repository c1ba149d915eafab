"""The error tree, grouped by what happens next.

    SyncError
    ├── ConfigError            refuse to start; a setting is missing or wrong
    ├── Retriable              the job comes back after `retry_in_s`
    │   ├── ApiUnavailable     the other side does not answer, or answers 5xx
    │   │   ├── ListTooLarge   the answer would be too much at once; smaller pages may come
    │   │   └── OutcomeUnknown a write may or may not have happened
    │   │       └── FailedAnswer it was answered with a server error, which is replayed under its key
    │   ├── RateLimited        the other side, or our own budget, says wait
    │   ├── ProjectBusy        another worker holds what this job needs
    │   ├── HandedOver         its bills go in one request with those of other projects
    │   └── WorkerStopped      this worker is asked to stop: another one goes on
    ├── Skippable              the record is held and the job goes on
    │   ├── MappingError       the record cannot be turned into a document
    │   ├── MissingReference   something the record names is not there
    │   └── DocumentRejected   Xero refused the document
    ├── NotDelivered           a message to people did not go; it is tried again later
    └── Fatal                  the job fails and a person is needed
        ├── AuthRejected       credentials or permissions
        │   ├── LoginLapsed    a person has to log in anew; until then the organisation is parked
        │   └── NotPermitted   the login is good, and this is not open to it
        │       └── ScopeMissing the app was not given the scope that it takes
        └── ContractBroken     the other side does not behave as documented
            ├── TooMuchAtOnce  an answer is larger than one may be; fewer rows at a time may be read
            └── RequestRefused a whole request is refused
                └── NotThere   what was asked for is not there, or looks so to us

Foreign errors (httpx, SQLAlchemy, pydantic) are translated once, where they enter. The message of every error
is a sentence for the person who reads it, and ends with what to do.
"""

from __future__ import annotations

from worker.counting import lasting
from worker.holds import HoldCode
from worker.plain_text import plain


class SyncError(Exception):
    """Something in the sync went wrong, said in one sentence; what somebody else put into it is made plain."""

    def __init__(self, sentence: str) -> None:
        super().__init__(plain(sentence))

    @property
    def now(self) -> str:
        """The sentence for a person who reads it now; what is kept for later is `str`."""
        return str(self)


class ConfigError(SyncError):
    """A setting or file is missing or wrong; nothing was started."""


class NotDelivered(SyncError):
    """A message to people did not go; nothing else depends on it."""


class Retriable(SyncError):
    """The job comes back by itself after `retry_in_s` seconds."""

    def __init__(self, message: str, retry_in_s: float) -> None:
        super().__init__(message)
        self.retry_in_s = retry_in_s


class ApiUnavailable(Retriable):
    """The other side cannot be reached or answered with a server error."""

    def __init__(self, message: str, retry_in_s: float = 60.0) -> None:
        super().__init__(message, retry_in_s)


class ListTooLarge(ApiUnavailable):
    """A read took the other side too long; asked for in smaller pages it may come."""


class OutcomeUnknown(ApiUnavailable):
    """A write was sent and its answer never came: it may have happened."""


class FailedAnswer(OutcomeUnknown):
    """A write was answered with 500: it may have happened, and its key now replays that answer."""


class RateLimited(Retriable):
    """A call limit is used up until `retry_in_s` seconds from now."""

    @property
    def now(self) -> str:
        return f"{str(self).removesuffix('.')}; free in {lasting(self.retry_in_s)}."


class ProjectBusy(Retriable):
    """Another worker holds the project, or a document that this job needs."""


class HandedOver(Retriable):
    """What this job brings goes in one request with what other projects bring; it comes back when that has gone."""


class WorkerStopped(Retriable):
    """The worker is asked to stop, so its job goes on elsewhere, at once."""

    def __init__(self) -> None:
        super().__init__("Its worker was stopped; the job goes on with the next one.", 0.0)


class Skippable(SyncError):
    """One record cannot go; it is held under `code` and its neighbours go on."""

    def __init__(self, code: HoldCode, **facts: object) -> None:
        self.code, self.facts = code, facts
        super().__init__(code.sentence(**facts))
        self.sentence = str(self)


class MappingError(Skippable):
    """The record cannot be turned into a Xero document without guessing."""


class MissingReference(Skippable):
    """The record names something (a vendor, a cost code, a bill) that is not there."""


class DocumentRejected(Skippable):
    """Xero refused the document and said why."""


class Fatal(SyncError):
    """The job fails; it does not come back before a person has acted."""


class AuthRejected(Fatal):
    """The other side refuses our credentials or our permissions."""


class LoginLapsed(AuthRejected):
    """A login given by a person is over; the same sentence for the same system, so that it can be found again."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"{where}'s login has lapsed; run `procore-xero connect {where.lower()}`.")


class NotPermitted(AuthRejected):
    """What was asked for is not open to us, though our credentials are good; `said` is the answer in short."""

    def __init__(self, message: str, said: str = "403") -> None:
        super().__init__(message)
        self.said = plain(said)


class ScopeMissing(NotPermitted):
    """The login was given without the scope that this takes: `what` names it, `remedy` says how to give it."""

    def __init__(self, what: str, remedy: str, said: str) -> None:
        super().__init__(f"{what} {remedy}", said)
        self.what, self.remedy = plain(what), plain(remedy)


class ContractBroken(Fatal):
    """The other side does not behave as its documentation says."""


class TooMuchAtOnce(ContractBroken):
    """An answer to a read is larger than one may be."""


class RequestRefused(ContractBroken):
    """The other side refuses a whole request; `body` is its parsed answer, None when it was not JSON."""

    def __init__(self, message: str, body: object = None) -> None:
        super().__init__(message)
        self.body = body


class NotThere(RequestRefused):
    """What was asked for is not there. Procore answers so, too, where it may not be seen (procore-api.md §6).

    `said` is the answer in short: "404", or "410" for what is gone for good.
    """

    def __init__(self, message: str, said: str = "404") -> None:
        super().__init__(message)
        self.said = plain(said)
