"""Attachments: which of a record's files go, and under which names."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.factories import record
from worker.errors import ConfigError
from worker.holds import HoldCode
from worker.mapping.attachments import choose, is_pdf, is_pdf_inside, safe_name
from worker.mapping.file import load
from worker.mapping.rules import Attachments
from worker.procore.records import Attachment


def a_file(filename: str = "invoice.pdf", id: int = 5324, **fields: Any) -> Attachment:
    return record(Attachment, {"id": id, "filename": filename, "url": "https://storage.procore.com/1", **fields})


NAMES = [
    ("invoice.pdf", "invoice-5324.pdf"),
    ("scan.PDF", "scan-5324.pdf"),
    ("Rechnung März.pdf", "Rechnung-Marz-5324.pdf"),
    ("Straße & Söhne #3 [final] 100%.pdf", "Strae-Sohne-3-final-100-5324.pdf"),
    ("INV_2026-07.v2.pdf", "INV_2026-07-v2-5324.pdf"),
    ("\u202efdp.exe\u202c.pdf", "fdp-exe-5324.pdf"),
    ("X-MAX.pdf", "X-MAX-5324.pdf"),
    ("../../x.pdf", "x-5324.pdf"),
    ("C:\\bills\\x.pdf", "C-bills-x-5324.pdf"),
    ("a\x00b\nc.pdf", "a-b-c-5324.pdf"),
    ("合同.pdf", "attachment-5324.pdf"),
    (".pdf", "attachment-5324.pdf"),
    ("", "attachment-5324.pdf"),
    ("no extension", "no-extension-5324.pdf"),
    ("progress claim.docx", "progress-claim-docx-5324.pdf"),
    ("x" * 300 + ".pdf", "x" * 60 + "-5324.pdf"),
    ("x" * 59 + " tail.pdf", "x" * 59 + "-5324.pdf"),
]


@pytest.mark.parametrize(("filename", "name"), NAMES)
def test_a_name_is_safe(filename: str, name: str) -> None:
    """Letters, digits, `_` and `-`, one dot, short enough: what Xero takes without a doubt."""
    assert safe_name(a_file(filename)) == name
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}\.pdf", name)


def test_two_files_of_one_name_stay_two() -> None:
    """In Xero the same name overwrites."""
    assert safe_name(a_file("scan.pdf", 1)) != safe_name(a_file("SCAN.pdf", 2))


@pytest.mark.parametrize(
    ("filename", "media_type", "goes"),
    [
        ("a.pdf", "application/pdf", True),
        ("a.PDF", "", True),
        ("a.pdf", "application/octet-stream", True),
        ("a", "application/pdf", True),
        ("a", "Application/PDF; charset=binary", True),
        ("a.jpg", "image/jpeg", False),
        ("a.pdf.exe", "", False),
        ("pdf", "", False),
        ("", "", False),
    ],
)
def test_pdfs_go(filename: str, media_type: str, goes: bool) -> None:
    """By the type that Procore says, or by the extension where it says none or a general one."""
    assert is_pdf(a_file(filename, content_type=media_type)) is goes


@pytest.mark.parametrize(
    ("content", "inside"),
    [
        (b"%PDF-1.7\n", True),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", True),
        (b"<html>%PD", False),
        (b"", False),
        (b" " * 1019 + b"%PDF-", True),
        (b" " * 1020 + b"%PDF-", False),
    ],
)
def test_the_content_decides(content: bytes, inside: bool) -> None:
    """A page that asks for a login, say, is called a PDF as well."""
    assert is_pdf_inside(content) is inside


def test_the_oldest_go_first_and_those_that_went_count() -> None:
    """Files that are at the document take their places, also those that were removed in Procore since."""
    attachments = [a_file(id=id_) for id_ in (12, 9, 10, 11)]
    go, left_out = choose(attachments, Attachments(most_per_document=3), sent={"9", "3"})
    assert [one.id for one in go] == ["10"]
    assert [(out.attachment.id, out.code.code) for out in left_out] == [
        ("11", "attachment_too_many"),
        ("12", "attachment_too_many"),
    ]


@pytest.mark.parametrize(
    ("attachment", "known", "sentence"),
    [
        (a_file("photo.jpg"), {}, "It is not a PDF."),
        (a_file(), {"sizes": {"5324": 2_000_001}}, "It is larger than 2 MB."),
        (
            a_file(),
            {"locked_until": date(2026, 6, 30)},
            "Its document lies in a period that Xero has locked until 2026-06-30.",
        ),
        (a_file(url=None), {}, "Procore does not give its file: its answer does not say where it is."),
        (a_file(id=None), {}, "Procore does not give its file: its answer does not say where it is."),  # type: ignore[arg-type]
    ],
)
def test_what_stays_out_says_why(attachment: Attachment, known: dict[str, Any], sentence: str) -> None:
    """Each with a sentence; nothing of it costs a call."""
    go, (out,) = choose([attachment], Attachments(most_megabytes=2), **known)
    assert (go, out.sentence) == ([], sentence)


def test_a_file_that_fits_a_larger_limit_goes() -> None:
    """What was too large is judged by the limit of now."""
    go, left_out = choose([a_file()], Attachments(most_megabytes=2), sizes={"5324": 2_000_000})
    assert (len(go), left_out) == (1, [])


@pytest.mark.parametrize("limit", ["most_per_document = 11", "most_megabytes = 11", "most_per_document = 0"])
def test_no_more_than_xero_takes(tmp_path: Path, limit: str) -> None:
    """A limit beyond Xero's own is a mistake in the mapping file, named by its place."""
    path = tmp_path / "mapping.toml"
    path.write_text(f"[attachments]\n{limit}\n")
    with pytest.raises(ConfigError, match=rf"attachments\.{limit.split()[0]}"):
        load(path)


def test_what_stays_out_is_named() -> None:
    """Each file that stays out is said by itself, with the limit that keeps it out."""
    rules = Attachments(claims=True, most_per_document=1)
    files = [
        a_file("a.docx", 1),
        a_file("b.pdf", 2, url=""),
        a_file("c.pdf", 3),
        a_file("d.pdf", 4),
        a_file("e.pdf", 5),
    ]
    go, left_out = choose(files, rules, sizes={"3": rules.most_bytes + 1})
    assert [one.attachment for one in left_out] == [files[0], files[1], files[2], files[4]]
    assert go == [files[3]]
    assert left_out[2].sentence == f"It is larger than {rules.most_megabytes} MB."
    assert left_out[3].sentence == "Its document in Xero has 1 others from this worker, and no more are carried."
    _, locked = choose(files[2:3], rules, locked_until=date(2026, 6, 30))
    assert (locked[0].attachment, locked[0].code) == (files[2], HoldCode.ATTACHMENT_LOCKED)


def test_kinds_whose_files_go() -> None:
    """Files of claims and of invoices are switched on apart."""
    assert Attachments(claims=True).go_for("claims")
    assert not Attachments(claims=True).go_for("invoices")
    assert Attachments(invoices=True).go_for("invoices")


def test_an_id_is_safe_in_a_name_too() -> None:
    """An id is Procore's text."""
    assert safe_name(record(Attachment, {"id": "5 3", "filename": "Ünder_.pdf"})) == "Under-5-3.pdf"
