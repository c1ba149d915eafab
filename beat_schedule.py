"""When things start. Plain data: names of tasks as strings, so that beat needs nothing but this and the settings."""

from datetime import timedelta

from worker.settings import settings

EVERY = timedelta(minutes=settings().sync_every_minutes)

SCHEDULE = {
    "discover": {
        "task": "discover",
        "schedule": EVERY,
        "options": {"expires": EVERY.total_seconds()},  # a pass that waited for a whole interval is the next one's
    },
}
