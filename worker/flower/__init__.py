"""Retry inside Flower, added by the configuration file that stock Flower executes. Nothing of Flower is copied.

flowerconfig  the file for `celery -A worker.celery flower --conf=…`: our handlers, and safe settings
handlers      Flower's task page with Retry on it, and the address that Retry posts to
retry         what may be retried and what happens then: the job table decides, Flower only asks
"""
