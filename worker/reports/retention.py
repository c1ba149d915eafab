"""The retention ledger as a page of its own. Its section, for another page, is the macro of retention_section.html."""

from __future__ import annotations

from datetime import datetime

from worker.reports import rendering
from worker.retention.values import Ledger


def html(ledger: Ledger, title: str, made_at: datetime) -> str:
    """The file's content; `title` is what the company is called."""
    return rendering.render("retention.html", ledger=ledger, title=title, made_at=made_at)
