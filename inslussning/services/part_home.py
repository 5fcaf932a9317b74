"""The start page of somebody outside the office's staff: what waits for an answer, the next meetings, one's own actions."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from inslussning.db import Session
from inslussning.practice.access import Function, Principal
from inslussning.services import action_lists, shared_cases, shared_meetings
from inslussning.services.action_lists import ActionPage, Wanted
from inslussning.services.shared_cases import CaseLine
from inslussning.services.shared_meetings import OwnMeeting

MEETINGS = 5
ACTIONS = 7


class PartHome(NamedTuple):
    """The whole page. `waiting` are meetings without an answer; `cases` only for who has no page of cases beside it."""

    waiting: Sequence[OwnMeeting]
    meetings: Sequence[OwnMeeting]
    actions: ActionPage
    cases: Sequence[CaseLine]


def home(session: Session, principal: Principal, *, now: dt.datetime, today: dt.date) -> PartHome:
    """Return the start page of a function outside the office's staff."""
    goes = principal.may(Function.FOLLOW_MEETINGS)
    coming = shared_meetings.coming(session, principal, now=now).rows if goes else []
    planned = [one for one in coming if not one.is_called_off]
    listed = action_lists.open_page(session, principal, Wanted(), today=today)
    shows_cases = not principal.may(Function.READ_PLANS)
    return PartHome(
        waiting=[one for one in planned if one.waits][:MEETINGS],
        meetings=planned[:MEETINGS],
        actions=listed._replace(rows=listed.rows[:ACTIONS]),
        cases=shared_cases.list_cases(session, principal).rows if shows_cases else [],
    )
