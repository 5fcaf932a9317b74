"""What a person is told of a hand-over, in Swedish: when it begins or ends and as what, never of whom the function works with."""

import datetime as dt
from uuid import uuid4

from inslussning.models import Actor, Person
from inslussning.practice.calendar_words import SWEDISH
from inslussning.practice.mail import MailKind
from inslussning.services import outbox
from inslussning.services.invitation_mails import Desk
from inslussning.services.mail_text import Button, mail_text
from inslussning.services.outbox import Draft
from meetings.vocabulary import Party

OPEN = "Logga in"


def farewell(desk: Desk, actor: Actor, person: Person, last_on: dt.date) -> int:
    """Tell a person of its last day; return how many mails were written."""
    day = _day(last_on)
    verb = "slutade" if last_on < _today(desk) else "slutar"
    lines = (
        f"Du {verb} den {day} som {actor.title}.",
        "Efter den dagen får du inga fler inbjudningar och ser inget av det funktionen arbetar med.",
        "Stämmer det inte? Svara på det här mejlet.",
    )
    return _post(desk, actor, person, f"Byte av person efter den {day}", lines)


def welcome(desk: Desk, actor: Actor, person: Person, first_on: dt.date, *, signs_in: bool) -> int:
    """Tell a person that it takes over, from when, and what comes to it; return how many mails were written."""
    day = _day(first_on)
    reached = (
        "Inbjudningar kommer som förut till funktionens brevlåda."
        if actor.mailbox
        else "Inbjudningar till möten kommer i egna mejl. Du svarar med länken i dem."
    )
    access = "Från den dagen ser du det som gäller funktionen när du loggar in." if signs_in else ""
    lines = (f"Välkommen. Du tar över den {day} som {actor.title}.", reached, *([access] if access else []))
    return _post(desk, actor, person, f"Du tar över den {day}", lines, has_link=True)


def stays(desk: Desk, actor: Actor, person: Person) -> int:
    """Tell a person that it does not leave after all; return how many mails were written."""
    lines = (f"Du fortsätter som {actor.title}.", "Det tidigare beskedet om en sista dag gäller inte längre.")
    return _post(desk, actor, person, "Byte av person blir inte av", lines)


def not_after_all(desk: Desk, actor: Actor, person: Person) -> int:
    """Tell a person that it does not take over after all; return how many mails were written."""
    lines = (f"Du tar inte över som {actor.title}.", "Det tidigare beskedet gäller inte längre.")
    return _post(desk, actor, person, "Byte av person blir inte av", lines)


def _post(
    desk: Desk, actor: Actor, person: Person, subject: str, lines: tuple[str, ...], *, has_link: bool = False
) -> int:
    """Write a plain mail in a thread of its own."""
    if outbox.sender_of(desk.office) is None or not outbox.is_usable(person.email):
        return 0
    button = Button(OPEN, f"{desk.links.base_url.rstrip('/')}/") if has_link else None
    draft = Draft(
        kind=MailKind.STAFFING,
        thread=f"staffing-{uuid4().hex}",
        position=0,
        actor_id=actor.id,
        recipient=Party(person.email),
        text=mail_text(subject, lines, button=button, signature=desk.office.mail_name),
    )
    outbox.enqueue(desk.session, desk.office, draft, now=desk.now)
    return 1


def _day(day: dt.date) -> str:
    return f"{day.day} {SWEDISH.months[day.month - 1]} {day.year}"


def _today(desk: Desk) -> dt.date:
    return desk.almanac(desk.office.timezone).today
