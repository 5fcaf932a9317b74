"""The page behind the link in a mail, opened by people without an account."""

import datetime as dt
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi import FastAPI
from icalendar import Calendar
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import Invitation, InvitationResponse, Meeting, OfficeRule, WeeklySlot
from inslussning.practice.office_defaults import RuleKey
from inslussning.services import invitations, meetings, slots
from inslussning.services.invitation_mails import answer_address
from inslussning.services.links import Links, Purpose
from meetings.vocabulary import Response
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.bookings import a_booking
from tests.factories.offices import World
from tests.factories.planning import a_slot, a_video_meeting
from tests.whitelist import addresses, violations

ClientAt = Callable[[dt.datetime], SiteClient]


@pytest.fixture
def links(app: FastAPI) -> Links:
    found: Links = app.state.links
    return found


@pytest.fixture
def client_at(settings: Settings, database: Database) -> ClientAt:
    """Somebody without an account, at another time."""
    return lambda now: SiteClient(create_app(settings, database=database, clock=lambda: now))


@pytest.fixture
def slot(session: Session, world: World) -> WeeklySlot:
    """Thursdays 9–11 from 7 January to 24 June 2027."""
    slot = a_slot(
        session,
        world.coordinator,
        now=NOW,
        last_on=dt.date(2027, 6, 24),
        video_link="https://video.example/rum",
        actor_ids=(world.social.id,),
    )
    session.commit()
    return slot


@pytest.fixture
def dates(session: Session, slot: WeeklySlot) -> list[Meeting]:
    query = select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)
    return list(session.scalars(query))


@pytest.fixture
def path(session: Session, slot: WeeklySlot, links: Links) -> str:
    """The link in the invitation to the series."""
    return path_of(session, links, slot)


def path_of(session: Session, links: Links, slot: WeeklySlot, meeting: Meeting | None = None) -> str:
    invitation = session.scalars(select(Invitation).where(Invitation.slot_id == slot.id)).one()
    session.refresh(invitation)
    return answer_address(links, invitation, meeting.id if meeting else None).removeprefix("http://127.0.0.1:8000")


def answers(session: Session) -> list[tuple[Response, str, object]]:
    session.expire_all()
    found = session.scalars(select(InvitationResponse))
    return [(one.answer, one.note, one.meeting_id) for one in found]


class TestSeries:
    def test_it_says_what_when_where_who_asks_and_why(self, anonymous: SiteClient, path: str) -> None:
        said = anonymous.get(path).said
        for fact in (
            "Kan du komma?",
            "Möte varje vecka",
            "Varje torsdag kl. 09.00–11.00",
            "tors 7 jan 2027 till tors 24 juni 2027",
            "Storgatan 4",
            "Frivården Björkstad",
            "Du får frågan som Socialsekreterare vuxen – Björkstad.",
            "010-123 45 00",
        ):
            assert fact in said

    def test_it_names_no_client_no_other_actor_and_offers_no_navigation(self, anonymous: SiteClient, path: str) -> None:
        answer = anonymous.get(path)
        assert "K-101" not in answer.text
        assert "Inslussning centrum" not in answer.text
        assert not answer.soup.select("nav, script")

    def test_the_video_link_leads_there_and_says_nothing_of_where_from(self, anonymous: SiteClient, path: str) -> None:
        link = anonymous.get(path).one("a[rel=noreferrer]")
        assert link["href"] == "https://video.example/rum"

    def test_an_answer_to_all_is_kept_and_said(self, anonymous: SiteClient, session: Session, path: str) -> None:
        answer = anonymous.post(path, {"answer": "accepted", "meeting": "", "note": "Vi ses"})
        assert (answer.status, answer.goes_to) == (303, path)
        assert answers(session) == [(Response.ACCEPTED, "Vi ses", None)]
        said = anonymous.get(path).said
        assert "Tack. Ditt svar är ja." in said
        assert "Du har svarat ja. Du kan ändra dig." in said

    def test_one_date_can_be_answered_alone(
        self, anonymous: SiteClient, session: Session, path: str, dates: list[Meeting]
    ) -> None:
        anonymous.post(path, {"answer": "declined", "meeting": str(dates[2].id)})
        assert answers(session) == [(Response.DECLINED, "", dates[2].id)]
        assert "tors 21 jan 2027 kl. 09.00–11.00 du har svarat nej" in anonymous.get(path).said

    def test_a_moved_date_is_asked_about_anew_though_all_was_answered(
        self, anonymous: SiteClient, session: Session, world: World, path: str, dates: list[Meeting], links: Links
    ) -> None:
        anonymous.post(path, {"answer": "accepted"})
        starts = dates[1].starts_at - dt.timedelta(days=1)
        ends = starts + dt.timedelta(hours=2)
        meetings.move(
            session, world.coordinator, dates[1].id, starts_at=starts, ends_at=ends, reason="", links=links, now=NOW
        )
        session.commit()
        said = anonymous.get(path).said
        assert "ons 13 jan 2027 kl. 09.00–11.00 ny tid, svara igen" in said
        assert "Du har svarat ja." in said

    def test_the_next_six_dates_are_offered_and_a_skipped_one_is_said_to_be(
        self, anonymous: SiteClient, session: Session, world: World, path: str, dates: list[Meeting], links: Links
    ) -> None:
        key = dates[1].id
        meetings.cancel(session, world.coordinator, key, reason="helgdag", links=links, now=NOW)
        session.commit()
        answer = anonymous.get(path)
        assert len(answer.soup.select("input[type=radio]")) == 6  # all of it, and five that are held
        assert "tors 14 jan 2027 inställt" in answer.said

    def test_a_link_about_one_date_asks_about_that_date(
        self, anonymous: SiteClient, session: Session, slot: WeeklySlot, dates: list[Meeting], links: Links
    ) -> None:
        answer = anonymous.get(path_of(session, links, slot, dates[15]))
        assert "torsdag 22 april 2027 kl. 09.00–11.00" in answer.said
        assert answer.one("input[checked]")["value"] == str(dates[15].id)


class TestSingle:
    def test_a_meeting_is_asked_about_with_its_day_and_place(
        self, anonymous: SiteClient, session: Session, world: World, links: Links
    ) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        session.commit()
        invitation = session.scalars(
            select(Invitation).where(Invitation.meeting_id == meeting.id, Invitation.actor_id == world.social.id)
        ).one()
        answer = anonymous.get(answer_address(links, invitation).removeprefix("http://127.0.0.1:8000"))
        assert "tisdag 9 februari 2027 kl. 13.00–14.00" in answer.said
        assert not answer.soup.select("input[type=radio]")

    def test_a_booked_time_says_what_it_is_for_but_not_for_whom(
        self, anonymous: SiteClient, session: Session, world: World, links: Links
    ) -> None:
        a_booking(session, world, now=NOW)
        session.commit()
        invitation = session.scalars(select(Invitation)).one()
        answer = anonymous.get(answer_address(links, invitation).removeprefix("http://127.0.0.1:8000"))
        assert "Passar den bokade tiden?" in answer.said
        assert "Vi pratar om pengar" in answer.said
        assert "K-101" not in answer.text


class TestNothingHappensByLooking:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_opening_the_link_changes_no_row(
        self, anonymous: SiteClient, session: Session, path: str, method: str
    ) -> None:
        before = session.scalar(select(func.sum(Invitation.version)))
        for target in (path, f"{path}?answer=accepted", f"{path}/meeting.ics"):
            assert anonymous.http.request(method, target).status_code == 200
        session.expire_all()
        assert answers(session) == []
        assert session.scalar(select(func.sum(Invitation.version))) == before

    def test_another_site_cannot_answer_for_somebody(self, anonymous: SiteClient, session: Session, path: str) -> None:
        answer = anonymous.post(path, {"answer": "accepted"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status == 403
        assert answers(session) == []


class TestWhatIsRefused:
    @pytest.mark.parametrize("typed", [{}, {"answer": "needs-action"}, {"answer": "kanske"}, {"answer": "x" * 5000}])
    def test_what_is_no_answer(self, anonymous: SiteClient, session: Session, path: str, typed: dict[str, str]) -> None:
        answer = anonymous.post(path, typed | {"note": "Hälsningar"})
        assert answer.status == 422
        assert answer.one("#note").get_text() == "Hälsningar"
        assert answers(session) == []

    def test_a_personal_number_and_a_note_that_is_too_long(
        self, anonymous: SiteClient, session: Session, path: str
    ) -> None:
        for note in ("Gäller 19850709-9805", "å" * 501):
            answer = anonymous.post(path, {"answer": "accepted", "note": note})
            assert answer.status == 422
            assert note in answer.one("#note").get_text()
        assert answers(session) == []

    def test_markup_in_a_note_is_shown_as_it_was_typed(self, anonymous: SiteClient, path: str) -> None:
        anonymous.post(path, {"answer": "accepted", "note": "</textarea><script>alert(1)</script>"})
        answer = anonymous.get(path)
        assert not answer.soup.select("script")
        assert "<script>" in answer.one("#note").get_text()

    def test_a_date_of_something_else_looks_absent(
        self, anonymous: SiteClient, session: Session, world: World, path: str
    ) -> None:
        foreign = a_video_meeting(session, world, now=NOW)
        session.commit()
        for key in (foreign.id, uuid4()):
            assert anonymous.post(path, {"answer": "accepted", "meeting": str(key)}).status == 404
        assert answers(session) == []

    def test_a_link_somebody_made_up_looks_absent(self, anonymous: SiteClient, path: str, links: Links) -> None:
        extract = links.token(Purpose.EXTRACT, uuid4(), uuid4())
        short = links.token(Purpose.ANSWER, uuid4())
        for made_up in ("/answer/x", f"{path}x", f"/answer/{extract}", f"/answer/{short}"):
            for target in (made_up, f"{made_up}/meeting.ics"):
                assert anonymous.get(target).status == 404


class TestClosedLinks:
    def test_an_invitation_taken_back_says_so_and_nothing_else(
        self, anonymous: SiteClient, session: Session, world: World, slot: WeeklySlot, path: str, links: Links
    ) -> None:
        slots.remove_actor(session, world.coordinator, slot.id, world.social.id, links=links, now=NOW)
        session.commit()
        for answer in (
            anonymous.get(path),
            anonymous.post(path, {"answer": "accepted"}),
            anonymous.get(f"{path}/meeting.ics"),
        ):
            assert answer.status == 410
            assert "Inbjudan är återtagen." in answer.said
            assert not re.search("torsdag|Storgatan|Frivården|Socialsekreterare", answer.text)

    def test_invited_anew_an_old_link_stays_dead(
        self, anonymous: SiteClient, session: Session, world: World, slot: WeeklySlot, path: str, links: Links
    ) -> None:
        slots.remove_actor(session, world.coordinator, slot.id, world.social.id, links=links, now=NOW)
        slots.add_actor(session, world.coordinator, slot.id, world.social.id, links=links, now=NOW)
        session.commit()
        assert anonymous.get(path).status == 410
        assert anonymous.get(path_of(session, links, slot)).status == 200

    def test_a_new_mailbox_makes_the_link_in_the_old_one_dead(
        self, anonymous: SiteClient, session: Session, world: World, path: str, links: Links
    ) -> None:
        world.social.mailbox = "ny@partner.example"
        session.flush()  # the mails are written from the rows
        invitations.mailbox_changed(session, world.coordinator, world.social, links=links, now=NOW)
        session.commit()
        assert anonymous.get(path).status == 410

    @pytest.mark.parametrize(("days", "status"), [(13, 200), (14, 410)])
    def test_a_link_dies_some_days_after_the_last_date(
        self, client_at: ClientAt, path: str, dates: list[Meeting], days: int, status: int
    ) -> None:
        client = client_at(dates[-1].ends_at + dt.timedelta(days=days))
        assert client.get(path).status == status

    def test_how_many_the_office_decides(
        self, client_at: ClientAt, session: Session, world: World, path: str, dates: list[Meeting]
    ) -> None:
        session.add(
            OfficeRule(office_id=world.office.id, key=RuleKey.LINK_VALID_DAYS, value=2, valid_from=dt.date(2026, 12, 1))
        )
        session.commit()
        assert client_at(dates[-1].ends_at + dt.timedelta(days=2)).get(path).status == 410

    def test_when_it_is_over_it_says_so_and_takes_no_answer(
        self, client_at: ClientAt, session: Session, path: str, dates: list[Meeting]
    ) -> None:
        client = client_at(dates[-1].ends_at)
        assert "Det går inte längre att svara." in client.get(path).said
        assert client.post(path, {"answer": "accepted"}).status == 410
        assert answers(session) == []

    def test_called_off_it_says_so_and_takes_no_answer(
        self, anonymous: SiteClient, session: Session, world: World, slot: WeeklySlot, path: str, links: Links
    ) -> None:
        slots.end_slot(session, world.coordinator, slot.id, links=links, now=NOW)
        session.commit()
        answer = anonymous.get(path)
        assert (answer.status, answer.one("h1").get_text()) == (200, "Inställt")
        assert anonymous.post(path, {"answer": "accepted"}).status == 410


class TestOwnCalendar:
    def test_it_is_the_recipients_own_series_under_the_uid_of_its_mails(
        self, anonymous: SiteClient, session: Session, world: World, path: str, dates: list[Meeting], links: Links
    ) -> None:
        moved = dates[3].starts_at - dt.timedelta(days=1)
        ends = moved + dt.timedelta(hours=2)
        meetings.move(
            session, world.coordinator, dates[3].id, starts_at=moved, ends_at=ends, reason="", links=links, now=NOW
        )
        session.commit()
        answer = anonymous.get(f"{path}/meeting.ics")
        assert answer.response.headers["content-type"] == "text/calendar; charset=utf-8"
        whole, date = Calendar.from_ical(answer.response.content).events
        uid = session.scalars(select(Invitation.uid)).one()
        assert str(whole["uid"]) == str(date["uid"]) == uid
        assert date["recurrence-id"].to_ical() == b"20270128T090000"

    def test_it_asks_nobody_anything_and_names_nobody(self, anonymous: SiteClient, path: str) -> None:
        content = anonymous.get(f"{path}/meeting.ics").response.content
        assert violations(content) == []
        assert addresses(content) == set()
        assert b"METHOD" not in content
        assert b"Storgatan" not in content

    def test_an_actor_that_has_asked_for_it_gets_place_and_link(
        self, anonymous: SiteClient, session: Session, world: World, path: str
    ) -> None:
        world.social.wants_place = True
        session.commit()
        content = anonymous.get(f"{path}/meeting.ics").response.content
        assert b"LOCATION:Storgatan 4" in content
