"""What a worker does just before and after it forks a process that runs jobs."""

from __future__ import annotations

import gc

from celery import signals

from worker import celery, collecting


def test_what_is_there_before_a_fork_is_shared() -> None:
    """The garbage collector leaves it alone from then on: it would make a copy of every page for each process."""
    assert celery.app.main == "procore-xero"
    before = gc.get_freeze_count()
    try:
        signals.worker_before_create_process.send(sender=None)
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_the_collector_seldom_looks_through_a_process_that_runs_jobs() -> None:
    """Records go when nobody names them; looking through each page of them several times finds nothing."""
    before = gc.get_threshold()
    try:
        signals.worker_process_init.send(sender=None)
        assert gc.get_threshold() == collecting.THRESHOLDS
    finally:
        gc.set_threshold(*before)
