"""Flower's task pages in local time, with Retry; the address that Retry posts to; and the pages of projects.

They come before Flower's own handlers, which stay as they are. Nothing here decides about a job: see `retry` and
`projects`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from celery.states import READY_STATES
from flower.api import BaseApiHandler
from flower.utils.tasks import get_task_by_id
from flower.views import BaseHandler
from flower.views.tasks import TasksView, TaskView
from tornado.web import HTTPError, authenticated, url

from worker.flower import one_project, one_record, projects
from worker.flower.markup import in_code, named, tell_local_times
from worker.flower.navigation import TAB
from worker.flower.retry import NO_LOGIN, READ_ONLY, Answer, Offer, offer, retry

_TEMPLATES = Path(__file__).parent / "templates"
_CSS = (_TEMPLATES / "projects.css").read_text(encoding="utf-8")


def refusal(options: Any) -> str:
    """Why nobody may start a job in this Flower, blank where people may."""
    if not (options.basic_auth or options.auth):
        return NO_LOGIN
    return READ_ONLY if options.read_only else ""


class TaskPage(TaskView):  # type: ignore[misc]  # Flower has no types
    """Flower's page of a task, with Retry when its job failed; a page of our own for a task that Flower missed."""

    _offer = Offer()

    @authenticated
    async def get(self, task_id: str) -> None:
        self._offer = await asyncio.to_thread(offer, task_id, refusal(self.application.options))
        await asyncio.to_thread(tell_local_times, self.capp)
        if self._offer.job is not None and get_task_by_id(self.application.events, task_id) is None:
            self._render("job.html", again=self._offer.goes_on, job=self._offer.job)
        else:
            super().get(task_id)

    def render(self, template_name: str, **names: Any) -> None:
        """Flower's `get` ends here: its task page becomes ours, which extends it."""
        if template_name != "task.html":
            super().render(template_name, **names)
            return
        # Flower hears of the end a moment after the job table
        ended = self._offer.job is None or names["task"].state in READY_STATES
        self._render(template_name, again=not ended and not self._offer.may_retry, **names)

    def _render(self, template_name: str, again: bool, **names: Any) -> None:
        again = again and self.application.options.auto_refresh
        ours = {
            "retry_html": str(_TEMPLATES / "retry.html"),
            "held_html": str(_TEMPLATES / "held.html"),
            "in_code": in_code,
            "named": named,
        }
        super().render(str(_TEMPLATES / template_name), offer=self._offer, again=again, **ours, **names)


class TaskList(TasksView):  # type: ignore[misc]  # Flower has no types
    """Flower's list of tasks, in the organisation's time."""

    @authenticated
    async def get(self) -> None:
        await asyncio.to_thread(tell_local_times, self.capp)
        super().get()

    def render(self, template_name: str, **names: Any) -> None:
        super().render(str(_TEMPLATES / template_name), **names)


class Retry(BaseApiHandler):  # type: ignore[misc]  # Flower has no types
    """POST /api/job/retry/<task id>: start this task's failed job again; answers the new task's id and page."""

    def prepare(self) -> None:
        """Nothing is retried without a login, whatever Flower's own API is set to."""
        if refusal(self.application.options) == NO_LOGIN:
            raise HTTPError(401, NO_LOGIN)

    @authenticated
    async def post(self, task_id: str) -> None:
        if reason := refusal(self.application.options):
            raise HTTPError(403, reason)
        # `retry` returns its refusals: what it would raise, `run_blocking` would turn into a bare 500
        answer = await self.run_blocking("job.retry", task_id, retry, task_id)
        if answer.status != 200:
            raise HTTPError(answer.status, answer.sentence)
        page = self.reverse_url("task", answer.task_id)
        self.write({"task-id": answer.task_id, "page": page, "message": answer.sentence})


class _Page(BaseHandler):  # type: ignore[misc]  # Flower has no types
    """A page of ours: what it shows stands in its address, and its buttons post to the address at which it is shown."""

    def asked(self) -> dict[str, str]:
        return {name: self.get_query_argument(name, "") for name in ("state", "q", "page")}

    def require_buttons(self) -> None:
        """Raises HTTPError where nobody may start anything in this Flower."""
        if reason := refusal(self.application.options):
            raise HTTPError(403, reason)

    def show(self, template: str, status: int, answer: Answer | None, **names: Any) -> None:
        """The page with what became of a click, whose number is then the answer's."""
        self.set_status(status if answer is None else answer.status)
        options = self.application.options
        ours = {"css": _CSS, "tab": TAB, "projects": projects, "refresh": str(_TEMPLATES / "refresh.html")}
        ours |= {"refusal": refusal(options), "again": options.auto_refresh, "in_code": in_code, "named": named}
        self.render(str(_TEMPLATES / template), answer=answer, **ours, **names)


class Projects(_Page):
    """Every project and where it stands."""

    @authenticated
    async def get(self) -> None:
        await self._show(None)

    @authenticated
    async def post(self) -> None:
        self.require_buttons()
        action = self.get_body_argument("action", "")
        if action not in projects.ACTIONS:
            raise HTTPError(400, "There is no such button.")
        job_number = self.get_body_argument("job_number", "")
        await self._show(await asyncio.to_thread(projects.press, action, job_number), typed=job_number)

    async def _show(self, answer: Answer | None, typed: str = "") -> None:
        wanted = projects.wish(self.asked())
        shown = await asyncio.to_thread(projects.show, wanted)
        self.show(
            "projects.html",
            503 if shown.trouble else 200,
            answer,
            table=str(_TEMPLATES / "projects_table.html"),
            wanted=wanted,
            found=shown.found,
            trouble=shown.trouble,
            shown=shown,
            typed=typed if answer is not None and answer.status != 200 else "",
        )


class Project(_Page):
    """One project, record by record."""

    @authenticated
    async def get(self, project_id: str) -> None:
        await self._show(project_id, None)

    @authenticated
    async def post(self, project_id: str) -> None:
        self.require_buttons()
        action = self.get_body_argument("action", "")
        if action == "send":
            press: Callable[[], Answer] = partial(one_project.send, int(project_id))
        elif action in one_record.BUTTONS:
            record = (self.get_body_argument(name, "") for name in ("kind", "procore_id"))
            press = partial(one_record.press, int(project_id), action, *record)
        else:
            raise HTTPError(400, "There is no such button.")
        await self._show(project_id, await asyncio.to_thread(press))

    async def _show(self, project_id: str, answer: Answer | None) -> None:
        shown = await asyncio.to_thread(one_project.show, one_project.wish(project_id, self.asked()))
        alive = sorted(name for name, one in self.application.events.state.workers.items() if one.alive)
        self.show(
            "project.html",
            shown.status,
            answer,
            body=str(_TEMPLATES / "project_shown.html"),
            one_project=one_project,
            one_record=one_record,
            shown=shown,
            workers=alive,
        )


#: Those in Flower's place have no name here: the names by which Flower links to them stay with its own handlers.
HANDLERS = [
    (r"/task/(.+)", TaskPage),
    (r"/tasks", TaskList),
    url(r"/api/job/retry/(.+)", Retry, name="retry"),
    url(r"/projects", Projects, name=TAB),
    url(r"/projects/(\d{1,18})", Project, name="project"),
]
