"""Logs: one JSON object a line, or readable lines on a terminal, with run, job, stage and record bound to each.

Celery's own lines go the same way. Bodies, tokens and money never stand in a log.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import WatchedFileHandler
from typing import TYPE_CHECKING

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

if TYPE_CHECKING:
    from worker.settings import LogFormat, LogLevel

_FREQUENT = ("resume",)
_QUIET = ("httpx", "httpcore", "alembic", "urllib3")


def configure(level: LogLevel, wanted: LogFormat = "auto", file: str | None = None) -> None:
    """Set up logging for this process, to standard error or to a file; warnings of libraries are lines as well.

    A file that is moved away, as logrotate does, is opened anew.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # a traceback has lines of code and no values: the local variables of a client are its secrets
    on_screen = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    last = structlog.processors.JSONRenderer() if is_json(wanted, file) else on_screen
    handler = WatchedFileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
    handler.addFilter(_is_worth_a_line)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _task],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


def is_json(wanted: LogFormat, file: str | None = None) -> bool:
    """Whether programs read this process's log."""
    return wanted == "json" or (wanted == "auto" and (file is not None or not sys.stderr.isatty()))


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Celery tells of each task when it comes and when it ends: not of those that come every few seconds."""
    about = getattr(record, "data", None)
    is_frequent = isinstance(about, dict) and about.get("name") in _FREQUENT
    return record.levelno > logging.INFO or not is_frequent


@contextmanager
def at(**where: str | int | None) -> Iterator[None]:
    """Every line inside says where the work is.

    Left by an exception it stays so, on purpose: the line that tells of the exception says where it came from. The
    next task begins with nothing bound.
    """
    before = structlog.contextvars.bind_contextvars(**where)
    yield
    structlog.contextvars.reset_contextvars(**before)


def _task(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Celery's own line about a task names it in words only; outside of the task nothing else does."""
    about = getattr(event["_record"], "data", None)
    if isinstance(about, dict) and {"id", "name"} <= about.keys():
        event["task_id"], event["task"] = about["id"], about["name"]
    return event
