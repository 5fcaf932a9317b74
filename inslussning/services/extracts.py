"""Each actor's own extract of locked minutes: what it has agreed to do, and nothing of anybody else's.

The mail says only that there is something to read. Behind the link are the actor's own actions of one version: no notes, no decisions,
no other actor. Whoever has nothing to do gets nothing. A corrected version reaches only those for whom something changed.
"""

import datetime as dt
from collections.abc import Container
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import NotFound
from inslussning.models import Actor, Minutes, MinutesRevision, Office
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.practice.dates import day_text
from inslussning.practice.mail import MailKind
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import bases, offices, outbox, recipients, visible
from inslussning.services.bases import Part
from inslussning.services.links import Links, Purpose
from inslussning.services.mail_text import Button, mail_text
from inslussning.services.minutes_content import ActionSaid, MinutesContent
from meetings.imip import MailText


class Receiver(NamedTuple):
    """An actor with something to read: its actions there, none when a correction took them all away."""

    actor: Actor
    own: tuple[ActionSaid, ...]
    addresses: tuple[str, ...] = ()

    @property
    def actions(self) -> int:
        """Return how many there are."""
        return len(self.own)


class Withheld(NamedTuple):
    """An actor with actions that it is not shown, and the codes of their cases: nothing lets it know of them."""

    title: str
    codes: tuple[str, ...]


class Delivery(NamedTuple):
    """Who gets an extract when a version is locked, and who does not.

    `unreachable` have actions but no mailbox, `unchanged` have the same as in the version before, `withheld` have actions in cases
    they may not know of, `nothing` were there without actions.
    """

    receivers: tuple[Receiver, ...] = ()
    unreachable: tuple[Receiver, ...] = ()
    unchanged: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    nothing: tuple[str, ...] = ()


class Extract(NamedTuple):
    """What one actor may read of one version. `newer` is the token for the latest version when this is not it."""

    office: Office
    actor: Actor
    held_at: dt.datetime
    number: int
    actions: tuple[ActionSaid, ...]
    valid_until: dt.date
    newer: str
    expired: bool


def delivery(
    session: Session, principal: Principal, content: MinutesContent, before: MinutesContent | None, *, now: dt.datetime
) -> Delivery:
    """Return who would get an extract of the content now, given the version before it."""
    concerned = content.actor_ids() | (before.actor_ids() if before else frozenset())
    rows = session.scalars(
        select(Actor)
        .where(visible.rows(Actor, principal), Actor.id.in_(concerned))
        .options(joinedload(Actor.organisation))
        .order_by(Actor.sort_key)
    ).all()
    told = bases.open_to_links(session, content.case_ids() | (before.case_ids() if before else frozenset()))
    allowed = bases.actors_with_basis(session, principal, told, now=now)
    ways = recipients.reaches(session, rows)
    receivers, unreachable, unchanged, withheld = [], [], [], []
    for actor in rows:
        own = _known(content.of_actor(actor.id), actor.id, allowed)
        hidden = tuple(dict.fromkeys(a.code for a in content.of_actor(actor.id) if a not in own))
        if hidden:
            withheld.append(Withheld(actor.title, hidden))
        earlier = _known(before.of_actor(actor.id), actor.id, allowed) if before is not None else ()
        if before is not None and _as_read(own) == _as_read(earlier):
            unchanged += [actor.title] if own else []
        elif not own and not earlier:
            continue
        elif addresses := recipients.addresses(ways[actor.id], now.astimezone(ZoneInfo(principal.zone)).date()):
            receivers.append(Receiver(actor, own, addresses))
        else:
            unreachable.append(Receiver(actor, own))
    nothing = (p.title for p in content.attendance if p.attendance is Attendance.CAME and p.actor_id not in concerned)
    return Delivery(tuple(receivers), tuple(unreachable), tuple(unchanged), tuple(withheld), tuple(nothing))


def _known(own: tuple[ActionSaid, ...], actor_id: UUID, allowed: Container[Part]) -> tuple[ActionSaid, ...]:
    """Return those of an actor's actions whose cases it may know of."""
    return tuple(action for action in own if (action.case_id, actor_id) in allowed)


def _as_read(actions: tuple[ActionSaid, ...]) -> set[tuple[UUID, str, str, dt.date, bool]]:
    """Return what an actor would see as different: not who else has done what."""
    return {(a.key, a.code, a.what, a.due_on, a.state.is_open) for a in actions}


def send(
    session: Session,
    principal: Principal,
    revision: MinutesRevision,
    delivered: Delivery,
    *,
    links: Links,
    now: dt.datetime,
) -> int:
    """Put a neutral mail to each receiver in the outbox; return how many were written."""
    office = session.get_one(Office, principal.office_id)
    held = MinutesContent.model_validate(revision.content).starts_at.astimezone(ZoneInfo(office.timezone)).date()
    last = _valid_until(session, office, revision)
    sent = 0
    for receiver in delivered.receivers:
        address = links.address(Purpose.EXTRACT, revision.id, receiver.actor.id)
        text = _mail(office, held, last, address, corrected=revision.number > 1)
        for to in receiver.addresses:
            posted = outbox.post_plain(
                session, office, receiver.actor, kind=MailKind.EXTRACT, text=text, now=now, address=to
            )
            sent += posted is not None
    return sent


def _mail(office: Office, held: dt.date, last: dt.date, address: str, *, corrected: bool) -> MailText:
    """Write the mail: no case, no client, no agency, no action."""
    day = day_text(held, last)
    subject = f"Ändrade åtgärder från mötet {day}" if corrected else f"Dina åtgärder från mötet {day}"
    first = (
        f"Dina åtgärder från mötet {day} har ändrats." if corrected else f"Dina åtgärder från mötet {day} finns här."
    )
    return mail_text(
        subject,
        [first, f"Länken gäller till och med {day_text(last, held)}."],
        button=Button("Visa åtgärderna", address),
        signature=office.mail_name,
    )


def _valid_until(session: Session, office: Office, revision: MinutesRevision) -> dt.date:
    """Return the last day a link holds, counted from the meeting or, when it was later, from the day the version was locked."""
    zone = ZoneInfo(office.timezone)
    held = MinutesContent.model_validate(revision.content).starts_at.astimezone(zone).date()
    begins = max(held, revision.finalised_at.astimezone(zone).date())
    return begins + dt.timedelta(days=offices.rules(session, office.id, begins)[RuleKey.LINK_VALID_DAYS])


def open_extract(session: Session, links: Links, token: str, *, now: dt.datetime) -> Extract:
    """Return what the link's actor may read now; raises NotFound for a link that is not ours.

    An expired link says so and shows no action. Actions of a case that the actor may no longer know of are not among them.
    """
    ids = links.read(Purpose.EXTRACT, token)
    if len(ids) != 2:  # noqa: PLR2004 - a version and an actor
        raise NotFound
    revision, actor = session.get(MinutesRevision, ids[0]), session.get(Actor, ids[1])
    if revision is None or actor is None or actor.office_id != revision.office_id:
        raise NotFound
    office = session.get_one(Office, revision.office_id)
    content = MinutesContent.model_validate(revision.content)
    last = _valid_until(session, office, revision)
    own = content.of_actor(actor.id)
    cases = bases.open_to_links(session, {action.case_id for action in own})
    allowed = bases.shares_now(session, office.id, cases, now=now, zone=office.timezone)
    expired = now.astimezone(ZoneInfo(office.timezone)).date() > last
    newest = session.scalars(
        select(MinutesRevision)
        .join(Minutes, Minutes.id == MinutesRevision.minutes_id)
        .where(MinutesRevision.minutes_id == revision.minutes_id, MinutesRevision.number == Minutes.number)
    ).one()
    return Extract(
        office=office,
        actor=actor,
        held_at=content.starts_at,
        number=revision.number,
        actions=() if expired else _known(own, actor.id, allowed),
        valid_until=last,
        newer=links.token(Purpose.EXTRACT, newest.id, actor.id) if newest.id != revision.id else "",
        expired=expired,
    )
