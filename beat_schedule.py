"""When things start. Plain data: names of tasks as strings, so that beat needs nothing but this and the settings."""

from datetime import timedelta

from celery.schedules import crontab

from worker.broker.age import APART_S
from worker.settings import settings

EVERY = timedelta(minutes=settings().sync_every_minutes)

SCHEDULE = {
    "discover": {
        "task": "discover",
        "schedule": EVERY,
        "options": {"expires": EVERY.total_seconds() + APART_S},  # `discover` itself looks how long it waited
    },
    "audit": {
        "task": "audit",
        # by the calendar: an interval of a week would begin anew with every restart that loses beat's own file
        "schedule": crontab(day_of_week="sunday", hour="3", minute="0"),
        "options": {"expires": timedelta(days=1).total_seconds()},
    },
    "forget_history": {
        "task": "forget_history",
        "schedule": crontab(hour="2", minute="0"),
        "options": {"expires": timedelta(days=1).total_seconds()},
    },
    "logins": {
        "task": "keep_logins",
        "schedule": crontab(hour="4", minute="0"),
        "options": {"expires": timedelta(days=1).total_seconds()},
    },
}
