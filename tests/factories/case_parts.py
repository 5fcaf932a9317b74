"""What is planned around a case, put straight into the tables: no mail leaves. Callers commit."""

import datetime as dt

from sqlalchemy.orm import Session

from inslussning.models import Actor, Appointment, Case, Meeting, Schedule
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.access import Principal

HOUR = dt.timedelta(hours=1)


def a_video_meeting(
    session: Session, case: Case, starts_at: dt.datetime, *, state: MeetingState = MeetingState.PLANNED
) -> Meeting:
    meeting = Meeting(
        office_id=case.office_id,
        case_id=case.id,
        kind=MeetingKind.VIDEO,
        state=state,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        timezone="Europe/Stockholm",
    )
    session.add(meeting)
    session.flush()
    return meeting


def an_appointment(
    session: Session,
    case: Case,
    actor: Actor,
    starts_at: dt.datetime,
    *,
    what: str = "Möte om boende",
    cancelled_at: dt.datetime | None = None,
) -> Appointment:
    appointment = Appointment(
        office_id=case.office_id,
        case_id=case.id,
        actor_id=actor.id,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        what=what,
        cancelled_at=cancelled_at,
    )
    session.add(appointment)
    session.flush()
    return appointment


def a_schedule(session: Session, principal: Principal, case: Case, handed_over_at: dt.datetime) -> Schedule:
    schedule = Schedule(
        office_id=case.office_id,
        case_id=case.id,
        number=1,
        handed_over_at=handed_over_at,
        person_id=principal.person_id,
        content={"fingerprint": "as it was then", "sheet": {}},
    )
    session.add(schedule)
    session.flush()
    return schedule
