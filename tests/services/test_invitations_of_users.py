"""Single-use links: who gets in by them, once, and what they can never do."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from inslussning.db.engine import Database
from inslussning.errors import Invalid, NotAllowed, NotFound
from inslussning.models import OutboxMessage, Staffing, User, UserInvitation, UserSession
from inslussning.practice.access import Principal, Role
from inslussning.practice.mail import MailKind
from inslussning.practice.sign_in import Strength
from inslussning.services import passwords, sessions, sign_in, user_invitations, users
from inslussning.services.audit_chain import use_key
from inslussning.services.user_invitations import InvitationGone, NewColleague
from meetings import imip
from tests.conftest import AUDIT_KEY, NOW
from tests.factories.offices import PASSWORD, World, a_partner, an_office
from tests.factories.sign_in import a_code_app

BASE = "https://inslussning.example"
NEW = "fyra nya ord i följd"
LATER = NOW + dt.timedelta(hours=1)


def token_in(session: Session) -> str:
    """The link in the newest mail, as its reader follows it."""
    mime = session.scalars(
        select(OutboxMessage).options(undefer(OutboxMessage.mime)).order_by(OutboxMessage.created_at.desc())
    ).first()
    assert mime is not None
    found = re.search(r"https://inslussning\.example/join/([\w-]+)", imip.read(mime.mime)[0])
    assert found is not None
    return found.group(1)


def an_invitation(session: Session, principal: Principal, world: World, **changes: object) -> str:
    new: dict[str, object] = {
        "name": "Per Lind",
        "email": "Per.Lind@kommun.example",
        "role": Role.PARTNER,
        "organisation_id": world.social.organisation_id,
        "actor_id": world.social.id,
    }
    user_invitations.invite(session, principal, NewColleague(**{**new, **changes}), base_url=BASE, now=NOW)  # type: ignore[arg-type]
    session.flush()
    return token_in(session)


@pytest.fixture
def token(session: Session, world: World) -> str:
    found = an_invitation(session, world.coordinator, world)
    session.commit()
    return found


class TestTheMail:
    def test_it_says_nothing_of_the_work_or_the_people(self, session: Session, token: str) -> None:
        message = session.scalars(select(OutboxMessage).options(undefer(OutboxMessage.mime))).one()
        read = imip.read(message.mime)[0] + message.subject
        assert (message.kind, message.recipient) == (MailKind.ACCOUNT, "per.lind@kommun.example")
        assert token in read
        for word in ("Per", "Lind", "Björkstad", "frivård", "Frivård", "klient", "Socialsekreterare", "Maria"):
            assert word not in read.replace("per.lind@kommun.example", "")

    def test_the_token_is_kept_only_as_a_hash(self, session: Session, token: str) -> None:
        kept = session.scalars(select(UserInvitation)).one()
        assert token not in str(vars(kept))
        assert len(token) >= 43

    def test_without_mail_the_link_is_handed_over_instead(self, session: Session, world: World) -> None:
        world.office.mail_address = ""
        session.merge(world.office)
        new = NewColleague(
            name="Per", email="p@k.example", role=Role.PARTNER, organisation_id=world.social.organisation_id
        )
        sent = user_invitations.invite(session, world.coordinator, new, base_url=BASE, now=NOW)
        assert sent.link.startswith(f"{BASE}/join/")
        assert not session.scalars(select(OutboxMessage)).all()


class TestUsingIt:
    def test_the_person_chooses_the_password_and_has_the_role_and_the_function(
        self, session: Session, world: World, token: str
    ) -> None:
        user = user_invitations.accept(session, token, password=NEW, now=LATER)
        assert (user.email, user.role) == ("per.lind@kommun.example", Role.PARTNER)
        assert passwords.matches(NEW, user.password_hash)
        staffing = session.scalars(select(Staffing).where(Staffing.person_id == user.person_id)).one()
        assert staffing.actor_id == world.social.id

    def test_it_works_once(self, session: Session, token: str) -> None:
        user_invitations.accept(session, token, password=NEW, now=LATER)
        with pytest.raises(InvitationGone):
            user_invitations.accept(session, token, password="ett helt annat ord här", now=LATER)
        with pytest.raises(InvitationGone):
            user_invitations.look(session, token, now=LATER)

    def test_looking_changes_nothing(self, session: Session, token: str) -> None:
        for _ in range(3):
            assert user_invitations.look(session, token, now=LATER).used_at is None

    def test_a_password_that_will_not_do_leaves_the_link_unused(self, session: Session, token: str) -> None:
        with pytest.raises(Invalid):
            user_invitations.accept(session, token, password="Per Lind 2026", now=LATER)
        assert user_invitations.accept(session, token, password=NEW, now=LATER)

    @pytest.mark.parametrize(
        ("after", "works"), [(dt.timedelta(days=7), True), (dt.timedelta(days=7, seconds=1), False)]
    )
    def test_it_lasts_as_long_as_the_office_says(
        self, session: Session, token: str, after: dt.timedelta, *, works: bool
    ) -> None:
        if works:
            assert user_invitations.look(session, token, now=NOW + after)
            return
        with pytest.raises(InvitationGone):
            user_invitations.accept(session, token, password=NEW, now=NOW + after)

    def test_taken_back_it_does_nothing(self, session: Session, coordinator: Principal, token: str) -> None:
        (waiting,) = user_invitations.waiting(session, coordinator, now=NOW)
        user_invitations.withdraw(session, coordinator, waiting.id, now=NOW)
        session.flush()
        with pytest.raises(InvitationGone):
            user_invitations.accept(session, token, password=NEW, now=LATER)

    def test_a_newer_one_takes_the_older_ones_place(self, session: Session, world: World, token: str) -> None:
        an_invitation(session, world.coordinator, world)
        with pytest.raises(InvitationGone):
            user_invitations.look(session, token, now=LATER)

    @pytest.mark.parametrize("junk", ["", "x", "å" * 43, "\ud800", "../..", "A" * 10_000])
    @pytest.mark.usefixtures("token")
    def test_nothing_else_is_a_link(self, session: Session, junk: str) -> None:
        with pytest.raises(InvitationGone):
            user_invitations.look(session, junk, now=LATER)


class TestAnAddressThatSignsInAlready:
    def test_it_cannot_be_invited(self, session: Session, world: World) -> None:
        a_partner(session, world, world.social, email="per.lind@kommun.example")
        with pytest.raises(Invalid) as refusal:
            an_invitation(session, world.coordinator, world)
        assert refusal.value.field == "email"

    def test_a_link_sent_before_never_takes_the_account_over(self, session: Session, world: World, token: str) -> None:
        partner = a_partner(session, world, world.social, email="per.lind@kommun.example")
        before = session.get_one(User, partner.user_id).password_hash
        with pytest.raises(InvitationGone):
            user_invitations.accept(session, token, password=NEW, now=LATER)
        session.expire_all()
        assert session.get_one(User, partner.user_id).password_hash == before


class TestANewPassword:
    def test_it_is_chosen_by_the_link_and_ends_what_is_open(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        sessions.open_session(session, partner.user_id, browser="", now=NOW)
        user_invitations.offer_new_password(session, world.coordinator, partner.user_id, base_url=BASE, now=NOW)
        user = user_invitations.accept(session, token_in(session), password=NEW, now=LATER)
        assert passwords.matches(NEW, user.password_hash)
        assert session.scalar(select(func.count()).select_from(UserSession)) == 0

    def test_until_then_the_old_one_works(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        user_invitations.offer_new_password(session, world.coordinator, partner.user_id, base_url=BASE, now=NOW)
        assert passwords.matches(PASSWORD, session.get_one(User, partner.user_id).password_hash)

    def test_it_lasts_a_day(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        user_invitations.offer_new_password(session, world.coordinator, partner.user_id, base_url=BASE, now=NOW)
        with pytest.raises(InvitationGone):
            user_invitations.look(session, token_in(session), now=NOW + dt.timedelta(days=1, seconds=1))

    def test_the_second_step_is_asked_for_all_the_same(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        a_code_app(session, partner, now=NOW)
        user_invitations.offer_new_password(session, world.coordinator, partner.user_id, base_url=BASE, now=NOW)
        user = user_invitations.accept(session, token_in(session), password=NEW, now=LATER)
        entry = sign_in.enter(session, user, strength=Strength.PASSWORD, browser="", now=LATER)
        assert (entry.session, bool(entry.step)) == ("", True)

    def test_not_ones_own_not_a_partners_act_and_not_another_offices(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        _, other = an_office(session, now=NOW, name="Frivården Ådal", email="a@adal.example")
        for principal, key, problem in (
            (world.coordinator, world.coordinator.user_id, Invalid),
            (partner, world.coordinator.user_id, NotAllowed),
            (world.coordinator, other.user_id, NotFound),
        ):
            with pytest.raises(problem):
                user_invitations.offer_new_password(session, principal, key, base_url=BASE, now=NOW)


class TestWhoMayInvite:
    def test_not_a_partner(self, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        with pytest.raises(NotAllowed):
            an_invitation(session, partner, world)

    def test_not_into_another_offices_organisation_or_function(self, session: Session, world: World) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ådal", email="a@adal.example")
        foreign = users.organisations(session, other)[0][0]
        with pytest.raises(NotFound):
            an_invitation(session, world.coordinator, world, organisation_id=foreign)
        with pytest.raises(NotFound):
            an_invitation(session, world.coordinator, world, actor_id=foreign)


def test_of_many_at_once_one_gets_the_account(own_database: Database) -> None:
    use_key(own_database, AUDIT_KEY)
    with own_database.transaction() as session:
        office, principal = an_office(session, now=NOW)
        new = NewColleague(
            name="Per", email="p@k.example", role=Role.PARTNER, organisation_id=principal.organisation_id
        )
        office.mail_address = ""
        session.flush()
        token = user_invitations.invite(session, principal, new, base_url=BASE, now=NOW).link.rpartition("/")[2]

    def take(word: str) -> str:
        try:
            with own_database.transaction() as session:
                user_invitations.accept(session, token, password=f"{NEW} {word}", now=LATER)
        except InvitationGone:
            return ""
        return word

    with ThreadPoolExecutor(4) as pool:
        won = [word for word in pool.map(take, ["ett", "två", "tre", "fyra"]) if word]
    with own_database.read() as session:
        kept = session.scalars(select(User.password_hash).where(User.email == "p@k.example")).one()
    assert len(won) == 1
    assert passwords.matches(f"{NEW} {won[0]}", kept)
