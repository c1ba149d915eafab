#!/usr/bin/env bash
# One would expect: a client of Xero's that reads a bill and saves it again leaves its texts as they are.
# Instead: pyxero takes every text of an answer that reads like a time for one, whatever field it stands in: a reference
# "2026-03-01T07:30:00", as other programs leave it, becomes a datetime, and "2026-03-01T00:00:00" a date. Saved again they
# are "2026-03-01 07:30:00" and "2026-03-01". A program that finds its own bills by such a reference does not find them any
# more, and enters them a second time.
# Our code heeds it by reading texts as texts (worker/xero/answers.py), and by finding a bill by the address that it carries.
set -euo pipefail

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
python3 -m venv "$home/env"
"$home/env/bin/python" -m pip install --quiet --disable-pip-version-check "pyxero==0.9.5"

"$home/env/bin/python" - <<'PYTHON' | tee "$home/said.txt"
import http.server, importlib.metadata, json, os, re, sys, threading

from xero import Xero
from xero.auth import OAuth2Credentials

print(sys.version.split()[0], "pyxero", importlib.metadata.version("pyxero"))
BILL = {
    "InvoiceID": "243216c5-369e-4056-ac67-05388f86dc81",
    "Type": "ACCPAY",
    "Reference": "2026-03-01T07:30:00",
    "LineItems": [{"Description": "2026-03-01T00:00:00", "LineAmount": 100.0}],
}


class Books(http.server.BaseHTTPRequestHandler):
    """Answers each request with the one bill, and says which reference and text it was sent."""

    def do_GET(self):
        body = json.dumps({"Status": "OK", "Invoices": [BILL]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        for name in ("Reference", "Description"):
            print(f"sent: {name} {re.search(f'<{name}>(.*?)</{name}>', sent)[1]}")
        self.do_GET()

    def log_message(self, *_):
        pass


os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP, on loopback
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Books) as books:
    threading.Thread(target=books.serve_forever, daemon=True).start()
    token = {"access_token": "t", "token_type": "Bearer", "expires_at": 2**33}
    credentials = OAuth2Credentials("id", "secret", token=token)
    credentials.base_url = f"http://127.0.0.1:{books.server_address[1]}"
    credentials.tenant_id = "tenant"
    client = Xero(credentials)
    (bill,) = client.invoices.all()
    print(f"read: Reference {type(bill['Reference']).__name__}, Description {type(bill['LineItems'][0]['Description']).__name__}")
    client.invoices.save(bill)
    books.shutdown()
PYTHON

grep -qx "read: Reference datetime, Description date" "$home/said.txt"
grep -qx "sent: Reference 2026-03-01 07:30:00" "$home/said.txt"
grep -qx "sent: Description 2026-03-01" "$home/said.txt"
echo "As described."
