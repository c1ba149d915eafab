"""Which of a record's files go to its document, and what they are called there.

A name in Xero is what tells a file from its neighbours: the same name again overwrites (xero-api.md §4.10). So a name
is made of the Procore attachment's id, and the same attachment has the same name for ever.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from worker.holds import HoldCode
from worker.mapping.rules import Attachments
from worker.procore.records import Attachment

PDF = "application/pdf"
_EXTENSION = ".pdf"
#: Of a name, without id and extension.
LONGEST = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that does not go, and why."""

    attachment: Attachment
    code: HoldCode
    sentence: str


def choose(
    attachments: Sequence[Attachment],
    rules: Attachments,
    sent: Collection[str] = (),
    sizes: Mapping[str, int] = MappingProxyType({}),
    locked_until: date | None = None,
) -> tuple[list[Attachment], list[LeftOut]]:
    """The files that are still to go, and those that stay out; neither has what is at the document already.

    `sent` are the ids of what is there, removed in Procore since or not; `sizes` what is known of the others;
    `locked_until` is given when the document lies in a locked period, where hands are kept off it.
    """
    go: list[Attachment] = []
    left_out: list[LeftOut] = []
    for attachment in sorted(attachments, key=_by_age):
        if attachment.id in sent:
            continue
        if not is_pdf(attachment):
            left_out.append(_out(attachment, HoldCode.ATTACHMENT_OTHER_TYPE))
        elif not attachment.id or not attachment.url:
            left_out.append(_out(attachment, HoldCode.ATTACHMENT_NOT_GIVEN, why="its answer does not say where it is"))
        elif locked_until is not None:
            left_out.append(_out(attachment, HoldCode.ATTACHMENT_LOCKED, locked_until=locked_until))
        elif sizes.get(attachment.id, 0) > rules.most_bytes:
            left_out.append(too_large(attachment, rules))
        elif len(sent) + len(go) >= rules.most_per_document:
            left_out.append(_out(attachment, HoldCode.ATTACHMENT_TOO_MANY, most=rules.most_per_document))
        else:
            go.append(attachment)
    return go, left_out


def too_large(attachment: Attachment, rules: Attachments) -> LeftOut:
    return _out(attachment, HoldCode.ATTACHMENT_TOO_LARGE, most=rules.most_megabytes)


def is_pdf(attachment: Attachment) -> bool:
    """By what Procore says of it; direct costs say no type, and some types are said of everything."""
    media_type = attachment.content_type.split(";")[0].strip().casefold()
    return media_type == PDF or attachment.filename.casefold().endswith(_EXTENSION)


def is_pdf_inside(content: bytes) -> bool:
    """By its first bytes; readers of PDF look for the mark in the first 1,024."""
    return b"%PDF-" in content[:1024]


def safe_name(attachment: Attachment) -> str:
    """The file's name in Xero, of letters, digits, `_` and `-`: "Rechnung-Marz-5324.pdf" of "Rechnung März.PDF"."""
    name = attachment.filename
    stem = name[: -len(_EXTENSION)] if name.casefold().endswith(_EXTENSION) else name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    words = _UNSAFE.sub("-", plain).strip("-_")[:LONGEST].rstrip("-_")
    return f"{words or 'attachment'}-{_UNSAFE.sub('-', attachment.id)}{_EXTENSION}"


def _by_age(attachment: Attachment) -> tuple[int, str]:
    """Ids are numbers that grow."""
    return len(attachment.id), attachment.id


def _out(attachment: Attachment, code: HoldCode, **facts: object) -> LeftOut:
    return LeftOut(attachment, code, code.sentence(**facts))
