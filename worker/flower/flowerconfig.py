"""Flower's configuration file: `celery -A worker.celery flower --conf=worker/flower/flowerconfig.py`.

Flower executes it and takes each name here that is one of its options; what stands on its command line wins. Without
a login Flower's own rule holds: it shows, and changes nothing. It is then kept to this machine (`reach`).
"""

from logging import getLogger

from flower import command, urls
from tornado.options import options

from worker.flower.attempts import Attempts
from worker.flower.doors import TRANSFORMS, StaticFiles, guarded
from worker.flower.handlers import HANDLERS
from worker.flower.leaving import leave
from worker.flower.navigation import Navigation
from worker.flower.readable import readable
from worker.settings import settings

urls.handlers[:] = guarded([*HANDLERS, *urls.handlers], Attempts())
urls.settings["ui_modules"] = {"Template": Navigation}
urls.settings["transforms"] = TRANSFORMS
urls.settings["static_handler_class"] = StaticFiles
command.sigterm_handler = leave

# A task in its list is a project and one line about it, its state first.
format_task = readable
tasks_columns = "state,name,args,received,uuid,result"

# Our workers send events without being asked. A Flower that asks while Redis is away waits until it is back, also one
# that is to stop.
enable_events = False

# What Flower has seen survives its restart, and a crash costs no more than the seconds since it was saved. It is a
# view: the record is the job table. Saving stops Flower for a moment (0.2 s of 10,000 tasks), so both are bounded.
persistent = True
db = str(settings().state_dir / "flower-state")
state_save_interval = 5_000  # milliseconds
max_tasks = 10_000

if settings().flower_login.get_secret_value():
    basic_auth = [settings().flower_login.get_secret_value()]
elif not (options.basic_auth or options.auth):
    address = options.address or "127.0.0.1"
    getLogger(__name__).warning(
        "Flower has no login: it is for this machine only, and starts no job. Set FLOWER_LOGIN to user:password."
    )
