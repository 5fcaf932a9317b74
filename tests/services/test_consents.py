"""Consent: what must be said, what it opens, and that taking it back closes everything at once."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotAllowed, NotFound
from inslussning.models import Action, ActionEvent, CaseActor, Consent, Invitation, NeedArea, SlotActor
from inslussning.practice.consent import Form
from inslussning.practice.organisations import OrganisationKind
from inslussning.practice.phases import Phase
from inslussning.services import (
    actions,
    answer_links,
    appointments,
    bases,
    cases,
    consent_receipts,
    consents,
    extracts,
    invitations,
    meetings,
    minutes,
    parting,
    responses,
    visible,
)
from inslussning.services.answer_links import LinkWithdrawn
from inslussning.services.bases import NoBasis
from inslussning.services.consents import NewConsent, Said
from inslussning.services.invitation_mails import answer_address
from inslussning.services.links import Purpose
from meetings.actions import ActionState
from tests.conftest import NOW, TODAY
from tests.factories.actions import an_action
from tests.factories.bookings import a_booking, details
from tests.factories.minutes import HELD, a_held_meeting
from tests.factories.offices import World, a_consent, a_partner, an_actor, an_office, principal_for
from tests.factories.planning import LINKS, a_new_video, a_slot, a_video_meeting
from tests.received import written

LATER = NOW + dt.timedelta(hours=1)
WRITTEN = Said(form=Form.WRITTEN, through="klienthandläggaren på Granliden")


def areas(session: Session, world: World, *names: str) -> tuple[UUID, ...]:
    rows = session.execute(select(NeedArea.id, NeedArea.name).where(NeedArea.office_id == world.office.id))
    return tuple(key for key, name in rows if name in names)


@pytest.fixture
def new(session: Session, world: World) -> Any:
    """A consent for social services about housing, from today to midsummer, written."""

    def make(**changes: Any) -> NewConsent:
        said: dict[str, Any] = {
            "actor_id": world.employment.id,
            "area_ids": areas(session, world, "Boende"),
            "valid_from": TODAY,
            "valid_until": dt.date(2027, 6, 30),
            "given_on": TODAY,
            "form": Form.WRITTEN,
        }
        return NewConsent(**(said | changes))

    return make


def give(session: Session, world: World, said: NewConsent) -> Consent:
    return consents.give(session, world.coordinator, world.far.id, said, now=NOW)


def revoke(session: Session, world: World, *, now: dt.datetime = LATER) -> tuple[Consent, parting.Parted]:
    return consents.revoke(session, world.coordinator, world.far.id, world.clinic.id, WRITTEN, links=LINKS, now=now)


def sees(session: Session, world: World, *, now: dt.datetime) -> bool:
    """Whether the person's very next request opens the case in April."""
    return principal_for(session, world.office, "bero@region.example", now=now).scope.share(world.far.id) is not None


class TestGive:
    def test_it_lets_its_actor_into_the_case_and_its_own_areas_alone(
        self, session: Session, world: World, new: Any
    ) -> None:
        a_partner(session, world, world.employment, email="af@af.example")
        assert principal_for(session, world.office, "af@af.example").scope.share(world.far.id) is None
        give(session, world, new())
        share = principal_for(session, world.office, "af@af.example").scope.share(world.far.id)
        assert share is not None
        assert share.area_ids == set(areas(session, world, "Boende"))
        assert not share.whole

    def test_one_from_tomorrow_opens_nothing_today(self, session: Session, world: World, new: Any) -> None:
        give(session, world, new(valid_from=TODAY + dt.timedelta(days=1)))
        pair = (world.far.id, world.employment.id)
        assert pair not in bases.actors_with_basis(session, world.coordinator, [world.far.id], now=NOW)
        tomorrow = NOW + dt.timedelta(days=1)
        assert pair in bases.actors_with_basis(session, world.coordinator, [world.far.id], now=tomorrow)

    def test_it_ends_by_itself_the_day_after_its_last(self, session: Session, world: World, new: Any) -> None:
        give(session, world, new(valid_until=TODAY))
        pair = (world.far.id, world.employment.id)
        assert pair in bases.actors_with_basis(session, world.coordinator, [world.far.id], now=NOW)
        tomorrow = NOW + dt.timedelta(days=1)
        assert pair not in bases.actors_with_basis(session, world.coordinator, [world.far.id], now=tomorrow)

    def test_a_button_pressed_twice_writes_one(self, session: Session, world: World, new: Any) -> None:
        assert give(session, world, new()).id == give(session, world, new()).id

    def test_what_is_not_to_be_shared_is_kept_word_for_word(self, session: Session, world: World, new: Any) -> None:
        words = "Inget om min bror,\noch inte om Ekhamn."
        assert give(session, world, new(not_shared=words)).not_shared == words

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("actor_id", {"actor_id": None}),
            ("actor_id", {"actor_id": uuid4()}),
            ("area_ids", {"area_ids": ()}),
            ("area_ids", {"area_ids": (uuid4(),)}),
            ("valid_until", {"valid_until": TODAY - dt.timedelta(days=1)}),
            ("valid_until", {"valid_from": dt.date(2026, 9, 1), "valid_until": TODAY - dt.timedelta(days=1)}),
            ("valid_until", {"valid_until": dt.date(2031, 1, 1)}),
            ("given_on", {"given_on": TODAY + dt.timedelta(days=1)}),
            ("through", {"form": Form.ORAL}),
            ("through", {"form": Form.ORAL, "through": "x" * 121}),
            ("through", {"through": "Kalle 19121212-1212"}),
            ("not_shared", {"not_shared": "Inget om 19121212-1212"}),
            ("not_shared", {"not_shared": "x" * 2001}),
        ],
    )
    def test_what_will_not_do_is_said_by_its_field(
        self, session: Session, world: World, new: Any, field: str, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(Invalid) as refused:
            give(session, world, new(**changes))
        assert refused.value.field == field

    def test_the_own_agency_needs_none(self, session: Session, world: World, new: Any) -> None:
        with pytest.raises(Invalid) as refused:
            give(session, world, new(actor_id=world.prison.id))
        assert refused.value.field == "actor_id"

    def test_an_actor_that_is_closed_gets_none(self, session: Session, world: World, new: Any) -> None:
        world.employment.closed_on = TODAY
        session.flush()
        with pytest.raises(Invalid) as refused:
            give(session, world, new())
        assert refused.value.field == "actor_id"

    def test_a_closed_case_gets_none(self, session: Session, world: World, new: Any) -> None:
        world.far.phase = Phase.CLOSED
        session.flush()
        with pytest.raises(Invalid):
            give(session, world, new())

    def test_another_offices_case_and_actor_are_absent(self, session: Session, world: World, new: Any) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="ekhamn@ekhamn.example")
        foreign = an_actor(session, other, "soc", "Socialsekreterare", OrganisationKind.MUNICIPALITY)
        with pytest.raises(NotFound):
            consents.give(session, other, world.far.id, new(), now=NOW)
        with pytest.raises(Invalid) as refused:
            give(session, world, new(actor_id=foreign.id))
        assert refused.value.field == "actor_id"

    def test_a_partner_gives_none(self, session: Session, world: World, new: Any) -> None:
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotAllowed):
            consents.give(session, partner, world.far.id, new(), now=NOW)


class TestRevoke:
    """S3: a consent is taken back for one actor."""

    @pytest.fixture(autouse=True)
    def clinic_at_work(self, session: Session, world: World) -> None:
        a_partner(session, world, world.clinic, email="bero@region.example", name="Eva Stål")
        self.slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.clinic.id, world.social.id))
        self.video = a_video_meeting(
            session, world, now=NOW, actor_ids=(world.social.id, world.clinic.id, world.prison.id)
        )
        self.time = a_booking(session, world, now=NOW, case=world.far, actor=world.clinic)
        self.first = an_action(session, world, now=NOW, case=world.far, actor=world.clinic, what="Boka besök")
        self.second = an_action(session, world, now=NOW, case=world.far, actor=world.clinic, what="Skicka listan")
        session.flush()

    def test_the_very_next_request_opens_nothing(self, session: Session, world: World) -> None:
        assert sees(session, world, now=NOW)
        revoke(session, world)
        assert not sees(session, world, now=LATER)
        now = principal_for(session, world.office, "bero@region.example", now=LATER)
        with pytest.raises(NotFound):
            actions.get_action(session, now, self.first.id)
        assert session.scalars(select(Action).where(visible.actions(now))).all() == []

    def test_the_consequences_are_known_beforehand(self, session: Session, world: World) -> None:
        found = parting.consequences(session, world.coordinator, world.far, world.clinic, now=NOW)
        assert [one.id for one in found.meetings] == [self.video.id]
        assert [one.id for one in found.times] == [self.time.id]
        assert {one.id for one in found.actions} == {self.first.id, self.second.id}
        assert found.keeps_slot
        assert not found.decisions

    def test_the_actor_alone_is_told_and_the_meeting_takes_place(self, session: Session, world: World) -> None:
        before = {mail.raw for mail in written(session)}
        _, parted = revoke(session, world)
        assert parted.withdrawn == 2
        told = [mail for mail in written(session) if mail.raw not in before]
        assert {mail.to for mail in told} == {"bero@partner.example"}
        assert len(told) == 2
        for mail in told:
            assert mail.method == "CANCEL"
            assert mail.sequence == 1
            assert "status" not in mail.event
            assert "K-102" not in mail.raw.decode("utf-8", "replace")

    def test_the_weekly_time_is_kept(self, session: Session, world: World) -> None:
        revoke(session, world)
        kept = session.scalars(select(Invitation).where(Invitation.slot_id == self.slot.id)).all()
        assert all(one.withdrawn_at is None for one in kept)
        assert session.scalar(
            select(SlotActor.id).where(SlotActor.actor_id == world.clinic.id, SlotActor.left_on.is_(None))
        )

    def test_its_actions_rest_and_nobody_is_told_why(self, session: Session, world: World) -> None:
        revoke(session, world)
        for action in (self.first, self.second):
            session.refresh(action)
            assert action.state is ActionState.DORMANT
            notes = [
                event.note for event in session.scalars(select(ActionEvent).where(ActionEvent.action_id == action.id))
            ]
            assert notes[-1] == "aktören deltar inte"
            assert not any("samtycke" in note.lower() or "återkall" in note.lower() for note in notes)

    def test_it_takes_no_part_any_more(self, session: Session, world: World) -> None:
        revoke(session, world)
        member = session.scalars(
            select(CaseActor).where(CaseActor.case_id == world.far.id, CaseActor.actor_id == world.clinic.id)
        ).one()
        assert member.left_on == TODAY

    def test_the_link_in_its_mail_is_dead(self, session: Session, world: World) -> None:
        invitation = session.scalars(
            select(Invitation).where(Invitation.meeting_id == self.video.id, Invitation.actor_id == world.clinic.id)
        ).one()
        token = answer_address(LINKS, invitation).rpartition("/")[2]
        answer_links.open_link(session, LINKS, token, now=NOW)
        revoke(session, world)
        with pytest.raises(LinkWithdrawn):
            answer_links.open_link(session, LINKS, token, now=LATER)

    def test_inviting_again_is_stopped_and_refers_to_it(self, session: Session, world: World) -> None:
        revoke(session, world)
        again = a_new_video(world, actor_ids=(world.clinic.id, world.prison.id))
        with pytest.raises(NoBasis) as refused:
            meetings.create_video_meeting(session, world.coordinator, again, links=LINKS, now=LATER)
        assert refused.value.field == "actor_ids"
        assert "återkallade samtycket" in str(refused.value)
        assert "tis 24 nov" in str(refused.value)
        for refuse in (
            lambda: cases.join(session, world.coordinator, world.far.id, world.clinic.id, today=TODAY),
            lambda: an_action(session, world, now=LATER, case=world.far, actor=world.clinic),
            lambda: a_booking(
                session, world, details(dt.date(2027, 5, 6)), now=LATER, case=world.far, actor=world.clinic
            ),
        ):
            with pytest.raises(NoBasis):
                refuse()

    def test_a_new_consent_lets_it_in_again(self, session: Session, world: World, new: Any) -> None:
        revoke(session, world)
        consents.give(session, world.coordinator, world.far.id, new(actor_id=world.clinic.id), now=LATER)
        assert sees(session, world, now=LATER)
        meetings.create_video_meeting(
            session,
            world.coordinator,
            a_new_video(world, actor_ids=(world.clinic.id, world.prison.id)),
            links=LINKS,
            now=LATER,
        )

    def test_what_was_said_of_it_is_kept(self, session: Session, world: World) -> None:
        consent, _ = revoke(session, world)
        assert (consent.revoked_at, consent.revoked_form, consent.revoked_through) == (
            LATER,
            Form.WRITTEN,
            WRITTEN.through,
        )
        assert consent.valid_until == dt.date(2027, 6, 30)

    def test_the_receipt_says_what_ended(self, session: Session, world: World) -> None:
        consent, _ = revoke(session, world)
        found = consent_receipts.receipt(session, world.coordinator, consent.id)
        assert (found.revoked_at, found.withdrawn, found.stays) == (LATER, 2, False)

    def test_there_is_no_receipt_of_one_that_holds(self, session: Session, world: World) -> None:
        held = session.scalars(select(Consent).where(Consent.actor_id == world.social.id)).first()
        assert held is not None
        with pytest.raises(NotFound):
            consent_receipts.receipt(session, world.coordinator, held.id)

    def test_a_second_time_there_is_nothing_to_take_back(self, session: Session, world: World) -> None:
        revoke(session, world)
        with pytest.raises(Invalid):
            revoke(session, world)

    def test_said_aloud_it_needs_somebody_who_heard_it(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refused:
            consents.revoke(
                session, world.coordinator, world.far.id, world.clinic.id, Said(form=Form.ORAL), links=LINKS, now=LATER
            )
        assert refused.value.field == "through"

    def test_one_that_has_not_begun_is_taken_back_too(self, session: Session, world: World, new: Any) -> None:
        give(
            session,
            world,
            new(actor_id=world.clinic.id, valid_from=dt.date(2027, 7, 1), valid_until=dt.date(2027, 9, 1)),
        )
        revoke(session, world)
        left = session.scalars(
            select(Consent).where(Consent.actor_id == world.clinic.id, Consent.revoked_at.is_(None))
        ).all()
        assert left == []


class TestExtract:
    def test_an_extract_opened_after_it_shows_nothing_of_the_case(self, session: Session, world: World) -> None:
        meeting = a_held_meeting(session, world, now=NOW)
        an_action(session, world, now=HELD, case=world.far, actor=world.social, meeting_id=meeting.id, what="Bara här")
        an_action(session, world, now=HELD, case=world.near, actor=world.social, meeting_id=meeting.id, what="Kvar")
        revision, _ = minutes.finalise(session, world.coordinator, meeting.id, links=LINKS, now=HELD)
        token = LINKS.token(Purpose.EXTRACT, revision.id, world.social.id)
        assert {one.what for one in extracts.open_extract(session, LINKS, token, now=HELD).actions} == {
            "Bara här",
            "Kvar",
        }
        later = HELD + dt.timedelta(minutes=1)
        consents.revoke(session, world.coordinator, world.far.id, world.social.id, WRITTEN, links=LINKS, now=later)
        assert [one.what for one in extracts.open_extract(session, LINKS, token, now=later).actions] == ["Kvar"]

    def test_an_actor_without_a_basis_gets_none_and_the_office_is_told(self, session: Session, world: World) -> None:
        meeting = a_held_meeting(session, world, now=NOW)
        cases.join(session, world.coordinator, world.near.id, world.clinic.id, today=TODAY)
        an_action(session, world, now=HELD, case=world.near, actor=world.clinic, meeting_id=meeting.id)
        _, delivered = minutes.finalise(session, world.coordinator, meeting.id, links=LINKS, now=HELD)
        assert delivered.receivers == ()
        assert [(one.title, one.codes) for one in delivered.withheld] == [
            ("Beroendemottagningen – Björkstad", ("K-101",))
        ]
        assert written(session, to="bero@partner.example") == []


class TestLapse:
    """A consent that ends by itself: access just ends, and no mail goes out by mistake."""

    @pytest.fixture(autouse=True)
    def clinic_until_today(self, session: Session, world: World) -> None:
        held = session.scalars(select(Consent).where(Consent.actor_id == world.clinic.id)).one()
        held.valid_until = TODAY
        session.flush()
        self.tomorrow = NOW + dt.timedelta(days=1)
        self.video = a_video_meeting(
            session, world, now=NOW, actor_ids=(world.clinic.id, world.social.id, world.prison.id)
        )

    def test_a_meeting_that_moves_is_taken_back_from_it(self, session: Session, world: World) -> None:
        before = len(written(session, to="bero@partner.example"))
        starts = self.video.starts_at + dt.timedelta(days=1)
        meetings.move(
            session,
            world.coordinator,
            self.video.id,
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=1),
            reason="",
            links=LINKS,
            now=self.tomorrow,
        )
        told = written(session, to="bero@partner.example")[before:]
        assert [mail.method for mail in told] == ["CANCEL"]
        assert written(session, to="soc@partner.example")[-1].method == "REQUEST"

    def test_it_is_not_reminded(self, session: Session, world: World) -> None:
        before = len(written(session, to="bero@partner.example"))
        responses.remind_silent(session, world.coordinator, self.video, links=LINKS, now=self.tomorrow)
        assert len(written(session, to="bero@partner.example")) == before

    def test_its_link_says_that_there_is_nothing_to_do(self, session: Session, world: World) -> None:
        invitation = session.scalars(
            select(Invitation).where(Invitation.meeting_id == self.video.id, Invitation.actor_id == world.clinic.id)
        ).one()
        token = answer_address(LINKS, invitation).rpartition("/")[2]
        with pytest.raises(LinkWithdrawn):
            answer_links.open_link(session, LINKS, token, now=self.tomorrow)


class TestEnforcement:
    """Nothing about a case leaves for an actor that nothing lets know of it."""

    def test_a_video_meeting(self, session: Session, world: World) -> None:
        with pytest.raises(NoBasis) as refused:
            a_video_meeting(session, world, now=NOW, actor_ids=(world.employment.id, world.prison.id))
        assert refused.value.field == "actor_ids"
        assert "Arbetsförmedlare – Björkstad" in str(refused.value)
        assert refused.value.params["case_id"] == str(world.far.id)

    def test_an_invitation_made_past_the_form(self, session: Session, world: World) -> None:
        meeting = a_video_meeting(session, world, now=NOW)
        with pytest.raises(NoBasis):
            invitations.invite_meeting(session, world.coordinator, meeting, [world.employment], links=LINKS, now=NOW)

    def test_a_booked_time(self, session: Session, world: World) -> None:
        with pytest.raises(NoBasis) as refused:
            a_booking(session, world, details(dt.date(2027, 4, 20)), now=NOW, case=world.far, actor=world.employment)
        assert refused.value.field == "actor_id"

    def test_a_booked_time_that_moves_after_the_consent_ended(self, session: Session, world: World) -> None:
        time = a_booking(session, world, details(dt.date(2027, 7, 8)), now=NOW)
        after = dt.datetime(2027, 7, 1, 8, 0, tzinfo=dt.UTC)
        with pytest.raises(NoBasis):
            appointments.change(
                session,
                world.coordinator,
                time.id,
                details(dt.date(2027, 7, 9)),
                version=time.version,
                confirmed=True,
                links=LINKS,
                now=after,
            )

    def test_an_action_may_be_written_down_but_is_not_shown(self, session: Session, world: World) -> None:
        a_partner(session, world, world.employment, email="af@af.example")
        action = an_action(session, world, now=NOW, case=world.far, actor=world.employment)
        partner = principal_for(session, world.office, "af@af.example")
        with pytest.raises(NotFound):
            actions.get_action(session, partner, action.id)
        assert actions.is_unseen(session, world.coordinator, action, now=NOW)
        a_consent(session, world.coordinator, world.far, world.employment)
        partner = principal_for(session, world.office, "af@af.example")
        assert actions.get_action(session, partner, action.id).id == action.id
        assert not actions.is_unseen(session, world.coordinator, action, now=NOW)

    def test_the_weekly_time_names_no_case_and_asks_everybody(self, session: Session, world: World) -> None:
        a_slot(session, world.coordinator, now=NOW, actor_ids=(world.employment.id,))
        assert len(written(session, to="af@partner.example")) == 1

    def test_an_actor_that_has_left_is_let_in_first(self, session: Session, world: World) -> None:
        cases.leave(session, world.coordinator, world.far.id, world.clinic.id, today=TODAY)
        with pytest.raises(NoBasis) as refused:
            a_video_meeting(session, world, now=NOW, actor_ids=(world.clinic.id, world.prison.id))
        assert "har lämnat ärendet" in str(refused.value)
