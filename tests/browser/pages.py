"""Every page there is, with an address of its own in the demo office: what the looking tests walk through.

A new GET route without a line here fails a test, so no page can be forgotten.
"""

import datetime as dt
from enum import StrEnum
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.demo import cast
from inslussning.models import (
    Action,
    Actor,
    AgendaItem,
    Appointment,
    BreakGlass,
    Case,
    Consent,
    Disposal,
    Invitation,
    LegalBasis,
    Meeting,
    MinutesRevision,
    Need,
    NeedArea,
    OpeningTry,
    Organisation,
    OutboxMessage,
    SlotActor,
    User,
    UserInvitation,
    WeeklySlot,
)
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.access import Principal, Role
from inslussning.practice.phases import Phase
from inslussning.practice.sign_in import InvitationKind
from inslussning.services import cases, disposal, meetings, openings, second_factors, sessions, slots
from inslussning.services.cases import CaseDetails
from inslussning.services.invitation_mails import answer_address
from inslussning.services.links import Links, Purpose
from tests.browser.site import CLIENT, principal_of
from tests.conftest import NOW


class Who(StrEnum):
    """Who is looking; the value is the address that signs in, "" nobody."""

    COORDINATOR = cast.COORDINATOR[1]
    INSPECTOR = cast.INSPECTOR[1]
    CASE_WORKER = cast.CASE_WORKER[1]
    PARTNER = cast.PARTNER[1]
    LAY_SUPERVISOR = cast.LAY_SUPERVISOR[1]
    MANAGER = cast.MANAGER[1]
    REVIEWER = cast.REVIEWER[1]
    ADMINISTRATOR = cast.ADMINISTRATOR[1]
    CLIENT = CLIENT
    NOBODY = ""


LINK_TOKEN = "lank-som-bara-testet-har"


class Look(NamedTuple):
    """A page to look at: its route, its path with names to fill in, who looks, and the status it answers with."""

    route: str
    path: str
    who: Who = Who.COORDINATOR
    status: int = 200

    def __str__(self) -> str:
        is_usual = self.who in {Who.COORDINATOR, Who.NOBODY}
        return f"{self.route} {self.path}" + ("" if is_usual else f" as {self.who.name.lower()}")


PAGES = (
    Look("home", "/"),
    Look("home", "/?everything=1"),
    Look("slots", "/slots"),
    Look("slots.new", "/slots/new"),
    Look("slots.show", "/slots/{slot}"),
    Look("slots.edit", "/slots/{slot}/edit"),
    Look("slots.end", "/slots/{slot}/end"),
    Look("slots.remove_actor", "/slots/{slot}/actors/{slot_actor}/remove"),
    Look("meetings", "/meetings"),
    Look("meetings", "/meetings?when=past"),
    Look("meetings.new_video", "/meetings/new"),
    Look("meetings.new_video", "/meetings/new?case={case}"),
    Look("meetings.move", "/meetings/{next}/move"),
    Look("meetings.cancel", "/meetings/{next}/cancel"),
    Look("meetings.show", "/meetings/{next}"),
    Look("meetings.show", "/meetings/{next}?item={case_item}"),
    Look("meetings.show", "/meetings/{unprepared}"),
    Look("meetings.show", "/meetings/{video}"),
    Look("meetings.show", "/meetings/{held}"),
    Look("meetings.show", "/meetings/{skipped}"),
    Look("meetings.agenda", "/meetings/{next}/agenda"),
    Look("meetings.agenda", "/meetings/{unprepared}/agenda"),
    Look("meetings.finalise", "/meetings/{next}/finalise"),
    Look("meetings.version", "/meetings/{held}/versions/1"),
    Look("extract", "/extract/{extract}", Who.NOBODY),
    Look("answers.show", "/answer/{answer}", Who.NOBODY),
    Look("answers.show", "/answer/{answer_date}", Who.NOBODY),
    Look("answers.show", "/answer/{answer_video}", Who.NOBODY),
    Look("answers.show", "/answer/{answer_time}", Who.NOBODY),
    Look("cases", "/cases"),
    Look("cases.new", "/cases/new"),
    Look("cases.show", "/cases/{case}"),
    Look("cases.show", "/cases/{released}"),
    Look("cases.show", "/cases/{bare}"),
    Look("cases.edit", "/cases/{case}/edit"),
    Look("cases.people", "/cases/{case}/people"),
    Look("cases.people", "/cases/{protected}/people"),
    Look("cases.show", "/cases/{protected}"),
    Look("releases.schedule", "/cases/{protected}/release/schedule/paper"),
    Look("releases.mail", "/cases/{protected}/release/mail/{held_mail}"),
    Look("register", "/cases/{case}/register"),
    Look("log", "/log", Who.REVIEWER),
    Look("log", "/log?event=read", Who.REVIEWER),
    Look("log.show", "/log/entries/1", Who.REVIEWER),
    Look("log.samples", "/log/samples", Who.REVIEWER),
    Look("log.week", "/log/samples/2026-11-16", Who.REVIEWER),
    Look("openings", "/openings"),
    Look("openings.found", "/openings/asked/{asked}"),
    Look("openings", "/openings", Who.INSPECTOR),
    Look("openings.review", "/openings/review", Who.REVIEWER),
    Look("openings.review_one", "/openings/review/{opening}", Who.REVIEWER),
    Look("cases.client", "/cases/{case}/client"),
    Look("needs.edit", "/needs/{need}"),
    Look("cases.show", "/cases/{revoked_case}"),
    Look("consents.new", "/cases/{case}/consents/new"),
    Look("consents.revoke", "/cases/{case}/consents/{actor}/revoke"),
    Look("consents.receipt", "/consents/{revoked}/receipt"),
    Look("questions.new", "/cases/{bare}/questions/new"),
    Look("disclosures.new", "/cases/{bare}/disclosures/new"),
    Look("appointments.new", "/appointments/new?case={case}"),
    Look("appointments.edit", "/appointments/{appointment}/edit"),
    Look("appointments.cancel", "/appointments/{appointment}/cancel"),
    Look("schedules", "/schedules"),
    Look("schedules.show", "/schedules/{case}"),
    Look("schedules.show", "/schedules/{released}"),
    Look("schedules.show", "/schedules/{bare}"),
    Look("schedules.client", "/schedules/{released}/client"),
    Look("schedules.version", "/schedules/{released}/versions/1"),
    Look("actions", "/actions"),
    Look("actions", "/actions", Who.PARTNER),
    Look("home", "/", Who.INSPECTOR),
    Look("home", "/", Who.CASE_WORKER),
    Look("home", "/", Who.PARTNER),
    Look("home", "/", Who.LAY_SUPERVISOR),
    Look("shared.meetings", "/shared/meetings", Who.PARTNER),
    Look("shared.meeting", "/shared/meetings/{next}", Who.PARTNER),
    Look("shared.meeting", "/shared/meetings/{skipped}", Who.PARTNER),
    Look("shared.cases", "/shared/cases", Who.PARTNER),
    Look("shared.cases", "/shared/cases", Who.LAY_SUPERVISOR),
    Look("shared.cases", "/shared/cases", Who.MANAGER),
    Look("shared.case", "/shared/cases/{case}", Who.PARTNER),
    Look("shared.case", "/shared/cases/{released}", Who.CASE_WORKER),
    Look("shared.schedule", "/shared/cases/{released}/schedule", Who.LAY_SUPERVISOR),
    Look("shared.schedule_client", "/shared/cases/{released}/schedule/client", Who.CASE_WORKER),
    Look("results", "/results"),
    Look("results", "/results", Who.MANAGER),
    Look("actions.new", "/actions/new"),
    Look("actions.new", "/actions/new?case={case}"),
    Look("actions.show", "/actions/{action}"),
    Look("actors", "/actors"),
    Look("actors.new", "/actors/new"),
    Look("actors.show", "/actors/{actor}"),
    Look("actors.edit", "/actors/{actor}/edit"),
    Look("actors.handover", "/actors/{staffed_actor}/handover"),
    Look("actors.close", "/actors/{actor}/close"),
    Look("organisations", "/organisations"),
    Look("organisations.show", "/organisations/{organisation}"),
    Look("organisations.edit", "/organisations/{organisation}/edit"),
    Look("outbox", "/outbox"),
    Look("outbox.show", "/outbox/{mail}"),
    Look("settings", "/settings"),
    Look("settings.office", "/settings/office"),
    Look("settings.mail", "/settings/mail"),
    Look("settings.needs", "/settings/needs"),
    Look("settings.need", "/settings/needs/{area}"),
    Look("settings.agenda", "/settings/agendas/weekly"),
    Look("settings.agenda", "/settings/agendas/video"),
    Look("settings.sharing", "/settings/sharing"),
    Look("settings.opening_reasons", "/settings/opening-reasons"),
    Look("settings.basis", "/settings/bases/{basis}"),
    Look("settings.rules", "/settings/rules"),
    Look("settings.rule", "/settings/rules/link_valid_days"),
    Look("settings.colleagues", "/settings/colleagues"),
    Look("settings.colleague_invite", "/settings/colleagues/invite"),
    Look("settings.colleague_new", "/settings/colleagues/new"),
    Look("settings.colleague", "/settings/colleagues/{colleague}"),
    Look("settings.second_factor", "/settings/second-factor"),
    Look("settings.colleague_role", "/settings/colleagues/{colleague}/role"),
    Look("settings", "/settings", Who.ADMINISTRATOR),
    Look("settings.import", "/settings/import"),
    Look("disposal", "/disposal"),
    Look("disposal.rules", "/disposal/rules"),
    Look("disposal.preview", "/disposal/{long_closed}/whole"),
    Look("disposal.receipt", "/disposal/receipts/{receipt}"),
    Look("my", "/my", Who.NOBODY),
    Look("my.schedule", "/my/schedule", Who.CLIENT),
    Look("search", "/search"),
    Look("sign_in", "/sign-in", Who.NOBODY),
    Look("account", "/account"),
    Look("sign_in.second", "/sign-in/second", Who.NOBODY),  # without a sign-in under way it leads to the first step
    Look("agency.back", "/sign-in/agency/return", Who.NOBODY),  # likewise
    Look("join", f"/join/{LINK_TOKEN}", Who.NOBODY),
    Look("account", "/account", Who.PARTNER),
    Look("account.confirm", "/account/confirm?next=/actions"),
    Look("account.second_factor", "/account/second-factor"),
    Look("account.app", "/account/second-factor/app", Who.INSPECTOR),
)

# The first-run page is absent once there is an office.
ERRORS = (
    Look("setup", "/setup", Who.NOBODY, 404),
    Look("nowhere", "/finns-inte", status=404),
    Look("nowhere", "/finns-inte", Who.NOBODY, 404),
    Look("cases.show", "/cases/{nobody}", status=404),
    Look("cases", "/cases", Who.PARTNER, 403),
    Look("shared.case", "/shared/cases/{nobody}", Who.PARTNER, 404),
    Look("join", "/join/fel", Who.NOBODY, 404),
    Look("answers.show", "/answer/fel", Who.NOBODY, 404),
    Look("answers.show", "/answer/{answer_withdrawn}", Who.NOBODY, 410),
)

# Not for looking at: a browser saves these, a machine reads them.
FILES = (
    Look("schedules.pdf", "/schedules/{released}/pdf"),
    Look("schedules.ics", "/schedules/{released}/ics"),
    Look("answers.calendar", "/answer/{answer}/meeting.ics", Who.NOBODY),
    Look("outbox.download", "/outbox/{mail}/message.eml"),
    Look("register.paper", "/cases/{case}/register/paper"),
    Look("register.data", "/cases/{case}/register/data"),
    Look("health.live", "/livez", Who.NOBODY),
    Look("health.ready", "/readyz", Who.NOBODY),
)


T = TypeVar("T")


def names_in(database: Database, settings: Settings) -> dict[str, str]:
    """Return what the names in the paths stand for in a demo office."""
    links = Links(settings.signing_key(), settings.base_url)
    with database.read() as session:
        found = (
            _meetings(session)
            | _cases(session)
            | {
                "slot": _first(session, select(WeeklySlot.id)),
                "slot_actor": _first(session, select(SlotActor.actor_id).where(SlotActor.left_on.is_(None))),
                "actor": _social(session),
                "staffed_actor": _social(session),
                "organisation": _first(session, select(Organisation.id)),
                "action": _first(session, select(Action.id).order_by(Action.due_on)),
                "mail": _first(session, select(OutboxMessage.id)),
                "receipt": _first(session, select(Disposal.id)),
                "revoked": _first(session, select(Consent.id).where(Consent.revoked_at.is_not(None))),
                "revoked_case": _first(session, select(Consent.case_id).where(Consent.revoked_at.is_not(None))),
                "basis": _first(session, select(LegalBasis.id)),
                "area": _first(session, select(NeedArea.id)),
                "colleague": _first(session, select(User.id).where(User.email == cast.INSPECTOR[1])),
                "nobody": "00000000-0000-7000-8000-000000000000",
            }
        )
        return {name: str(key) for name, key in found.items()} | _tokens(session, links)


def prepare(database: Database, settings: Settings) -> None:
    """Add the states of pages that the story lacks: a weekly date that is skipped, and an invitation taken back."""
    principal = principal_of(database, cast.COORDINATOR[1], now=NOW)
    inspector = principal_of(database, cast.INSPECTOR[1], now=NOW)
    links = Links(settings.signing_key(), settings.base_url)
    with database.transaction() as session:
        second_factors.start_app(session, inspector)
        session.add(_a_link(principal))
        skipped = _coming(session)[3]
        meetings.cancel(session, principal, skipped.id, reason="Lokalen är stängd", links=links, now=NOW)
        support = _first(session, select(Actor.id).where(Actor.function == "Stödperson"))
        slots.remove_actor(session, principal, _first(session, select(WeeklySlot.id)), support, links=links, now=NOW)
        erased = _long_closed(session, principal, "K-001")
        disposal.dispose(session, principal, erased, None, sure=True)
        _long_closed(session, principal, "K-002")
        _ask(session, principal, "K-117")  # closed to all but the colleague
        asked = _ask(session, inspector, "K-116")
        openings.open_content(session, inspector, asked, purpose="Om det finns en tid i dag", links=links, now=NOW)


def _a_link(principal: Principal) -> UserInvitation:
    """Return an invitation whose link is known here."""
    return UserInvitation(
        office_id=principal.office_id,
        kind=InvitationKind.JOIN,
        token_hash=sessions.token_hash(LINK_TOKEN),
        email="ny.kollega@demo.example",
        name="Ny Kollega",
        role=Role.INSPECTOR,
        organisation_id=principal.organisation_id,
        invited_by=principal.user_id,
        created_at=NOW,
        expires_at=NOW + dt.timedelta(days=7),
    )


def _ask(session: Session, principal: Principal, code: str) -> UUID:
    """Make the first of the two choices of an emergency opening; return what proves it."""
    why = openings.Why(kind=openings.reasons(session, principal)[0], reason="Klienten sitter i receptionen")
    asked = openings.ask(session, principal, code, why, now=NOW)
    assert asked.try_id is not None, code
    return asked.try_id


def _long_closed(session: Session, principal: Principal, code: str) -> UUID:
    """Return a case whose time has come."""
    details = CaseDetails(code=code, phase=Phase.PLAN)
    case = cases.add_case(session, principal, details, today=dt.date(2023, 3, 1))
    case.phase, case.closed_on = Phase.CLOSED, dt.date(2024, 3, 1)
    session.flush()
    return case.id


def _coming(session: Session) -> list[Meeting]:
    """Return the coming weekly dates, the nearest first."""
    coming = select(Meeting).where(Meeting.kind == MeetingKind.WEEKLY, Meeting.ends_at > NOW)
    return list(session.scalars(coming.order_by(Meeting.starts_at)))


def _meetings(session: Session) -> dict[str, UUID]:
    coming = _coming(session)
    held = select(Meeting.id).where(Meeting.kind == MeetingKind.WEEKLY, Meeting.ends_at < NOW)
    items = select(AgendaItem.id).where(AgendaItem.meeting_id == coming[0].id, AgendaItem.case_id.is_not(None))
    return {
        "next": coming[0].id,
        "case_item": _first(session, items.order_by(AgendaItem.position)),
        "unprepared": coming[1].id,
        "skipped": next(meeting.id for meeting in coming if meeting.state is MeetingState.CANCELLED),
        "video": _first(session, select(Meeting.id).where(Meeting.kind == MeetingKind.VIDEO)),
        "held": _first(session, held.order_by(Meeting.starts_at.desc())),
    }


def _cases(session: Session) -> dict[str, UUID]:
    codes = {case.code: case.id for case in session.scalars(select(Case))}
    case, released = codes["K-101"], codes["K-105"]  # on the way out; out, with a schedule handed over
    times = select(Appointment.id).where(Appointment.case_id == case)
    return {
        "case": case,
        "released": released,
        "bare": codes["K-113"],
        "protected": codes["K-116"],
        "held_mail": _first(session, select(Invitation.id).where(Invitation.case_id == codes["K-116"])),
        "asked": _first(session, select(OpeningTry.id).where(OpeningTry.case_id == codes["K-117"])),
        "opening": _first(session, select(BreakGlass.id)),
        "long_closed": codes["K-002"],
        "need": _first(session, select(Need.id).where(Need.case_id == case)),
        "appointment": _first(session, times.order_by(Appointment.starts_at)),
    }


def _tokens(session: Session, links: Links) -> dict[str, str]:
    """Return what proves itself in the links of mails: to the series, one date of it, a video meeting and an extract."""
    all_series = select(Invitation).where(Invitation.slot_id.is_not(None))
    series = _first(session, all_series.where(Invitation.withdrawn_at.is_(None)))
    withdrawn = _first(session, all_series.where(Invitation.withdrawn_at.is_not(None)))
    booked = _first(session, select(Invitation).where(Invitation.appointment_id.is_not(None)))
    video = _first(session, select(Invitation).where(Invitation.meeting_id.is_not(None)))
    revision = _first(session, select(MinutesRevision.id).order_by(MinutesRevision.finalised_at.desc()))
    whole = {
        "answer": answer_address(links, series),
        "answer_date": answer_address(links, series, _coming(session)[0].id),
        "answer_video": answer_address(links, video),
        "answer_time": answer_address(links, booked),
        "answer_withdrawn": answer_address(links, withdrawn),
        "extract": links.address(Purpose.EXTRACT, revision, _social(session)),
    }
    return {name: address.rpartition("/")[2] for name, address in whole.items()}


def _social(session: Session) -> UUID:
    return _first(session, select(Actor.id).where(Actor.function == "Socialsekreterare vuxen"))


def _first(session: Session, query: Select[T]) -> T:
    found = session.scalars(query).first()
    assert found is not None, f"the demo has nothing for {query}"
    return found
