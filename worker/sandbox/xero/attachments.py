"""Files on bills, sales invoices and credit notes: what may be attached, and how it is found again.

A file is known by its name within its document: the same name again replaces the content. Xero cannot delete files.
"""

from __future__ import annotations

import hashlib
import re

from worker.sandbox.xero.books import Books
from worker.sandbox.xero.documents import FINAL, Kind
from worker.sandbox.xero.refusals import Rejected
from worker.sandbox.xero.values import Row, is_guid, new_guid

MOST_FILES = 10
#: Xero's pages say 10 MB and 25 MB, and not whether a MB has 1000 or 1024 kB: the least of these.
MOST_BYTES = 10_000_000
#: Brackets, blanks, `#` and `&` fail in practice, `+` and others by the documentation: these never do.
_SAFE_NAME = re.compile(r"[A-Za-z0-9._-]+")
_UNSUPPORTED = "The file couldn't be uploaded because it isn't a supported file type."
_OFFICE, _OPEN = "application/vnd.openxmlformats-officedocument", "application/vnd.oasis.opendocument"
#: Kinds of file by extension, with the types that say so. No API page lists what Xero supports: these are the usual.
_TYPES = {
    "pdf": ("application/pdf",),
    "jpg": ("image/jpeg", "image/jpg"),
    "jpeg": ("image/jpeg", "image/jpg"),
    "png": ("image/png",),
    "gif": ("image/gif",),
    "tif": ("image/tiff",),
    "tiff": ("image/tiff",),
    "txt": ("text/plain",),
    "csv": ("text/csv",),
    "doc": ("application/msword",),
    "docx": (f"{_OFFICE}.wordprocessingml.document",),
    "xls": ("application/vnd.ms-excel",),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet",),
    "odt": (f"{_OPEN}.text",),
    "ods": (f"{_OPEN}.spreadsheet",),
    "zip": ("application/zip",),
}
#: What xero-python and xero-node send for every file: then its name alone says what it is.
_ANY_FILE = "application/octet-stream"


class Attachments:
    """All files of one organisation."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def of(self, document_id: str) -> list[Row]:
        """The files of a document, oldest first."""
        return self._books.attachments.find("document", document_id)

    def get(self, document_id: str, key: str) -> Row | None:
        """One of them, by AttachmentID or FileName."""
        field = "AttachmentID" if is_guid(key) else "FileName"
        return next((row for row in self.of(document_id) if row[field] == (key.lower() if is_guid(key) else key)), None)

    def attach(self, kind: Kind, document: Row, name: str, mime_type: str, content: bytes) -> Row:
        """PUT and POST alike; raises Rejected, then nothing has changed."""
        document_id = document[kind.id_field]
        same = self.get(document_id, name)
        problems = [*_file_problems(name, mime_type, content), *self._document_problems(document)]
        if same is None and len(self.of(document_id)) >= MOST_FILES:
            problems.append(f"A document may have at most {MOST_FILES} attachments")
        if problems:
            raise Rejected(*problems)
        row = {
            "AttachmentID": same["AttachmentID"] if same else new_guid(),
            "DocumentID": document_id,
            "FileName": name,
            "MimeType": _TYPES[_extension(name)][0] if mime_type == _ANY_FILE else mime_type,
            "ContentLength": len(content),
            "Sha256": hashlib.sha256(content).hexdigest(),
            "Content": content,
        }
        self._books.attachments.save(row)
        # Nobody says whether a file moves the stamp of its document. It does here, so that nobody relies on it.
        kind.table(self._books).save({**document, "UpdatedDateUTC": self._books.now()})
        return row

    def restore(self, document_id: str, row: Row) -> None:
        """Take a file over from a seed, which does not hold the content."""
        blank = {"AttachmentID": new_guid(), "MimeType": "application/pdf", "ContentLength": 0}
        self._books.attachments.save({**blank, **row, "DocumentID": document_id, "Content": None})

    def dumped(self, document_id: str) -> list[Row]:
        """The files of a document without their content."""
        hidden = ("DocumentID", "Content")
        return [{key: value for key, value in row.items() if key not in hidden} for row in self.of(document_id)]

    def _document_problems(self, document: Row) -> list[str]:
        """The stricter reading: what can no longer be edited takes no files either."""
        problems = []
        if document["Status"] in FINAL:
            problems.append("Files cannot be attached to a document that is voided or deleted")
        locked = self._books.lock_problem(document["Date"])
        if locked:
            problems.append(locked)
        if not self._books.allows("AttachFilesIntoInvoice"):
            problems.append("You are not permitted to attach files")
        return problems


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name.strip(".") else ""


def _file_problems(name: str, mime_type: str, content: bytes) -> list[str]:
    extension = _extension(name)
    problems = []
    if not _SAFE_NAME.fullmatch(name):
        problems.append("The file name contains characters that are not allowed")
    if extension not in _TYPES:
        problems.append(_UNSUPPORTED)
    elif mime_type not in (*_TYPES[extension], _ANY_FILE):
        problems.append(f"The Content-Type '{mime_type}' does not fit a file that ends in .{extension}")
    if not content:
        problems.append("The file is empty")
    if len(content) > MOST_BYTES:
        problems.append(f"A file may have at most {MOST_BYTES} bytes")
    return problems
