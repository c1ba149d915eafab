#!/usr/bin/env bash
# One would expect: redis-py's metrics are for who asks for them, so that a program which never does loads nothing of
# OpenTelemetry, installed or not.
# Instead: `import redis` imports OpenTelemetry, its SDK too, wherever it is installed. A program that traces something
# else, or has it from another package, pays for it each time it starts. What that costs is printed below.
# Our code heeds it in worker/cli/calls.py, a short command that only asks Redis for a few numbers.
set -euo pipefail

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
for name in without beside; do
    python3 -m venv "$home/$name"
    "$home/$name/bin/python" -m pip install --quiet --disable-pip-version-check "redis==8.1.0"
done
"$home/beside/bin/python" -m pip install --quiet --disable-pip-version-check \
    "opentelemetry-api==1.45.2" "opentelemetry-sdk==1.45.2"

cat > "$home/loads.py" <<'PYTHON'
import importlib.metadata, sys

import redis

loaded = [name for name in sys.modules if name.partition(".")[0] == "opentelemetry"]
print(f"redis {importlib.metadata.version('redis')}, {len(loaded)} modules of OpenTelemetry")
print("its SDK is loaded" if "opentelemetry.sdk" in loaded else "its SDK is not loaded")
PYTHON

cat > "$home/takes.py" <<'PYTHON'
import time

began = time.process_time()
import redis

print(round((time.process_time() - began) * 1000))
PYTHON

echo "Without OpenTelemetry:"
"$home/without/bin/python" "$home/loads.py" | tee "$home/without.txt"
echo "Beside opentelemetry-sdk 1.45.2, of which nobody makes use:"
"$home/beside/bin/python" "$home/loads.py" | tee "$home/beside.txt"
for _ in $(seq 15); do
    for name in without beside; do "$home/$name/bin/python" "$home/takes.py" >> "$home/$name.ms"; done
done
for name in without beside; do
    echo "$(sort -n "$home/$name.ms" | head -1) ms of CPU to import it $name, the least of 15 times by turns"
done

grep -qx "its SDK is not loaded" "$home/without.txt"
grep -qx "its SDK is loaded" "$home/beside.txt"
echo "As described."
