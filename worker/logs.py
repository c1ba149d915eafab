"""Logs: one JSON object a line, or readable lines on a terminal, with run, job and stage bound to each.

Celery's own lines go the same way. Bodies, tokens and money never stand in a log.
"""

from __future__ import annotations

import logging
import sys

import structlog

_QUIET = ("httpx", "httpcore", "alembic")


def configure(level: int) -> None:
    """Set up logging for this process, once."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # a traceback has lines of code and no values: the local variables of a client are its secrets
    on_screen = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    last = on_screen if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
