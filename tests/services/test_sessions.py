"""Sessions and the brakes on guessing, at the edges of their times and counts."""

import datetime as dt

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inslussning.db.engine import Database
from inslussning.errors import Invalid
from inslussning.models import OfficeRule, SignInFailure, Staffing, User, UserSession
from inslussning.practice.office_defaults import RuleKey
from inslussning.practice.sign_in import USUAL_LIMITS
from inslussning.services import passwords, sessions, sign_in
from inslussning.services.sessions import TooManyTries
from inslussning.services.sign_in import SignInRefused
from tests.conftest import NOW, TODAY
from tests.factories.offices import PASSWORD, World, a_partner

EMAIL = "samordnare@bjorkstad.example"
HOME, AWAY = "192.0.2.1", "198.51.100.2"
SECOND = dt.timedelta(seconds=1)
IDLE, LONGEST = USUAL_LIMITS.idle, USUAL_LIMITS.longest


def enter(
    database: Database,
    *,
    email: str = EMAIL,
    password: str = PASSWORD,
    network: str = HOME,
    now: dt.datetime = NOW,
) -> str:
    entry = sign_in.with_password(
        database, email=email, password=password, network=network, browser="Firefox · Linux", now=now
    )
    return entry.session


def fail(database: Database, times: int, *, email: str = EMAIL, network: str = HOME, now: dt.datetime = NOW) -> None:
    """Have failed so many times. Written down directly: a hash is slow on purpose."""
    with database.transaction() as session:
        for _ in range(times):
            sessions.count_failure(session, email, network, now=now)


@pytest.mark.usefixtures("world")
class TestSigningIn:
    @pytest.mark.parametrize("typed", [EMAIL, EMAIL.upper(), f"  {EMAIL}\t"])
    def test_the_address_may_be_typed_in_any_case(self, database: Database, typed: str) -> None:
        assert sessions.principal_of(database, enter(database, email=typed), now=NOW)

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            (EMAIL, "fel lösenord"),
            (EMAIL, ""),
            (EMAIL, f"{PASSWORD} "),
            (EMAIL, PASSWORD.upper()),
            (EMAIL, "x" * 1_000),
            (EMAIL, "\ud800\0"),
            ("ingen@bjorkstad.example", PASSWORD),
            ("' OR 1=1 --", PASSWORD),
            ("\ud800\0", PASSWORD),
        ],
    )
    def test_anything_else_is_refused(self, database: Database, email: str, password: str) -> None:
        with pytest.raises(SignInRefused):
            enter(database, email=email, password=password)

    def test_a_stopped_user_is_refused_like_an_unknown_one(self, database: Database, session: Session) -> None:
        session.scalars(select(User)).one().disabled_at = NOW
        session.commit()
        with pytest.raises(SignInRefused):
            enter(database)

    def test_every_sign_in_has_a_token_of_its_own_that_is_kept_only_as_a_hash(
        self, database: Database, session: Session
    ) -> None:
        first, second = enter(database), enter(database)
        kept = session.scalars(select(UserSession.token_hash)).all()
        assert first != second
        assert len(first) >= 43  # 256 bits
        assert first not in kept
        assert len(kept) == 2

    def test_the_hash_is_argon2id(self, session: Session) -> None:
        assert session.scalars(select(User.password_hash)).one().startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.usefixtures("world")
class TestBrakes:
    @pytest.mark.parametrize(
        ("times", "email", "network"),
        [
            (sessions.FAILURES_PER_PAIR, EMAIL, HOME),
            (sessions.FAILURES_PER_NETWORK, "annan@bjorkstad.example", HOME),
            (sessions.FAILURES_PER_ADDRESS, EMAIL, AWAY),
        ],
    )
    def test_too_many_failures_stop_even_the_right_password(
        self, database: Database, times: int, email: str, network: str
    ) -> None:
        fail(database, times - 1, email=email, network=network)
        assert enter(database)
        fail(database, 1, email=email, network=network)
        with pytest.raises(TooManyTries):
            enter(database)

    def test_a_guesser_elsewhere_does_not_lock_the_user_out(self, database: Database) -> None:
        fail(database, sessions.FAILURES_PER_PAIR, network=AWAY)
        assert enter(database)

    def test_the_brake_lets_go_when_the_window_has_passed(self, database: Database) -> None:
        fail(database, sessions.FAILURES_PER_PAIR)
        with pytest.raises(TooManyTries):
            enter(database, now=NOW + sessions.FAILURE_WINDOW - SECOND)
        assert enter(database, now=NOW + sessions.FAILURE_WINDOW + SECOND)

    def test_a_refused_try_counts_although_it_is_refused(self, database: Database, session: Session) -> None:
        with pytest.raises(SignInRefused):
            enter(database, password="fel lösenord")
        assert session.scalar(select(func.count()).select_from(SignInFailure)) == 3

    def test_addresses_and_networks_are_kept_only_as_hashes(self, database: Database, session: Session) -> None:
        fail(database, 1)
        keys = session.scalars(select(SignInFailure.key)).all()
        assert all(len(key) == 64 and EMAIL not in key and HOME not in key for key in keys)

    def test_old_failures_are_not_kept(self, database: Database, session: Session) -> None:
        fail(database, 5, now=NOW - sessions.DAY - SECOND)
        enter(database)
        assert session.scalar(select(func.count()).select_from(SignInFailure)) == 0


@pytest.mark.usefixtures("world")
class TestTheEndOfASession:
    def test_it_ends_after_a_time_of_no_use(self, database: Database) -> None:
        token = enter(database)
        assert sessions.principal_of(database, token, now=NOW + IDLE)
        other = enter(database)
        assert sessions.principal_of(database, other, now=NOW + IDLE + SECOND) is None

    def test_use_keeps_it_alive(self, database: Database) -> None:
        token = enter(database)
        later = NOW + IDLE - SECOND
        assert sessions.principal_of(database, token, now=later)
        assert sessions.principal_of(database, token, now=later + IDLE)

    def test_it_ends_after_a_week_however_it_is_used(self, database: Database) -> None:
        token = enter(database)
        now = NOW
        while now < NOW + LONGEST:
            assert sessions.principal_of(database, token, now=now)
            now += IDLE - SECOND
        assert sessions.principal_of(database, token, now=NOW + LONGEST + SECOND) is None

    def test_reading_a_page_seldom_writes(self, database: Database, session: Session) -> None:
        token = enter(database)
        sessions.principal_of(database, token, now=NOW + sessions.TOUCH_EVERY)
        assert session.scalars(select(UserSession.seen_at)).one() == NOW
        sessions.principal_of(database, token, now=NOW + sessions.TOUCH_EVERY + SECOND)
        session.expire_all()
        assert session.scalars(select(UserSession.seen_at)).one() == NOW + sessions.TOUCH_EVERY + SECOND

    def test_it_ends_when_the_user_is_stopped(self, database: Database, session: Session) -> None:
        token = enter(database)
        session.scalars(select(User)).one().disabled_at = NOW
        session.commit()
        assert sessions.principal_of(database, token, now=NOW) is None

    @pytest.mark.parametrize("token", ["", "x", "å" * 43, "\ud800", "A" * 10_000])
    def test_a_token_nobody_was_given_opens_nothing(self, database: Database, token: str) -> None:
        enter(database)
        assert sessions.principal_of(database, token, now=NOW) is None


class TestSigningOut:
    @pytest.mark.usefixtures("world")
    def test_out_here_leaves_the_others(self, database: Database, session: Session) -> None:
        here, there = enter(database), enter(database)
        principal = sessions.principal_of(database, here, now=NOW)
        assert principal is not None
        sessions.sign_out(session, principal)
        session.commit()
        assert sessions.principal_of(database, here, now=NOW) is None
        assert sessions.principal_of(database, there, now=NOW)

    def test_out_everywhere_ends_all_of_ones_own_and_nobody_elses(
        self, database: Database, session: Session, world: World
    ) -> None:
        partner = a_partner(session, world, world.social)
        theirs = sessions.open_session(session, partner.user_id, browser="", now=NOW)
        session.commit()
        mine = [enter(database), enter(database)]
        assert sessions.sign_out_everywhere(session, world.coordinator) == 2
        session.commit()
        assert [sessions.principal_of(database, token, now=NOW) for token in mine] == [None, None]
        assert sessions.principal_of(database, theirs, now=NOW)


class TestPasswords:
    @pytest.mark.usefixtures("world")
    def test_a_new_password_ends_the_other_sessions(self, database: Database, session: Session) -> None:
        here, there = enter(database), enter(database)
        principal = sessions.principal_of(database, here, now=NOW)
        assert principal is not None
        sign_in.change_password(session, principal, current=PASSWORD, new="fyra nya ord i följd")
        session.commit()
        assert sessions.principal_of(database, here, now=NOW)
        assert sessions.principal_of(database, there, now=NOW) is None
        assert enter(database, password="fyra nya ord i följd")

    def test_the_current_password_has_to_be_right(self, session: Session, world: World) -> None:
        with pytest.raises(Invalid) as refusal:
            sign_in.change_password(session, world.coordinator, current="fel", new="fyra nya ord i följd")
        assert refusal.value.field == "current"

    @pytest.mark.parametrize(
        "new", ["", "x" * (passwords.SHORTEST_PASSWORD - 1), "x" * (passwords.LONGEST_PASSWORD + 1)]
    )
    def test_too_short_and_too_long_passwords_are_refused(self, session: Session, world: World, new: str) -> None:
        with pytest.raises(Invalid) as refusal:
            sign_in.change_password(session, world.coordinator, current=PASSWORD, new=new)
        assert refusal.value.field == "password"

    @pytest.mark.parametrize(
        "new",
        [
            "x9 lk2 åq7 p",
            "flera ord i rad om ån " * 9,
            "ett två tre 🙂",
            "grön häst \ud800 lampa",
            "blank\tpanna\x00 i vik",
        ],
    )
    def test_any_signs_may_be_in_it(self, database: Database, session: Session, world: World, new: str) -> None:
        sign_in.change_password(session, world.coordinator, current=PASSWORD, new=new)
        session.commit()
        assert enter(database, password=new)


@pytest.mark.usefixtures("world")
class TestTheOfficesLimits:
    def test_a_session_begins_by_the_rule_of_the_day(self, database: Database, session: Session, world: World) -> None:
        for key, value in ((RuleKey.SESSION_IDLE_HOURS, 1), (RuleKey.SESSION_LONGEST_DAYS, 1)):
            session.add(OfficeRule(office_id=world.office.id, key=key, value=value, valid_from=TODAY))
        session.commit()
        token = enter(database)
        hour = dt.timedelta(hours=1)
        assert sessions.principal_of(database, token, now=NOW + hour)
        assert sessions.principal_of(database, enter(database), now=NOW + hour + SECOND) is None

    def test_a_session_from_before_there_were_rules_has_ended(self, database: Database, session: Session) -> None:
        token = enter(database)
        session.execute(update(UserSession).values(ends_at=None))
        session.commit()
        assert sessions.principal_of(database, token, now=NOW) is None


class TestWhoStaffsWhat:
    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "staffs"),
        [
            (TODAY, None, True),
            (TODAY, TODAY, True),
            (TODAY + dt.timedelta(days=1), None, False),
            (dt.date(2026, 1, 1), TODAY - dt.timedelta(days=1), False),
        ],
    )
    def test_both_ends_of_an_interval_count(
        self,
        database: Database,
        session: Session,
        world: World,
        starts_on: dt.date,
        ends_on: dt.date | None,
        *,
        staffs: bool,
    ) -> None:
        partner = a_partner(session, world, world.social)
        staffing = session.scalars(select(Staffing)).one()
        staffing.starts_on, staffing.ends_on = starts_on, ends_on
        token = sessions.open_session(session, partner.user_id, browser="", now=NOW)
        session.commit()
        found = sessions.principal_of(database, token, now=NOW)
        assert found is not None
        assert (world.social.id in found.actor_ids) is staffs

    def test_the_day_begins_at_midnight_in_the_offices_zone(
        self, database: Database, session: Session, world: World
    ) -> None:
        just_after_midnight = dt.datetime(2026, 11, 23, 23, 30, tzinfo=dt.UTC)  # 00.30 on TODAY in Stockholm
        partner = a_partner(session, world, world.social)
        session.scalars(select(Staffing)).one().starts_on = TODAY
        token = sessions.open_session(session, partner.user_id, browser="", now=just_after_midnight)
        session.commit()
        found = sessions.principal_of(database, token, now=just_after_midnight)
        assert found is not None
        assert world.social.id in found.actor_ids


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/604.1", "Safari · iPhone"),
        ("curl/8.0", ""),
        ("", ""),
        ("å" * 10_000, ""),
    ],
)
def test_a_browser_is_named_so_that_its_owner_knows_it(agent: str, name: str) -> None:
    assert sessions.browser_name(agent) == name


@pytest.mark.usefixtures("world")
def test_signing_in_clears_the_users_ended_sessions_away(database: Database, session: Session) -> None:
    enter(database, now=NOW - LONGEST - SECOND)
    enter(database)
    assert session.scalar(select(func.count()).select_from(UserSession)) == 1
