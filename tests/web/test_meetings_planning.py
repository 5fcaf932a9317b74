"""The pages for planning meetings: the list, a video meeting, moving, leaving out."""

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.models import Meeting, WeeklySlot
from inslussning.models.meetings import MeetingKind, MeetingState
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from meetings.recurrence import at
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.offices import World, a_case, a_consent, an_actor, an_office
from tests.factories.planning import STOCKHOLM, a_slot, a_video_meeting

ASCENSION = dt.date(2027, 5, 6)
ABSENT = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def slot(session: Session, world: World) -> WeeklySlot:
    slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id, world.clinic.id))
    session.commit()
    return slot


@pytest.fixture
def ascension(session: Session, slot: WeeklySlot) -> Meeting:
    """The date that falls on Ascension Day."""
    return session.scalars(select(Meeting).where(Meeting.slot_id == slot.id, Meeting.original_on == ASCENSION)).one()


@pytest.fixture
def video(session: Session, world: World) -> Meeting:
    meeting = a_video_meeting(session, world, now=NOW)
    session.commit()
    return meeting


def a_booking(world: World) -> dict[str, object]:
    return {
        "day": "9 feb 2027",
        "starts": "13",
        "minutes": "60",
        "client_from_prison": "1",
        "actor_ids": [str(world.social.id), str(world.prison.id)],
    }


def a_move(**typed: str) -> dict[str, str]:
    return {"day": "5 maj 2027", "starts": "9", "ends": "11", "reason": "Röd dag"} | typed


def videos(session: Session) -> int:
    query = select(func.count()).select_from(Meeting).where(Meeting.kind == MeetingKind.VIDEO)
    return session.scalar(query) or 0


class TestIndex:
    def test_without_meetings_it_says_what_is_shown_here(self, client: SiteClient) -> None:
        assert "Inga möten framåt" in client.get("/meetings").said

    @pytest.mark.usefixtures("slot", "video")
    def test_it_lists_both_kinds_with_time_and_name(self, client: SiteClient) -> None:
        said = client.get("/meetings").said
        assert "tors 7 jan 2027 09.00–11.00 Inslussning centrum" in said
        assert "tis 9 feb 2027 13.00–14.00 Videomöte K-102" in said

    @pytest.mark.usefixtures("slot")
    def test_the_list_goes_on_where_it_stopped(self, client: SiteClient) -> None:
        first = client.get("/meetings")
        assert len(first.soup.select(".meeting-line")) == 25
        more = client.as_htmx().get(str(first.one(".more-rows a")["href"]))
        assert len(more.soup.select(".meeting-line")) == 25
        assert "<html" not in more.text
        assert "tors 1 juli 2027" in more.said

    @pytest.mark.usefixtures("slot")
    def test_past_meetings_have_a_view_of_their_own(self, client: SiteClient) -> None:
        assert "Inga tidigare möten" in client.get("/meetings?when=past").said

    def test_a_place_to_go_on_from_in_another_office_is_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = a_slot(session, other, now=NOW)
        session.commit()
        key = session.scalars(select(Meeting.id).where(Meeting.slot_id == foreign.id)).first()
        assert client.get(f"/meetings?after={key}").status == 404


class TestNewVideo:
    def test_the_case_is_asked_for_first(self, client: SiteClient) -> None:
        answer = client.get("/meetings/new")
        assert [one.get_text() for one in answer.soup.select("#f-case option")] == ["K-101", "K-102"]

    def test_those_in_the_case_and_its_prison_are_chosen_beforehand(self, either: SiteClient, world: World) -> None:
        answer = either.get(f"/meetings/new?case={world.far.id}")
        chosen = {one["value"] for one in answer.soup.select("[name=actor_ids][checked]")}
        assert chosen == {str(a.id) for a in (world.social, world.clinic, world.prison, world.probation)}
        assert answer.one("#f-client_from_prison").has_attr("checked")
        assert "senast tors 25 mars 2027" in answer.said

    def test_a_meeting_is_booked(self, either: SiteClient, session: Session, world: World) -> None:
        answer = either.post(f"/meetings/new?case={world.far.id}", a_booking(world))
        meeting = session.scalars(select(Meeting).where(Meeting.case_id == world.far.id)).one()
        assert answer.goes_to == f"/meetings/{meeting.id}"
        assert meeting.starts_at == at(dt.date(2027, 2, 9), dt.time(13), STOCKHOLM)
        assert meeting.client_from_prison

    def test_the_day_may_be_counted_from_the_release(self, client: SiteClient, session: Session, world: World) -> None:
        client.post(f"/meetings/new?case={world.far.id}", a_booking(world) | {"day": "VF-30"})
        meeting = session.scalars(select(Meeting).where(Meeting.case_id == world.far.id)).one()
        assert meeting.starts_at == at(dt.date(2027, 3, 16), dt.time(13), STOCKHOLM)

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("day", "31 februari"),
            ("day", "1 nov 2026"),
            ("day", ""),
            ("starts", "25:99"),
            ("minutes", "0"),
            ("minutes", "-60"),
            ("minutes", str(10**30)),
            ("video_link", "javascript:alert(1)"),
            ("place", "å" * 201),
        ],
        ids=lambda value: value[:12],
    )
    def test_what_cannot_be_used_is_said_by_the_field_and_kept(
        self, client: SiteClient, session: Session, world: World, field: str, typed: str
    ) -> None:
        answer = client.post(f"/meetings/new?case={world.far.id}", a_booking(world) | {field: typed})
        assert answer.status == 422
        assert answer.error_of(field)
        assert answer.one(f"#f-{field}")["value"] == typed
        assert len(answer.soup.select("[name=actor_ids][checked]")) == 2
        assert videos(session) == 0

    def test_a_holiday_is_a_warning_that_can_be_said_yes_to(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        epiphany = a_booking(world) | {"day": "6 jan 2027"}
        answer = either.post(f"/meetings/new?case={world.far.id}", epiphany)
        assert answer.status == 422
        assert "Ons 6 jan 2027 är helgdag (Trettondedag jul)" in answer.one("#concerns").get_text(" ")
        assert answer.one("#f-day")["value"] == "6 jan 2027"
        assert "onsdag 6 januari 2027" in answer.said
        assert videos(session) == 0
        assert either.post(f"/meetings/new?case={world.far.id}", epiphany | {"anyway": "1"}).goes_to
        assert videos(session) == 1

    def test_what_is_wrong_comes_before_what_is_doubtful(self, client: SiteClient, world: World) -> None:
        typed = a_booking(world) | {"day": "6 jan 2027", "actor_ids": [str(world.social.id)]}
        answer = client.post(f"/meetings/new?case={world.far.id}", typed)
        assert answer.error_of("actor_ids")
        assert answer.soup.select("#concerns") == []

    def test_a_foreign_actor_is_refused_by_the_field(self, client: SiteClient, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.PRISON)
        session.commit()
        answer = client.post(f"/meetings/new?case={world.far.id}", a_booking(world) | {"actor_ids": [str(foreign.id)]})
        assert answer.status == 422
        assert answer.error_of("actor_ids")

    def test_a_closed_case_says_why_nothing_can_be_booked(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        world.far.phase = Phase.CLOSED
        session.commit()
        answer = client.post(f"/meetings/new?case={world.far.id}", a_booking(world))
        assert answer.status == 422
        assert "Ärendet är avslutat" in answer.said

    def test_a_case_of_another_office_looks_absent(self, client: SiteClient, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = a_case(session, other, "K-900", release_at=None, actors=[])
        session.commit()
        for key in (foreign.id, ABSENT):
            assert client.get(f"/meetings/new?case={key}").status == 404
            assert client.post(f"/meetings/new?case={key}", a_booking(world)).status == 404

    def test_a_day_is_said_back_while_it_is_typed(self, either: SiteClient, world: World) -> None:
        answer = either.post("/meetings/day", {"day": "6/5 2027"})
        assert answer.said == "torsdag 6 maj 2027 , vecka 18 Kristi himmelsfärdsdag"
        assert either.post("/meetings/day", {"day": "snart"}).said == ""
        assert "16 mars 2027" in either.post(f"/meetings/day?case={world.far.id}", {"day": "VF-30"}).said


class TestMove:
    def test_it_says_who_hears_of_it_and_proposes_days_of_the_week(
        self, either: SiteClient, ascension: Meeting
    ) -> None:
        answer = either.get(f"/meetings/{ascension.id}/move")
        assert "2 mottagare får ett mejl." in answer.said
        assert "torsdag 6 maj 2027 kl. 09.00–11.00" in answer.said
        options = [" ".join(one.get_text(" ").split()) for one in answer.soup.select(".day-option")]
        assert options[-2:] == [
            "ons 5 maj dag före Kristi himmelsfärdsdag",
            "fre 7 maj Klämdag",
        ]
        chosen = either.get(f"/meetings/{ascension.id}/move?day=2027-05-05")
        assert chosen.one("#f-day")["value"] == "2027-05-05"

    def test_a_date_is_moved_and_the_rest_stays(
        self, either: SiteClient, session: Session, slot: WeeklySlot, ascension: Meeting
    ) -> None:
        answer = either.post(f"/meetings/{ascension.id}/move", a_move())
        assert answer.goes_to == f"/slots/{slot.id}"
        session.refresh(ascension)
        assert ascension.original_on == ASCENSION
        assert ascension.starts_at == at(dt.date(2027, 5, 5), dt.time(9), STOCKHOLM)
        assert "Mötet är flyttat. 2 mejl är på väg." in either.get(answer.goes_to).said

    def test_a_video_meeting_is_moved_and_shown(self, client: SiteClient, video: Meeting) -> None:
        answer = client.post(f"/meetings/{video.id}/move", a_move(day="10 feb 2027", starts="13", ends="14"))
        assert answer.goes_to == f"/meetings/{video.id}"

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("day", "13 maj 2027"),
            ("day", "20 maj 2027"),
            ("day", "40 maj"),
            ("starts", "25:99"),
            ("ends", "8"),
            ("ends", "9"),
            ("reason", ""),
            ("reason", "å" * 201),
        ],
        ids=lambda value: value[:12],
    )
    def test_what_cannot_be_used_is_said_by_the_field_and_kept(
        self, client: SiteClient, session: Session, ascension: Meeting, field: str, typed: str
    ) -> None:
        answer = client.post(f"/meetings/{ascension.id}/move", a_move(**{field: typed}))
        assert answer.status == 422
        assert answer.error_of(field)
        assert answer.one(f"#f-{field}")["value"] == typed
        session.refresh(ascension)
        assert ascension.starts_at == at(ASCENSION, dt.time(9), STOCKHOLM)

    def test_a_bridge_day_is_a_warning_that_can_be_said_yes_to(self, either: SiteClient, ascension: Meeting) -> None:
        answer = either.post(f"/meetings/{ascension.id}/move", a_move(day="7 maj 2027"))
        assert answer.status == 422
        assert "klämdag" in answer.one("#concerns").get_text(" ")
        assert either.post(f"/meetings/{ascension.id}/move", a_move(day="7 maj 2027", anyway="1")).goes_to

    def test_a_cancelled_meeting_says_why_it_stays(
        self, either: SiteClient, session: Session, ascension: Meeting
    ) -> None:
        ascension.state = MeetingState.CANCELLED
        session.commit()
        for answer in (
            either.get(f"/meetings/{ascension.id}/move"),
            either.post(f"/meetings/{ascension.id}/move", a_move()),
        ):
            assert "redan inställt" in answer.said
            assert answer.soup.select("main form") == []

    def test_an_actor_without_mailbox_is_said(self, client: SiteClient, session: Session, world: World) -> None:
        housing = an_actor(session, world.coordinator, "bo", "Boende", OrganisationKind.LANDLORD, mailbox="")
        a_consent(session, world.coordinator, world.far, housing)
        meeting = a_video_meeting(session, world, now=NOW, actor_ids=(housing.id, world.prison.id))
        session.commit()
        said = client.get(f"/meetings/{meeting.id}/move").said
        assert "En mottagare får ett mejl." in said
        assert "Brevlåda saknas för Boende – Björkstad" in said


class TestCancel:
    def test_a_date_is_skipped_with_its_reason(
        self, either: SiteClient, session: Session, slot: WeeklySlot, ascension: Meeting
    ) -> None:
        assert "2 mottagare får ett mejl." in either.get(f"/meetings/{ascension.id}/cancel").said
        answer = either.post(f"/meetings/{ascension.id}/cancel", {"reason": "Röd dag"})
        assert answer.goes_to == f"/slots/{slot.id}"
        session.refresh(ascension)
        assert (ascension.state, ascension.reason) == (MeetingState.CANCELLED, "Röd dag")
        assert "Tillfället hoppas över. 2 mejl är på väg." in either.get(answer.goes_to).said

    def test_a_reason_is_asked_for(self, either: SiteClient, session: Session, ascension: Meeting) -> None:
        answer = either.post(f"/meetings/{ascension.id}/cancel", {"reason": "  "})
        assert answer.status == 422
        assert answer.error_of("reason")
        session.refresh(ascension)
        assert ascension.is_planned

    def test_a_release_before_the_next_date_is_a_warning_shown_from_the_start(
        self, either: SiteClient, session: Session, world: World, ascension: Meeting
    ) -> None:
        world.far.release_at = at(dt.date(2027, 5, 10), dt.time(9), STOCKHOLM)
        session.commit()
        path = f"/meetings/{ascension.id}/cancel"
        assert "K-102 friges mån 10 maj 2027" in either.get(path).one("#concerns").get_text(" ")
        answer = either.post(path, {"reason": "Röd dag"})
        assert answer.status == 422
        assert answer.one("#f-reason")["value"] == "Röd dag"
        assert either.post(path, {"reason": "Röd dag", "anyway": "1"}).goes_to

    def test_a_meeting_of_another_office_looks_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        foreign = a_slot(session, other, now=NOW)
        session.commit()
        key = session.scalars(select(Meeting.id).where(Meeting.slot_id == foreign.id)).first()
        for path in ("move", "cancel"):
            refused, missing = client.get(f"/meetings/{key}/{path}"), client.get(f"/meetings/{ABSENT}/{path}")
            assert refused.status == missing.status == 404
            assert refused.text == missing.text
        assert client.post(f"/meetings/{key}/cancel", {"reason": "x"}).status == 404
        assert client.post(f"/meetings/{key}/move", a_move()).status == 404
