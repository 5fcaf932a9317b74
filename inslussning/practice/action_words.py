"""What people call the states of an action, the buttons that change them, and the ways to look at a list of actions."""

import datetime as dt
from enum import StrEnum

from inslussning.i18n import N_
from meetings.actions import ActionState

STATE_WORDS: dict[ActionState, str] = {
    ActionState.PLANNED: N_("Planerad"),
    ActionState.ONGOING: N_("Pågår"),
    ActionState.DONE: N_("Klar"),
    ActionState.OUTCOME_REACHED: N_("Utfall nått"),
    ActionState.DECLINED: N_("Avböjd"),
    ActionState.DORMANT: N_("Vilande"),
}
STATE_COLOURS: dict[ActionState, str] = {
    ActionState.PLANNED: "neutral",
    ActionState.ONGOING: "info",
    ActionState.DONE: "success",
    ActionState.OUTCOME_REACHED: "success",
    ActionState.DECLINED: "warning",
    ActionState.DORMANT: "neutral",
}
_STEPS: dict[ActionState, str] = {
    ActionState.PLANNED: N_("Tillbaka till planerad"),
    ActionState.ONGOING: N_("Påbörja"),
    ActionState.DONE: N_("Klar"),
    ActionState.OUTCOME_REACHED: N_("Utfall nått"),
    ActionState.DECLINED: N_("Avböj"),
    ActionState.DORMANT: N_("Lägg vilande"),
}
_OPEN_AGAIN = N_("Öppna igen")
_OPEN_AS_PLANNED = N_("Öppna igen som planerad")
_OPEN_AS_ONGOING = N_("Öppna igen som pågående")


def step_word(now: ActionState, wanted: ActionState) -> str:
    """Return the message id of the button that takes an action from one state to another."""
    if now.is_open or not wanted.is_open:
        return _STEPS[wanted]
    if now is not ActionState.DORMANT:  # every other closed state leads back to one open state alone
        return _OPEN_AGAIN
    return _OPEN_AS_PLANNED if wanted is ActionState.PLANNED else _OPEN_AS_ONGOING


class ActionScope(StrEnum):
    """Whose actions a list shows."""

    ALL = "all"
    ORGANISATION = "organisation"
    MINE = "mine"

    @property
    def label(self) -> str:
        """Return the words people use."""
        return {
            ActionScope.ALL: N_("Allas"),
            ActionScope.ORGANISATION: N_("Vår organisations"),
            ActionScope.MINE: N_("Mina"),
        }[self]


class ActionDue(StrEnum):
    """Which days a list of open actions covers."""

    ALL = "all"
    LATE = "late"
    WEEK = "week"
    MONTH = "month"

    @property
    def label(self) -> str:
        """Return the words people use."""
        return {
            ActionDue.ALL: N_("Alla dagar"),
            ActionDue.LATE: N_("Försenade"),
            ActionDue.WEEK: N_("Denna vecka"),
            ActionDue.MONTH: N_("Nästa 30 dagar"),
        }[self]

    def days(self, today: dt.date) -> tuple[dt.date, dt.date]:
        """Return the first and the last day covered; a week begins on its Monday."""
        monday = today - dt.timedelta(days=today.weekday())
        return {
            ActionDue.ALL: (dt.date.min, dt.date.max),
            ActionDue.LATE: (dt.date.min, today - dt.timedelta(days=1)),
            ActionDue.WEEK: (monday, monday + dt.timedelta(days=6)),
            ActionDue.MONTH: (today, today + dt.timedelta(days=30)),
        }[self]
