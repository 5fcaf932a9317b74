from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from meetings.agenda import (
    CaseOnAgenda,
    ItemKind,
    PlannedItem,
    TemplateItem,
    Window,
    minutes_over,
    moved,
    propose,
    windows,
)

TODAY = date(2026, 11, 26)
WELCOME = TemplateItem(ItemKind.STANDING, "Välkomna", 5)
CASES = TemplateItem(ItemKind.CASE, "Ärende", 12)
NEXT = TemplateItem(ItemKind.STANDING, "Nästa möte", 5)
A, B, C = (UUID(int=n) for n in (1, 2, 3))


def a_case(code: str, release: date | None, *, overdue: int = 0) -> CaseOnAgenda:
    return CaseOnAgenda(UUID(int=int(code.removeprefix("K-"))), code, release, overdue)


def order(*cases: CaseOnAgenda) -> list[str]:
    codes = {case.key: case.code for case in cases}
    return [codes[item.case] for item in propose([CASES], cases, today=TODAY) if item.case]


class TestPropose:
    def test_every_case_stands_where_the_template_has_its_case_line(self) -> None:
        found = propose([WELCOME, CASES, NEXT], [a_case("K-1", None), a_case("K-2", None)], today=TODAY)
        assert found == (
            PlannedItem(ItemKind.STANDING, "Välkomna", 5),
            PlannedItem(ItemKind.CASE, "Ärende", 12, A),
            PlannedItem(ItemKind.CASE, "Ärende", 12, B),
            PlannedItem(ItemKind.STANDING, "Nästa möte", 5),
        )

    def test_without_cases_the_standing_items_remain(self) -> None:
        assert [item.title for item in propose([WELCOME, CASES, NEXT], [], today=TODAY)] == ["Välkomna", "Nästa möte"]

    def test_an_office_without_a_template_gets_an_empty_agenda(self) -> None:
        assert propose([], [a_case("K-1", None)], today=TODAY) == ()

    def test_the_nearest_release_comes_first(self) -> None:
        far, near = a_case("K-1", date(2027, 3, 1)), a_case("K-2", date(2026, 12, 1))
        assert order(far, near) == ["K-2", "K-1"]

    def test_a_release_today_is_still_to_come(self) -> None:
        assert order(a_case("K-1", date(2026, 11, 27)), a_case("K-2", TODAY)) == ["K-2", "K-1"]

    def test_the_released_come_after_those_who_wait_and_the_undated_last(self) -> None:
        undated, released = a_case("K-1", None, overdue=9), a_case("K-2", date(2026, 11, 25), overdue=9)
        assert order(undated, released, a_case("K-3", date(2027, 5, 1))) == ["K-3", "K-2", "K-1"]

    def test_among_the_released_the_most_overdue_come_first_then_the_latest_released(self) -> None:
        calm, late = a_case("K-1", date(2026, 11, 20)), a_case("K-2", date(2026, 10, 1), overdue=2)
        just = a_case("K-3", date(2026, 11, 24))
        assert order(calm, late, just) == ["K-2", "K-3", "K-1"]

    def test_on_the_same_release_day_the_most_overdue_come_first_then_the_code(self) -> None:
        day = date(2026, 12, 1)
        assert order(a_case("K-2", day), a_case("K-1", day), a_case("K-3", day, overdue=1)) == ["K-3", "K-1", "K-2"]


class TestTime:
    STARTS = datetime(2026, 11, 26, 8, tzinfo=UTC)

    def test_items_follow_each_other_from_the_start(self) -> None:
        first, second = windows([5, 12], starts=self.STARTS)
        assert first == Window(self.STARTS, self.STARTS + timedelta(minutes=5))
        assert second == Window(first.ends, first.ends + timedelta(minutes=12))

    def test_no_items_take_no_time(self) -> None:
        assert windows([], starts=self.STARTS) == ()

    @pytest.mark.parametrize(("minutes", "over"), [([60], 0), ([60, 7], 7), ([], 0), ([10], 0)])
    def test_an_agenda_is_over_by_what_does_not_fit(self, minutes: list[int], over: int) -> None:
        assert minutes_over(minutes, timedelta(hours=1)) == over


class TestMoved:
    @pytest.mark.parametrize(
        ("key", "by", "found"),
        [
            (B, -1, (B, A, C)),
            (B, 1, (A, C, B)),
            (A, -1, (A, B, C)),
            (C, 1, (A, B, C)),
            (A, 9, (B, C, A)),
            (B, 0, (A, B, C)),
        ],
    )
    def test_an_item_moves_and_stops_at_the_ends(self, key: UUID, by: int, found: tuple[UUID, ...]) -> None:
        assert moved([A, B, C], key, by) == found

    def test_an_item_that_is_not_there_cannot_move(self) -> None:
        with pytest.raises(ValueError, match="not in list"):
            moved([A, B], C, 1)
