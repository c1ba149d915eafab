"""The Celery app and its reliability settings. Each value is a measurement, not a taste: see docs/decisions.md.

Names of tasks are an API: messages outlive deployments.
"""

from __future__ import annotations

from typing import Any

import click
from celery import Celery, signals
from structlog.contextvars import bind_contextvars, clear_contextvars

from beat_schedule import SCHEDULE
from worker import assembly, collecting, logs, looking, metrics, overrun, stopping, tracing
from worker.broker.options import options
from worker.errors import ConfigError
from worker.settings import settings

TASKS = [
    "tasks.audit",
    "tasks.discovery",
    "tasks.hints",
    "tasks.history",
    "tasks.logins",
    "tasks.project",
    "tasks.reporting",
    "tasks.resuming",
]

app = Celery("procore-xero", include=TASKS)
app.conf.update(
    **options(settings()),
    task_default_queue="periodic",
    task_routes={name: {"queue": "manual"} for name in ("discover", "judge_projects", "report", "resume")},
    beat_schedule=SCHEDULE,
    beat_scheduler="worker.beat:OneBeat",
    beat_schedule_filename=str(settings().state_dir / "celerybeat-schedule"),
    beat_enable_remote_control=True,  # so that `celery inspect ping` tells whether it runs
    worker_concurrency=settings().worker_processes,
    # a message is acknowledged when its job has ended, and one at a time is taken
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,
    result_extended=True,
    result_expires=7 * 86400,
    worker_send_task_events=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # True loses tasks
    worker_soft_shutdown_timeout=20,
    worker_hijack_root_logger=False,
    task_serializer="json",
    accept_content=["json"],
)

app.steps["worker"].add(looking.Looking)
app.steps["consumer"].add("worker.broker.consumer:Ours")


@signals.setup_logging.connect
def _logging(logfile: str | None = None, **_: Any) -> None:
    """LOG_LEVEL, LOG_FORMAT and the option --logfile decide, for Celery's own lines as well; --loglevel does not."""
    logs.configure(settings().log_level, settings().log_format, logfile)


@signals.celeryd_init.connect
def _from_the_first_line(instance: Any, **_: Any) -> None:
    """Celery warns before it sets up logging, and its picture of itself is no line that a program can read."""
    _logging()
    instance.quiet = instance.quiet or logs.is_json(settings().log_format)


@signals.import_modules.connect
def _close_flower(**_: Any) -> None:
    """However Flower is started: it loads our tasks when it knows its options, and before it listens."""
    context = click.get_current_context(silent=True)
    if context is None or context.info_name != "flower":
        return
    from worker.flower.reach import require_closed

    try:
        require_closed()
    except ConfigError as error:
        raise SystemExit(f"Flower is not started. {error}") from None


@signals.worker_before_create_process.connect
def _share(**_: Any) -> None:
    collecting.share()


@signals.worker_process_init.connect
def _fresh(**_: Any) -> None:
    collecting.seldom()
    assembly.forget_parts()
    overrun.allow()
    tracing.start(settings().otel_exporter_otlp_endpoint)


@signals.worker_process_shutdown.connect
def _deliver(**_: Any) -> None:
    tracing.stop()


@signals.task_prerun.connect
def _bind(task_id: str, task: Any, **_: Any) -> None:
    """Every line of a task, Celery's last one too, says which it is of."""
    clear_contextvars()
    bind_contextvars(task_id=task_id, task=task.name)


@signals.task_postrun.connect
def _unbind(**_: Any) -> None:
    overrun.over()
    clear_contextvars()


@signals.worker_shutting_down.connect
def _stop(**_: Any) -> None:
    """SIGTERM: Celery would wait for the jobs, and the first sync of a large project may take hours."""
    stopping.ask()


@signals.worker_ready.connect
def _take_up(**_: Any) -> None:
    """What died with an earlier worker goes on with this one, not at the next pass."""
    looking.resume(app)
    looking.ask(app)


@signals.worker_ready.connect
def _tell(**_: Any) -> None:
    """Metrics are served by the main process: it outlives those that run the jobs."""
    metrics.serve(settings().metrics_host, settings().metrics_port)
