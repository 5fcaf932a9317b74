"""One invitation's life: begun, written to, taken back, moved to another mailbox. Who is to be asked is decided elsewhere."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import contains_eager

from inslussning.models import Actor, Appointment, Invitation, OutboxMessage
from inslussning.practice.mail import OutboxState
from inslussning.services import bases, matters, outbox
from inslussning.services import invitation_letters as letters
from inslussning.services.invitation_mails import Desk, Letter, Outcome, post
from inslussning.services.invitation_texts import Span
from inslussning.services.matters import Matter, Weekly

Told = tuple[Invitation, Outcome]


def start(desk: Desk, invitation: Invitation) -> None:
    """Begin a thread of mails: never with a UID that was cancelled before, which some calendars refuse for ever."""
    invitation.uid = f"{uuid4()}@{outbox.host_of(desk.links.base_url)}"
    invitation.sequence = invitation.messages = 0
    invitation.numbers = {}
    invitation.dtstamp = desk.now.replace(microsecond=0)
    invitation.withdrawn_at = None


def post_whole(desk: Desk, invitation: Invitation, matter: Matter) -> Outcome:
    """Write an invitation's first mail from how things are now, and one more for each date held another time."""
    if matters.is_called_off(matter) or matters.last_end(matter) <= desk.now or not may_hear(desk, matter)(invitation):
        return Outcome.NOTHING
    if isinstance(matter, Weekly):
        part = matters.part_of(invitation)
        ahead = [one.original for one in matters.dates_ahead(matter, desk.now, "") if part.has(one.original)]
        if not ahead:
            return Outcome.NOTHING
        invitation.from_on = ahead[0]
    return post_all(desk, invitation, letters.of_whole(desk, matter, invitation))


def post_all(desk: Desk, invitation: Invitation, written: Iterable[Letter]) -> Outcome:
    """Write some letters about one invitation, in order, and return what became of them."""
    outcomes = {post(desk, invitation, letter) for letter in written}
    return outcomes.pop() if outcomes else Outcome.NOTHING


def may_hear(desk: Desk, matter: Matter) -> Callable[[Invitation], bool]:
    """Return what tells whether an invitation's actor may know of the matter now: of a weekly slot everybody may."""
    case_id = case_of(matter)
    if case_id is None:
        return lambda _: True
    shares = bases.shares_now(desk.session, desk.office.id, [case_id], now=desk.now, zone=desk.office.timezone)
    return lambda invitation: (case_id, invitation.actor_id) in shares


def take_back(desk: Desk, invitation: Invitation, matter: Matter, was: Span | None = None) -> Outcome:
    """Take the invitation back from its recipient: what it was for does take place; `was` is the time the recipient knows."""
    outcome = post_parting(desk, invitation, letters.withdrawn(desk, matter, invitation, was))
    invitation.withdrawn_at = desk.now
    return outcome


def post_parting(desk: Desk, invitation: Invitation, letter: Letter) -> Outcome:
    """Write what ends something, to whoever has been told that it was to be."""
    if not invitation.messages and outbox.is_usable(invitation.address):
        return Outcome.NOTHING
    return post(desk, invitation, letter)


def leave_address(desk: Desk, invitation: Invitation, matter: Matter) -> None:
    """Take the invitation back where it has arrived; mails that have not left yet never will."""
    thread = OutboxMessage.thread == invitation.uid
    unsent = thread & OutboxMessage.state.in_((OutboxState.WAITING, OutboxState.FAILED))
    desk.session.execute(delete(OutboxMessage).where(unsent))
    if desk.session.scalar(select(OutboxMessage.id).where(thread).limit(1)) is not None:
        post(desk, invitation, letters.withdrawn(desk, matter, invitation))
    start(desk, invitation)


def that_hold(desk: Desk, found: Sequence[Invitation]) -> list[Invitation]:
    """Return those that are neither taken back, cancelled nor ended."""
    today = desk.almanac(desk.office.timezone).today
    standing = [one for one in found if one.withdrawn_at is None and one.cancelled_at is None]
    return [one for one in standing if one.until_on is None or one.until_on >= today]


def locked(desk: Desk, *conditions: ColumnElement[bool]) -> Sequence[Invitation]:
    """Return the invitations with their actors, locked, so that two changes at once are numbered one after the other."""
    query = (
        select(Invitation)
        .join(Invitation.actor)
        .options(contains_eager(Invitation.actor))
        .where(*conditions)
        .order_by(Actor.sort_key, Invitation.id)
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    )
    return desk.session.scalars(query).all()


def key_of(matter: Matter) -> dict[str, UUID]:
    """Return the column by which an invitation names the matter, with its value."""
    if isinstance(matter, Weekly):
        return {"slot_id": matter.slot.id}
    return {"appointment_id" if isinstance(matter, Appointment) else "meeting_id": matter.id}


def case_of(matter: Matter) -> UUID | None:
    """Return the one case the matter is about; a weekly slot is about none."""
    return None if isinstance(matter, Weekly) else matter.case_id


def is_for(matter: Matter) -> list[ColumnElement[bool]]:
    """Return the condition for the invitations to the matter."""
    return [getattr(Invitation, name) == key for name, key in key_of(matter).items()]
