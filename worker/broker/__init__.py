"""The broker: Redis as Celery needs it, and what Celery does not do of itself when Redis goes and comes back."""
