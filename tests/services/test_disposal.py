"""Erasing by rule: nothing too early, nothing left behind, and nothing of another case."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inslussning.db.data_keys import DataKey
from inslussning.errors import Invalid, NotFound
from inslussning.models import (
    Action,
    Appointment,
    Case,
    CaseActor,
    Client,
    Consent,
    Disposal,
    DisposalRule,
    MinutesRevision,
    Organisation,
)
from inslussning.practice.access import Principal, Role
from inslussning.practice.dates import months_from
from inslussning.practice.phases import Phase
from inslussning.services import case_rows, disposal, disposal_rules
from tests.conftest import NOW, TODAY
from tests.factories.actions import a_need, an_action
from tests.factories.bookings import a_booking
from tests.factories.offices import World, an_office

LONG_AGO = dt.date(2024, 1, 15)


@pytest.fixture
def closed(session: Session, world: World) -> Case:
    """A case that was closed long ago, with something of everything in it."""
    case = world.near
    a_need(session, world, case)
    an_action(session, world, now=NOW, case=case)
    a_booking(session, world, now=NOW, case=case)
    case.phase, case.closed_on = Phase.CLOSED, LONG_AGO
    session.flush()
    return case


def erase(session: Session, principal: Principal, case: Case, *, sure: bool = True) -> Disposal:
    return disposal.dispose(session, principal, case.id, None, sure=sure)


def rule_for(session: Session, world: World, organisation: Organisation | None, months: int) -> None:
    disposal_rules.set_rule(
        session,
        world.coordinator,
        organisation_id=organisation.id if organisation else None,
        months=months,
        valid_from=TODAY,
        source="Lokal rutin",
        today=TODAY,
    )


class TestWhatIsDue:
    def test_a_new_office_has_a_rule_for_whole_cases(self, session: Session, world: World) -> None:
        rules = disposal_rules.list_rules(session, world.coordinator)
        assert [(row.organisation_id, row.source) for row in rules] == [(None, "Lokal rutin")]

    def test_an_open_case_is_never_listed(self, session: Session, world: World) -> None:
        assert disposal.due_list(session, world.coordinator) == []

    def test_a_case_closed_long_ago_is(self, session: Session, world: World, closed: Case) -> None:
        due = disposal.due_list(session, world.coordinator)
        assert [(one.code, one.is_due(TODAY)) for one in due] == [(closed.code, True)]

    def test_one_closed_lately_is_not_listed_yet(self, session: Session, world: World, closed: Case) -> None:
        closed.closed_on = TODAY
        session.flush()
        assert disposal.due_list(session, world.coordinator) == []

    def test_one_that_will_be_soon_is_listed_but_may_not_be_erased(
        self, session: Session, world: World, closed: Case
    ) -> None:
        months = disposal_rules.list_rules(session, world.coordinator)[0].months
        closed.closed_on = months_from(TODAY, -months) + dt.timedelta(days=20)
        session.flush()
        with pytest.raises(Invalid, match="inte dags"):
            erase(session, world.coordinator, closed)
        assert session.get(Case, closed.id) is not None

    @pytest.mark.usefixtures("closed")
    def test_without_a_rule_nothing_is(self, session: Session, world: World) -> None:
        session.delete(session.scalars(select(DisposalRule)).one())
        session.flush()
        assert disposal.due_list(session, world.coordinator) == []

    @pytest.mark.parametrize("role", [Role.INSPECTOR, Role.PARTNER, Role.MANAGER, Role.REVIEWER])
    def test_whoever_may_not_erase_sees_no_list(self, session: Session, world: World, closed: Case, role: Role) -> None:
        assert closed.closed_on
        assert disposal.due_list(session, replace(world.coordinator, role=role)) == []

    def test_another_office_sees_nothing(self, session: Session, closed: Case) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        assert disposal.due_list(session, other) == []
        with pytest.raises(NotFound):
            erase(session, other, closed)


class TestAWholeCase:
    def test_no_table_names_it_afterwards(self, session: Session, world: World, closed: Case) -> None:
        case_id, client_id = closed.id, closed.client_id
        assert case_rows.any_left(session, case_id)
        erase(session, world.coordinator, closed)
        assert not case_rows.any_left(session, case_id)
        assert session.get(Case, case_id) is None
        assert session.get(Client, client_id) is None

    def test_its_keys_are_destroyed(self, session: Session, world: World, closed: Case) -> None:
        owners = {closed.id, closed.client_id}
        erase(session, world.coordinator, closed)
        keys = session.scalars(select(DataKey).where(DataKey.owner_id.in_(owners))).all()
        assert {(key.owner_id, key.wrapped) for key in keys} == {(owner, "") for owner in owners}
        assert all(key.destroyed_at for key in keys)

    def test_every_other_case_is_untouched(self, session: Session, world: World, closed: Case) -> None:
        before = {t.name: len(k) for t, k in case_rows.rows_of_case(session, world.far.id).items()}
        erase(session, world.coordinator, closed)
        after = {t.name: len(k) for t, k in case_rows.rows_of_case(session, world.far.id).items()}
        assert before == after

    def test_the_receipt_says_how_much_and_by_which_rule(self, session: Session, world: World, closed: Case) -> None:
        preview = disposal.preview(
            session, world.coordinator, disposal.get_due(session, world.coordinator, closed.id, None)
        )
        receipt = erase(session, world.coordinator, closed)
        assert receipt.counts == preview
        assert (receipt.counts["needs"], receipt.counts["actions"], receipt.counts["appointments"]) == (1, 1, 1)
        assert (receipt.code, receipt.started_on, receipt.source) == ("K-101", LONG_AGO, "Lokal rutin")

    def test_it_takes_a_second_word(self, session: Session, world: World, closed: Case) -> None:
        with pytest.raises(Invalid, match="Bekräfta"):
            erase(session, world.coordinator, closed, sure=False)
        assert session.get(Case, closed.id) is not None

    def test_it_is_done_once(self, session: Session, world: World, closed: Case) -> None:
        erase(session, world.coordinator, closed)
        with pytest.raises(NotFound):
            disposal.dispose(session, world.coordinator, closed.id, None, sure=True)

    def test_a_client_with_another_case_stays(self, session: Session, world: World, closed: Case) -> None:
        world.far.client_id = closed.client_id
        session.flush()
        client_id = closed.client_id
        erase(session, world.coordinator, closed)
        assert session.get(Client, client_id) is not None

    def test_the_minutes_of_a_weekly_meeting_stay(self, session: Session, world: World, closed: Case) -> None:
        revisions = len(session.scalars(select(MinutesRevision)).all())
        erase(session, world.coordinator, closed)
        assert len(session.scalars(select(MinutesRevision)).all()) == revisions


class TestAnOrganisationsPart:
    def test_its_texts_go_and_the_others_stay(self, session: Session, world: World) -> None:
        mine = an_action(session, world, now=NOW, actor=world.social, what="hemligt")
        theirs = an_action(session, world, now=NOW, actor=world.employment, what="kvar")
        booked = a_booking(session, world, now=NOW, actor=world.social)
        part = session.scalars(
            select(CaseActor).where(CaseActor.case_id == world.near.id, CaseActor.actor_id == world.social.id)
        ).one()
        part.left_on = LONG_AGO
        municipality = session.get_one(Organisation, world.social.organisation_id)
        rule_for(session, world, municipality, 12)
        receipt = disposal.dispose(session, world.coordinator, world.near.id, municipality.id, sure=True)
        assert session.get_one(Action, mine.id).what == "Gallrat"
        assert session.get_one(Action, theirs.id).what == "kvar"
        assert session.get_one(Appointment, booked.id).what == "Gallrat"
        assert receipt.counts == {"actions": 1, "appointments": 1}

    def test_while_it_takes_part_its_clock_stands_still(self, session: Session, world: World) -> None:
        rule_for(session, world, session.get_one(Organisation, world.social.organisation_id), 1)
        assert disposal.due_list(session, world.coordinator) == []

    def test_what_has_been_done_is_not_listed_again(self, session: Session, world: World, closed: Case) -> None:
        municipality = session.get_one(Organisation, world.social.organisation_id)
        rule_for(session, world, municipality, 12)
        disposal.dispose(session, world.coordinator, closed.id, municipality.id, sure=True)
        assert [one.organisation_id for one in disposal.due_list(session, world.coordinator)] == [None]
        assert session.scalars(select(Consent).where(Consent.case_id == closed.id)).all()


class TestRules:
    def test_a_rule_may_not_reach_back(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid, match="Dagen har varit"):
            disposal_rules.set_rule(
                session,
                world.coordinator,
                organisation_id=None,
                months=1,
                valid_from=TODAY - dt.timedelta(days=1),
                source="x",
                today=TODAY,
            )

    @pytest.mark.parametrize("months", [0, -1, 241])
    def test_months_are_bounded(self, session: Session, world: World, months: int) -> None:
        with pytest.raises(Invalid, match="månader"):
            rule_for(session, world, None, months)

    def test_the_same_day_is_replaced(self, session: Session, world: World) -> None:
        rule_for(session, world, None, 6)
        rule_for(session, world, None, 7)
        today = [row for row in disposal_rules.list_rules(session, world.coordinator) if row.valid_from == TODAY]
        assert [row.months for row in today] == [7]

    def test_only_one_that_does_not_hold_yet_is_withdrawn(self, session: Session, world: World) -> None:
        first = disposal_rules.list_rules(session, world.coordinator)[0]
        with pytest.raises(Invalid, match="gäller redan"):
            disposal_rules.withdraw_rule(session, world.coordinator, first.id, today=TODAY)
        coming = disposal_rules.set_rule(
            session,
            world.coordinator,
            organisation_id=None,
            months=3,
            valid_from=TODAY + dt.timedelta(days=9),
            source="x",
            today=TODAY,
        )
        disposal_rules.withdraw_rule(session, world.coordinator, coming.id, today=TODAY)
        session.flush()
        assert [row.id for row in disposal_rules.list_rules(session, world.coordinator)] == [first.id]

    def test_an_organisation_of_another_office_is_absent(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        with pytest.raises(NotFound):
            disposal_rules.set_rule(
                session,
                other,
                organisation_id=world.social.organisation_id,
                months=3,
                valid_from=TODAY,
                source="x",
                today=TODAY,
            )
