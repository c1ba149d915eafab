"""Flower itself, in this process, with what its configuration file adds: for questions over HTTP."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import flower.app
import flower.urls
from celery import Celery
from flower.events import EventsState
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.options import options
from tornado.testing import bind_unused_port

from worker.assembly import Parts
from worker.flower.attempts import Attempts
from worker.flower.doors import TRANSFORMS, StaticFiles
from worker.flower.navigation import Navigation
from worker.ledger.jobs import Wanted
from worker.ledger.tables import Job

LOGIN = {"auth_username": "operator", "auth_password": "secret"}
#: Requests that must start nothing, and what they are answered with: without the login, or from another site's page.
STRANGERS: list[tuple[dict[str, Any], int]] = [
    ({"headers": {}}, 401),
    ({"auth_username": "operator", "auth_password": "guess"}, 401),
    ({**LOGIN, "headers": {"Origin": "https://elsewhere.example"}}, 403),
    ({**LOGIN, "headers": {"Origin": "null"}}, 403),
    ({**LOGIN, "headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
]


#: What the configuration file adds to Flower's settings.
OURS = {"ui_modules": {"Template": Navigation}, "transforms": TRANSFORMS, "static_handler_class": StaticFiles}


class InProcess:
    """One Flower application per question, with the options and the events that a test gives it."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.options: dict[str, Any] = {"basic_auth": ["operator:secret"]}
        self.settings: dict[str, Any] = {}
        #: Seconds since the test began, as wrong logins are counted by.
        self.now_s = 0.0
        self.attempts = Attempts(now=lambda: self.now_s)
        self.state = EventsState(max_tasks_in_memory=100)

    def a_failed_job(self) -> Job:
        (job,) = self.parts.jobs.queue([Wanted("25-003", "Fairfield <Fitout>")], "periodic")
        self.parts.jobs.claim(job.task_id, "a worker")
        self.parts.jobs.end(job.id, "a worker", "failed", "25-003: 2 of 18 records held", {})
        return job

    def hears(self, task_id: str, kind: str, name: str = "sync_project") -> None:
        event = {"uuid": task_id, "name": name, "hostname": "celery@here", "timestamp": 1.0, "local_received": 1.0}
        self.state.event({"type": kind, "clock": 1, "exception": "JobFailed()", **event})

    def ask(self, method: str, path: str, **request: Any) -> HTTPResponse:
        async def go() -> HTTPResponse:
            app = flower.app.Flower(
                options=SimpleNamespace(**(dict(options.items()) | self.options)),
                capp=Celery("tests", broker="memory://"),
                events=SimpleNamespace(state=self.state),
                **(flower.urls.settings | OURS | self.settings),
            )
            socket, port = bind_unused_port()
            server = HTTPServer(app)
            server.add_socket(socket)
            body = {"body": b""} if method == "POST" else {}
            asked = HTTPRequest(f"http://127.0.0.1:{port}{path}", method, **(body | request))
            try:
                return await AsyncHTTPClient().fetch(asked, raise_error=False)
            finally:
                server.stop()
                app.executor.shutdown()

        return asyncio.run(go())

    def page(self, task_id: str) -> str:
        answer = self.ask("GET", f"/task/{task_id}", **LOGIN)
        assert answer.code == 200
        return answer.body.decode()

    def press(self, task_id: str, **request: Any) -> tuple[int, str]:
        answer = self.ask("POST", f"/api/job/retry/{task_id}", **(request or LOGIN))
        return answer.code, answer.body.decode()
