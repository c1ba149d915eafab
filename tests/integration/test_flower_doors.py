"""Flower's doors, over HTTP: no answer can be framed, without a login it has no foreign name, guesses are slowed."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from tests.integration.flower_app import LOGIN, InProcess
from worker.flower.attempts import FREE
from worker.flower.doors import FOREIGN, ODD

WRONG = {"auth_username": "operator", "auth_password": "guess"}


def _is_unframed(answer: HTTPResponse) -> bool:
    said = answer.headers
    return (said["X-Frame-Options"], said["Content-Security-Policy"]) == ("DENY", "frame-ancestors 'none'")


@pytest.mark.parametrize(
    ("path", "request_", "code"),
    [
        ("/workers", LOGIN, 200),
        ("/projects", LOGIN, 200),
        ("/api/tasks", LOGIN, 200),
        ("/healthcheck", {}, 200),
        ("/metrics", {}, 200),
        ("/static/favicon.ico", {}, 200),
        ("/static/css/flower.css", {}, 200),
        ("/workers", {}, 401),
        ("/api/tasks", {}, 401),
        ("/static/no-such-file", {}, 404),
        ("/no-such-page", LOGIN, 404),
        ("/task/no-such-task", LOGIN, 404),
        ("/api/task/info/no-such-task", LOGIN, 404),
        ("/workers", {"method": "PUT", "body": b"", **LOGIN}, 405),
    ],
)
def test_no_answer_can_be_shown_in_a_frame(
    in_process: InProcess, path: str, request_: dict[str, Any], code: int
) -> None:
    """Neither pages nor files nor errors: a page around ours could lead a hand to our buttons."""
    answer = in_process.ask(request_.get("method", "GET"), path, **{k: v for k, v in request_.items() if k != "method"})
    assert answer.code == code
    assert _is_unframed(answer)


def test_an_error_of_ours_cannot_be_framed(in_process: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when a handler breaks."""
    monkeypatch.setattr("worker.flower.projects.wish", lambda asked: 1 / 0)
    answer = in_process.ask("GET", "/projects", **LOGIN)
    assert answer.code == 500
    assert _is_unframed(answer)


@pytest.mark.parametrize("host", ["localhost", "localhost:5555", "127.0.0.1:5555", "[::1]:5555", "LOCALHOST:1"])
def test_without_a_login_it_answers_by_its_own_names(in_process: InProcess, host: str) -> None:
    """Also through a tunnel, whose port is another one."""
    in_process.options["basic_auth"] = []
    assert in_process.ask("GET", "/projects", headers={"Host": host}).code == 200


@pytest.mark.parametrize(
    ("host", "path"),
    [
        *(("rebound.example:5555", path) for path in ("/", "/metrics", "/healthcheck", "/api/tasks", "/task/x", "/x")),
        *((host, "/projects") for host in ("rebound.example", "127.0.0.1.example", "localhost.example", "192.0.2.7")),
    ],
)
def test_without_a_login_it_has_no_other_name(in_process: InProcess, host: str, path: str) -> None:
    """A page elsewhere may let its own name lead here; its browser then says that name."""
    in_process.options["basic_auth"] = []
    answer = in_process.ask("GET", path, headers={"Host": host})
    assert (answer.code, answer.body.decode()) == (421, FOREIGN)
    assert _is_unframed(answer)


def test_with_a_login_it_may_have_any_name(in_process: InProcess) -> None:
    """Behind a proxy it is called as people call it; the login is bound to that name by their browsers."""
    assert in_process.ask("GET", "/projects", headers={"Host": "flower.example.com"}, **LOGIN).code == 200


def test_guesses_are_slowed(in_process: InProcess) -> None:
    """The sixth wrong login closes the door for a second: also to the right one, or a guess could be told by it."""
    for _ in range(FREE + 1):
        assert in_process.ask("GET", "/projects", **WRONG).code == 401
    for login in (WRONG, LOGIN):
        for path in ("/projects", "/api/tasks", "/metrics"):
            answer = in_process.ask("GET", path, **login)
            assert (answer.code, answer.headers["Retry-After"]) == (429, "1")
            assert answer.body.decode() == "Too many wrong logins came from this address. Try again in 1 s."
    assert _is_unframed(answer)
    assert in_process.ask("GET", "/healthcheck").code == 200
    in_process.now_s += 1
    assert in_process.ask("GET", "/projects", **LOGIN).code == 200


def test_a_right_login_begins_anew(in_process: InProcess) -> None:
    """Who mistypes now and then is never slowed."""
    for login, code in [*[(WRONG, 401)] * FREE, (LOGIN, 200)] * 2:
        assert in_process.ask("GET", "/projects", **login).code == code


def test_every_address_of_flowers_counts_wrong_logins(in_process: InProcess) -> None:
    """Also those that ask for no login: their answer to a guess must not be a way around."""
    paths = ["/projects", "/api/tasks", "/metrics", "/healthcheck", "/task/x", "/no-such-page"]
    for path in paths:
        assert in_process.ask("GET", path, **WRONG).code == 401
    assert in_process.ask("GET", "/projects", **LOGIN).code == 429


def test_who_shows_no_login_is_asked_for_one(in_process: InProcess) -> None:
    """A browser's first request has none; that is no guess."""
    for _ in range(20):
        assert in_process.ask("GET", "/projects").code == 401
    assert in_process.ask("GET", "/projects", **LOGIN).code == 200


@pytest.mark.parametrize(
    "said",
    [
        "Basic " + b64encode("opérator:secret".encode()).decode(),
        "Basic " + b64encode(b"operator:\x00").decode(),
        "Basic " + b64encode(b"\xff\xfe").decode(),
        "Basic ====",
        "Basic",
        "Bearer operator:secret",
    ],
)
def test_an_odd_login_is_a_wrong_one(in_process: InProcess, said: str) -> None:
    """It is answered with 401, and counts."""
    for _ in range(FREE + 1):
        assert in_process.ask("GET", "/projects", headers={"Authorization": said}).code == 401
    assert in_process.ask("GET", "/projects", **LOGIN).code == 429


@pytest.mark.parametrize("login", [LOGIN, {}], ids=["with a login", "without"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("/task/a%00b", "/task/a%1bb", "/api/task/info/%00", "/worker/%00", "/%00")),
        *(
            ("GET", path)
            for path in ("/static/%00", "/projects?q=a%00b", "/projects?a%00b=q", "/api/tasks?sort_by=%00")
        ),
        ("POST", "/api/job/retry/a%00b"),
    ],
)
def test_control_characters_are_refused_at_the_door(
    in_process: InProcess, method: str, path: str, login: dict[str, str]
) -> None:
    """Behind it PostgreSQL and the system's files would answer NUL by an error of their own."""
    answer = in_process.ask(method, path, **login)
    assert (answer.code, answer.body.decode()) == (400, ODD)
    assert _is_unframed(answer)


def test_so_are_they_in_a_form(in_process: InProcess) -> None:
    """What a button posts."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = b"action=send&job_number=a%00b"
    assert in_process.ask("POST", "/projects", body=body, headers=form, **LOGIN).code == 400


@pytest.mark.parametrize("path", ["/task/%ff", "/projects?q=%ff", "/worker/%ed%a0%80", "/static/%ff"])
def test_bytes_that_are_no_text_are_a_bad_request(in_process: InProcess, path: str) -> None:
    """Halves of characters, too."""
    assert in_process.ask("GET", path, **LOGIN).code == 400


def test_names_in_any_script_are_asked_for(in_process: InProcess) -> None:
    """Only what nobody can type is refused."""
    assert in_process.ask("GET", "/projects?q=%E6%9D%B1%E4%BA%AC%20%F0%9F%91%B7", **LOGIN).code == 200
