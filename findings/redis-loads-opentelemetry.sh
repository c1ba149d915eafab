#!/usr/bin/env bash
# One would expect: redis-py's metrics are for who asks for them, so that a program which never does loads nothing of
# OpenTelemetry, installed or not.
# Instead: `import redis` imports OpenTelemetry, its SDK too, wherever it is installed. A program that traces something
# else, or has it from another package, pays for it each time it starts. What that costs is printed below.
# Our code heeds it in worker/cli/calls.py, a short command that only asks Redis for a few numbers.
set -euo pipefail

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/env"
pip() { "$home/env/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip install "redis==8.1.0"

cat > "$home/import.py" <<'PYTHON'
import importlib.metadata, sys, time

began = time.process_time()
import redis

took = time.process_time() - began
loaded = sorted(name for name in sys.modules if name.partition(".")[0] == "opentelemetry")
if sys.argv[1:] == ["ms"]:
    print(f"{took * 1000:.0f} ms of CPU to import it, the least of nine times")
else:
    print(f"redis {importlib.metadata.version('redis')}, {len(loaded)} modules of OpenTelemetry")
    print("its SDK is loaded" if "opentelemetry.sdk" in loaded else "its SDK is not loaded")
PYTHON

say() {
    "$home/env/bin/python" "$home/import.py"
    for _ in 1 2 3 4 5 6 7 8 9; do "$home/env/bin/python" "$home/import.py" ms; done | sort -n | head -1
}
echo "Without OpenTelemetry:"
say | tee "$home/without.txt"
pip install "opentelemetry-api==1.45.2" "opentelemetry-sdk==1.45.2"
echo "Beside opentelemetry-sdk 1.45.2, of which nobody makes use:"
say | tee "$home/beside.txt"

grep -qx "its SDK is not loaded" "$home/without.txt"
grep -qx "its SDK is loaded" "$home/beside.txt"
echo "As described."
