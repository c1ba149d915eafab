#!/usr/bin/env bash
# One would expect: `pip install celery redis` gives Celery what it needs for a broker on Redis, as it did with kombu 5.6.
# Instead: kombu 5.7's transport for Redis imports `packaging`, which only the extra `kombu[redis]` (`celery[redis]`)
# names. In an environment that has nothing else, worker and client end with ModuleNotFoundError when they first look at
# the broker's address; where a test runner or a build tool is installed, `packaging` is there and nobody notices.
# Our code heeds it in pyproject.toml, which depends on celery[redis], and in tests/unit/test_dependencies.py.
set -euo pipefail

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
look='from kombu import Connection; Connection("redis://127.0.0.1:6379/0"); print("it knows redis://")'

try() { # a virtual environment with these packages, and what kombu says there of an address
    python3 -m venv "$home/$1"
    "$home/$1/bin/python" -m pip install --quiet --disable-pip-version-check "${@:2}"
    "$home/$1/bin/python" -c 'import importlib.metadata as m, sys; print(sys.version.split()[0], *(f"{n} {m.version(n)}" for n in ("celery", "kombu", "redis")))'
    "$home/$1/bin/python" -c "$look" 2>&1 | tail -1 || true
}

for versions in "5.6.2 5.6.2 7.1.0" "5.7.0 5.7.0 8.1.0"; do
    read -r celery kombu redis <<<"$versions"
    echo "celery $celery and redis, each by its name:"
    try "plain-$celery" "celery==$celery" "kombu==$kombu" "redis==$redis" | tee "$home/$celery.txt"
done
echo "celery[redis]:"
try extra "celery[redis]==5.7.0" "kombu==5.7.0" "redis==8.1.0" | tee "$home/extra.txt"

grep -q "it knows redis://" "$home/5.6.2.txt"
grep -q "No module named 'packaging'" "$home/5.7.0.txt"
grep -q "it knows redis://" "$home/extra.txt"
echo "As described."
