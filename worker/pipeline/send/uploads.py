"""Files to their documents, when everything else of the job is done: money never waits for an attachment.

One call each, never twice: the file is noted as on its way (committed), goes, and is noted as sent (committed). One
whose answer never came is looked for at its document first; if it is not there it goes again under the same name,
which overwrites, so that a request that was only slow does no harm either. Hence no key of an earlier request is kept.
Where no answer comes again, its file is held and looked for by the next job, and the others go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from worker import logs
from worker.errors import ApiUnavailable, MissingReference, OutcomeUnknown, RequestRefused, ScopeMissing
from worker.holds import HoldCode
from worker.ledger.attachments import File
from worker.ledger.entries import Known as Entry
from worker.mapping import attachments as mapping
from worker.mapping.rules import Attachments
from worker.pipeline import instrument
from worker.pipeline.read import attached_files
from worker.pipeline.read.attached_files import ENDPOINTS, KIND, KINDS
from worker.pipeline.so_far import Holder
from worker.pipeline.values import Reason, because, why
from worker.pipeline.work import Work
from worker.procore.records import Attachment
from worker.xero import answers
from worker.xero.answers import Element
from worker.xero.documents import Endpoint

#: Downloads that fail in a row before the rest of a job's files is left to a later job.
MOST_FAILURES = 3

log = structlog.get_logger(__name__)


def run(work: Work) -> None:
    """Send what is still to go, whichever job planned it. Raises what writing to Xero raises."""
    going = [kind for kind in KINDS if work.known.rules.attachments.go_for(kind)]
    for kind in KINDS:
        if kind not in going:
            work.holds.forget(KIND, [id_ for id_ in work.holds.ids(KIND) if id_.startswith(f"{kind}/")])
    if going:
        with instrument.stage(work, KIND):
            _run(work, going)


def _run(work: Work, kinds: Sequence[str]) -> None:
    failures = 0
    for kind in kinds:
        for upload in _uploads(work, kind):
            work.heartbeat()
            with logs.at(record=upload.holder.title):
                failures = upload.run(failures)


def _uploads(work: Work, kind: str) -> list[Upload]:
    """The files that are to go now. Those of records without a document any more are forgotten."""
    outstanding = work.attachments.outstanding(kind)
    held = {id_.split("/")[1] for id_ in work.holds.to_look_at(KIND) if id_.startswith(f"{kind}/")}
    entries = work.entries.known(kind, outstanding.keys() | held)
    unsettled = work.told.unsettled.get(kind, set())
    for id_ in sorted((outstanding.keys() | held) - unsettled):
        if not attached_files.is_ready(work, kind, entries.get(id_)):
            work.attachments.forget(kind, outstanding.get(id_, {}).values())
            attached_files.forget_holds(work, kind, id_)
    ready = [id_ for id_, entry in entries.items() if attached_files.is_ready(work, kind, entry)]
    attached_files.plan_again(work, kind, [id_ for id_ in ready if attached_files.holder_of(work, kind, id_) is None])
    found: list[Upload] = []
    for id_, files in work.attachments.outstanding(kind).items():
        holder = attached_files.holder_of(work, kind, id_)
        if id_ in ready and holder is not None:
            listed = {attachment.id: attachment for attachment in holder.files or ()}
            own = [(file, listed[file.attachment_id]) for file in files.values() if file.attachment_id in listed]
            found += [Upload(work, kind, holder, entries[id_], file, attachment) for file, attachment in own]
    return found


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way from Procore to its document."""

    work: Work
    kind: str
    holder: Holder
    entry: Entry
    file: File
    attachment: Attachment

    def run(self, failures: int) -> int:
        """Take it through; returns how many downloads have failed in a row by now."""
        if self.file.state == "sending" and self._is_there():
            self._settle("sent", self.file.size)
            return failures
        try:
            content = self._content(failures)
        except ApiUnavailable as error:
            self._settle("planned", 0, because(HoldCode.ATTACHMENT_UNAVAILABLE, why=error))
            return failures + 1
        except MissingReference as refused:
            self._settle("planned", 0, why(refused))
            return 0
        if len(content) > self._rules.most_bytes:
            out = mapping.too_large(self.attachment, self._rules)
            self._settle("left_out", len(content), Reason(out.code, out.sentence))
        elif not mapping.is_pdf_inside(content):
            self._settle("planned", 0, because(HoldCode.ATTACHMENT_DAMAGED))
        else:
            self._send(content)
        return 0

    @property
    def _rules(self) -> Attachments:
        return self.work.known.rules.attachments

    @property
    def _endpoint(self) -> Endpoint:
        return ENDPOINTS[self.entry.facts["wrapper"]]

    def _content(self, failures: int) -> bytes:
        """Its content. A refused address may have been read too long ago, so the record is read once more."""
        if failures >= MOST_FAILURES:
            raise ApiUnavailable("The downloads before it failed.")
        try:
            return self.work.fetch(self.attachment.url, self._rules.most_bytes)
        except MissingReference:
            url = self._url_now()
            if url == self.attachment.url:
                raise
            return self.work.fetch(url, self._rules.most_bytes)

    def _url_now(self) -> str:
        attached_files.read_again(self.work, self.kind, [self.holder.procore_id])
        holder = attached_files.holder_of(self.work, self.kind, self.holder.procore_id)
        files = holder.files if holder is not None and holder.files is not None else ()
        return next((one.url for one in files if one.id == self.attachment.id), self.attachment.url)

    def _is_there(self) -> bool:
        """Whether an earlier request has arrived. What is wrong with the document is said by sending."""
        try:
            rows = self.work.xero.attachments(self._endpoint, self.file.xero_id)
        except RequestRefused:
            return False
        return any(not self._differences(row, self.file.size) for row in rows)

    def _send(self, content: bytes) -> None:
        key = self.work.attachments.begin(self.kind, self.file, len(content))
        try:
            with instrument.request(KIND, "PUT", 1, self.file.name):
                element = self.work.xero.attach(self._endpoint, self.file.xero_id, self.file.name, content, key)
        except RequestRefused as refused:
            self._settle("planned", 0, because(HoldCode.REJECTED, messages=refused))
            return
        except OutcomeUnknown as unknown:
            if self.file.state != "sending":
                raise
            self._settle("sending", len(content), because(HoldCode.REJECTED, messages=str(unknown).rstrip(".")))
            return
        except ScopeMissing as error:
            instead = f"{error.remedy} Or leave [attachments] out of the mapping file."
            raise ScopeMissing(error.what, instead, error.said) from error
        if reason := self._refusal(element, len(content)):
            self._settle("planned", 0, reason)
        else:
            self._settle("sent", len(content))

    def _refusal(self, element: Element, size: int) -> Reason | None:
        if refusals := answers.problems(element, "AttachmentID"):
            return because(HoldCode.REJECTED, messages="; ".join(refusals))
        if differences := self._differences(element, size):
            return because(HoldCode.PROOF_FAILED, difference="; ".join(differences))
        return None

    def _differences(self, element: Element, size: int) -> list[str]:
        """What Xero says otherwise of the file than was sent."""
        name, length = str(element.get("FileName", "nothing")), element.get("ContentLength", size)
        found = [f"its name is {name}, not {self.file.name}"] if name.casefold() != self.file.name.casefold() else []
        return found if str(length) == str(size) else [*found, f"it has {length} bytes, not {size}"]

    def _settle(self, state: str, size: int, reason: Reason | None = None) -> None:
        """Write down what became of it."""
        self.work.attachments.settle(self.kind, self.file, state, size)
        self.work.settle(
            [attached_files.verdict(self.work, self.kind, self.holder, self.entry, self.attachment, reason)]
        )
        log.debug("attachment", name=self.file.name, state=state, bytes=size)
