"""Opening a closed case: in two choices, for hours, told at once and looked at afterwards."""

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inslussning.errors import Changed, Invalid, NotAllowed, NotFound
from inslussning.models import BreakGlass, OpeningTry, OutboxMessage
from inslussning.practice.access import Principal, Role
from inslussning.practice.mail import MailKind
from inslussning.practice.protection import MOST_TRIES, OpeningKind
from inslussning.services import case_people, cases, opening_notices, opening_reviews, openings, protection
from inslussning.services.openings import Answer, TooManyCodes, Why
from tests.conftest import NOW
from tests.factories.offices import World
from tests.services.test_case_people import LINKS, a_colleague, again

WHY = Why(kind="Annat skäl", reason="Klienten sitter i receptionen")
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def colleague(session: Session, world: World) -> Principal:
    """An inspector to whom one case is sealed."""
    colleague = a_colleague(session, world)
    protection.seal(session, world.coordinator, world.near.id, [world.coordinator.person_id], now=NOW)
    return again(session, world, colleague)


def opened(session: Session, colleague: Principal, now: dt.datetime = NOW) -> BreakGlass:
    asked = openings.ask(session, colleague, "K-101", WHY, now=now)
    assert asked.try_id is not None
    return openings.open_content(
        session, colleague, asked.try_id, purpose="Om det finns ett möte", links=LINKS, now=now
    )


class TestTheFirstChoice:
    def test_says_only_that_there_is_a_case_and_whom_to_ring(
        self, session: Session, world: World, colleague: Principal
    ) -> None:
        world.probation.phone = "010-123 45 67"
        asked = openings.ask(session, colleague, "k101", WHY, now=NOW)
        assert asked.answer is Answer.CLOSED
        assert asked.try_id is not None
        closed = openings.get_closed(session, colleague, asked.try_id, now=NOW)
        assert (closed.code, closed.phone, closed.hours) == ("K-101", "010-123 45 67", 2)
        with pytest.raises(NotFound):
            cases.get_case(session, again(session, world, colleague), world.near.id)

    def test_a_code_nobody_has_is_written_down_too(self, session: Session, colleague: Principal) -> None:
        assert openings.ask(session, colleague, "K-999", WHY, now=NOW).answer is Answer.NOTHING
        assert session.scalar(select(func.count()).select_from(OpeningTry)) == 1

    def test_who_is_kept_out_gets_the_answer_of_a_code_nobody_has(
        self, session: Session, world: World, colleague: Principal
    ) -> None:
        own = again(session, world, world.coordinator)
        case_people.exclude(session, own, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
        colleague = again(session, world, colleague)
        absent = openings.ask(session, colleague, "K-999", WHY, now=NOW)
        assert openings.ask(session, colleague, "K-101", WHY, now=NOW) == absent

    def test_a_case_one_may_read_is_shown_at_once(self, session: Session, world: World, colleague: Principal) -> None:
        asked = openings.ask(session, colleague, "K-102", WHY, now=NOW)
        assert (asked.answer, asked.case_id) == (Answer.ALREADY_OPEN, world.far.id)

    def test_codes_of_another_office_lead_nowhere(self, session: Session, colleague: Principal) -> None:
        assert openings.ask(session, colleague, "", WHY, now=NOW).answer is Answer.NOTHING

    def test_too_many_codes_are_slowed_down_and_only_for_a_while(self, session: Session, colleague: Principal) -> None:
        for number in range(MOST_TRIES):
            openings.ask(session, colleague, f"K-9{number}", WHY, now=NOW)
        with pytest.raises(TooManyCodes):
            openings.ask(session, colleague, "K-101", WHY, now=NOW)
        assert openings.ask(session, colleague, "K-101", WHY, now=NOW + HOUR).answer is Answer.CLOSED

    @pytest.mark.parametrize(
        ("why", "field"),
        [(Why(kind="Påhittat", reason="x"), "kind"), (Why(kind=WHY.kind, reason=" "), "reason")],
    )
    def test_a_reason_of_the_offices_own_list_and_in_words_is_needed(
        self, session: Session, colleague: Principal, why: Why, field: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            openings.ask(session, colleague, "K-101", why, now=NOW)
        assert refused.value.field == field

    def test_a_partner_may_not_ask(self, session: Session, world: World) -> None:
        partner = a_colleague(session, world, role=Role.PARTNER, email="p@kommun.example")
        with pytest.raises(NotAllowed):
            openings.ask(session, partner, "K-101", WHY, now=NOW)


class TestTheSecondChoice:
    def test_opens_the_case_for_the_offices_hours(self, session: Session, world: World, colleague: Principal) -> None:
        row = opened(session, colleague)
        assert row.expires_at == NOW + 2 * HOUR
        now_open = again(session, world, colleague)
        assert cases.get_case(session, now_open, world.near.id)
        assert now_open.scope.opened == {world.near.id: row.expires_at}

    def test_the_case_closes_by_itself(self, session: Session, world: World, colleague: Principal) -> None:
        row = opened(session, colleague)
        with pytest.raises(NotFound):
            cases.get_case(session, again(session, world, colleague, row.expires_at), world.near.id)

    def test_it_can_be_ended_early(self, session: Session, world: World, colleague: Principal) -> None:
        row = opened(session, colleague)
        openings.end(session, colleague, row.id, now=NOW + HOUR)
        later = again(session, world, colleague, NOW + HOUR)
        assert not later.scope.opened
        with pytest.raises(NotFound):
            cases.get_case(session, later, world.near.id)

    def test_nobody_ends_anothers_opening(self, session: Session, world: World, colleague: Principal) -> None:
        row = opened(session, colleague)
        with pytest.raises(NotFound):
            openings.end(session, world.coordinator, row.id, now=NOW)

    def test_an_exclusion_ends_it(self, session: Session, world: World, colleague: Principal) -> None:
        opened(session, colleague)
        own = again(session, world, world.coordinator)
        case_people.exclude(session, own, world.near.id, colleague.person_id, reason="Släkt", now=NOW)
        with pytest.raises(NotFound):
            cases.get_case(session, again(session, world, colleague), world.near.id)

    def test_the_first_choice_is_fresh_for_a_quarter_of_an_hour(self, session: Session, colleague: Principal) -> None:
        asked = openings.ask(session, colleague, "K-101", WHY, now=NOW)
        assert asked.try_id is not None
        with pytest.raises(NotFound):
            openings.open_content(session, colleague, asked.try_id, purpose="x", links=LINKS, now=NOW + HOUR)

    def test_nobody_uses_anothers_first_choice(self, session: Session, world: World, colleague: Principal) -> None:
        other = a_colleague(session, world, email="annan@bjorkstad.example")
        asked = openings.ask(session, colleague, "K-101", WHY, now=NOW)
        assert asked.try_id is not None
        with pytest.raises(NotFound):
            openings.open_content(session, other, asked.try_id, purpose="x", links=LINKS, now=NOW)

    def test_pressed_twice_it_is_opened_once(self, session: Session, colleague: Principal) -> None:
        assert opened(session, colleague).id == opened(session, colleague).id
        assert session.scalar(select(func.count()).select_from(BreakGlass)) == 1

    def test_who_opened_a_case_opens_it_to_nobody_else(
        self, session: Session, world: World, colleague: Principal
    ) -> None:
        opened(session, colleague)
        now_open = again(session, world, colleague)
        with pytest.raises(Invalid, match="nödöppning"):
            case_people.name(session, now_open, world.near.id, colleague.person_id, reason="Jag", now=NOW)

    def test_what_one_needs_to_know_is_written(self, session: Session, colleague: Principal) -> None:
        asked = openings.ask(session, colleague, "K-101", WHY, now=NOW)
        assert asked.try_id is not None
        with pytest.raises(Invalid) as refused:
            openings.open_content(session, colleague, asked.try_id, purpose=" ", links=LINKS, now=NOW)
        assert refused.value.field == "purpose"


class TestBeingTold:
    def test_the_lead_and_the_named_get_a_mail_that_names_nobody(self, session: Session, colleague: Principal) -> None:
        opened(session, colleague)
        mails = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == MailKind.NOTICE)).all()
        assert sorted(one.recipient for one in mails) == ["fri@partner.example", "samordnare@bjorkstad.example"]
        for one in mails:
            text = one.mime.decode()
            assert not [secret for secret in ("K-101", "Olle", "Kollega", "reception") if secret in text]

    def test_without_anybody_named_the_coordinators_are_told(self, session: Session, world: World) -> None:
        manager = a_colleague(session, world, role=Role.MANAGER)
        world.far.lead_actor_id = None
        openings.open_case(session, manager, "K-102", "Uppföljning", OpeningKind.MANAGEMENT, links=LINKS, now=NOW)
        assert session.scalars(select(OutboxMessage.recipient)).all() == ["samordnare@bjorkstad.example"]

    def test_it_works_without_a_mail_address(self, session: Session, world: World, colleague: Principal) -> None:
        world.office.mail_address = ""
        assert opened(session, colleague).id

    def test_the_cases_own_people_read_of_it_until_it_is_reviewed(
        self, session: Session, world: World, colleague: Principal
    ) -> None:
        row = opened(session, colleague)
        own = again(session, world, world.coordinator)
        assert [(one.code, one.by) for one in opening_notices.recent(session, own, now=NOW)] == [
            ("K-101", "Olle Kollega")
        ]
        reviewer = a_colleague(session, world, role=Role.REVIEWER, email="granskare@bjorkstad.example")
        opening_reviews.review(session, reviewer, row.id, note="Befogat.", now=NOW + HOUR)
        assert opening_notices.recent(session, own, now=NOW + HOUR) == []


class TestManagers:
    def test_a_manager_opens_an_ordinary_case_with_a_reason(self, session: Session, world: World) -> None:
        manager = a_colleague(session, world, role=Role.MANAGER)
        assert manager.scope.share(world.far.id) is None
        openings.open_case(session, manager, "K-102", "Uppföljning", OpeningKind.MANAGEMENT, links=LINKS, now=NOW)
        share = again(session, world, manager).scope.share(world.far.id)
        assert share is not None
        assert share.whole

    def test_a_restricted_case_is_as_absent_as_one_that_is_not(self, session: Session, world: World) -> None:
        manager = a_colleague(session, world, role=Role.MANAGER)
        protection.seal(session, world.coordinator, world.near.id, [world.coordinator.person_id], now=NOW)
        for code in ("K-101", "K-999"):
            with pytest.raises(NotFound):
                openings.open_case(session, manager, code, "Uppföljning", OpeningKind.MANAGEMENT, links=LINKS, now=NOW)


class TestReviewing:
    def test_the_queue_holds_it_until_it_is_reviewed(
        self, session: Session, world: World, colleague: Principal
    ) -> None:
        row = opened(session, colleague)
        reviewer = a_colleague(session, world, role=Role.REVIEWER, email="granskare@bjorkstad.example")
        waiting, more = opening_reviews.queue(session, reviewer)
        assert [(one.code, one.who) for one in waiting] == [("K-101", "Olle Kollega")]
        assert not more
        opening_reviews.review(session, reviewer, row.id, note="Befogat.", now=NOW + HOUR)
        assert opening_reviews.queue(session, reviewer) == ([], False)
        done, _ = opening_reviews.queue(session, reviewer, done=True)
        assert [one.opening.review_note for one in done] == ["Befogat."]

    def test_an_opening_is_reviewed_once(self, session: Session, world: World, colleague: Principal) -> None:
        row = opened(session, colleague)
        reviewer = a_colleague(session, world, role=Role.REVIEWER, email="granskare@bjorkstad.example")
        opening_reviews.review(session, reviewer, row.id, note="Befogat.", now=NOW)
        with pytest.raises(Changed):
            opening_reviews.review(session, reviewer, row.id, note="Obefogat.", now=NOW)

    @pytest.mark.parametrize("note", [" ", "19800101-1234"])
    def test_what_was_found_is_written(self, session: Session, world: World, colleague: Principal, note: str) -> None:
        row = opened(session, colleague)
        reviewer = a_colleague(session, world, role=Role.REVIEWER, email="granskare@bjorkstad.example")
        with pytest.raises(Invalid):
            opening_reviews.review(session, reviewer, row.id, note=note, now=NOW)

    def test_nobody_else_sees_the_queue(self, session: Session, world: World, colleague: Principal) -> None:
        row = opened(session, colleague)
        assert opening_reviews.queue(session, world.coordinator) == ([], False)
        with pytest.raises(NotFound):
            opening_reviews.get_opening(session, world.coordinator, row.id)
