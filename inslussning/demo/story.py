"""How the demo office came to where it is: two months of work, told through the product's own use cases."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from inslussning import worker
from inslussning.config import Settings
from inslussning.db import Session
from inslussning.db.engine import Database
from inslussning.demo import cast, restricted, sharing
from inslussning.demo.cases import CASES, Agreed, Booked, CaseStory, working_day
from inslussning.models import (
    Actor,
    AgendaItem,
    Case,
    Meeting,
    Need,
    Organisation,
    OutboxMessage,
    User,
    WeeklySlot,
)
from inslussning.practice.access import Principal
from inslussning.practice.attendance import Attendance
from inslussning.services import (
    actions,
    actors,
    agenda,
    appointments,
    cases,
    factor_rules,
    invitations,
    meetings,
    minutes,
    offices,
    principals,
    schedules,
    slots,
    users,
)
from inslussning.services.actions import NewAction
from inslussning.services.actors import ActorDetails
from inslussning.services.appointments import AppointmentDetails
from inslussning.services.cases import CaseDetails
from inslussning.services.links import Links
from inslussning.services.meetings import NewVideoMeeting
from inslussning.services.minutes import ItemDraft
from inslussning.services.offices import NewOffice
from inslussning.services.slots import NewSlot
from meetings.actions import ActionState
from meetings.recurrence import at
from meetings.vocabulary import Response, Weekday

ZONE = "Europe/Stockholm"
WEEKS_BEHIND = 8
SLOT_CLOCK, SLOT_MINUTES = dt.time(9), 120
IN_THE_SLOT = ("fri", "gran", "soc", "boende", "af", "bero", "stöd")
SAY_YES, SAY_MAYBE, SAY_NO = ("fri", "soc", "af", "boende"), ("gran",), ("bero",)
CAME, EXCUSED = ("fri", "soc", "af", "boende", "gran"), ("bero",)
VIDEO_LINK = "https://video.example/bjorkstad"


@dataclass
class Telling:
    """What the story has made so far, by the names the cast uses."""

    session: Session
    principal: Principal
    links: Links
    now: dt.datetime
    actors: dict[str, Actor] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    needs: dict[tuple[str, str], Need] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        """Return the office's date."""
        return self.now.astimezone(ZoneInfo(ZONE)).date()

    def back(self, days: int) -> dt.datetime:
        """Return an instant some days ago."""
        return self.now - dt.timedelta(days=days)


def is_told(database: Database) -> bool:
    """Tell whether the database already has an office."""
    with database.read() as session:
        return offices.any_office(session)


def tell(database: Database, settings: Settings, *, now: dt.datetime) -> None:
    """Fill an empty database with the demo office, all or nothing."""
    links = Links(settings.signing_key(), settings.base_url)
    with database.transaction() as session:
        begun = now - dt.timedelta(weeks=WEEKS_BEHIND)
        telling = Telling(session, _office(session, begun), links, now)
        _cast(telling)
        slot = _slot(telling)
        for story in CASES:
            _case(telling, story)
        held = [m for m in _dates(telling, slot.id) if m.ends_at < now]
        for meeting, is_last in zip(held[-2:], (False, True), strict=True):
            _hold(telling, meeting, is_last=is_last)
        for story in CASES:
            _ahead(telling, story)
            _change_of_mind(telling, story)
            case, when = telling.cases[story.code], telling.back(1)
            restricted.close(session, telling.principal, case, story, links=links, now=when)
        _prepare_next(telling)
    _send(database, settings, now)


def _send(database: Database, settings: Settings, now: dt.datetime) -> None:
    """Let the worker of each of those days send what was written then; today's mail is left for today's worker."""
    with database.read() as session:
        moments = session.scalars(
            select(OutboxMessage.created_at).where(OutboxMessage.created_at < now).distinct()
        ).all()
    for moment in sorted(moments):
        worker.drain(database, worker.mailers_of(settings), lambda at=moment: at)  # type: ignore[misc] # a default argument binds the moment


def _office(session: Session, begun: dt.datetime) -> Principal:
    name, email = cast.COORDINATOR
    new = NewOffice(
        name=cast.OFFICE, timezone=ZONE, coordinator=name, email=email, password=cast.PASSWORD, organisation=cast.OFFICE
    )
    office = offices.create_office(session, new, now=begun)
    factor_rules.demand_of_nobody(session, office.id, since=offices.EPOCH)
    office.phone, office.mail_address, office.mail_name = "010-555 01 00", "samordning@demo.example", "Samordning"
    user_id = session.scalars(select(User.id).where(User.email == email)).one()
    return principals.of_user(session, user_id, now=begun)


def _cast(telling: Telling) -> None:
    session, principal = telling.session, telling.principal
    since = telling.back(400).date()
    for member in cast.CAST:
        details = ActorDetails(
            organisation=member.organisation,
            kind=member.kind,
            function=member.function,
            place=member.place,
            short_name=member.short,
            plain_name=member.plain,
            mailbox=f"{member.short.replace('ö', 'o')}@demo.example",
            phone=member.phone,
            visiting_address=member.address,
            wants_place=member.short == "af",
        )
        actor = actors.add_actor(session, principal, details)
        telling.actors[member.short] = actor
        if member.person:
            name, email = member.person
            actors.staff(session, principal, actor.id, name=name, email=email, starts_on=since, ends_on=None)
    for (name, email), role, organisation in cast.SIGN_INS:
        key = session.scalars(select(Organisation.id).where(Organisation.name == organisation)).one()
        users.add_user(
            session, principal, name=name, email=email, password=cast.PASSWORD, role=role, organisation_id=key
        )


def _slot(telling: Telling) -> WeeklySlot:
    begun = telling.now - dt.timedelta(weeks=WEEKS_BEHIND)
    first = begun.astimezone(ZoneInfo(ZONE)).date()
    new = NewSlot(
        name="Björkstad",
        weekday=Weekday.THURSDAY,
        local_start=SLOT_CLOCK,
        minutes=SLOT_MINUTES,
        first_on=first,
        place="Frivården, Kanalgatan 4, rum 2",
        video_link=VIDEO_LINK,
        actor_ids=tuple(telling.actors[short].id for short in IN_THE_SLOT),
    )
    return slots.create_slot(telling.session, telling.principal, new, links=telling.links, now=begun)


def _dates(telling: Telling, slot_id: UUID) -> list[Meeting]:
    return list(telling.session.scalars(select(Meeting).where(Meeting.slot_id == slot_id).order_by(Meeting.starts_at)))


def _case(telling: Telling, story: CaseStory) -> None:
    """Open the case with its actors and needs, as it was some weeks ago."""
    opened = telling.back(50).date()
    release_at = None
    if story.release is not None:
        release_at = at(working_day(telling.today + dt.timedelta(days=story.release)), dt.time(8, 30), ZONE)
    details = CaseDetails(
        code=story.code,
        phase=story.phase,
        release_at=release_at,
        prison_actor_id=telling.actors["gran"].id,
        lead_actor_id=telling.actors["fri"].id,
    )
    beside = ("gran", "övervakare") if story.supervised else ("gran",)
    actor_ids = [telling.actors[short].id for short in (*beside, *story.actors)]
    case = cases.add_case(telling.session, telling.principal, details, actor_ids=actor_ids, today=opened)
    telling.cases[story.code] = case
    areas = {area.name: area.id for area in cases.need_areas(telling.session, telling.principal)}
    if story.said_no is None:
        sharing.say_yes(telling.session, telling.principal, case, story, telling.actors, now=telling.back(50))
    for area, text in story.needs:
        need = cases.add_need(telling.session, telling.principal, case.id, area_id=areas[area], text=text, today=opened)
        telling.needs[story.code, area] = need


def _change_of_mind(telling: Telling, story: CaseStory) -> None:
    """Let the client take a consent back, or say no."""
    case = telling.cases[story.code]
    for told in story.consents:
        if told.revoked:
            who = telling.actors[told.who].id
            sharing.take_back(telling.session, telling.principal, case, who, links=telling.links, now=telling.back(1))
    if story.said_no is not None:
        sharing.say_no(telling.session, telling.principal, case, now=telling.back(story.said_no))


def _hold(telling: Telling, meeting: Meeting, *, is_last: bool) -> None:
    """Hold a meeting that has been: agenda, minutes, attendance, actions; then finalise it."""
    session, principal = telling.session, telling.principal
    then = meeting.ends_at
    day = then.astimezone(ZoneInfo(ZONE)).date()
    agenda.use_proposal(session, principal, meeting.id, today=day)
    proposed = set(session.scalars(select(AgendaItem.case_id).where(AgendaItem.meeting_id == meeting.id)))
    for story in CASES:
        if story.agreed and telling.cases[story.code].id not in proposed:
            agenda.add_case(session, principal, meeting.id, telling.cases[story.code].id, today=day)
    items = session.scalars(select(AgendaItem).where(AgendaItem.meeting_id == meeting.id)).all()
    by_case = {item.case_id: item for item in items}
    for story in CASES:
        item = by_case.get(telling.cases[story.code].id)
        if item is None:
            continue
        if is_last:
            _write(telling, meeting, item, ItemDraft(notes=story.said, decisions=story.decided, version=item.version))
            for agreed in story.agreed:
                _agree(telling, story, agreed, meeting)
        elif story.said:
            _write(telling, meeting, item, ItemDraft(notes="Läget gicks igenom.", decisions="", version=item.version))
    for short in CAME + EXCUSED:
        came = Attendance.CAME if short in CAME else Attendance.EXCUSED
        minutes.set_attendance(session, principal, meeting.id, telling.actors[short].id, came)
    minutes.finalise(session, principal, meeting.id, links=telling.links, now=then)


def _write(telling: Telling, meeting: Meeting, item: AgendaItem, draft: ItemDraft) -> None:
    if draft.notes or draft.decisions:
        minutes.save_item(telling.session, telling.principal, meeting.id, item.id, draft, now=meeting.ends_at)


def _agree(telling: Telling, story: CaseStory, agreed: Agreed, meeting: Meeting) -> None:
    need = telling.needs.get((story.code, agreed.area))
    new = NewAction(
        case_id=telling.cases[story.code].id,
        actor_id=telling.actors[agreed.who].id if agreed.who else None,
        what=agreed.what,
        due_on=telling.today + dt.timedelta(days=agreed.due),
        need_id=need.id if need else None,
        meeting_id=meeting.id,
    )
    action = actions.add_action(telling.session, telling.principal, new, now=meeting.ends_at)
    if agreed.done:
        actions.set_state(telling.session, telling.principal, action.id, ActionState.DONE, now=telling.back(1))


def _ahead(telling: Telling, story: CaseStory) -> None:
    """Book what lies ahead of the case: the video meeting and the times after release."""
    case = telling.cases[story.code]
    if story.video is not None:
        day = working_day(telling.today + dt.timedelta(days=story.video))
        who = (*story.actors, "gran", "fri")
        new = NewVideoMeeting(
            case_id=case.id,
            starts_at=at(day, dt.time(13), ZONE),
            ends_at=at(day, dt.time(14), ZONE),
            video_link=VIDEO_LINK,
            actor_ids=tuple(telling.actors[short].id for short in who),
        )
        meetings.create_video_meeting(telling.session, telling.principal, new, links=telling.links, now=telling.back(2))
    if case.release_at is not None and story.booked:
        for booked in story.booked:
            _book(telling, case, case.release_at, booked)
    if story.handed_over:
        schedules.hand_over(telling.session, telling.principal, case.id, now=telling.back(12))


def _book(telling: Telling, case: Case, release_at: dt.datetime, booked: Booked) -> None:
    day = release_at.astimezone(ZoneInfo(ZONE)).date()
    for _ in range(booked.day + 1):
        day = working_day(day + dt.timedelta(days=1))
    starts_at = at(day, booked.clock, ZONE)
    details = AppointmentDetails(
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=booked.minutes),
        what=booked.what,
        bring=booked.bring,
        getting_there=booked.getting_there,
    )
    kept = appointments.book(
        telling.session,
        telling.principal,
        case_id=case.id,
        actor_id=telling.actors[booked.who].id,
        details=details,
        confirmed=True,
        links=telling.links,
        now=telling.back(14),
    )
    if booked.came is not None and starts_at < telling.now:
        came = Attendance.CAME if booked.came else Attendance.ABSENT
        appointments.set_attendance(telling.session, telling.principal, kept.appointment.id, came, now=telling.now)


def _prepare_next(telling: Telling) -> None:
    """Make the coming meeting's agenda and write down who has answered."""
    session, principal = telling.session, telling.principal
    meeting = meetings.next_weekly(session, principal, telling.now)
    if meeting is None:
        return
    agenda.use_proposal(session, principal, meeting.id, today=telling.today)
    answers = (
        dict.fromkeys(SAY_YES, Response.ACCEPTED)
        | dict.fromkeys(SAY_MAYBE, Response.TENTATIVE)
        | dict.fromkeys(SAY_NO, Response.DECLINED)
    )
    by_actor = {telling.actors[short].id: answer for short, answer in answers.items()}
    for invitee in invitations.answers(session, principal, meeting):
        if invitee.actor_id in by_actor and invitee.invitation_id is not None:
            invitations.record_answer(
                session,
                principal,
                invitee.invitation_id,
                meeting_id=meeting.id,
                answer=by_actor[invitee.actor_id],
                now=telling.back(1),
            )
