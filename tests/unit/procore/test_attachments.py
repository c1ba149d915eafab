"""Attachments as Procore lists them: whatever they look like, their record is read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import record
from worker.procore.records import Attachment, WithAttachments


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ([{"id": 5324, "url": "https://x", "filename": "a.pdf", "content_type": "application/pdf"}], ["5324"]),
        ([{"id": "5324"}], ["5324"]),
        ([{"id": None, "url": 7, "filename": {"x": 1}, "content_type": [1]}], [""]),
        (["a.pdf", None], ["", ""]),
        (None, []),
        ("none", []),
        ([], []),
    ],
)
def test_no_attachment_makes_its_record_unreadable(value: Any, ids: list[str]) -> None:
    """A bill does not wait for what an attachment looks like; what is missing is blank."""
    assert [one.id for one in record(WithAttachments, {"attachments": value}).attachments] == ids


@pytest.mark.parametrize(
    ("filename", "label"), [("a.pdf", "a.pdf"), ("\u202efdp.exe", "fdp.exe"), ("", "7"), ("\x00", "7")]
)
def test_a_label_reads_as_it_is(filename: str, label: str) -> None:
    """Marks that turn the text around them would turn the operator's screen."""
    assert record(Attachment, {"id": 7, "filename": filename}).label == label
