"""Who may see and do what: the rule itself, without a database."""

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from inslussning.errors import NotAllowed
from inslussning.practice.access import (
    ALLOWED,
    EVERYTHING,
    Basis,
    CaseFacts,
    CaseScope,
    Function,
    Opening,
    Principal,
    Role,
    Share,
    Standing,
    decide,
)

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
OFFICE, OTHER_OFFICE, USER, PERSON, CASE, ACTOR, COLLEAGUES_ACTOR, HOUSING, MONEY = (UUID(int=n) for n in range(1, 10))
STAFF = [Role.COORDINATOR, Role.INSPECTOR]
THROUGH_FUNCTIONS = [Role.CASE_WORKER, Role.PARTNER, Role.LAY_SUPERVISOR]
NEITHER = [Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR]


def somebody(role: Role, **changes: Any) -> Principal:
    values: dict[str, Any] = {
        "user_id": USER,
        "person_id": PERSON,
        "office_id": OFFICE,
        "organisation_id": UUID(int=99),
        "role": role,
        "name": "Per Lind",
        "asked_at": NOW,
        "actor_ids": frozenset({ACTOR}),
    }
    return Principal(**(values | changes))


def consent(**changes: Any) -> Basis:
    return replace(Basis(frozenset({HOUSING}), TODAY - DAY, TODAY + DAY), **changes)


def standing(**changes: Any) -> Standing:
    return replace(Standing(ACTOR, needs_basis=True, joined_on=TODAY, bases=(consent(),)), **changes)


def facts(**changes: Any) -> CaseFacts:
    return replace(CaseFacts(CASE, OFFICE, standings=(standing(),)), **changes)


def opened(**changes: Any) -> Opening:
    return replace(Opening(USER, NOW - MINUTE, NOW + MINUTE), **changes)


class TestBasis:
    def test_it_holds_on_both_its_days(self) -> None:
        assert consent(first_on=TODAY, last_on=TODAY).holds(NOW, TODAY)

    def test_it_holds_without_a_last_day(self) -> None:
        assert consent(last_on=None).holds(NOW, TODAY)

    @pytest.mark.parametrize("changes", [{"first_on": TODAY + DAY}, {"last_on": TODAY - DAY}])
    def test_it_does_not_hold_outside_its_days(self, changes: dict[str, Any]) -> None:
        assert not consent(**changes).holds(NOW, TODAY)

    def test_it_ends_at_the_very_moment_it_is_taken_back(self) -> None:
        assert not consent(ended_at=NOW).holds(NOW, TODAY)
        assert consent(ended_at=NOW + MINUTE).holds(NOW, TODAY)


class TestStanding:
    def test_it_gives_the_areas_of_every_basis_that_holds(self) -> None:
        both = standing(bases=(consent(), consent(area_ids=frozenset({MONEY})), consent(ended_at=NOW)))
        assert both.share(NOW, TODAY) == Share(frozenset({ACTOR}), frozenset({HOUSING, MONEY}))

    def test_without_a_basis_it_gives_nothing(self) -> None:
        assert standing(bases=(consent(ended_at=NOW),)).share(NOW, TODAY) is None

    def test_one_of_the_own_agency_needs_none_and_sees_the_whole(self) -> None:
        assert standing(needs_basis=False, bases=()).share(NOW, TODAY) == Share(
            frozenset({ACTOR}), frozenset(), whole=True
        )

    @pytest.mark.parametrize("changes", [{"joined_on": TODAY + DAY}, {"left_on": TODAY}])
    def test_before_it_joins_and_from_the_day_it_leaves_it_gives_nothing(self, changes: dict[str, Any]) -> None:
        assert standing(**changes).share(NOW, TODAY) is None

    def test_it_gives_its_part_until_the_day_it_leaves(self) -> None:
        assert standing(left_on=TODAY + DAY).share(NOW, TODAY) is not None


class TestOpening:
    def test_it_holds_from_when_it_is_made_until_it_expires(self) -> None:
        assert opened(opened_at=NOW).holds(NOW)
        assert not opened(expires_at=NOW).holds(NOW)
        assert not opened(opened_at=NOW + MINUTE).holds(NOW)

    def test_it_can_be_ended_before(self) -> None:
        assert not opened(ended_at=NOW).holds(NOW)
        assert opened(ended_at=NOW + MINUTE).holds(NOW)

    def test_an_end_after_it_expired_prolongs_nothing(self) -> None:
        assert not opened(expires_at=NOW, ended_at=NOW + MINUTE).holds(NOW)


class TestDecide:
    @pytest.mark.parametrize("role", Role)
    def test_another_offices_case_does_not_exist(self, role: Role) -> None:
        assert decide(somebody(role), facts(office_id=OTHER_OFFICE, openings=(opened(),))) is None

    @pytest.mark.parametrize("role", Role)
    def test_an_exclusion_stands_above_everything(self, role: Role) -> None:
        shut = facts(excluded=frozenset({PERSON}), named=frozenset({PERSON}), openings=(opened(),))
        assert decide(somebody(role), shut) is None

    @pytest.mark.parametrize("role", STAFF)
    def test_the_staff_see_everything(self, role: Role) -> None:
        assert decide(somebody(role), facts()) == EVERYTHING
        assert decide(somebody(role), facts(closed=True, standings=())) == EVERYTHING

    @pytest.mark.parametrize("role", STAFF)
    def test_a_restricted_case_is_open_to_the_named_alone(self, role: Role) -> None:
        assert decide(somebody(role), facts(restricted=True)) is None
        assert decide(somebody(role), facts(restricted=True, named=frozenset({PERSON}))) == EVERYTHING

    @pytest.mark.parametrize("role", THROUGH_FUNCTIONS)
    def test_a_restricted_case_is_shut_to_a_function_that_is_not_named(self, role: Role) -> None:
        assert decide(somebody(role), facts(restricted=True)) is None
        assert decide(somebody(role), facts(restricted=True, named=frozenset({PERSON}))) is not None

    @pytest.mark.parametrize("role", [*STAFF, Role.MANAGER])
    def test_an_opening_stands_above_a_restriction(self, role: Role) -> None:
        assert decide(somebody(role), facts(restricted=True, openings=(opened(),))) == EVERYTHING

    @pytest.mark.parametrize("role", STAFF)
    def test_somebody_elses_opening_and_one_that_has_ended_open_nothing(self, role: Role) -> None:
        others = (opened(user_id=UUID(int=50)), opened(ended_at=NOW))
        assert decide(somebody(role), facts(restricted=True, openings=others)) is None

    @pytest.mark.parametrize("role", [*THROUGH_FUNCTIONS, Role.REVIEWER, Role.ADMINISTRATOR])
    def test_an_opening_gives_nothing_to_who_may_not_open(self, role: Role) -> None:
        assert decide(somebody(role), facts(standings=(), openings=(opened(),))) is None

    @pytest.mark.parametrize("role", NEITHER)
    def test_neither_manager_reviewer_nor_administrator_sees_a_case_through_a_function(self, role: Role) -> None:
        assert decide(somebody(role), facts()) is None

    @pytest.mark.parametrize("role", THROUGH_FUNCTIONS)
    def test_a_closed_case_is_over_for_the_functions(self, role: Role) -> None:
        assert decide(somebody(role), facts(closed=True)) is None

    @pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.PARTNER])
    def test_a_function_has_its_own_part(self, role: Role) -> None:
        assert decide(somebody(role), facts()) == Share(frozenset({ACTOR}), frozenset({HOUSING}))

    def test_somebody_elses_function_gives_nothing(self) -> None:
        assert decide(somebody(Role.PARTNER), facts(standings=(standing(actor_id=COLLEAGUES_ACTOR),))) is None

    def test_two_functions_give_their_parts_together(self) -> None:
        both = somebody(Role.PARTNER, actor_ids=frozenset({ACTOR, COLLEAGUES_ACTOR}))
        money = standing(actor_id=COLLEAGUES_ACTOR, bases=(consent(area_ids=frozenset({MONEY})),))
        assert decide(both, facts(standings=(standing(), money))) == Share(
            frozenset({ACTOR, COLLEAGUES_ACTOR}), frozenset({HOUSING, MONEY})
        )

    @pytest.mark.parametrize("needs_basis", [True, False])
    def test_a_lay_supervisor_sees_own_tasks_whatever_the_function_would_see(self, needs_basis: bool) -> None:
        share = decide(somebody(Role.LAY_SUPERVISOR), facts(standings=(standing(needs_basis=needs_basis),)))
        assert share == Share(frozenset({ACTOR}), frozenset())

    def test_a_lay_supervisor_without_a_basis_sees_nothing(self) -> None:
        assert decide(somebody(Role.LAY_SUPERVISOR), facts(standings=(standing(bases=()),))) is None


class TestShare:
    def test_an_area_is_shown_when_it_is_shared_or_all_is(self) -> None:
        share = Share(frozenset({ACTOR}), frozenset({HOUSING}))
        assert (share.shows_area(HOUSING), share.shows_area(MONEY)) == (True, False)
        assert EVERYTHING.shows_area(MONEY)

    def test_an_action_is_shown_when_it_is_ones_own_or_in_a_shared_area(self) -> None:
        share = Share(frozenset({ACTOR}), frozenset({HOUSING}))
        assert share.shows_action(ACTOR, MONEY)
        assert share.shows_action(COLLEAGUES_ACTOR, HOUSING)
        assert not share.shows_action(COLLEAGUES_ACTOR, MONEY)
        assert not share.shows_action(None, None)
        assert EVERYTHING.shows_action(None, None)

    def test_a_whole_share_stays_whole_with_another(self) -> None:
        assert Share(frozenset({ACTOR}), frozenset()).joined(EVERYTHING).whole


class TestScope:
    def test_the_staff_see_all_but_the_hidden(self) -> None:
        scope = CaseScope(whole_office=True, hidden=frozenset({CASE}))
        assert scope.share(CASE) is None
        assert scope.share(UUID(int=40)) == EVERYTHING

    def test_others_see_their_shares_alone(self) -> None:
        scope = CaseScope(shares={CASE: Share(frozenset({ACTOR}), frozenset({HOUSING}))})
        assert scope.share(CASE) is not None
        assert scope.share(UUID(int=40)) is None
        assert (scope.parts, scope.areas) == (frozenset({(CASE, ACTOR)}), frozenset({(CASE, HOUSING)}))
        assert scope.whole_cases == frozenset()
        assert CaseScope(shares={CASE: EVERYTHING}).whole_cases == {CASE}


class TestFunctions:
    @pytest.mark.parametrize("role", Role)
    def test_every_role_has_functions_and_a_word(self, role: Role) -> None:
        assert ALLOWED[role]
        assert role.label

    def test_nobody_who_reviews_also_works_with_cases(self) -> None:
        reviewing = {role for role in Role if Function.REVIEW in ALLOWED[role]}
        assert reviewing == {Role.REVIEWER}

    def test_only_the_office_itself_changes_cases(self) -> None:
        assert {role for role in Role if Function.COORDINATE in ALLOWED[role]} == set(STAFF)
        assert {role for role in Role if role.is_staff} == set(STAFF)

    def test_what_a_role_lacks_is_refused(self) -> None:
        with pytest.raises(NotAllowed):
            somebody(Role.PARTNER).must(Function.COORDINATE)
        somebody(Role.COORDINATOR).must(Function.COORDINATE)

    def test_today_is_the_offices_own_date(self) -> None:
        late = somebody(Role.PARTNER, asked_at=dt.datetime(2026, 11, 23, 23, 30, tzinfo=dt.UTC))
        assert late.today == TODAY

    def test_a_new_principal_sees_nothing(self) -> None:
        assert not somebody(Role.COORDINATOR).sees_whole_office
