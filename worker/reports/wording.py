"""A summary or an alarm as a message: subject, plain text, HTML and the fields for programs.

Names and sentences come from Procore, Xero and their users, so HTML escapes all of them, and what a chat tool shows is
freed of what such tools obey.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from worker.counting import counted
from worker.ledger.notices import Message
from worker.reports import rendering
from worker.reports.alarms import ENDED, Alarm
from worker.reports.summary import DONE, MOST_PROJECTS, Moved, Problem, Project, Summary

#: What stands before each subject, so that a mail program can sort by it.
SENDER = "Procore to Xero"
_TIME = "%Y-%m-%d %H:%M"


def of_pass(found: Summary) -> Message:
    """The message about a pass that is over."""
    shown = replace(
        found,
        projects=found.projects[:MOST_PROJECTS],
        refused=found.refused[:MOST_PROJECTS],
        causes=found.causes[:MOST_PROJECTS],
    )
    lines = list(_pass_lines(found, shown))
    page = rendering.render("pass.html", found=found, shown=shown, headline=headline(found), when=when(found))
    return Message(f"{SENDER}: {headline(found)}", "\n".join(lines), page, _pass_facts(found, shown))


def of_alarm(alarm: Alarm, organisation: str) -> Message:
    """The message about an alarm that goes on."""
    said = [alarm.sentence, f"To do: {alarm.remedy}"]
    return _alarm_message(alarm.name, f"ALARM: {alarm.title}", said, organisation, on=True)


def of_end(name: str, organisation: str) -> Message:
    """The message about an alarm that goes off again."""
    return _alarm_message(name, f"recovered: {ENDED[name.split()[0]]}", [], organisation, on=False)


def _alarm_message(name: str, title: str, said: Sequence[str], organisation: str, *, on: bool) -> Message:
    text = "\n".join([organisation, f"{title[:1].upper()}{title[1:]}.", *said])
    page = rendering.render("alarm.html", title=title, said=said, organisation=organisation, on=on)
    facts = {"kind": "alarm", "alarm": name, "on": on, "organisation": organisation}
    return Message(f"{SENDER}: {title}", text, page, {"text": for_chat(text), **facts})


def headline(found: Summary) -> str:
    """ "12 created, 3 updated; 2 held, 1 new; 4 waiting" """
    if found.stopped:
        return "nothing was started"
    said = [", ".join(f"{found.counts[done]} {done}" for done in DONE if found.counts[done]) or "nothing was sent"]
    if found.held:
        said.append(f"{found.held} held")
    if found.new_problems:
        said.append(counted(found.new_problems, "new problem"))
    if found.solved:
        said.append(f"{found.solved} solved")
    if found.waiting:
        said.append(f"{found.waiting} waiting")
    return "; ".join(said)


def when(found: Summary) -> str:
    began, ended = (at.astimezone(found.zone) for at in (found.started_at, found.finished_at))
    return f"{began:{_TIME}} to {ended:%H:%M %Z}"


def for_chat(text: str) -> str:
    """Text that no chat tool takes for markup, a link to something else, or a call to everybody."""
    return html.escape(text, quote=False).replace("@", "@\u200b")


def _pass_lines(found: Summary, shown: Summary) -> Iterator[str]:
    yield f"{found.organisation}, pass {found.pass_id}, {when(found)}"
    yield f"{headline(found)[:1].upper()}{headline(found)[1:]}."
    if found.stopped:
        yield f"\n{found.stopped}"
    if shown.causes:
        yield "\nHeld, by cause:"
    for cause in shown.causes:
        yield f"  {cause.said}"
        yield f"    To do: {cause.remedy}"
    for project in shown.projects:
        yield ""
        yield from _project_lines(project)
    if len(found.projects) > len(shown.projects):
        more = counted(len(found.projects) - len(shown.projects), "more project")
        yield f"\nAnd {more}: procore-xero status shows all."
    if shown.refused:
        yield "\nNot synced until somebody mends it:"
    for one in shown.refused:
        yield f"  {one.job_number or '(no job number)'} {one.name}: {'NEW: ' if one.is_new else ''}{one.reason}"


def _project_lines(project: Project) -> Iterator[str]:
    yield f"{project.job_number} {project.name}: {of_project(project)}"
    if project.page_url:
        yield f"  {project.page_url}"
    if project.stopped:
        yield f"  STOPPED: {project.stopped}"
    for problem in project.problems:
        yield f"  HELD{' (new)' if problem.is_new else ''}: {_named(problem)}: {problem.sentence}"
        yield f"    To do: {problem.remedy}"
        if problem.acknowledged:
            yield f"    {problem.acknowledged[:1].upper()}{problem.acknowledged[1:]}"
        yield from _links(problem)
    for moved in project.moved:
        yield f"  {moved.done}: {_named(moved)}"
        yield from _links(moved)
    if project.unnamed:
        yield f"  {project.others}: procore-xero problems and export show all"


def of_project(project: Project) -> str:
    """ "10 created, 2 held, 1 waiting" """
    said = [f"{project.counts[done]} {done}" for done in DONE if project.counts.get(done)]
    counts = {"held": project.held, "acknowledged": project.acknowledged}
    counts |= {"solved": project.solved, "waiting": project.waiting}
    said += [f"{count} {name}" for name, count in counts.items() if count]
    return ", ".join(said) or "nothing was sent"


def _named(of: Moved | Problem) -> str:
    """ "Clearspan Glazing Pty Ltd, SC-001 claim 3, INV-2044, 2026-09-30, 8,123.40 AUD (claim 58853)" """
    return f"{of.name} ({of.title})" if of.name else of.title


def _links(of: Moved | Problem) -> Iterator[str]:
    if of.procore_url:
        yield f"    Procore: {of.procore_url}"
    if of.xero_url:
        yield f"    Xero:    {of.xero_url}"


def _pass_facts(found: Summary, shown: Summary) -> dict[str, Any]:
    """For programs; `text` is what a chat tool shows: a line per project and the new problems, without documents."""
    return {
        "text": for_chat("\n".join(_chat_lines(found, shown.projects))),
        "kind": "pass",
        "pass": found.pass_id,
        "organisation": found.organisation,
        "started_at": found.started_at.isoformat(),
        "finished_at": found.finished_at.isoformat(),
        **{done: found.counts[done] for done in DONE},
        "held": found.held,
        "waiting": found.waiting,
        "solved": found.solved,
        "new_problems": found.new_problems,
        "stopped": found.stopped,
        "projects": [asdict(replace(project, counts=dict(project.counts))) for project in shown.projects],
        "causes": [asdict(one) for one in shown.causes],
        "refused": [asdict(one) for one in shown.refused],
    }


def _chat_lines(found: Summary, projects: Sequence[Project]) -> Iterator[str]:
    yield f"{found.organisation}: {headline(found)}"
    if found.stopped:
        yield found.stopped
    for project in projects:
        yield f"{project.job_number} {project.name}: {of_project(project)}"
        if project.stopped_anew:
            yield f"  stopped: {project.stopped}"
        for problem in project.problems:
            if problem.is_new:
                yield f"  {_named(problem)}: {problem.sentence} {problem.procore_url}"
    for one in found.refused:
        if one.is_new:
            yield f"{one.job_number} {one.name}: {one.reason}"
