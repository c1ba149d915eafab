"""When a change in Procore is seen, and what that costs in calls: days of passes over many projects, list by list.

Which list a pass reads, when it is due again (`office`) and what a message starts (`listener`) are said by the worker's
own functions; what people do in Procore is given.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.listener import Listener
from tests.simulation.office import Office
from tests.simulation.values import START, Came, Change, Setting


def run(projects: Sequence[int], changes: Sequence[Change], passes: int, setting: Setting, skip: int = 0) -> Came:
    """Everything is read once at the beginning, then so many passes follow; the first `skip` are not counted.

    Projects are given by their ids, by which the times at which everything is compared are spread.
    """
    office, came = Office(projects, changes, setting), Came()
    told = Listener(office, setting.messages, changes) if setting.messages else None
    for number in range(passes + 1):
        at = START + number * setting.every
        by_messages = told.until(at) if told and number else []
        found = [*by_messages, office.one_pass(at, is_first=number == 0)]
        if number > skip:
            came.calls.append(sum(one.calls for one in found))
            came.put_off += sum(one.put_off for one in found)
            came.unread = max(came.unread, *(one.unread for one in found))
            came.seen += [seen for one in found for seen in one.seen]
    if told:
        told.close()
    came.begun = office.begun
    return came
