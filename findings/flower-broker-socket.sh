#!/usr/bin/env bash
# One would expect: Flower's page Broker counts the messages of the queues that its Celery app sends to, since it is given
# the app's own address.
# Instead: of redis+socket:// it takes the path and the password, and not the database (virtual_host) nor the user. Where
# Celery uses database 1 of a socket, the page shows the queues of database 0: no error, and 0 messages.
# Our code heeds it in docs/reliability.md, and in tests/integration/test_redis_address.py, which asks the page by every
# other way to the same Redis.
set -euo pipefail

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/env"
"$home/env/bin/python" -m pip install --quiet --disable-pip-version-check \
    "celery[redis]==5.7.0" "kombu==5.7.0" "redis==8.1.0" "flower==2.2.0"

"$home/env/bin/python" - "$home" <<'PYTHON' | tee "$home/said.txt"
import asyncio, importlib.metadata, re, socket, sys, threading

from celery import Celery
from flower.utils.broker import Broker

print(sys.version.split()[0], *(f"{name} {importlib.metadata.version(name)}" for name in ("celery", "kombu", "redis", "flower")))
home = sys.argv[1]
heard = []


def answer(connection):
    """As Redis would: the greeting with whatever user, the choice of a database, and a queue's length."""
    while said := connection.recv(65536):
        heard.append(said)
        for command in re.split(rb"\*\d+\r\n", said)[1:]:
            name = command.split(b"\r\n")[1].upper()
            numbers = {b"HELLO": b"%1\r\n+proto\r\n:3\r\n", b"LLEN": b":0\r\n", b"EXEC": b"*4\r\n" + b":0\r\n" * 4, b"PING": b"+PONG\r\n"}
            connection.sendall(numbers.get(name, b"+QUEUED\r\n" if b"EXEC" in said and b"LLEN" in command else b"+OK\r\n"))


def serve(server):
    while True:
        threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()


def asked(name, ask):
    heard.clear()
    try:
        ask()
    except Exception as error:
        print(f"{name}: {type(error).__name__} {error}")
    said = b"".join(heard)
    print(f"{name}: user {'me' if b'me' in said.split() else 'none'}, database {'1' if b'SELECT' in said else '0'}")


with socket.socket(socket.AF_UNIX) as server:
    server.bind(f"{home}/redis.sock")
    server.listen()
    threading.Thread(target=serve, args=(server,), daemon=True).start()
    app = Celery(broker=f"redis+socket://me:secret@{home}/redis.sock?virtual_host=1")
    with app.connection() as connection:
        asked("celery", lambda: connection.default_channel.client.llen("celery"))
        address = connection.as_uri(include_password=True)
    broker = Broker(address, broker_options={}, broker_use_ssl=None)
    asked("flower", lambda: asyncio.run(broker.queues(["celery"])))
PYTHON

grep -qx "celery: user me, database 1" "$home/said.txt"
grep -qx "flower: user none, database 0" "$home/said.txt"
echo "As described."
