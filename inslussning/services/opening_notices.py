"""Telling a case's own people that somebody has opened it: at once, in words that name nobody, and on their start page.

The mail is a row in the outbox, written with the opening itself: neither can be without the other, and a mail server that is down
delays the mail and not the opening.
"""

import datetime as dt
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import select

from inslussning.db import Session
from inslussning.models import Actor, BreakGlass, Case, CasePerson, Office, Person, User
from inslussning.practice.access import Principal, Role
from inslussning.practice.mail import MailKind
from inslussning.practice.protection import CasePersonKind
from inslussning.services import outbox, visible
from inslussning.services.links import Links
from inslussning.services.mail_text import Button, mail_text
from inslussning.services.outbox import Draft
from meetings.vocabulary import Party

SHOWN_FOR = dt.timedelta(days=14)  # on the start page, or until somebody has reviewed it


class Recent(NamedTuple):
    """A case that was opened beyond the rule of late, as its own people read of it."""

    key: UUID
    case_id: UUID
    code: str
    by: str
    opened_at: dt.datetime


def tell(session: Session, principal: Principal, case: Case, *, links: Links, now: dt.datetime) -> int:
    """Write a mail to the case's lead and to those named in it, or where there is neither to the coordinators; return how many.

    Who opened the case is not told what that person knows already.
    """
    office = session.get_one(Office, case.office_id)
    if outbox.sender_of(office) is None:
        return 0
    text = mail_text(
        "Ett ärende har öppnats",
        ["Ett ärende du ansvarar för har öppnats av någon utanför den vanliga kretsen.", "Logga in för att läsa mer."],
        button=Button("Logga in", links.base_url),
        signature=office.mail_name,
    )
    told = 0
    for actor_id, address in _receivers(session, principal, case):
        draft = Draft(
            kind=MailKind.NOTICE,
            thread=f"plain-{uuid4().hex}",
            position=0,
            actor_id=actor_id,
            recipient=Party(address),
            text=text,
            case_id=case.id,
        )
        outbox.enqueue(session, office, draft, now=now)
        told += 1
    return told


def recent(session: Session, principal: Principal, *, now: dt.datetime) -> list[Recent]:
    """Return the openings by others, of the cases one may see, that nobody has reviewed yet."""
    rows = session.execute(
        select(BreakGlass.id, Case.id, Case.code, Person.name, BreakGlass.opened_at)
        .join(Case, Case.id == BreakGlass.case_id)
        .join(User, User.id == BreakGlass.user_id)
        .join(Person, Person.id == User.person_id)
        .where(
            visible.rows(BreakGlass, principal),
            BreakGlass.user_id != principal.user_id,
            BreakGlass.reviewed_at.is_(None),
            BreakGlass.opened_at > now - SHOWN_FOR,
        )
        .order_by(BreakGlass.opened_at.desc())
    )
    return [Recent(*row) for row in rows]


def _receivers(session: Session, principal: Principal, case: Case) -> list[tuple[UUID | None, str]]:
    lead = session.get(Actor, case.lead_actor_id) if case.lead_actor_id else None
    found: dict[str, UUID | None] = {}
    if lead is not None and outbox.is_usable(lead.mailbox):
        found[lead.mailbox] = lead.id
    named = (
        select(Person.email)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .where(CasePerson.case_id == case.id, CasePerson.kind == CasePersonKind.NAMED, Person.id != principal.person_id)
    )
    for address in session.scalars(named):
        found.setdefault(address, None)
    if not found:
        kept_out = select(CasePerson.person_id).where(
            CasePerson.case_id == case.id, CasePerson.kind == CasePersonKind.EXCLUDED
        )
        coordinators = select(User.email).where(
            User.office_id == case.office_id,
            User.role == Role.COORDINATOR,
            User.disabled_at.is_(None),
            User.id != principal.user_id,
            User.person_id.not_in(kept_out),
        )
        found = dict.fromkeys(session.scalars(coordinators))
    return [(actor_id, address) for address, actor_id in found.items() if outbox.is_usable(address)]
