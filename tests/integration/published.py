"""What Celery hands to a task, and a task that would be published again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from celery.exceptions import Retry


@dataclass
class Message:
    """What Celery hands to a task."""

    id: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class ATask:
    """A task that writes down with what it would be published again."""

    request: Message
    retries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def back_in_s(self) -> float:
        """Seconds until it would be delivered again."""
        return float(self.retries[-1]["countdown"])

    def retry(self, **options: Any) -> Retry:
        self.retries.append(options)
        return Retry("again", exc=options.get("exc"), when=options["countdown"])
