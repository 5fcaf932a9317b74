"""The pages for booked times: booking, changing, calling off, and whether the client came."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import Appointment
from inslussning.practice.attendance import Attendance
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import appointments
from meetings.recurrence import at
from tests.clients import Answer, SiteClient
from tests.conftest import NOW, QueryCounter
from tests.factories.bookings import THURSDAY, a_booking, details
from tests.factories.offices import World, a_case, a_partner, an_actor, an_office
from tests.factories.planning import LINKS, STOCKHOLM, a_slot

ABSENT = "00000000-0000-7000-8000-000000000000"


def typed(world: World, **changes: Any) -> dict[str, str]:
    """What a person writes to book an hour with social services on the Thursday after release."""
    fields = {
        "actor_id": str(world.social.id),
        "day": "7 jan",
        "starts": "13",
        "ends": "60 min",
        "what": "Vi pratar om pengar",
    }
    return fields | changes


def new(world: World) -> str:
    return f"/appointments/new?case={world.near.id}"


def the_only(session: Session) -> Appointment:
    return session.scalars(select(Appointment)).one()


def question_of(answer: Answer) -> str:
    return str(answer.one("input[name=asked]")["value"])


def choices_of(answer: Answer) -> dict[str, str]:
    """What the page offers instead of the time, by the words it offers it in."""
    fields = answer.soup.select("input[name=choice]")
    labels = {str(label["for"]): " ".join(label.get_text(" ").split()) for label in answer.soup.select("label[for]")}
    return {labels[str(field["id"])]: str(field["value"]) for field in fields}


class TestForm:
    def test_the_actors_of_the_case_come_first(self, either: SiteClient, world: World) -> None:
        offered = [option.get_text() for option in either.get(new(world)).soup.select("#f-actor_id option")]
        assert offered[-1] == "Beroendemottagningen – Björkstad (inte i ärendet än)"
        assert "Klienthandläggare – Granliden" not in str(offered)

    def test_a_link_can_fill_in_day_and_actor(self, client: SiteClient, session: Session, world: World) -> None:
        world.social.visiting_address, world.social.phone = "Storgatan 12", "0500-11 22 33"
        session.commit()
        page = client.get(f"{new(world)}&actor={world.social.id}&day=2027-01-07")
        filled = {name: page.one(f"#f-{name}")["value"] for name in ("day", "place", "contact")}
        assert filled == {
            "day": "2027-01-07",
            "place": "Storgatan 12",
            "contact": "Socialsekreterare vuxen 0500-11 22 33",
        }

    def test_the_clients_other_times_stand_beside(self, client: SiteClient, session: Session, world: World) -> None:
        a_booking(session, world, now=NOW)
        session.commit()
        assert "tors 7 jan 2027 kl. 13.00–14.00" in client.get(new(world)).said

    def test_without_actors_the_first_step_is_offered(self, client: SiteClient, session: Session, world: World) -> None:
        for actor in (world.social, world.employment, world.clinic, world.probation):
            actor.closed_on = dt.date(2026, 1, 1)
        session.commit()
        assert "Lägg till aktör" in client.get(new(world)).said


class TestBook:
    def test_a_time_is_booked_as_it_is_written(self, either: SiteClient, session: Session, world: World) -> None:
        answer = either.post(new(world), typed(world, bring="Id-handling"))
        kept = the_only(session)
        assert answer.goes_to == f"/schedules/{world.near.id}"
        assert (kept.starts_at, kept.ends_at) == (details().starts_at, details().ends_at)
        assert kept.bring == "Id-handling"

    def test_the_day_may_be_counted_from_the_release(self, client: SiteClient, session: Session, world: World) -> None:
        client.post(new(world), typed(world, day="VF+3"))
        assert the_only(session).starts_at == details().starts_at

    def test_an_end_may_be_a_clock_time(self, client: SiteClient, session: Session, world: World) -> None:
        client.post(new(world), typed(world, ends="14.30"))
        assert the_only(session).ends_at == at(THURSDAY, dt.time(14, 30), STOCKHOLM)

    def test_the_next_page_says_what_was_sent(self, client: SiteClient, world: World) -> None:
        answer = client.post(new(world), typed(world))
        assert "Tiden är bokad. Ett mejl är på väg." in client.get(answer.goes_to).said


class TestBadInput:
    def test_everything_typed_is_kept(self, either: SiteClient, world: World) -> None:
        wrong = typed(world, day="snart", place="Biblioteket", getting_there="Buss 3", contact="Åsa", bring="Id")
        answer = either.post(new(world), wrong)
        assert answer.status == 422
        assert {name: answer.one(f"#f-{name}")["value"] for name in wrong if name != "actor_id"} == {
            name: value for name, value in wrong.items() if name != "actor_id"
        }
        assert answer.one("#f-actor_id option[selected]")["value"] == str(world.social.id)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("actor_id", ""),
            ("day", ""),
            ("day", "31 feb"),
            ("starts", "25"),
            ("starts", ""),
            ("ends", "snart"),
            ("ends", "12.00"),
            ("ends", "13 h"),
            ("what", " "),
            ("what", "å" * 201),
            ("what", "möte med 19900101-2384"),
            ("place", "å" * 1_000_000),
            ("contact", "x" * 121),
        ],
    )
    def test_what_is_wrong_is_said_by_its_field(
        self, client: SiteClient, session: Session, world: World, field: str, value: str
    ) -> None:
        answer = client.post(new(world), typed(world, **{field: value}))
        assert answer.status == 422
        assert answer.error_of(field)
        assert session.scalars(select(Appointment)).all() == []

    def test_a_time_that_has_passed_is_refused(self, client: SiteClient, world: World) -> None:
        wrong = typed(world, day="24 nov 2026", starts="8.30")
        first = client.post(new(world), wrong)
        answer = client.post(new(world), wrong | {"asked": question_of(first), "choice": "anyway"})
        assert "har redan varit" in answer.error_of("day")

    def test_no_bytes_make_it_fall_over(self, client: SiteClient, world: World) -> None:
        for value in (
            "\x00",
            "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
            "-1",
            "𝟚𝟛",
            "9" * 400,
            "{{7*7}}",
        ):
            for field in ("actor_id", "day", "starts", "ends", "asked", "choice", "filled_for", "version"):
                assert client.post(new(world), typed(world, **{field: value})).status in {303, 422}


class TestSomethingToChoose:
    """Release on Monday 4 January 2027; Wednesday is Epiphany; social services sit in the slot on Thursday 9–11."""

    def test_a_holiday_is_not_booked_before_somebody_has_chosen(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        answer = either.post(new(world), typed(world, day="6 jan", starts="10"))
        assert answer.status == 422
        assert "helgdag (Trettondedag jul)" in answer.said
        assert answer.error_of("choice")
        assert session.scalars(select(Appointment)).all() == []

    def test_the_times_proposed_avoid_the_weekly_slot(self, client: SiteClient, session: Session, world: World) -> None:
        a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        session.commit()
        offered = list(choices_of(client.post(new(world), typed(world, day="6 jan", starts="10"))))
        assert offered[0] == "Ta tors 7 jan 2027 kl. 13.00 i stället"
        assert offered[-1] == "Boka ändå ons 6 jan 2027 kl. 10.00"
        assert len(offered) == 4

    def test_one_of_them_is_booked_with_one_choice(self, either: SiteClient, session: Session, world: World) -> None:
        a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        session.commit()
        asked = typed(world, day="6 jan", starts="10", ends="45 min")
        first = either.post(new(world), asked)
        choice = choices_of(first)["Ta tors 7 jan 2027 kl. 13.00 i stället"]
        either.post(new(world), asked | {"asked": question_of(first), "choice": choice})
        kept = the_only(session)
        assert kept.starts_at == at(THURSDAY, dt.time(13), STOCKHOLM)
        assert kept.ends_at - kept.starts_at == dt.timedelta(minutes=45)

    def test_the_holiday_can_be_chosen_all_the_same(self, either: SiteClient, session: Session, world: World) -> None:
        asked = typed(world, day="6 jan")
        first = either.post(new(world), asked)
        either.post(new(world), asked | {"asked": question_of(first), "choice": "anyway"})
        assert the_only(session).starts_at == at(dt.date(2027, 1, 6), dt.time(13), STOCKHOLM)

    def test_a_yes_to_one_day_is_no_yes_to_another(self, client: SiteClient, session: Session, world: World) -> None:
        first = client.post(new(world), typed(world, day="6 jan"))
        answer = client.post(
            new(world), typed(world, day="1 jan 2027") | {"asked": question_of(first), "choice": "anyway"}
        )
        assert answer.status == 422
        assert answer.soup.select("input[name=choice][checked]") == []
        assert session.scalars(select(Appointment)).all() == []

    def test_a_yes_is_kept_while_something_else_is_mended(self, client: SiteClient, world: World) -> None:
        asked = typed(world, day="6 jan", what="")
        first = client.post(new(world), asked)
        answer = client.post(new(world), asked | {"asked": question_of(first), "choice": "anyway"})
        assert answer.one("input[name=choice][checked]")["value"] == "anyway"

    def test_a_chosen_time_stands_in_the_form_while_something_else_is_mended(
        self, client: SiteClient, world: World
    ) -> None:
        asked = typed(world, day="6 jan", what="")
        first = client.post(new(world), asked)
        choice = choices_of(first)["Ta tors 7 jan 2027 kl. 13.00 i stället"]
        answer = client.post(new(world), asked | {"asked": question_of(first), "choice": choice})
        assert (answer.one("#f-day")["value"], answer.one("#f-ends")["value"]) == ("2027-01-07", "14.00")

    def test_what_is_only_worth_knowing_stops_nobody(self, client: SiteClient, session: Session, world: World) -> None:
        client.post(new(world), typed(world, day="5 jan", starts="10"))
        assert the_only(session).starts_at == at(dt.date(2027, 1, 5), dt.time(10), STOCKHOLM)


class TestCheck:
    def check(self, client: SiteClient, world: World, **changes: str) -> Answer:
        return client.as_htmx().post(f"/appointments/check?case={world.near.id}", typed(world, **changes))

    def test_the_day_is_said_back(self, client: SiteClient, world: World) -> None:
        assert "torsdag 7 januari 2027 kl. 13.00–14.00, vecka 1" in self.check(client, world).said

    def test_what_is_only_worth_knowing_is_said(self, client: SiteClient, world: World) -> None:
        assert "före en helgdag (Trettondedag jul)" in self.check(client, world, day="5 jan", starts="10").said

    def test_nothing_is_corrected_in_the_middle_of_a_word(self, client: SiteClient, world: World) -> None:
        answer = self.check(client, world, day="7 j", what="")
        assert answer.status == 200
        assert answer.soup.select("[aria-invalid]") == []

    def test_a_new_actors_address_takes_the_old_ones_place(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        world.social.visiting_address, world.employment.visiting_address = "Storgatan 12", "Torget 1"
        session.commit()
        fields = {"actor_id": str(world.employment.id), "filled_for": str(world.social.id), "place": "Storgatan 12"}
        assert self.check(client, world, **fields).one("#f-place")["value"] == "Torget 1"

    def test_what_somebody_has_written_is_left_alone(self, client: SiteClient, session: Session, world: World) -> None:
        world.social.visiting_address, world.employment.visiting_address = "Storgatan 12", "Torget 1"
        session.commit()
        fields = {"actor_id": str(world.employment.id), "filled_for": str(world.social.id), "place": "Biblioteket"}
        assert self.check(client, world, **fields).one("#f-place")["value"] == "Biblioteket"

    def test_nothing_is_kept(self, client: SiteClient, session: Session, world: World) -> None:
        self.check(client, world)
        assert session.scalars(select(Appointment)).all() == []

    def test_a_time_being_changed_is_not_held_against_itself(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        row = a_booking(session, world, now=NOW)
        session.commit()
        path = f"/appointments/check?case={world.near.id}&appointment={row.id}"
        assert "Tänk på" not in client.as_htmx().post(path, typed(world, starts="13.30")).said


class TestEdit:
    def path(self, session: Session, world: World, day: dt.date = THURSDAY) -> tuple[str, dict[str, str]]:
        row = a_booking(session, world, details(day), now=NOW)
        session.commit()
        fields = {"day": day.isoformat(), "starts": "13.00", "ends": "14.00", "what": row.what}
        return f"/appointments/{row.id}/edit", fields | {"version": str(row.version)}

    def test_the_form_is_filled_in(self, either: SiteClient, session: Session, world: World) -> None:
        path, fields = self.path(session, world)
        page = either.get(path)
        assert {name: page.one(f"[name={name}]")["value"] for name in fields} == fields

    def test_a_change_is_kept(self, either: SiteClient, session: Session, world: World) -> None:
        path, fields = self.path(session, world)
        answer = either.post(path, fields | {"starts": "14", "ends": "30 min", "bring": "Id-handling"})
        kept = the_only(session)
        assert answer.goes_to == f"/schedules/{world.near.id}"
        assert (kept.starts_at, kept.bring) == (at(THURSDAY, dt.time(14), STOCKHOLM), "Id-handling")

    def test_moving_to_a_holiday_must_be_chosen(self, either: SiteClient, session: Session, world: World) -> None:
        path, fields = self.path(session, world)
        first = either.post(path, fields | {"day": "6 jan"})
        assert first.status == 422
        answer = either.post(path, fields | {"day": "6 jan", "asked": question_of(first), "choice": "anyway"})
        assert answer.goes_to == f"/schedules/{world.near.id}"

    def test_somebody_elses_change_is_not_overwritten(self, either: SiteClient, session: Session, world: World) -> None:
        path, fields = self.path(session, world)
        either.post(path, fields | {"what": "Den ena"})
        answer = either.post(path, fields | {"what": "Den andra"})
        assert answer.status == 409
        assert answer.one("#f-what")["value"] == "Den andra"
        session.expire_all()
        assert the_only(session).what == "Den ena"

    def test_having_read_that_one_may_save_again(self, client: SiteClient, session: Session, world: World) -> None:
        path, fields = self.path(session, world)
        client.post(path, fields | {"what": "Den ena"})
        again = client.post(path, fields | {"what": "Den andra"})
        client.post(path, fields | {"what": "Den andra", "version": str(again.one("[name=version]")["value"])})
        session.expire_all()
        assert the_only(session).what == "Den andra"

    def test_what_is_wrong_is_said_by_its_field(self, either: SiteClient, session: Session, world: World) -> None:
        path, fields = self.path(session, world)
        answer = either.post(path, fields | {"what": "för 19900101-2384"})
        assert answer.status == 422
        assert answer.error_of("what")

    def test_a_cancelled_time_cannot_be_changed(self, client: SiteClient, session: Session, world: World) -> None:
        path, fields = self.path(session, world)
        row = the_only(session)
        appointments.cancel(session, world.coordinator, row.id, version=row.version, links=LINKS, now=NOW)
        session.commit()
        for answer in (client.get(path), client.post(path, fields), client.get(path.replace("edit", "cancel"))):
            assert answer.goes_to == f"/schedules/{world.near.id}"


class TestCancel:
    def test_it_asks_once_more_and_says_who_hears_of_it(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        row = a_booking(session, world, now=NOW)
        session.commit()
        assert "Aktören får ett mejl" in either.get(f"/appointments/{row.id}/cancel").said

    def test_the_time_is_called_off(self, either: SiteClient, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        session.commit()
        answer = either.post(f"/appointments/{row.id}/cancel", {"version": str(row.version)})
        session.expire_all()
        assert answer.goes_to == f"/schedules/{world.near.id}"
        assert the_only(session).cancelled_at == NOW

    def test_one_that_has_changed_since_is_asked_about_again(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        row = a_booking(session, world, now=NOW)
        session.commit()
        answer = client.post(f"/appointments/{row.id}/cancel", {"version": str(row.version + 1)})
        assert answer.status == 409
        assert the_only(session).cancelled_at is None


class TestAttendance:
    def test_it_is_said_with_one_press(self, app: FastAPI, client: SiteClient, session: Session, world: World) -> None:
        row = a_booking(session, world, details(dt.date(2026, 11, 24), dt.time(10)), now=NOW)
        session.commit()
        app.state.clock = lambda: NOW + dt.timedelta(hours=2)
        answer = client.post(f"/appointments/{row.id}/attendance", {"attendance": "came"})
        session.expire_all()
        assert the_only(session).attendance is Attendance.CAME
        assert answer.goes_to == f"/schedules/{world.near.id}#time-{row.id}"

    def test_nothing_chosen_takes_it_back(self, client: SiteClient, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        row.attendance = Attendance.EXCUSED
        session.commit()
        client.post(f"/appointments/{row.id}/attendance", {"attendance": ""})
        session.expire_all()
        assert the_only(session).attendance is None

    def test_it_leads_back_to_the_page_it_was_said_on(self, client: SiteClient, session: Session, world: World) -> None:
        row = a_booking(session, world, now=NOW)
        session.commit()
        path = f"/appointments/{row.id}/attendance"
        assert client.post(path, {"attendance": "excused", "back": "/"}).goes_to == "/"
        assert client.post(path, {"attendance": "excused", "back": "https://evil.example"}).goes_to == "/"

    @pytest.mark.parametrize("attendance", ["came", "maybe"])
    def test_what_cannot_be_known_or_meant_is_refused(
        self, client: SiteClient, session: Session, world: World, attendance: str
    ) -> None:
        row = a_booking(session, world, now=NOW)
        session.commit()
        assert client.post(f"/appointments/{row.id}/attendance", {"attendance": attendance}).status == 422
        assert the_only(session).attendance is None


class TestForeignOffice:
    def test_its_times_and_cases_look_absent(self, client: SiteClient, session: Session) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        theirs = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        case = a_case(session, other, "K-9", release_at=None, actors=[theirs])
        row = Appointment(
            office_id=other.office_id,
            case_id=case.id,
            actor_id=theirs.id,
            starts_at=details().starts_at,
            ends_at=details().ends_at,
            what="Hemligt",
        )
        session.add(row)
        session.commit()
        for foreign, absent in (
            (f"/appointments/new?case={case.id}", f"/appointments/new?case={ABSENT}"),
            (f"/appointments/{row.id}/edit", f"/appointments/{ABSENT}/edit"),
            (f"/appointments/{row.id}/cancel", f"/appointments/{ABSENT}/cancel"),
        ):
            refused = client.get(foreign)
            assert refused.status == 404
            assert refused.text == client.get(absent).text
        assert client.post(f"/appointments/{row.id}/attendance", {"attendance": "excused"}).status == 404
        assert client.post(f"/appointments/check?case={case.id}", {}).status == 404

    def test_its_actor_is_no_choice(self, client: SiteClient, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        theirs = an_actor(session, other, "x", "Hemlig funktion", OrganisationKind.REGION)
        session.commit()
        foreign = client.post(new(world), typed(world, actor_id=str(theirs.id)))
        absent = client.post(new(world), typed(world, actor_id=str(uuid4())))
        assert foreign.error_of("actor_id") == absent.error_of("actor_id")
        assert "Hemlig" not in foreign.text


def test_a_partner_may_not_book(app: FastAPI, session: Session, world: World) -> None:
    partner = a_partner(session, world, world.social)
    session.commit()
    assert SiteClient(app).signed_in(partner).get(new(world)).status == 403


def test_booking_costs_few_statements(client: SiteClient, world: World, query_counter: QueryCounter) -> None:
    with query_counter() as statements:
        client.post(new(world), typed(world))
    assert len(statements) <= 32
    with query_counter() as statements:
        client.get(new(world))
    assert len(statements) <= 14
