"""A journalled write as a value: what is about to be sent, the request that holds it, and what became of each member.

How they are written down and confirmed is in `entries`; sending and recovery hand them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Planned:
    """A record about to be sent: `xero_id` is None for a create."""

    procore_id: str
    fingerprint: str
    body: Mapping[str, Any]
    xero_id: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Of a record that is taken along for another project, which one; None: the job's own.
    project_id: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A journalled write and its members, in the order of its body."""

    id: int
    kind: str
    key: str
    method: str
    path: str
    body: str
    planned_at: datetime
    members: tuple[Planned, ...]
    #: The members' places in the body.
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one member: its Xero id, or None when Xero refused it; `gone` when it was deleted or voided."""

    procore_id: str
    xero_id: str | None
    proved: bool = True
    gone: bool = False
    #: What the document was called, of one that is gone.
    what: str = ""
