#!/usr/bin/env bash
# One would expect: a Celery app that publishes a thousand tasks over one connection uses one client of Redis for all of
# them. redis-py's client is made to be kept: it only borrows connections from a pool, and setting it up takes time.
# Instead: kombu makes a new client, on the same pool, for each message that it sends, and throws it away. What one costs
# is printed below.
# Our code heeds it in worker/broker/transport.py, where a channel keeps its client as long as its pool.
set -euo pipefail

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/env"
"$home/env/bin/python" -m pip install --quiet --disable-pip-version-check \
    "celery[redis]==5.7.0" "kombu==5.7.0" "redis==8.1.0" "fakeredis==2.40.0"

"$home/env/bin/python" - <<'PYTHON' | tee "$home/said.txt"
import importlib.metadata, sys, threading, time

import redis
from celery import Celery
from fakeredis import TcpFakeServer

print(sys.version.split()[0], *(f"{name} {importlib.metadata.version(name)}" for name in ("celery", "kombu", "redis", "fakeredis")))
MESSAGES = 200
made = []
begin = redis.Redis.__init__


def counted(client, *arguments, **names):
    began = time.process_time()
    begin(client, *arguments, **names)
    made.append(time.process_time() - began)


redis.Redis.__init__ = counted
server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
threading.Thread(target=server.serve_forever, daemon=True).start()
app = Celery(broker=f"redis://127.0.0.1:{server.server_address[1]}/0")
app.conf.task_ignore_result = True
with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
    app.send_task("first", producer=producer)  # whatever is made once
    made.clear()
    for _ in range(MESSAGES):
        app.send_task("next", producer=producer)
    clients = len(made)
    each = sum(made) / clients
    kept = redis.Redis(connection_pool=connection.default_channel.pool)
    kept.ping()
    server.shutdown()
print(f"{clients} clients of Redis for {MESSAGES} messages; {each * 1e6:.0f} microseconds of CPU to make one")
print("a client for each message" if clients >= MESSAGES else "fewer clients than messages")
PYTHON

grep -qx "a client for each message" "$home/said.txt"
echo "As described."
