"""Flower's configuration file: `celery -A worker.celery flower --conf=worker/flower/flowerconfig.py`.

Flower executes it and takes each name here that is one of its options; what stands on its command line wins. Without
a login Flower's own rule holds: it shows, and changes nothing. It is then kept to this machine.
"""

from logging import getLogger

from flower.urls import handlers
from tornado.options import options

from worker.flower.handlers import HANDLERS
from worker.settings import settings

handlers[:0] = HANDLERS

# What Flower has seen survives its restart, also after a crash. It is a view: the record is the job table.
persistent = True
db = "flower-state"
state_save_interval = 10_000  # milliseconds
max_tasks = 20_000

if settings().flower_login.get_secret_value():
    basic_auth = [settings().flower_login.get_secret_value()]
elif not (options.basic_auth or options.auth):
    address = "127.0.0.1"
    getLogger(__name__).warning(
        "Flower has no login: it listens on this machine only, and has no Retry. Set FLOWER_LOGIN to user:password."
    )
