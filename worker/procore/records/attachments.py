"""What hangs on a claim or a direct cost: files by their address in Procore's storage (procore-api.md §4.11).

Nothing here can make its record unreadable: a bill does not wait for what an attachment looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from worker.procore.fields import Fields


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""


def _rows(value: object) -> list[object]:
    rows = value if isinstance(value, list) else []
    return [row if isinstance(row, Mapping) else {} for row in rows]


_Text = Annotated[str, BeforeValidator(_text)]


class Attachment(Fields):
    """One file. Its address is good for a short time and is written down nowhere."""

    id: _Text = ""
    filename: _Text = ""
    content_type: _Text = ""
    url: _Text = ""

    @property
    def label(self) -> str:
        """Its name for people, without the marks that turn what stands around it."""
        return "".join(char for char in self.filename if char.isprintable()) or self.id or "without a name"


Attachments = Annotated[tuple[Attachment, ...], BeforeValidator(_rows)]


class WithAttachments(Fields):
    """A direct cost as it is shown alone: its list leaves the attachments out (procore-api.md §4.8)."""

    attachments: Attachments = ()
