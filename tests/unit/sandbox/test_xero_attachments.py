"""Files on documents in the sandbox's Xero: what is taken, what is refused, and how they are found again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.xero_driver import BASE, SEED, Xero, a_line, messages, read
from worker.sandbox.limits import Limits

PDF = b"%PDF-1.4 claim 3"
UNKNOWN = "00000000-0000-4000-8000-000000000009"


class Bill:
    """A bill that files are attached to."""

    def __init__(self, xero: Xero | None = None, **changes: Any) -> None:
        self.xero = xero or Xero()
        self.id = self.xero.create_bill(**changes)["InvoiceID"]
        self.path = f"{BASE}/Invoices/{self.id}/Attachments"

    def attach(
        self, name: str = "claim-3.pdf", content: bytes = PDF, kind: str = "application/pdf", key: str = ""
    ) -> httpx.Response:
        headers = {"Content-Type": kind, **({"Idempotency-Key": key} if key else {})}
        return self.xero.http.put(f"{self.path}/{name}", content=content, headers=headers)

    def files(self) -> list[dict[str, Any]]:
        return list(read(self.xero.http.get(self.path))["Attachments"])

    def now(self) -> dict[str, Any]:
        return self.xero.rows(f"Invoices/{self.id}")[0]


def problem(answer: httpx.Response) -> str:
    """What Xero says against the one file of a call."""
    assert answer.status_code == 400, answer.text
    (element,) = read(answer)["Elements"]
    return messages(element)


def test_attached_file_is_answered_listed_and_given_back() -> None:
    """The answer names id, name, address, type and length; list and both single addresses find the same file."""
    bill = Bill()
    (made,) = read(bill.attach())["Attachments"]
    assert set(made) == {"AttachmentID", "FileName", "Url", "MimeType", "ContentLength"}
    assert (made["FileName"], made["MimeType"], made["ContentLength"]) == ("claim-3.pdf", "application/pdf", len(PDF))
    assert bill.files() == [made]
    for address in (made["Url"], f"{bill.path}/{made['AttachmentID']}"):
        answer = bill.xero.http.get(address)
        assert (answer.content, answer.headers["content-type"]) == (PDF, "application/pdf")


def test_file_is_given_whatever_is_accepted() -> None:
    """A file is no XML, also for a client that does not ask for JSON."""
    bill = Bill()
    bill.attach()
    answer = bill.xero.http.get(f"{bill.path}/claim-3.pdf", headers={"Accept": "*/*"})
    assert answer.content == PDF


def test_post_attaches_too() -> None:
    """POST and PUT do the same."""
    bill = Bill()
    headers = {"Content-Type": "application/pdf"}
    assert bill.xero.http.post(f"{bill.path}/a.pdf", content=PDF, headers=headers).status_code == 200
    assert [row["FileName"] for row in bill.files()] == ["a.pdf"]


def test_credit_notes_take_files() -> None:
    """The same addresses stand below credit notes."""
    xero = Xero()
    note = {
        "Type": "ACCPAYCREDIT",
        "Contact": {"ContactID": xero.contact_id},
        "Date": "2026-03-01",
        "LineItems": [a_line()],
    }
    note_id = xero.write("PUT", "CreditNotes", note)[0]["CreditNoteID"]
    path = f"{BASE}/CreditNotes/{note_id}/Attachments"
    xero.http.put(f"{path}/a.pdf", content=PDF, headers={"Content-Type": "application/pdf"})
    assert xero.http.get(f"{path}/a.pdf").content == PDF
    assert xero.rows(f"CreditNotes/{note_id}")[0]["HasAttachments"] is True


def test_document_says_that_it_has_files_and_its_stamp_moves() -> None:
    """A file counts as a change of its document, which is the stricter reading."""
    bill = Bill()
    before = bill.now()
    bill.xero.clock.advance(5)
    bill.attach()
    after = bill.now()
    assert (before["HasAttachments"], after["HasAttachments"]) == (False, True)
    assert before["UpdatedDateUTC"] != after["UpdatedDateUTC"]
    assert bill.xero.rows("Invoices", page="1")[0]["HasAttachments"] is True


def test_same_name_overwrites() -> None:
    """The content is replaced under the same id, and there is still one file."""
    bill = Bill()
    first = read(bill.attach())["Attachments"][0]
    second = read(bill.attach(content=b"%PDF-1.7 other"))["Attachments"][0]
    assert first["AttachmentID"] == second["AttachmentID"]
    assert len(bill.files()) == 1
    assert bill.xero.http.get(f"{bill.path}/claim-3.pdf").content == b"%PDF-1.7 other"


def test_at_most_ten_files() -> None:
    """The eleventh is refused; one of the ten may still be replaced."""
    bill = Bill()
    for number in range(10):
        assert bill.attach(f"{number}.pdf").status_code == 200
    assert "at most 10 attachments" in problem(bill.attach("10.pdf"))
    assert bill.attach("9.pdf", b"%PDF new").status_code == 200
    assert len(bill.files()) == 10


def test_at_most_ten_megabytes() -> None:
    """A megabyte is a million bytes here, which is the stricter reading."""
    bill = Bill()
    assert "at most 10000000 bytes" in problem(bill.attach(content=b"x" * 10_000_001))
    assert bill.attach(content=b"x" * 10_000_000).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["a%20b.pdf", "a%23b.pdf", "a&b.pdf", "a+b.pdf", "a%3Fb.pdf", "r%C3%A4t.pdf", "a%2Fb.pdf", "(1).pdf", "a.pdf%20"],
)
def test_only_harmless_names(name: str) -> None:
    """Blanks, umlauts, brackets and signs are refused, also when they are encoded well."""
    bill = Bill()
    assert "characters that are not allowed" in problem(bill.attach(name))
    assert bill.files() == []


@pytest.mark.parametrize("name", ["a.exe", "a", ".pdf", "a.pdf.", "a.pdf.html"])
def test_unsupported_kind_of_file(name: str) -> None:
    """The extension decides; without one there is no kind."""
    assert "it isn't a supported file type" in problem(Bill().attach(name, kind="application/octet-stream"))


@pytest.mark.parametrize("kind", ["image/png", "application/json", "pdf", ""])
def test_content_type_fits_the_extension(kind: str) -> None:
    """A type that says something else, or nothing, is refused."""
    assert "does not fit" in problem(Bill().attach(kind=kind))


def test_a_type_for_any_file_is_taken() -> None:
    """What Xero's own clients send for every file; the name says which it is."""
    bill = Bill()
    assert bill.attach("a.pdf", kind="application/octet-stream").status_code == 200
    assert bill.files()[0]["MimeType"] == "application/pdf"


def test_parameters_of_the_content_type_do_not_matter() -> None:
    """Only the type itself is compared, in any letter case, as the extension is."""
    bill = Bill()
    assert bill.attach("a.PDF", kind="Application/PDF; name=x").status_code == 200
    assert bill.attach("b.txt", b"x", "text/plain; charset=utf-8").status_code == 200


def test_empty_file_is_refused() -> None:
    """There is nothing to attach."""
    assert "empty" in problem(Bill().attach(content=b""))


def test_refusal_names_the_file() -> None:
    """The 400 has the shape of a refused element, with a zero id."""
    (element,) = read(Bill().attach("a.exe"))["Elements"]
    assert (element["FileName"], element["ContentLength"]) == ("a.exe", len(PDF))
    assert set(element["AttachmentID"]) == {"0", "-"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_unknown_document_is_a_404(method: str) -> None:
    """For files of a document that is not there; and nothing deletes a file."""
    xero = Xero()
    answer = xero.http.request(method, f"{BASE}/Invoices/{UNKNOWN}/Attachments/a.pdf", content=PDF)
    assert (answer.status_code, answer.text) == (404, "")


def test_files_cannot_be_deleted() -> None:
    """There is no such address."""
    bill = Bill()
    bill.attach()
    assert bill.xero.http.delete(f"{bill.path}/claim-3.pdf").status_code == 404
    assert len(bill.files()) == 1
    assert bill.xero.http.get(f"{bill.path}/none.pdf").status_code == 404


@pytest.mark.parametrize(("status", "final"), [("AUTHORISED", "VOIDED"), ("DRAFT", "DELETED")])
def test_final_documents_take_no_files(status: str, final: str) -> None:
    """What is voided or deleted is left alone."""
    bill = Bill(Status=status)
    bill.xero.write("POST", "Invoices", {"InvoiceID": bill.id, "Status": final})
    assert "voided or deleted" in problem(bill.attach())


def test_locked_documents_take_no_files() -> None:
    """In a locked period nothing changes, files included, which is the stricter reading."""
    bill = Bill()
    bill.xero.edit("Organisation", "-", PeriodLockDate="2026-12-31")
    assert "period lock date" in problem(bill.attach())


def test_plan_may_forbid_files() -> None:
    """An organisation that may not attach files says so in its actions, and refuses to."""
    xero = Xero({**SEED, "organisation_actions": [{"Name": "AttachFilesIntoInvoice", "Status": "NOT-ALLOWED"}]})
    assert "not permitted" in problem(Bill(xero).attach())


@pytest.mark.parametrize(
    ("scope", "method", "status"),
    [
        ("accounting.invoices", "GET", 403),
        ("accounting.invoices", "PUT", 403),
        ("accounting.attachments.read", "GET", 200),
        ("accounting.attachments.read", "PUT", 403),
        ("accounting.attachments", "PUT", 200),
    ],
)
def test_files_have_a_scope_of_their_own(scope: str, method: str, status: int) -> None:
    """The scope of the document does not open its files, and theirs does not open the document."""
    bill = Bill()
    bill.attach()
    bill.xero.authorize(scope)
    answer = bill.attach() if method == "PUT" else bill.xero.http.get(bill.path)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["Detail"] == "AuthorizationUnsuccessful"
    if "attachments" in scope:
        assert bill.xero.send("GET", f"Invoices/{bill.id}").status_code == 403


def test_a_key_is_for_one_file() -> None:
    """The same key and bytes get the same answer; other bytes, or another name, are refused."""
    bill = Bill()
    first, again = bill.attach(key="k1"), bill.attach(key="k1")
    assert first.content == again.content
    for other in (bill.attach(content=b"%PDF other", key="k1"), bill.attach("other.pdf", key="k1")):
        assert other.status_code == 400
        assert "is used with a different request" in other.text
    assert len(bill.files()) == 1


def test_each_file_is_a_call() -> None:
    """Every upload, list and download counts against the minute."""
    bill = Bill(Xero(limits=Limits()))
    calls: list[Callable[[], httpx.Response]] = [
        bill.attach,
        lambda: bill.xero.http.get(bill.path),
        lambda: bill.xero.http.get(f"{bill.path}/claim-3.pdf"),
    ]
    left = [int(call().headers["X-MinLimit-Remaining"]) for call in calls]
    assert left == [left[0], left[0] - 1, left[0] - 2]


def test_journal_keeps_no_content() -> None:
    """Length and sha256 say which file it was."""
    bill = Bill()
    bill.attach()
    entry = bill.xero.journal()[-1]
    assert entry["body"] == {"length": len(PDF), "sha256": hashlib.sha256(PDF).hexdigest()}
    assert (entry["request_bytes"], entry["elements"]) == (len(PDF), 1)


def test_lost_answer_leaves_the_file() -> None:
    """The file stands though nobody heard of it."""
    bill = Bill()
    bill.xero.fault(kind="lost_answer", path="/Attachments/")
    with pytest.raises(ConnectionResetError):
        bill.attach()
    assert len(bill.files()) == 1


def test_dump_says_which_files_there_are() -> None:
    """Name, type, length and sha256, not the bytes; loaded again the document still has its files."""
    bill = Bill()
    bill.attach()
    dump = bill.xero.half.dump()
    (file,) = dump["invoices"][0]["Attachments"]
    assert (file["FileName"], file["MimeType"], file["ContentLength"]) == ("claim-3.pdf", "application/pdf", len(PDF))
    assert file["Sha256"] == hashlib.sha256(PDF).hexdigest()
    assert "Content" not in file
    loaded = Xero(dump)
    assert loaded.half.dump() == dump
    assert loaded.rows(f"Invoices/{bill.id}")[0]["HasAttachments"] is True
    assert loaded.http.get(f"{bill.path}/claim-3.pdf").status_code == 404


def test_dump_without_files_says_nothing_of_them() -> None:
    """A document without files looks as ever."""
    assert "Attachments" not in Bill().xero.half.dump()["invoices"][0]
