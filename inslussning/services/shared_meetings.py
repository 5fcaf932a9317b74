"""The meetings somebody outside the office's staff is invited to: when, where, one's own answer. Never the agenda, never who else.

A weekly time is about many cases, and even which they are is not for everybody who comes: so nothing of its agenda is here.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from inslussning.db import Session
from inslussning.errors import Invalid, NotFound
from inslussning.i18n import N_
from inslussning.models import Invitation, InvitationResponse, Meeting
from inslussning.practice.access import Function, Principal
from inslussning.practice.protection import Protection
from inslussning.services import responses, visible
from meetings.vocabulary import Response

ROWS = 25
ANSWERS = (Response.ACCEPTED, Response.TENTATIVE, Response.DECLINED)


class Ask(NamedTuple):
    """One of the principal's functions that is asked to a meeting, and what it has answered for that day."""

    invitation_id: UUID
    actor: str
    answer: Response
    note: str


class OwnMeeting(NamedTuple):
    """A meeting as its page says it. `name` is empty for a single meeting; `code` is its case, empty for a weekly time."""

    key: UUID
    name: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str
    video_link: str
    is_secret: bool
    is_called_off: bool
    case_id: UUID | None
    code: str
    asks: tuple[Ask, ...]

    @property
    def waits(self) -> bool:
        """Tell whether somebody is still to answer."""
        return not self.is_called_off and any(ask.answer is Response.NEEDS_ACTION for ask in self.asks)


class MeetingPage(NamedTuple):
    """Coming meetings, the nearest first; `after` is what to ask for next, None on the last page."""

    rows: list[OwnMeeting]
    after: UUID | None


def coming(
    session: Session, principal: Principal, *, now: dt.datetime, after: UUID | None = None, case_id: UUID | None = None
) -> MeetingPage:
    """Return the meetings that are not over, of one case when it is named; raises NotFound for an `after` that is not shared."""
    query = _shown(principal).where(Meeting.ends_at > now)
    if case_id is not None:
        query = query.where(Meeting.case_id == case_id)
    if after is not None:
        last = visible.one_shared(session, principal, Meeting, after)
        later = and_(Meeting.starts_at == last.starts_at, Meeting.id > last.id)
        query = query.where(or_(Meeting.starts_at > last.starts_at, later))
    found = session.scalars(query.order_by(Meeting.starts_at, Meeting.id).limit(ROWS + 1)).all()
    rows = _own(session, principal, found[:ROWS])
    return MeetingPage(rows, rows[-1].key if len(found) > ROWS else None)


def one(session: Session, principal: Principal, key: UUID) -> OwnMeeting:
    """Return one meeting; raises NotFound alike for an absent one and one that is not shared."""
    meeting = visible.only(session, _shown(principal).where(Meeting.id == key))
    return _own(session, principal, [meeting])[0]


def answer(
    session: Session,
    principal: Principal,
    key: UUID,
    invitation_id: UUID,
    *,
    answer: Response,
    note: str,
    now: dt.datetime,
) -> None:
    """Keep a function's answer to one meeting. Raises NotFound for another's invitation, Invalid when there is nothing to answer."""
    principal.must(Function.FOLLOW_MEETINGS)
    meeting = visible.one_shared(session, principal, Meeting, key)
    query = select(Invitation).where(Invitation.id == invitation_id, visible.own_invitations(principal))
    invitation = visible.only(session, query.with_for_update())
    if not _is_for(invitation, meeting):
        raise NotFound
    if answer not in ANSWERS:
        raise Invalid(field="answer", message=N_("Välj ja, kanske eller nej."))
    if not meeting.is_planned or meeting.ends_at <= now:
        raise Invalid(field="answer", message=N_("Mötet har varit eller är inställt. Du behöver inte svara."))
    one_date = meeting.id if invitation.slot_id is not None else None
    responses.save_answer(session, invitation, one_date, answer=answer, note=note, now=now)


def _is_for(invitation: Invitation, meeting: Meeting) -> bool:
    if invitation.slot_id is None:
        return invitation.meeting_id == meeting.id
    is_from_then = (
        invitation.from_on is None or meeting.original_on is None or invitation.from_on <= meeting.original_on
    )
    return invitation.slot_id == meeting.slot_id and is_from_then


def _shown(principal: Principal) -> Select[Meeting]:
    query = select(Meeting).where(visible.shared(Meeting, principal))
    return query.options(joinedload(Meeting.slot), joinedload(Meeting.case))


def _own(session: Session, principal: Principal, found: Sequence[Meeting]) -> list[OwnMeeting]:
    asked = session.scalars(
        select(Invitation)
        .options(joinedload(Invitation.actor))
        .where(
            visible.own_invitations(principal),
            or_(
                Invitation.meeting_id.in_([meeting.id for meeting in found]),
                Invitation.slot_id.in_([meeting.slot_id for meeting in found if meeting.slot_id]),
            ),
        )
    ).all()
    given = {
        (one.invitation_id, one.meeting_id): one
        for one in session.scalars(
            select(InvitationResponse).where(InvitationResponse.invitation_id.in_([one.id for one in asked]))
        )
    }
    return [_row(meeting, asked, given) for meeting in found]


def _row(
    meeting: Meeting, asked: Sequence[Invitation], given: dict[tuple[UUID, UUID | None], InvitationResponse]
) -> OwnMeeting:
    is_secret = meeting.case is not None and meeting.case.protection is not Protection.NONE
    asks = (_ask(one, given.get((one.id, meeting.id)) or given.get((one.id, None))) for one in asked)
    mine = [ask for one, ask in zip(asked, asks, strict=True) if _is_for(one, meeting)]
    return OwnMeeting(
        key=meeting.id,
        name=meeting.slot.name if meeting.slot else "",
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place="" if is_secret else meeting.place,
        video_link="" if is_secret else meeting.video_link,
        is_secret=is_secret,
        is_called_off=not meeting.is_planned,
        case_id=meeting.case_id,
        code=meeting.case.code if meeting.case else "",
        asks=tuple(sorted(mine, key=lambda ask: ask.actor)),
    )


def _ask(invitation: Invitation, response: InvitationResponse | None) -> Ask:
    said = response.answer if response is not None else Response.NEEDS_ACTION
    note = response.note if response is not None and said is not Response.NEEDS_ACTION else ""
    return Ask(invitation.id, invitation.actor.title, said, note)
