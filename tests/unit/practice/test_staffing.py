"""Who answers for a function when, and what a change of staffing asks for."""

from datetime import date, timedelta
from uuid import UUID

from inslussning.practice.staffing import (
    NOBODY,
    HeldOn,
    Plan,
    Reach,
    Recipient,
    Remark,
    RemarkKind,
    Span,
    Stretch,
    Tenure,
    Told,
    on_day,
    plan,
    remarks,
    stretches,
    vacant,
)

ANNA, BO = UUID(int=1), UUID(int=2)
ROW, OTHER = UUID(int=11), UUID(int=12)
LAST_OF_JANUARY, FIRST_OF_FEBRUARY = date(2027, 1, 31), date(2027, 2, 1)
THURSDAYS = [date(2027, 1, 7) + timedelta(weeks=week) for week in range(8)]  # through 25 February
JANUARY, FEBRUARY = tuple(THURSDAYS[:4]), tuple(THURSDAYS[4:])
DATES = [HeldOn(day, day) for day in THURSDAYS]
AS_ANNA, AS_BO = Recipient(ANNA, "anna@kommun.example"), Recipient(BO, "bo@kommun.example")
MAILBOX = Recipient(None, "soc@kommun.example")
HANDED_OVER = (Tenure(ANNA, date(2026, 1, 1), LAST_OF_JANUARY), Tenure(BO, FIRST_OF_FEBRUARY, None))


def a_reach(*tenures: Tenure, mailbox: str = "") -> Reach:
    return Reach(mailbox, tenures, {ANNA: AS_ANNA.address, BO: AS_BO.address})


class TestWhoIsThere:
    def test_both_the_first_and_the_last_day_count(self) -> None:
        assert on_day(HANDED_OVER, LAST_OF_JANUARY) == (ANNA,)
        assert on_day(HANDED_OVER, FIRST_OF_FEBRUARY) == (BO,)

    def test_two_at_once_are_named_in_the_order_they_began_and_once_each(self) -> None:
        together = (Tenure(BO, date(2027, 1, 5), None), *HANDED_OVER, Tenure(ANNA, date(2027, 1, 8), None))
        assert on_day(together, date(2027, 1, 10)) == (ANNA, BO)

    def test_before_anybody_began_nobody_is(self) -> None:
        assert on_day(HANDED_OVER, date(2025, 12, 31)) == ()


class TestVacancy:
    def test_a_function_handed_over_day_by_day_is_never_vacant(self) -> None:
        assert vacant(HANDED_OVER, date(2027, 1, 20)) is None

    def test_one_that_nobody_has_taken_over_is_vacant_from_the_next_day(self) -> None:
        assert vacant(HANDED_OVER[:1], date(2027, 1, 20)) == Span(FIRST_OF_FEBRUARY, None)

    def test_one_between_two_people_ends_the_day_before_the_next(self) -> None:
        gap = (HANDED_OVER[0], Tenure(BO, date(2027, 2, 15), None))
        assert vacant(gap, date(2027, 1, 20)) == Span(FIRST_OF_FEBRUARY, date(2027, 2, 14))

    def test_without_any_staffing_it_is_vacant_at_once(self) -> None:
        assert vacant((), LAST_OF_JANUARY) == Span(LAST_OF_JANUARY, None)


class TestRemarks:
    def test_a_clean_hand_over_has_none(self) -> None:
        assert remarks(HANDED_OVER, date(2027, 1, 20)) == []

    def test_a_gap_and_the_end_without_a_successor_are_said(self) -> None:
        gap = (HANDED_OVER[0], Tenure(BO, date(2027, 2, 15), date(2027, 3, 31)))
        assert remarks(gap, date(2027, 1, 20)) == [
            Remark(RemarkKind.VACANCY, Span(FIRST_OF_FEBRUARY, date(2027, 2, 14))),
            Remark(RemarkKind.VACANCY, Span(date(2027, 4, 1), None)),
        ]

    def test_an_overlap_is_said_with_its_people(self) -> None:
        overlap = (HANDED_OVER[0], Tenure(BO, date(2027, 1, 25), None))
        both = Remark(RemarkKind.TOGETHER, Span(date(2027, 1, 25), LAST_OF_JANUARY), (ANNA, BO))
        assert remarks(overlap, date(2027, 1, 20)) == [both]

    def test_one_person_in_two_intervals_that_meet_is_no_break_in_an_overlap(self) -> None:
        halves = (
            Tenure(ANNA, date(2026, 1, 1), None),
            Tenure(BO, date(2027, 1, 25), LAST_OF_JANUARY),
            Tenure(BO, FIRST_OF_FEBRUARY, date(2027, 2, 7)),
        )
        both = Remark(RemarkKind.TOGETHER, Span(date(2027, 1, 25), date(2027, 2, 7)), (ANNA, BO))
        assert remarks(halves, date(2027, 1, 20)) == [both]


class TestWhoIsAskedToASeries:
    def test_a_mailbox_is_asked_to_everything_whoever_staffs_it(self) -> None:
        assert stretches(DATES, a_reach(*HANDED_OVER, mailbox=MAILBOX.address)) == [
            Stretch(MAILBOX, JANUARY + FEBRUARY)
        ]

    def test_each_person_is_asked_to_its_own_dates(self) -> None:
        assert stretches(DATES, a_reach(*HANDED_OVER)) == [Stretch(AS_ANNA, JANUARY), Stretch(AS_BO, FEBRUARY)]

    def test_dates_that_nobody_staffs_are_a_stretch_without_address(self) -> None:
        assert stretches(DATES, a_reach(HANDED_OVER[0])) == [Stretch(AS_ANNA, JANUARY), Stretch(NOBODY, FEBRUARY)]

    def test_without_any_knowledge_of_people_everything_is_vacant(self) -> None:
        assert stretches(DATES, Reach("")) == [Stretch(NOBODY, JANUARY + FEBRUARY)]

    def test_a_date_goes_to_who_is_there_the_day_it_is_held(self) -> None:
        moved = [*DATES[:3], HeldOn(date(2027, 1, 28), date(2027, 2, 2)), *DATES[4:]]
        assert stretches(moved, a_reach(*HANDED_OVER)) == [
            Stretch(AS_ANNA, JANUARY[:3]),
            Stretch(AS_BO, (date(2027, 1, 28), *FEBRUARY)),
        ]

    def test_who_comes_back_after_a_while_has_two_stretches(self) -> None:
        away = (Tenure(ANNA, date(2026, 1, 1), date(2027, 1, 10)), Tenure(ANNA, FIRST_OF_FEBRUARY, None))
        found = stretches(DATES, a_reach(*away))
        assert [one.recipient for one in found] == [AS_ANNA, NOBODY, AS_ANNA]


def told(recipient: Recipient, days: tuple[date, ...], *, key: UUID = ROW, begun: bool = False) -> Told:
    return Told(key, recipient, days, begun)


class TestWhatIsToldAnew:
    def test_nothing_when_all_is_as_told(self) -> None:
        assert plan([told(AS_ANNA, JANUARY)], [Stretch(AS_ANNA, JANUARY)]) == Plan()

    def test_a_hand_over_ends_one_series_and_begins_another(self) -> None:
        wanted = [Stretch(AS_ANNA, JANUARY), Stretch(AS_BO, FEBRUARY)]
        assert plan([told(AS_ANNA, JANUARY + FEBRUARY)], wanted) == Plan(
            kept_until=((ROW, wanted[0]),), fresh=(wanted[1],)
        )

    def test_undone_the_first_goes_on_and_the_second_is_taken_back(self) -> None:
        standing = [told(AS_ANNA, JANUARY), told(AS_BO, FEBRUARY, key=OTHER)]
        whole = Stretch(AS_ANNA, JANUARY + FEBRUARY)
        assert plan(standing, [whole]) == Plan(taken_back=(OTHER,), kept_until=((ROW, whole),))

    def test_who_has_no_date_left_and_has_had_none_is_taken_back(self) -> None:
        assert plan([told(AS_ANNA, FEBRUARY)], [Stretch(AS_BO, FEBRUARY)]) == Plan(
            taken_back=(ROW,), fresh=(Stretch(AS_BO, FEBRUARY),)
        )

    def test_who_has_no_date_left_but_has_had_some_keeps_those(self) -> None:
        assert plan([told(AS_ANNA, FEBRUARY, begun=True)], [Stretch(AS_BO, FEBRUARY)]) == Plan(
            ended=(ROW,), fresh=(Stretch(AS_BO, FEBRUARY),)
        )

    def test_a_later_first_day_is_a_new_invitation(self) -> None:
        wanted = [Stretch(AS_ANNA, THURSDAYS_BUT_LAST), Stretch(AS_BO, FEBRUARY[-1:])]
        standing = [told(AS_ANNA, JANUARY), told(AS_BO, FEBRUARY, key=OTHER)]
        assert plan(standing, wanted) == Plan(taken_back=(OTHER,), kept_until=((ROW, wanted[0]),), fresh=(wanted[1],))

    def test_a_mailbox_goes_on_with_its_new_address(self) -> None:
        new = Stretch(Recipient(None, "ny@kommun.example"), JANUARY)
        assert plan([told(MAILBOX, JANUARY, begun=True)], [new]) == Plan(moved=((ROW, new),))

    def test_a_vacancy_goes_on_as_a_mailbox(self) -> None:
        assert plan([told(NOBODY, JANUARY)], [Stretch(MAILBOX, JANUARY)]) == Plan(
            moved=((ROW, Stretch(MAILBOX, JANUARY)),)
        )

    def test_a_vacancy_that_has_been_stays_in_the_record(self) -> None:
        assert plan([told(NOBODY, FEBRUARY, begun=True)], [Stretch(MAILBOX, FEBRUARY)]) == Plan(
            ended=(ROW,), fresh=(Stretch(MAILBOX, FEBRUARY),)
        )

    def test_a_mailbox_that_is_given_up_for_a_person_is_taken_back(self) -> None:
        assert plan([told(MAILBOX, JANUARY)], [Stretch(AS_ANNA, JANUARY)]) == Plan(
            taken_back=(ROW,), fresh=(Stretch(AS_ANNA, JANUARY),)
        )

    def test_an_invitation_with_nothing_ahead_is_left_alone(self) -> None:
        assert plan([told(AS_ANNA, ())], []) == Plan()


THURSDAYS_BUT_LAST = JANUARY + FEBRUARY[:-1]
