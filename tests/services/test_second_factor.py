"""The second factor: when a code is right, how often, and what it takes to change one."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from inslussning.db.engine import Database
from inslussning.errors import Invalid, NotAllowed, NotFound
from inslussning.models import CodeApp, RecoveryCode, SignInStep, User, UserSession
from inslussning.practice.access import Principal, Role
from inslussning.practice.sign_in import Strength
from inslussning.services import factor_rules, proofs, second_factors, sessions, sign_in
from inslussning.services.audit_chain import use_key
from inslussning.services.sessions import TooManyTries
from inslussning.services.sign_in import Entry, StepGone
from tests.conftest import AUDIT_KEY, NOW, TODAY
from tests.factories.offices import PASSWORD, World, a_partner, an_office
from tests.factories.sign_in import a_code_app, code_at, demand, secret_of

EMAIL = "samordnare@bjorkstad.example"
HALF_MINUTE = dt.timedelta(seconds=30)
SECOND = dt.timedelta(seconds=1)


def enter(database: Database, *, password: str = PASSWORD, now: dt.datetime = NOW) -> Entry:
    return sign_in.with_password(
        database, email=EMAIL, password=password, network="192.0.2.1", browser="Firefox", now=now
    )


def second(database: Database, step: str, code: str, *, now: dt.datetime = NOW, network: str = "192.0.2.1") -> str:
    return proofs.second_step(database, token=step, code=code, network=network, browser="Firefox", now=now)


@pytest.fixture
def paper(session: Session, world: World) -> list[str]:
    """The coordinator's codes on paper; there is an app as well."""
    codes = a_code_app(session, world.coordinator, now=NOW)
    session.commit()
    return codes


@pytest.fixture
def step(database: Database, paper: list[str]) -> str:
    """A sign-in that has come past the password."""
    assert paper
    entry = enter(database)
    assert entry.session == ""
    return entry.step


class TestACode:
    @pytest.mark.parametrize("beside", [-1, 0, 1])
    def test_it_is_good_for_its_half_minute_and_the_ones_beside_it(
        self, database: Database, session: Session, coordinator: Principal, step: str, beside: int
    ) -> None:
        token = second(database, step, code_at(session, coordinator, NOW + beside * HALF_MINUTE))
        found = sessions.principal_of(database, token, now=NOW)
        assert found is not None
        assert found.user_id == coordinator.user_id

    @pytest.mark.parametrize("beside", [-2, 2])
    def test_no_other_half_minute_will_do(
        self, database: Database, session: Session, coordinator: Principal, step: str, beside: int
    ) -> None:
        with pytest.raises(Invalid):
            second(database, step, code_at(session, coordinator, NOW + beside * HALF_MINUTE))

    @pytest.mark.parametrize("write", ["{0} {1}", " {0}{1} ", "{0}-{1}"])
    def test_spaces_and_dashes_do_not_matter(
        self, database: Database, session: Session, coordinator: Principal, step: str, write: str
    ) -> None:
        code = code_at(session, coordinator, NOW)
        assert second(database, step, write.format(code[:3], code[3:]))

    def test_the_same_code_is_not_taken_twice(
        self, database: Database, session: Session, coordinator: Principal, step: str
    ) -> None:
        code = code_at(session, coordinator, NOW)
        second(database, step, code)
        with pytest.raises(Invalid):
            second(database, enter(database).step, code)

    def test_an_older_code_is_not_taken_after_a_newer_one(
        self, database: Database, session: Session, coordinator: Principal, step: str
    ) -> None:
        second(database, step, code_at(session, coordinator, NOW))
        with pytest.raises(Invalid):
            second(database, enter(database).step, code_at(session, coordinator, NOW - HALF_MINUTE))

    @pytest.mark.parametrize("code", ["", "000000 ", "abcdef", "١٢٣٤٥٦", "1" * 40, "\ud800", "0x1234"])
    def test_what_is_no_code_is_refused(self, database: Database, step: str, code: str) -> None:
        with pytest.raises(Invalid):
            second(database, step, code)

    def test_its_secret_is_not_readable_in_the_database(self, session: Session, world: World, paper: list[str]) -> None:
        assert paper
        kept = session.execute(text("SELECT secret, pending_secret FROM code_apps")).one()
        assert secret_of(session, world.coordinator) not in str(kept)

    def test_five_wrong_ones_stop_even_the_right_one_from_anywhere(
        self, database: Database, session: Session, coordinator: Principal, step: str
    ) -> None:
        for network in range(5):
            with pytest.raises(Invalid):
                second(database, step, "000000", network=f"198.51.100.{network}")
        with pytest.raises(TooManyTries):
            second(database, step, code_at(session, coordinator, NOW))

    def test_fifty_wrong_ones_in_a_day_are_the_end_of_it(
        self, database: Database, session: Session, world: World, step: str
    ) -> None:
        user = session.get_one(User, world.coordinator.user_id)
        for hour in range(1, 11):
            for _ in range(5):
                sessions.count_failure(
                    session, proofs.code_subject(user), "198.51.100.1", now=NOW - hour * dt.timedelta(hours=1)
                )
        session.commit()
        with pytest.raises(TooManyTries):
            second(database, step, code_at(session, world.coordinator, NOW))


class TestTheStepUnderWay:
    def test_it_lasts_ten_minutes(
        self, database: Database, session: Session, coordinator: Principal, step: str
    ) -> None:
        late = NOW + sign_in.STEP_LASTS + SECOND
        with pytest.raises(StepGone):
            second(database, step, code_at(session, coordinator, late), now=late)

    def test_it_is_taken_once(self, database: Database, session: Session, coordinator: Principal, step: str) -> None:
        second(database, step, code_at(session, coordinator, NOW))
        later = NOW + 2 * HALF_MINUTE
        with pytest.raises(StepGone):
            second(database, step, code_at(session, coordinator, later), now=later)

    @pytest.mark.parametrize("token", ["", "x", "å" * 43, "\ud800"])
    def test_nobody_else_has_one(self, database: Database, step: str, token: str) -> None:
        assert step
        with pytest.raises(StepGone):
            second(database, token, "000000")

    def test_a_stopped_user_does_not_get_past_it(
        self, database: Database, session: Session, coordinator: Principal, step: str
    ) -> None:
        code = code_at(session, coordinator, NOW)
        session.get_one(User, coordinator.user_id).disabled_at = NOW
        session.commit()
        with pytest.raises(StepGone):
            second(database, step, code)


class TestCodesOnPaper:
    def test_there_are_ten_and_each_is_good_once(self, database: Database, paper: list[str], step: str) -> None:
        assert len(set(paper)) == 10
        assert second(database, step, paper[0])
        with pytest.raises(Invalid):
            second(database, enter(database).step, paper[0])
        assert second(database, enter(database).step, paper[1].lower().replace("-", " "))

    def test_they_are_kept_as_hashes(self, session: Session, paper: list[str]) -> None:
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
        assert all(one.startswith("$argon2id$") for one in kept)
        assert not any(code.replace("-", "") in one for code in paper for one in kept)

    def test_new_ones_replace_the_old(
        self, database: Database, session: Session, coordinator: Principal, paper: list[str], step: str
    ) -> None:
        fresh = second_factors.new_codes(session, coordinator, now=NOW)
        session.commit()
        with pytest.raises(Invalid):
            second(database, step, paper[0])
        assert second(database, step, fresh[0])

    def test_another_users_codes_do_not_fit(
        self, database: Database, session: Session, world: World, step: str
    ) -> None:
        partner = a_partner(session, world, world.social)
        theirs = a_code_app(session, partner, now=NOW)
        session.commit()
        with pytest.raises(Invalid):
            second(database, step, theirs[0])


class TestChanging:
    def test_the_old_app_works_until_the_new_one_has_shown_a_right_code(
        self, database: Database, session: Session, coordinator: Principal, step: str
    ) -> None:
        second_factors.start_app(session, coordinator)
        with pytest.raises(Invalid):
            second_factors.confirm_app(session, coordinator, "000000", now=NOW)
        session.commit()
        assert second(database, step, code_at(session, coordinator, NOW))

    def test_it_ends_the_other_sessions_and_the_sign_ins_under_way(
        self, database: Database, session: Session, coordinator: Principal, step: str
    ) -> None:
        assert step
        here = sessions.open_session(session, coordinator.user_id, browser="", now=NOW)
        sessions.open_session(session, coordinator.user_id, browser="", now=NOW)
        session.commit()
        principal = sessions.principal_of(database, here, now=NOW)
        assert principal is not None
        second_factors.remove_app(session, principal, now=NOW)
        session.commit()
        assert len(session.scalars(select(UserSession)).all()) == 1
        assert not session.scalars(select(SignInStep)).all()

    def test_the_last_one_stays_where_the_office_demands_one(self, session: Session, coordinator: Principal) -> None:
        a_code_app(session, coordinator, now=NOW)
        demand(session, coordinator, since=TODAY)
        with pytest.raises(Invalid):
            second_factors.remove_app(session, coordinator, now=NOW)

    def test_removing_the_last_one_takes_the_paper_along(
        self, session: Session, coordinator: Principal, paper: list[str]
    ) -> None:
        assert paper
        second_factors.remove_app(session, coordinator, now=NOW)
        assert not session.scalars(select(RecoveryCode)).all()


class TestWhoMustHaveOne:
    @pytest.mark.parametrize(("since", "must"), [(TODAY, True), (TODAY + dt.timedelta(days=1), False)])
    def test_the_rule_holds_from_its_day(
        self, database: Database, session: Session, coordinator: Principal, since: dt.date, *, must: bool
    ) -> None:
        demand(session, coordinator, since=since)
        session.commit()
        principal = sessions.principal_of(database, enter(database).session, now=NOW)
        assert principal is not None
        assert principal.must_add_factor is must

    @pytest.mark.parametrize("role", list(Role))
    def test_until_the_office_says_otherwise_it_is_the_agencys_own(self, session: Session, role: Role) -> None:
        office, principal = an_office(session, now=NOW, name="Frivården Ådal", email="a@adal.example")
        session.execute(text("DELETE FROM second_factor_rules"))
        user = session.get_one(User, principal.user_id)
        user.role = role
        assert office.id == user.office_id
        assert factor_rules.is_required(session, user, now=NOW) is (role not in {Role.PARTNER, Role.LAY_SUPERVISOR})

    def test_having_added_one_opens_the_rest(
        self, database: Database, session: Session, coordinator: Principal
    ) -> None:
        demand(session, coordinator, since=TODAY)
        session.commit()
        token = enter(database).session
        principal = sessions.principal_of(database, token, now=NOW)
        assert principal is not None
        a_code_app(session, principal, now=NOW)
        session.commit()
        after = sessions.principal_of(database, token, now=NOW)
        assert after is not None
        assert not after.must_add_factor
        assert session.scalars(select(UserSession.strength)).one() is Strength.SECOND_FACTOR

    def test_only_who_keeps_the_office_decides(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotAllowed):
            factor_rules.set_rule(session, partner, Role.PARTNER, required=False, valid_from=TODAY, today=TODAY)


class TestResettingAColleagues:
    def test_it_takes_everything_and_ends_what_is_open(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        a_code_app(session, partner, now=NOW)
        sessions.open_session(session, partner.user_id, browser="", now=NOW)
        session.flush()
        second_factors.reset(session, world.coordinator, partner.user_id)
        for table in (CodeApp, RecoveryCode, UserSession):
            assert not session.scalars(select(table)).all()

    def test_not_ones_own(self, session: Session, coordinator: Principal) -> None:
        with pytest.raises(Invalid):
            second_factors.reset(session, coordinator, coordinator.user_id)

    def test_not_another_offices(self, session: Session, coordinator: Principal) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ådal", email="a@adal.example")
        with pytest.raises(NotFound):
            second_factors.reset(session, coordinator, other.user_id)

    def test_not_by_a_partner(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotAllowed):
            second_factors.reset(session, partner, world.coordinator.user_id)


class TestProvingAgain:
    def test_a_code_makes_the_proof_fresh_and_changes_the_token(
        self, database: Database, session: Session, coordinator: Principal, paper: list[str]
    ) -> None:
        assert paper
        old = sessions.open_session(session, coordinator.user_id, browser="", now=NOW - dt.timedelta(minutes=20))
        session.commit()
        principal = sessions.principal_of(database, old, now=NOW)
        assert principal is not None
        assert not sessions.has_fresh_proof(database, principal, now=NOW)
        proof = proofs.Proof(code=code_at(session, coordinator, NOW))
        new = proofs.with_secret(database, principal, proof, network="192.0.2.1", now=NOW)
        assert sessions.principal_of(database, old, now=NOW) is None
        again = sessions.principal_of(database, new, now=NOW)
        assert again is not None
        assert sessions.has_fresh_proof(database, again, now=NOW)

    def test_the_password_is_not_enough_for_who_has_a_second_factor(
        self, database: Database, session: Session, coordinator: Principal, paper: list[str]
    ) -> None:
        assert paper
        token = sessions.open_session(session, coordinator.user_id, browser="", now=NOW)
        session.commit()
        principal = sessions.principal_of(database, token, now=NOW)
        assert principal is not None
        with pytest.raises(Invalid):
            proofs.with_secret(database, principal, proofs.Proof(password=PASSWORD), network="192.0.2.1", now=NOW)

    @pytest.mark.parametrize(("minutes", "is_fresh"), [(0, True), (15, True), (16, False), (-1, False)])
    def test_a_proof_is_fresh_for_as_long_as_the_office_says(
        self, database: Database, coordinator: Principal, minutes: int, *, is_fresh: bool
    ) -> None:
        proved = replace(coordinator, proved_at=NOW - dt.timedelta(minutes=minutes))
        assert sessions.has_fresh_proof(database, proved, now=NOW) is is_fresh


def test_of_many_at_once_with_the_same_code_one_gets_in(own_database: Database) -> None:
    use_key(own_database, AUDIT_KEY)
    with own_database.transaction() as session:
        _, principal = an_office(session, now=NOW)
        a_code_app(session, principal, now=NOW)
        session.flush()
        code = code_at(session, principal, NOW)
    steps = [enter(own_database).step for _ in range(4)]

    def try_it(step: str) -> bool:
        try:
            return bool(second(own_database, step, code))
        except Invalid:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, steps)) == [False, False, False, True]
