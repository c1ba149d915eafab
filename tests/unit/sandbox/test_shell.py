"""What both APIs share: journal, scripted faults, clock, limits."""

from __future__ import annotations

import threading

import httpx
import pytest
from werkzeug.wrappers import Request, Response

from tests.services import PATIENCE_S, eventually
from worker.sandbox.clock import Clock
from worker.sandbox.faults import Fault, Faults
from worker.sandbox.journal import Journal, count_elements
from worker.sandbox.limits import Limits, LimitsInForce, Window
from worker.sandbox.shell import build_app, json_response


class OpenGuard:
    """Lets everybody in, and counts."""

    def __init__(self) -> None:
        self.finished: list[int] = []

    def check(self, request: Request) -> Response | None:
        return Response("refused", status=401) if "refuse" in request.args else None

    def finish(self, request: Request, response: Response) -> Response:
        self.finished.append(response.status_code)
        return response

    def refusal(self, request: Request, fault: Fault) -> Response:
        return Response(f"scripted {fault.kind}", status=401 if fault.kind == "expired_token" else fault.status)


class Shell:
    """One app with one address that counts its calls."""

    def __init__(self) -> None:
        self.guard = OpenGuard()
        self.clock = Clock()
        self.limits = LimitsInForce(Limits())
        self.handled = 0
        self.app = build_app(
            "test",
            clock=self.clock,
            journal=Journal(),
            faults=Faults(),
            guard=self.guard,
            limits=self.limits,
            token_path="/token",
            dump=lambda: {"rows": []},
        )
        self.app.add_url_rule("/rows", view_func=self._rows, methods=["GET", "PUT"])
        self.app.add_url_rule("/token", endpoint="token", view_func=self._rows, methods=["POST"])
        self.app.add_url_rule("/bug", view_func=self._bug)
        self.http = httpx.Client(transport=httpx.WSGITransport(app=self.app), base_url="http://shell.test")

    def _bug(self) -> Response:
        raise ZeroDivisionError

    def _rows(self) -> Response:
        self.handled += 1
        return json_response({"handled": self.handled})

    def fault(self, **values: object) -> httpx.Response:
        return self.http.post("/_sandbox/faults", json=values)


@pytest.fixture
def shell() -> Shell:
    return Shell()


def test_journal_tells_what_was_sent_and_answered(shell: Shell) -> None:
    """The journal holds every API request with its body, key and number of documents."""
    shell.http.put("/rows?page=2", json={"Rows": [1, 2, 3]}, headers={"Idempotency-Key": "k"})
    entry = shell.http.get("/_sandbox/journal").json()["entries"][0]
    assert (entry["n"], entry["method"], entry["path"], entry["query"]) == (1, "PUT", "/rows", {"page": "2"})
    assert (entry["status"], entry["elements"], entry["idempotency_key"]) == (200, 3, "k")
    assert entry["body"] == {"Rows": [1, 2, 3]}
    assert entry["request_bytes"] == 16
    assert entry["response_bytes"] > 0


def test_journal_since_leaves_out_what_was_read(shell: Shell) -> None:
    """`since` makes a second reading start where the first one ended; control calls are not journalled."""
    shell.http.get("/rows")
    last = shell.http.get("/_sandbox/journal").json()["last"]
    shell.http.get("/rows")
    entries = shell.http.get("/_sandbox/journal", params={"since": last}).json()["entries"]
    assert [entry["n"] for entry in entries] == [2]


def test_journal_keeps_no_form(shell: Shell) -> None:
    """A token request's secret never reaches the journal."""
    shell.http.post("/token", data={"client_secret": "hush"})
    assert "hush" not in shell.http.get("/_sandbox/journal").text


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [("PUT", {"Name": "x", "Status": "y"}, 1), ("POST", [1, 2], 2), ("GET", {"Rows": [1]}, None), ("PUT", None, None)],
)
def test_elements_are_documents(method: str, body: object, expected: int | None) -> None:
    """A bare document counts one, a list its length, and a read nothing."""
    assert count_elements(method, body) == expected


def test_status_fault_hits_the_given_times_after_the_skipped(shell: Shell) -> None:
    """`skip` requests pass, `times` are hit, and then all is well; the handler does not run when hit."""
    shell.fault(kind="status", status=503, path="/rows$", skip=2, times=2)
    assert [shell.http.get("/rows").status_code for _ in range(5)] == [200, 200, 503, 503, 200]
    assert shell.handled == 3


def test_fault_waits_for_its_method_and_path(shell: Shell) -> None:
    """A fault without a path leaves the token address alone."""
    shell.fault(kind="status", status=500, method="PUT")
    shell.fault(kind="expired_token")
    assert shell.http.post("/token").status_code == 200
    assert shell.http.get("/rows").status_code == 401
    assert shell.http.put("/rows", json={}).status_code == 500


def test_fault_waits_for_what_a_request_carries(shell: Shell) -> None:
    """As where one document of several is what an API cannot take."""
    shell.fault(kind="status", status=500, about="INV-6+6")
    assert [shell.http.put("/rows", json={"number": name}).status_code for name in ("INV-7", "INV-666")] == [200, 500]


def test_cut_is_before_handling_and_lost_answer_after(shell: Shell) -> None:
    """Both lose the connection; only the lost answer has done its work."""
    shell.fault(kind="cut")
    with pytest.raises(ConnectionResetError):
        shell.http.put("/rows", json={})
    assert shell.handled == 0
    shell.fault(kind="lost_answer")
    with pytest.raises(ConnectionResetError):
        shell.http.put("/rows", json={})
    assert shell.handled == 1
    entries = shell.http.get("/_sandbox/journal").json()["entries"]
    assert [(entry["fault"], entry["status"]) for entry in entries] == [("cut", 0), ("lost_answer", 200)]


def test_fault_is_not_used_up_by_a_refused_request(shell: Shell) -> None:
    """A request that the guard refuses never reaches the script."""
    shell.fault(kind="status", status=500)
    assert shell.http.get("/rows", params={"refuse": "1"}).status_code == 401
    assert shell.http.get("/rows").status_code == 500
    assert shell.guard.finished == [401, 500]


def test_bug_in_a_handler_is_seen_and_frees_its_slot(shell: Shell) -> None:
    """A mistake of the sandbox is raised, not answered as the API's own 500."""
    with pytest.raises(ZeroDivisionError):
        shell.http.get("/bug")
    assert shell.guard.finished == [500]


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "explode"}, {"kind": "cut", "colour": 1}, {"kind": "cut", "about": "("}, {"kind": "cut", "times": "x"}],
)
def test_wrong_fault_is_refused_with_a_sentence(shell: Shell, wrong: dict[str, object]) -> None:
    """A script that cannot happen is an error, not a fault that never comes."""
    answer = shell.fault(**wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_faults_are_listed_and_cleared(shell: Shell) -> None:
    """DELETE forgets the script."""
    shell.fault(kind="cut", times=9)
    assert shell.http.get("/_sandbox/faults").json()["faults"][0]["times"] == 9
    shell.http.delete("/_sandbox/faults")
    assert shell.http.get("/rows").status_code == 200


def test_clock_and_limits_can_be_changed(shell: Shell) -> None:
    """Time passes on request, and a limit is refused unless it is one."""
    before = shell.clock.now()
    shell.http.post("/_sandbox/clock", json={"advance_s": 400})
    assert (shell.clock.now() - before).total_seconds() >= 400
    shell.http.post("/_sandbox/limits", json={"xero_per_minute": 3, "xero_minute_s": 0.5})
    assert (shell.limits.now.xero_per_minute, shell.limits.now.xero_minute_s) == (3, 0.5)
    assert shell.http.post("/_sandbox/limits", json={"per_year": 1}).status_code == 400
    assert shell.http.post("/_sandbox/limits", json={"xero_per_day": "many"}).status_code == 400


def test_window_rolls() -> None:
    """A call leaves the window exactly one length after it came."""
    window = Window()
    window.hit(0.0)
    window.hit(30.0)
    assert (window.used(59.0, 60.0), window.free_in_s(59.0, 60.0)) == (2, 1.0)
    assert window.used(60.0, 60.0) == 1


def test_slow_requests_overlap(shell: Shell) -> None:
    """A slow request holds no lock: another one is answered meanwhile. When the faults are forgotten it goes on."""
    shell.fault(kind="slow", seconds=PATIENCE_S)
    slow = threading.Thread(target=shell.http.get, args=("/rows",))
    slow.start()
    eventually(lambda: not shell.http.get("/_sandbox/faults").json()["faults"])
    assert shell.http.get("/rows").json() == {"handled": 1}
    shell.http.delete("/_sandbox/faults")
    slow.join()
    assert shell.handled == 2
