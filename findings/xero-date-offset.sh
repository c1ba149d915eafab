#!/usr/bin/env bash
# One would expect: two clients of Xero's, given the same answer, read the same day from it. Xero writes dates as
# "/Date(milliseconds since 1970, offset)/", nearly always with +0000, and an offset of an hour or more is the example that
# pyxero's own source gives for it.
# Instead: pyxero adds the offset to the moment and calls the sum UTC; xero-python takes the milliseconds as the moment and
# the UTC day as the date. With +1300 they say two days, and two moments thirteen hours apart. A program that goes from one
# client to the other moves such dates by a day without an error: on a 1st of a month, into another tax period.
# Our code heeds it in worker/xero/answers.py: of the two readings the day whose midnight it is.
set -euo pipefail

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/env"
"$home/env/bin/python" -m pip install --quiet --disable-pip-version-check "pyxero==0.9.5" "xero_python==15.2.0"

"$home/env/bin/python" - <<'PYTHON' | tee "$home/said.txt"
import importlib.metadata, json, sys

from xero.utils import json_load_object_hook
from xero_python.accounting import models
from xero_python.api_client import ModelFinder
from xero_python.api_client.deserializer import deserialize

print(sys.version.split()[0], *(f"{name} {importlib.metadata.version(name)}" for name in ("pyxero", "xero_python")))
for offset, moment in {
    "+0000": "/Date(1426896000000+0000)/",
    "+1300": "/Date(1426849200000+1300)/",  # what pyxero's source gives as an example
}.items():
    answer = json.dumps({"Type": "ACCPAY", "Date": moment, "UpdatedDateUTC": moment})
    older = json.loads(answer, object_hook=json_load_object_hook)
    newer = deserialize("Invoice", json.loads(answer), ModelFinder(models))
    print(f"{offset}: pyxero {older['Date']:%Y-%m-%d}, xero-python {newer.date:%Y-%m-%d}")
    apart = (older["UpdatedDateUTC"] - newer.updated_date_utc).total_seconds() / 3600
    print(f"{offset}: the same moment, {apart:.0f} hours apart")
PYTHON

grep -qx "+0000: pyxero 2015-03-21, xero-python 2015-03-21" "$home/said.txt"
grep -qx "+0000: the same moment, 0 hours apart" "$home/said.txt"
grep -qx "+1300: pyxero 2015-03-21, xero-python 2015-03-20" "$home/said.txt"
grep -qx "+1300: the same moment, 13 hours apart" "$home/said.txt"
echo "As described."
