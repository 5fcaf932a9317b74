"""The pages of consent: the case's own section, its forms, the receipt, and the office's list of grounds."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.models import AskAgain, Consent, ConsentQuestion, DisclosureDecision, LegalBasis, NeedArea
from inslussning.practice.consent import Form
from inslussning.practice.organisations import OrganisationKind
from inslussning.services import cases, consents
from inslussning.services.consents import Said
from tests.clients import SiteClient
from tests.conftest import NOW, TODAY
from tests.factories.actions import a_need, an_action
from tests.factories.minutes import a_held_meeting, item_of
from tests.factories.offices import World, a_case, a_consent, a_partner, an_actor, an_office
from tests.factories.planning import LINKS, a_video_meeting


def area(session: Session, world: World, name: str = "Boende") -> UUID:
    return session.scalars(
        select(NeedArea.id).where(NeedArea.office_id == world.office.id, NeedArea.name == name)
    ).one()


def typed(session: Session, world: World, **changes: Any) -> dict[str, Any]:
    return {
        "actor_id": str(world.employment.id),
        "area_ids": [str(area(session, world))],
        "valid_from": "24 nov",
        "valid_until": "30 jun 2027",
        "given_on": "24 nov",
        "form": "written",
        "through": "klienthandläggaren",
        "not_shared": "Inget om min bror",
    } | changes


class TestCasePage:
    def test_each_actor_has_its_state_in_words(self, client: SiteClient, session: Session, world: World) -> None:
        cases.join(session, world.coordinator, world.far.id, world.employment.id, today=TODAY)
        an_action(session, world, now=NOW, case=world.far, actor=world.employment)
        session.commit()
        section = client.get(f"/cases/{world.far.id}").one("section[aria-labelledby=consents]")
        said = " ".join(section.get_text(" ").split())
        assert "Beroendemottagningen – Björkstad gäller t.o.m. ons 30 juni 2027" in said
        assert "Arbetsförmedlare – Björkstad saknas" in said
        assert "En åtgärd visas inte för aktören förrän det finns ett samtycke" in said

    def test_what_the_client_does_not_want_shared_stands_there(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        held = session.scalars(select(Consent).where(Consent.actor_id == world.clinic.id)).one()
        held.not_shared = "Inget om min bror"
        session.commit()
        assert "Ska inte delas: Inget om min bror" in client.get(f"/cases/{world.far.id}").said

    def test_a_partner_never_sees_the_section(self, app: FastAPI, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        answer = SiteClient(app).signed_in(partner).get(f"/cases/{world.far.id}")
        assert answer.status in {403, 404}
        assert "Samtycke" not in answer.said

    def test_a_new_need_points_to_a_consent(self, client: SiteClient, session: Session, world: World) -> None:
        for one in session.scalars(select(Consent).where(Consent.case_id == world.near.id)):
            one.valid_until = dt.date(2026, 11, 1)
        need = a_need(session, world, world.near, area="Skulder")
        session.commit()
        answer = client.get(f"/cases/{world.near.id}")
        assert "Ingen aktör utanför myndigheten får veta något om Skulder" in answer.said
        assert f"/consents/new?area={need.area_id}" in answer.text

    def test_an_actors_part_is_ended_with_one_button(self, either: SiteClient, world: World) -> None:
        answer = either.post(f"/cases/{world.near.id}/actors/{world.social.id}/finish")
        assert answer.goes_to == f"/cases/{world.near.id}#actors"
        assert "slutar se ärendet ons 25 nov" in either.get(f"/cases/{world.near.id}").said


class TestGive:
    def test_nothing_is_ticked_beforehand(self, client: SiteClient, world: World) -> None:
        answer = client.get(f"/cases/{world.far.id}/consents/new?actor={world.clinic.id}")
        assert answer.soup.select("input[type=checkbox][checked]") == []
        assert answer.soup.select("input[type=radio][checked]") == []
        assert answer.one("#f-valid_until")["value"] == "2027-10-15"  # six months past the release
        assert answer.one(f"#f-actor_id option[value='{world.clinic.id}']").has_attr("selected")

    def test_a_need_that_is_named_is_the_only_one_ticked(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        answer = client.get(f"/cases/{world.far.id}/consents/new?area={area(session, world, 'Skulder')}")
        assert len(answer.soup.select("input[type=checkbox][checked]")) == 1

    def test_the_own_agency_is_not_offered(self, client: SiteClient, world: World) -> None:
        offered = client.get(f"/cases/{world.far.id}/consents/new").one("#f-actor_id").get_text(" ")
        assert "Arbetsförmedlare" in offered
        assert "Klienthandläggare" not in offered
        assert "Frivårdsinspektör" not in offered

    def test_it_is_written_down(self, either: SiteClient, session: Session, world: World) -> None:
        answer = either.post(f"/cases/{world.far.id}/consents/new", typed(session, world))
        assert answer.goes_to == f"/cases/{world.far.id}#consents"
        kept = session.scalars(
            select(Consent).where(Consent.actor_id == world.employment.id, Consent.case_id == world.far.id)
        ).one()
        assert (kept.valid_until, kept.not_shared) == (dt.date(2027, 6, 30), "Inget om min bror")

    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("actor_id", {"actor_id": ""}),
            ("actor_id", {"actor_id": str(uuid4())}),
            ("area_ids", {"area_ids": []}),
            ("valid_until", {"valid_until": "nån gång"}),
            ("given_on", {"given_on": "30 nov"}),
            ("form", {"form": ""}),
            ("through", {"form": "oral", "through": ""}),
        ],
    )
    def test_what_will_not_do_is_said_by_the_field_and_kept(
        self, either: SiteClient, session: Session, world: World, field: str, changes: dict[str, Any]
    ) -> None:
        answer = either.post(f"/cases/{world.far.id}/consents/new", typed(session, world, **changes))
        assert answer.status == 422
        assert answer.error_of(field)
        assert answer.one("#f-not_shared").get_text() == "Inget om min bror"

    @pytest.mark.parametrize(("button", "ticked"), [("all", 12), ("last", 12)])
    def test_a_button_ticks_boxes_and_saves_nothing(
        self, either: SiteClient, session: Session, world: World, button: str, ticked: int
    ) -> None:
        before = len(session.scalars(select(Consent.id)).all())
        said = typed(session, world, actor_id=str(world.clinic.id), area_ids=[], tick=button)
        answer = either.post(f"/cases/{world.far.id}/consents/new", said)
        assert answer.status == 200
        assert len(answer.soup.select("input[type=checkbox][checked]")) == ticked
        assert answer.one("#f-not_shared").get_text() == "Inget om min bror"
        assert len(session.scalars(select(Consent.id)).all()) == before


class TestRevoke:
    def test_the_page_shows_what_it_ends_and_changes_nothing(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        a_video_meeting(session, world, now=NOW, actor_ids=(world.clinic.id, world.social.id, world.prison.id))
        an_action(session, world, now=NOW, case=world.far, actor=world.clinic, what="Boka besök")
        session.commit()
        answer = client.get(f"/cases/{world.far.id}/consents/{world.clinic.id}/revoke")
        assert "Kallelsen till videomötet tis 9 feb" in answer.said
        assert "En åtgärd blir vilande: Boka besök" in answer.said
        assert session.scalars(select(Consent).where(Consent.revoked_at.is_not(None))).all() == []

    def test_it_goes_on_to_the_receipt(self, either: SiteClient, session: Session, world: World) -> None:
        answer = either.post(
            f"/cases/{world.far.id}/consents/{world.clinic.id}/revoke",
            {"form": "written", "through": "klienthandläggaren"},
        )
        gone = session.scalars(select(Consent).where(Consent.revoked_at.is_not(None))).one()
        assert answer.goes_to == f"/consents/{gone.id}/receipt"
        receipt = either.get(answer.goes_to)
        assert "Du har tagit tillbaka ditt samtycke" in receipt.said
        assert "Skriftligt, klienthandläggaren" in receipt.said
        page = either.get(f"/cases/{world.far.id}").said
        assert "deltar inte återkallat tis 24 nov" in page

    def test_without_a_way_it_is_not_done(self, either: SiteClient, session: Session, world: World) -> None:
        answer = either.post(f"/cases/{world.far.id}/consents/{world.clinic.id}/revoke", {})
        assert answer.status == 422
        assert answer.error_of("form")
        assert session.scalars(select(Consent).where(Consent.revoked_at.is_not(None))).all() == []

    def test_what_is_taken_back_already_cannot_be_again(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        said = Said(form=Form.WRITTEN)
        consents.revoke(session, world.coordinator, world.far.id, world.clinic.id, said, links=LINKS, now=NOW)
        session.commit()
        assert (
            "Det kan redan vara återkallat"
            in either.get(f"/cases/{world.far.id}/consents/{world.clinic.id}/revoke").said
        )
        assert (
            either.post(f"/cases/{world.far.id}/consents/{world.clinic.id}/revoke", {"form": "written"}).status == 422
        )


class TestStopped:
    def test_a_video_meeting_is_stopped_by_the_field_with_the_way_to_a_consent(
        self, either: SiteClient, world: World
    ) -> None:
        said = {"day": "9 feb 2027", "starts": "13", "minutes": "60", "actor_ids": [str(world.employment.id)]}
        answer = either.post(f"/meetings/new?case={world.far.id}", said)
        assert answer.status == 422
        assert "Samtycke saknas för Arbetsförmedlare – Björkstad" in answer.error_of("actor_ids")
        assert f"/cases/{world.far.id}#consents" in answer.text

    def test_a_booked_time_is_stopped_by_the_field(self, either: SiteClient, world: World) -> None:
        said = {
            "actor_id": str(world.employment.id),
            "day": "20 apr 2027",
            "starts": "13",
            "ends": "60 min",
            "what": "Möte",
        }
        answer = either.post(f"/appointments/new?case={world.far.id}", said)
        assert answer.status == 422
        assert "Samtycke saknas för Arbetsförmedlare – Björkstad" in answer.error_of("actor_id")
        assert f"/cases/{world.far.id}#consents" in answer.text

    def test_an_action_says_that_its_actor_does_not_see_it(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        action = an_action(session, world, now=NOW, case=world.far, actor=world.employment)
        session.commit()
        assert "Aktören ser inte åtgärden, eftersom samtycke saknas" in client.get(f"/actions/{action.id}").said
        a_consent(session, world.coordinator, world.far, world.employment)
        session.commit()
        assert "Aktören ser inte åtgärden" not in client.get(f"/actions/{action.id}").said

    def test_the_room_is_told_who_leaves_and_not_why(self, client: SiteClient, session: Session, world: World) -> None:
        meeting = a_held_meeting(session, world, now=NOW)
        item = item_of(session, meeting, world.far)
        cases.join(session, world.coordinator, world.far.id, world.employment.id, today=TODAY)
        session.commit()
        client.post(f"/meetings/{meeting.id}/attendance", {"actor_id": str(world.employment.id), "attendance": "came"})
        plan = client.get(f"/meetings/{meeting.id}?item={item.id}").one("#plan")
        said = " ".join(plan.get_text(" ").split())
        assert "Lämnar rummet under ärendet Arbetsförmedlare – Björkstad" in said
        assert "Deltar inte nu: Arbetsförmedlare – Björkstad" in said
        assert "amtycke" not in said


class TestAsk:
    def test_a_no_is_kept_with_its_days(self, either: SiteClient, session: Session, world: World) -> None:
        answer = either.get(f"/cases/{world.far.id}/questions/new")
        days = [answer.one("#f-again")["value"], answer.one("#f-again_later")["value"]]
        assert days == ["2026-12-28", "2027-02-15"]
        said = {
            "asked_on": "24 nov",
            "form": "oral",
            "answer": "no",
            "reason_code": "fears_spread",
            "again": days[0],
            "again_later": days[1],
        }
        answer = either.post(f"/cases/{world.far.id}/questions/new", said)
        assert answer.goes_to == f"/cases/{world.far.id}#consents"
        assert session.scalars(select(ConsentQuestion)).one().reason_code == "fears_spread"
        page = either.get(f"/cases/{world.far.id}").said
        assert "svarade nej" in page
        assert "Är orolig för att uppgifter sprids" in page
        assert "Fråga igen mån 28 dec" in page

    def test_a_no_without_a_reason_is_asked_for_one(self, either: SiteClient, world: World) -> None:
        said = {"asked_on": "24 nov", "form": "oral", "answer": "no", "note": "Sa det bestämt"}
        answer = either.post(f"/cases/{world.far.id}/questions/new", said)
        assert answer.status == 422
        assert answer.error_of("reason_code")
        assert answer.one("#f-note").get_text() == "Sa det bestämt"

    def test_a_day_comes_up_on_the_start_page_and_is_ticked_off_there(
        self, client: SiteClient, session: Session, world: World
    ) -> None:
        said = {"asked_on": "24 nov", "form": "oral", "answer": "no", "reason_code": "not_now", "again": "27 nov"}
        client.post(f"/cases/{world.far.id}/questions/new", said)
        row = client.get("/?everything=true").one(".todo-row:has(form)")
        assert "Klienten har sagt nej. Fråga igen fre 27 nov." in " ".join(row.get_text(" ").split())
        again = session.scalars(select(AskAgain)).one()
        assert client.post(f"/ask-again/{again.id}/done", {"back": "/"}).goes_to == "/"
        assert "Fråga igen" not in client.get("/?everything=true").said


class TestDisclosure:
    def test_it_is_shown_as_what_it_is_and_ended_with_one_button(
        self, either: SiteClient, session: Session, world: World
    ) -> None:
        basis = session.scalars(select(LegalBasis).where(LegalBasis.office_id == world.office.id)).first()
        assert basis is not None
        said = {
            "actor_id": str(world.employment.id),
            "basis_id": str(basis.id),
            "area_ids": [str(area(session, world))],
            "valid_until": "31 dec",
            "reason": "Klienten kan inte tillfrågas före frigivningen.",
        }
        answer = either.post(f"/cases/{world.far.id}/disclosures/new", said)
        assert answer.goes_to == f"/cases/{world.far.id}#consents"
        page = either.get(f"/cases/{world.far.id}").said
        assert "Delas utan samtycke t.o.m. tors 31 dec" in page
        assert f"Beslut av Maria Ek tis 24 nov. {basis.name}" in page
        decision = session.scalars(select(DisclosureDecision)).one()
        either.post(f"/disclosures/{decision.id}/end")
        session.expire_all()
        assert session.scalars(select(DisclosureDecision)).one().ended_at == NOW

    def test_without_ground_and_reason_it_is_not_made(self, either: SiteClient, session: Session, world: World) -> None:
        said = {"actor_id": str(world.employment.id), "area_ids": [str(area(session, world))], "valid_until": "31 dec"}
        answer = either.post(f"/cases/{world.far.id}/disclosures/new", said)
        assert answer.status == 422
        assert answer.error_of("basis_id")
        assert session.scalars(select(DisclosureDecision)).all() == []

    def test_nothing_is_chosen_beforehand(self, client: SiteClient, world: World) -> None:
        answer = client.get(f"/cases/{world.far.id}/disclosures/new")
        assert answer.soup.select("[checked]") == []
        assert answer.one("#f-valid_until")["value"] == ""


class TestSettings:
    def test_a_ground_is_added_changed_and_ended(self, either: SiteClient, session: Session) -> None:
        said = {
            "name": "Lag 2025:170",
            "citation": "4 §",
            "explanation": "Bara kontaktuppgifter",
            "valid_from": "24 nov",
        }
        assert either.post("/settings/bases", said).goes_to == "/settings/sharing"
        row = session.scalars(select(LegalBasis).where(LegalBasis.name == "Lag 2025:170")).one()
        either.post(f"/settings/bases/{row.id}", said | {"citation": "4–6 §§"})
        either.post(f"/settings/bases/{row.id}/end", {"valid_until": "31 dec"})
        session.expire_all()
        assert (row.citation, row.valid_until) == ("4–6 §§", dt.date(2026, 12, 31))
        assert "till och med tors 31 dec" in either.get("/settings/sharing").said

    def test_a_ground_without_a_name_is_refused_by_the_field(self, either: SiteClient) -> None:
        answer = either.post("/settings/bases", {"name": "", "citation": "4 §", "valid_from": "24 nov"})
        assert answer.status == 422
        assert answer.error_of("name")

    def test_the_office_words_its_own_text(self, either: SiteClient, world: World) -> None:
        either.post("/settings/sharing/text", {"body": "Kortare möten."})
        assert "Kortare möten." in either.get(f"/cases/{world.far.id}/questions/new").said

    def test_a_partner_has_no_way_in(self, app: FastAPI, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert SiteClient(app).signed_in(partner).get("/settings/sharing").status == 403


def test_another_offices_rows_look_absent(either: SiteClient, session: Session, world: World) -> None:
    office, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="ekhamn@ekhamn.example")
    actor = an_actor(session, other, "soc", "Socialsekreterare", OrganisationKind.MUNICIPALITY)
    case = a_case(session, other, "E-1", release_at=None, actors=[actor])
    consent = session.scalars(select(Consent).where(Consent.office_id == office.id)).one()
    consent.revoked_at = NOW
    basis = session.scalars(select(LegalBasis.id).where(LegalBasis.office_id == office.id)).first()
    session.commit()
    absent = uuid4()
    paths = (
        "/cases/{}/consents/new",
        "/cases/{}/questions/new",
        "/cases/{}/disclosures/new",
        f"/cases/{{}}/consents/{actor.id}/revoke",
    )
    for path in paths:
        refused, nothing = either.get(path.format(case.id)), either.get(path.format(absent))
        assert refused.status == nothing.status == 404
        assert refused.text == nothing.text
    assert either.get(f"/cases/{world.far.id}/consents/{actor.id}/revoke").status == 404
    for path, key in (("/consents/{}/receipt", consent.id), ("/settings/bases/{}", basis)):
        assert either.get(path.format(key)).text == either.get(path.format(absent)).text
    for path in ("/disclosures/{}/end", "/ask-again/{}/done"):
        assert either.post(path.format(absent)).status == 404
