"""Planning of meetings: the list, booking a video meeting, moving one meeting and leaving one out."""

import datetime as dt
from typing import Annotated, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.datastructures import FormData
from starlette.responses import Response

from inslussning.i18n import N_
from inslussning.models import Case, Meeting
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import Principal
from inslussning.practice.planning import Concern, DayOption, same_week, wall_day
from inslussning.practice.release import release_day
from inslussning.services import actors, bases, cases, invitations, meetings, planning
from inslussning.services.meetings import NewVideoMeeting
from inslussning.web.deps import Coordinator, FormDep, LinksDep, Now, SessionDep, Today
from inslussning.web.forms import Clock, Day, Form, FormModel, Line, Ticked, WebAddressOrBlank
from inslussning.web.receipts import receipt
from inslussning.web.render import page, see_other
from meetings.holidays import DayKind, DayMark, mark
from meetings.recurrence import LONGEST, at

router = APIRouter(prefix="/meetings")

ROWS = 25
USUAL_MINUTES = 60
_AWAY = frozenset({DayKind.PUBLIC, DayKind.EVE, DayKind.WEEKEND, DayKind.BRIDGE})

Minutes = Annotated[int, Field(ge=5, le=int(LONGEST.total_seconds() // 60))]
Reason = Annotated[Line, Field(min_length=1, max_length=200)]


class DayForm(FormModel):
    """A day, to be said back."""

    day: Day


class VideoForm(DayForm):
    """A video meeting about one case. `anyway`: what speaks against it has been read."""

    starts: Clock
    minutes: Minutes
    place: Annotated[Line, Field(max_length=200)] = ""
    video_link: WebAddressOrBlank = ""
    client_from_prison: Ticked = False
    actor_ids: tuple[UUID, ...] = ()
    anyway: Ticked = False

    def as_new(self, case_id: UUID, zone: str) -> NewVideoMeeting:
        """Return what the use case asks for."""
        starts = at(self.day, self.starts, zone)
        return NewVideoMeeting(
            case_id=case_id,
            starts_at=starts,
            ends_at=starts + dt.timedelta(minutes=self.minutes),
            **self.model_dump(include={"place", "video_link", "actor_ids", "client_from_prison"}),
        )


class MoveForm(DayForm):
    """Another time for one meeting, and why."""

    starts: Clock
    ends: Clock
    reason: Reason
    anyway: Ticked = False


class CancelForm(FormModel):
    """Why a meeting is left out."""

    reason: Reason
    anyway: Ticked = False


class ReadDay(NamedTuple):
    """A day as it was understood."""

    day: dt.date
    mark: DayMark
    is_away: bool


@router.get("", name="meetings")
def index(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    when: str = "coming",
    after: UUID | None = None,
) -> Response:
    """List coming or past meetings of both kinds, some at a time."""
    past = when == "past"
    found = meetings.list_meetings(session, principal, now=now, past=past, after=after, limit=ROWS)
    return page(request, "meetings/index.html", "rows", section="slots", found=found, past=past, after=after)


@router.post("/day", name="meetings.day")
def read_day(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    today: Today,
    data: FormDep,
    case: UUID | None = None,
) -> Response:
    """Say which day the typed text means, for htmx; nothing is kept."""
    release = _release(principal, cases.get_case(session, principal, case)) if case else None
    return page(request, "meetings/_day.html", found=_read_day(data, today, release))


def _read_day(data: FormData, today: dt.date, release: dt.date | None) -> ReadDay | None:
    form = Form.read(DayForm, data, today=today, release=release)
    if form.errors:
        return None
    found = mark(form.value.day)
    return ReadDay(form.value.day, found, found.kind in _AWAY)


def _release(principal: Principal, case: Case) -> dt.date | None:
    return release_day(case.release_at, principal.zone) if case.release_at else None


@router.get("/new", name="meetings.new_video")
def show_new_video(
    request: Request, principal: Coordinator, session: SessionDep, now: Now, case: UUID | None = None
) -> Response:
    """Ask which case, or show the form with the actors of the case chosen."""
    if case is None:
        choices = cases.choices(session, principal)
        return page(request, "meetings/choose_case.html", section="slots", form=Form(), choices=choices)
    about = cases.get_case(session, principal, case)
    allowed = bases.actors_with_basis(session, principal, [about.id], now=now)
    members = (member.actor_id for member in about.members if member.left_on is None)
    chosen = [key for key in members if (about.id, key) in allowed]
    form: Form[VideoForm] = Form(
        {
            "minutes": str(USUAL_MINUTES),
            "client_from_prison": about.prison_actor_id is not None,
            "actor_ids": [*chosen, about.prison_actor_id, about.lead_actor_id],
        }
    )
    return _new_video(request, principal, session, about, form, now)


@router.post("/new")
def add_video(
    request: Request,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    links: LinksDep,
    data: FormDep,
    case: UUID,
) -> Response:
    """Book the meeting and invite, once what speaks against it has been read."""
    about = cases.get_case(session, principal, case)
    form = Form.read(VideoForm, data, today=wall_day(now, principal.zone), release=_release(principal, about))
    concerns: tuple[Concern, ...] = ()
    with form.attempt(session):
        new = form.value.as_new(case, principal.zone)
        invited = meetings.check_video(session, principal, new, now=now)
        span = {"starts_at": new.starts_at, "ends_at": new.ends_at}
        concerns = planning.of_video(session, principal, about, **span, now=now)
        if form.value.anyway or not concerns:
            meeting = meetings.create_video_meeting(session, principal, new, links=links, now=now)
            done = receipt(principal, N_("Videomötet är bokat."), planning.reach(session, principal, invited))
            return see_other(request, "meetings.show", key=meeting.id, notice=done)
    return _new_video(request, principal, session, about, form, now, concerns)


def _new_video(
    request: Request,
    principal: Principal,
    session: SessionDep,
    case: Case,
    form: Form[VideoForm],
    now: dt.datetime,
    concerns: tuple[Concern, ...] = (),
) -> Response:
    today, release = wall_day(now, principal.zone), _release(principal, case)
    return page(
        request,
        "meetings/new_video.html",
        status=422 if concerns else form.status,
        section="slots",
        form=form,
        case=case,
        release=release,
        latest=planning.latest_video_day(session, principal, case, now=now),
        concerns=concerns,
        actors=actors.list_actors(session, principal),
        allowed=bases.actors_with_basis(session, principal, [case.id], now=now),
        found=_read_day(FormData(form.values), today, release),
    )


@router.get("/{key}/move", name="meetings.move")
def show_move(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    day: dt.date | None = None,
) -> Response:
    """Show the meeting's time, ready to be changed; `day` is one chosen from the days proposed."""
    meeting = meetings.get_meeting(session, principal, key)
    zone = ZoneInfo(principal.zone)
    starts, ends = meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone)
    form: Form[MoveForm] = Form(
        {"day": day.isoformat() if day else "", "starts": f"{starts:%H.%M}", "ends": f"{ends:%H.%M}"}
    )
    return _move(request, principal, session, meeting, form, now)


@router.post("/{key}/move")
def move(
    request: Request,
    key: UUID,
    principal: Coordinator,
    session: SessionDep,
    now: Now,
    links: LinksDep,
    data: FormDep,
) -> Response:
    """Move the meeting, once what speaks against the time has been read."""
    meeting = meetings.get_meeting(session, principal, key)
    form = Form.read(
        MoveForm,
        data,
        today=wall_day(now, principal.zone),
        release=_release(principal, meeting.case) if meeting.case else None,
    )
    concerns: tuple[Concern, ...] = ()
    with form.attempt(session):
        span = {
            "starts_at": at(form.value.day, form.value.starts, principal.zone),
            "ends_at": at(form.value.day, form.value.ends, principal.zone),
        }
        meetings.check_move(session, principal, meeting, **span, now=now)
        concerns = planning.of_move(session, principal, meeting, **span, now=now)
        if form.value.anyway or not concerns:
            sent = meetings.move(session, principal, key, **span, reason=form.value.reason, links=links, now=now)
            return _after(request, meeting, receipt(principal, N_("Mötet är flyttat."), sent))
    return _move(request, principal, session, meeting, form, now, concerns)


def _move(
    request: Request,
    principal: Principal,
    session: SessionDep,
    meeting: Meeting,
    form: Form[MoveForm],
    now: dt.datetime,
    concerns: tuple[Concern, ...] = (),
) -> Response:
    today, day = wall_day(now, principal.zone), wall_day(meeting.starts_at, principal.zone)
    options: tuple[DayOption, ...] = same_week(day, after=today)
    return page(
        request,
        "meetings/move.html",
        status=422 if concerns else form.status,
        section="slots",
        form=form,
        meeting=meeting,
        mark=mark(day),
        options=options,
        concerns=concerns,
        fixed=meetings.why_fixed(session, principal, meeting, now=now),
        sent=planning.reach_invited(session, principal, invitations.answers(session, principal, meeting)),
        found=_read_day(FormData(form.values), today, None),
    )


@router.get("/{key}/cancel", name="meetings.cancel")
def show_cancel(request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now) -> Response:
    """Say what happens when the meeting is left out."""
    meeting = meetings.get_meeting(session, principal, key)
    return _cancel(request, principal, session, meeting, Form(), now)


@router.post("/{key}/cancel")
def cancel(
    request: Request, key: UUID, principal: Coordinator, session: SessionDep, now: Now, links: LinksDep, data: FormDep
) -> Response:
    """Leave the meeting out, once what speaks against it has been read."""
    meeting = meetings.get_meeting(session, principal, key)
    form = Form.read(CancelForm, data)
    with form.attempt(session):
        if form.value.anyway or not planning.of_skip(session, principal, meeting, now=now):
            sent = meetings.cancel(session, principal, key, reason=form.value.reason, links=links, now=now)
            done = N_("Tillfället hoppas över.") if meeting.kind is MeetingKind.WEEKLY else N_("Mötet är inställt.")
            return _after(request, meeting, receipt(principal, done, sent))
        form.status = 422
    return _cancel(request, principal, session, meeting, form, now)


def _cancel(
    request: Request,
    principal: Principal,
    session: SessionDep,
    meeting: Meeting,
    form: Form[CancelForm],
    now: dt.datetime,
) -> Response:
    return page(
        request,
        "meetings/cancel.html",
        status=form.status,
        section="slots",
        form=form,
        meeting=meeting,
        mark=mark(wall_day(meeting.starts_at, principal.zone)),
        concerns=planning.of_skip(session, principal, meeting, now=now),
        fixed=meetings.why_fixed(session, principal, meeting, now=now),
        sent=planning.reach_invited(session, principal, invitations.answers(session, principal, meeting)),
    )


def _after(request: Request, meeting: Meeting, notice: str) -> Response:
    """Go back to where one plans: the slot's dates, or the meeting itself."""
    if meeting.slot_id is not None:
        return see_other(request, "slots.show", key=meeting.slot_id, notice=notice)
    return see_other(request, "meetings.show", key=meeting.id, notice=notice)
