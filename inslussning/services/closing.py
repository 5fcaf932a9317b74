"""Taking a function out of use: what it has been part of stays, what it is invited to is taken back.

A booked time is not taken back by itself: a client would come to a closed door. It stays until somebody books it elsewhere.
"""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from inslussning.db import Session
from inslussning.models import Actor, Invitation, SlotActor
from inslussning.practice.access import Function, Principal
from inslussning.services import actors, handover, handover_preview, invitations, outbox, visible
from inslussning.services.handover_preview import Follows
from inslussning.services.invitation_mails import Sent
from inslussning.services.links import Links

_NOT_BOOKED = Invitation.appointment_id.is_(None)


class Closing(NamedTuple):
    """What closing a function would lead to; `mails` take an invitation back."""

    actor: Actor
    follows: Follows
    mails: int


def preview(session: Session, principal: Principal, key: UUID, *, now: dt.datetime) -> Closing:
    """Return what closing the function would lead to; nothing is changed. Raises NotFound."""
    actor = actors.get_actor(session, principal, key)
    today = handover.local_today(principal, now)
    held = invitations.ahead_of_actor(session, principal, key, _NOT_BOOKED, now=now)
    return Closing(
        actor,
        handover_preview.follows(session, principal, key, since=today, now=now),
        sum(outbox.is_usable(one.address) and one.messages > 0 for one, _ in held),
    )


def close(session: Session, principal: Principal, key: UUID, *, links: Links, now: dt.datetime) -> Sent:
    """Close the function from today, end its places in weekly slots, and take back what it is invited to."""
    principal.must(Function.COORDINATE)
    today = handover.local_today(principal, now)
    actors.close_actor(session, principal, key, today=today)
    places = select(SlotActor).where(
        visible.rows(SlotActor, principal), SlotActor.actor_id == key, SlotActor.left_on.is_(None)
    )
    for place in session.scalars(places):
        place.left_on = today
    session.flush()  # the mails are written for those who are left
    return invitations.withdraw_actor(session, principal, key, _NOT_BOOKED, links=links, now=now)
