#!/usr/bin/env bash
# One would expect: a Flower that gets SIGTERM ends, whatever it is at. Its log says so: "15 detected, shutting down".
# Instead: its handler raises SystemExit where it stands. With --persistent and --state_save_interval that may be the
# destructor of the file in which the state was just saved, and Python drops what a destructor raises. The log says
# that it shuts down, and it goes on until somebody kills it, without saving then. It takes luck: a few in a hundred
# signals that come right after a save. So that none is needed here, Flower's configuration file sends the signal in
# that destructor; where it sends it between two saves, Flower ends.
# Our code heeds it in worker/flower/leaving.py.
set -euo pipefail

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/venv"
"$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check "flower==2.2.0" "celery==5.7.0" "kombu==5.7.0"

cat > "$home/in_the_destructor.py" <<'PYTHON'
import shelve, signal

class Shelf(shelve.DbfilenameShelf):
    def __del__(self):
        if callable(signal.getsignal(signal.SIGTERM)):  # Flower has read its state, and handles the signal by now
            signal.raise_signal(signal.SIGTERM)

shelve.DbfilenameShelf = Shelf
persistent, state_save_interval = True, 500
PYTHON

cat > "$home/between_two_saves.py" <<'PYTHON'
import signal, threading

threading.Timer(1.2, signal.raise_signal, [signal.SIGTERM]).start()
persistent, state_save_interval = True, 500
PYTHON

cat > "$home/watch.py" <<'PYTHON'
import importlib.metadata, socket, subprocess, sys, time, urllib.request

home, when = sys.argv[1:]
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
log = open(f"{home}/{when}.log", "w+")
flower = subprocess.Popen(
    [f"{home}/venv/bin/celery", "--broker=memory://", "flower", f"--conf={home}/{when}.py", f"--db={home}/{when}",
     "--address=127.0.0.1", f"--port={port}"], stdout=log, stderr=log, cwd=home)
def said():
    log.seek(0)
    return log.read()
try:
    until = time.monotonic() + 60
    while "shutting down" not in said() and flower.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    assert "15 detected, shutting down" in said(), said()
    try:
        flower.wait(10)
        how = "ends"
    except subprocess.TimeoutExpired:
        answered = urllib.request.urlopen(f"http://127.0.0.1:{port}/healthcheck", timeout=10).status
        how = f"goes on, and answers {answered} ten seconds later"
finally:
    flower.kill()
    flower.wait()
print(f"Flower {importlib.metadata.version('flower')}, SIGTERM {when.replace('_', ' ')}: it says that it shuts down, and {how}")
PYTHON

for when in between_two_saves in_the_destructor; do
    "$home/venv/bin/python" "$home/watch.py" "$home" "$when" | tee -a "$home/seen.txt"
done
grep -q "between two saves: .* and ends$" "$home/seen.txt"
grep -q "in the destructor: .* and goes on, and answers 200 ten seconds later$" "$home/seen.txt"
echo "As described."
