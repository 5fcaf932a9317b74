"""What each role finds when it signs in, and who may give a role to whom."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.errors import Invalid, NotAllowed, NotFound
from inslussning.models import User
from inslussning.practice.access import Principal, Role
from inslussning.practice.role_words import SEES
from inslussning.services import roles, users
from tests.clients import SiteClient
from tests.conftest import NOW
from tests.factories.actions import an_action
from tests.factories.bookings import a_booking, details
from tests.factories.offices import World, a_partner, an_office

BEGINS = {
    Role.INSPECTOR: "Kräver dig",
    Role.CASE_WORKER: "Nästa möten",
    Role.PARTNER: "Nästa möten",
    Role.LAY_SUPERVISOR: "Klientens schema",
}
MENUS = {
    Role.INSPECTOR: {"Idag", "Veckotid", "Ärenden", "Åtgärder", "Schema", "Aktörer", "Sök", "Utskick"},
    Role.CASE_WORKER: {"Idag", "Möten", "Åtgärder", "Ärenden"},
    Role.PARTNER: {"Idag", "Möten", "Åtgärder", "Ärenden"},
    Role.LAY_SUPERVISOR: {"Idag", "Åtgärder", "Klientens schema"},
    Role.MANAGER: {"Uppföljning", "Ärenden"},
    Role.REVIEWER: {"Logg"},
    Role.ADMINISTRATOR: {"Inställningar"},
}
CASE_PAGES = ("/cases", "/cases/{case}", "/schedules", "/slots", "/outbox", "/search", "/actions", "/meetings")


def somebody(app: FastAPI, session: Session, world: World, role: Role) -> SiteClient:
    person = a_partner(session, world, world.social, email=f"{role}@kv.example", role=role)
    session.commit()
    return SiteClient(app).signed_in(person)


class TestBeginning:
    @pytest.mark.parametrize("role", BEGINS)
    def test_the_day_begins_with_what_the_role_does(
        self, app: FastAPI, session: Session, world: World, role: Role
    ) -> None:
        assert BEGINS[role] in somebody(app, session, world, role).get("/").said

    @pytest.mark.parametrize("role", MENUS)
    def test_the_menu_holds_what_the_role_may_and_every_link_in_it_opens(
        self, app: FastAPI, session: Session, world: World, role: Role
    ) -> None:
        site = somebody(app, session, world, role)
        home = site.get("/")
        links = (home if home.status == 200 else site.get(home.goes_to)).soup.select("nav[aria-label=Huvudmeny] a")
        assert {link.get_text(strip=True) for link in links} >= MENUS[role]
        assert "Inställningar" not in {link.get_text(strip=True) for link in links} or role is Role.ADMINISTRATOR
        assert {site.get(str(link["href"])).status for link in links} == {200} or role in BEGINS

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR])
    @pytest.mark.parametrize("path", CASE_PAGES)
    def test_those_without_case_content_are_refused_the_pages_of_cases(
        self, app: FastAPI, session: Session, world: World, role: Role, path: str
    ) -> None:
        site = somebody(app, session, world, role)
        assert site.get(path.format(case=world.near.id)).status == 403

    @pytest.mark.parametrize("path", ["/settings", "/settings/colleagues", "/settings/rules"])
    def test_an_inspector_changes_no_settings(self, app: FastAPI, session: Session, world: World, path: str) -> None:
        assert somebody(app, session, world, Role.INSPECTOR).get(path).status == 403

    def test_an_administrator_reads_in_no_lists_of_cases(self, app: FastAPI, session: Session, world: World) -> None:
        site = somebody(app, session, world, Role.ADMINISTRATOR)
        assert site.get("/settings/import").status == 403
        assert "Läs in listor" not in site.get("/settings").said


class TestLaySupervisor:
    def test_it_sees_own_tasks_and_the_clients_week_and_nothing_else(
        self, app: FastAPI, session: Session, world: World
    ) -> None:
        own = an_action(session, world, now=NOW, what="Träffas")
        an_action(session, world, now=NOW, what="Söka arbete", actor=world.employment)
        a_booking(session, world, details(what="Träffa arbetet"), now=NOW, actor=world.employment)
        site = somebody(app, session, world, Role.LAY_SUPERVISOR)
        assert "Träffas" in site.get("/").said
        assert "Söka arbete" not in site.get("/actions").said
        assert "Träffa arbetet" in site.get(f"/shared/cases/{world.near.id}/schedule").said
        assert site.get(f"/actions/{own.id}").status == 200
        assert [site.get(p).status for p in (f"/shared/cases/{world.near.id}", "/shared/meetings")] == [403, 403]


class TestGivingRoles:
    def test_every_role_is_offered_with_what_it_sees(self, client: SiteClient) -> None:
        said = client.get("/settings/colleagues/new").said
        assert all(role.label in said and SEES[role] in said for role in Role)

    def test_a_colleague_gets_another_role(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        assert roles.change_role(session, world.coordinator, partner.user_id, Role.INSPECTOR).role is Role.INSPECTOR

    def test_nobody_changes_their_own_role(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as problem:
            roles.change_role(session, world.coordinator, world.coordinator.user_id, Role.REVIEWER)
        assert problem.value.field == "role"

    def test_the_last_coordinator_stays(self, session: Session, world: World) -> None:
        administrator = a_partner(session, world, world.social, role=Role.ADMINISTRATOR)
        with pytest.raises(Invalid):
            roles.change_role(session, administrator, world.coordinator.user_id, Role.PARTNER)
        with pytest.raises(Invalid):
            users.disable_user(session, administrator, world.coordinator.user_id, now=NOW)

    def test_with_a_second_coordinator_the_first_may_go(self, session: Session, world: World) -> None:
        second = a_partner(session, world, world.social, role=Role.COORDINATOR)
        roles.change_role(session, second, world.coordinator.user_id, Role.PARTNER)
        assert session.scalars(select(User.id).where(User.role == Role.COORDINATOR)).all() == [second.user_id]

    @pytest.mark.parametrize("role", [role for role in Role if role not in {Role.COORDINATOR, Role.ADMINISTRATOR}])
    def test_only_those_who_set_up_give_roles(self, session: Session, world: World, role: Role) -> None:
        person = a_partner(session, world, world.social, role=role)
        with pytest.raises(NotAllowed):
            roles.change_role(session, person, world.coordinator.user_id, Role.PARTNER)

    def test_a_colleague_of_another_office_is_not_there(self, session: Session, world: World) -> None:
        other: Principal = an_office(session, now=NOW, name="Frivården Ekhamn", email="ekhamn@kv.example")[1]
        with pytest.raises(NotFound):
            roles.change_role(session, world.coordinator, other.user_id, Role.PARTNER)

    def test_the_page_keeps_what_was_chosen_and_says_what_is_wrong(self, either: SiteClient, world: World) -> None:
        path = f"/settings/colleagues/{world.coordinator.user_id}/role"
        refused = either.post(path, {"role": "reviewer"})
        assert refused.status == 422
        assert refused.error_of("role") == roles.OWN_ROLE
        assert refused.one("input[value=reviewer]").has_attr("checked")
