"""The one thing to do next."""

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from inslussning.practice.attention import CaseFacts
from inslussning.practice.next_step import Distances, Step, StepKind, next_step
from inslussning.practice.phases import Phase

TODAY = dt.date(2026, 11, 24)
READY = CaseFacts(
    key=UUID(int=1),
    code="K-101",
    phase=Phase.PLAN,
    release_on=dt.date(2027, 1, 4),
    actors=3,
    needs=2,
    needs_without_action=0,
    has_video_meeting=True,
    has_appointment_first_week=True,
    has_schedule_handed_over=True,
)


def step(overdue: int = 0, **changes: Any) -> Step | None:
    distances = Distances(planning_starts_months=6, first_week_days=7)
    return next_step(replace(READY, **changes), overdue=overdue, distances=distances, today=TODAY)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"release_on": None}, StepKind.SET_RELEASE),
        ({"actors": 0}, StepKind.ADD_ACTORS),
        ({"phase": Phase.VSP}, StepKind.START),
        ({"has_video_meeting": False}, StepKind.BOOK_VIDEO),
        ({"needs": 0}, StepKind.ADD_NEEDS),
        ({"needs_without_action": 2}, StepKind.AGREE),
        ({"overdue": 1}, StepKind.FOLLOW_UP),
        ({"has_appointment_first_week": False}, StepKind.BOOK_TIMES),
        ({"has_schedule_handed_over": False}, StepKind.HAND_OVER),
        ({}, StepKind.NOTHING),
    ],
)
def test_the_first_thing_missing_before_release_is_the_next_step(changes: dict[str, Any], kind: StepKind) -> None:
    found = step(**changes)
    assert found is not None
    assert found.kind is kind
    assert found.message % found.params


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"phase": Phase.PLAN}, StepKind.CHANGE_PHASE),
        ({"actors": 0}, StepKind.ADD_ACTORS),
        ({"has_appointment_first_week": False}, StepKind.BOOK_TIMES),
        ({"overdue": 3}, StepKind.FOLLOW_UP),
        ({"needs": 0}, StepKind.ADD_NEEDS),
        ({"needs_without_action": 1}, StepKind.AGREE),
        ({"has_video_meeting": False, "has_schedule_handed_over": False}, StepKind.NOTHING),
        ({"has_appointment_first_week": False, "release_on": dt.date(2026, 10, 1)}, StepKind.NOTHING),
    ],
)
def test_after_release_what_belonged_before_it_is_no_longer_asked_for(changes: dict[str, Any], kind: StepKind) -> None:
    released: dict[str, Any] = {"release_on": dt.date(2026, 11, 20), "phase": Phase.CARRY_OUT}
    found = step(**(released | changes))
    assert found is not None
    assert found.kind is kind


def test_a_case_far_from_release_waits_for_the_planning_to_begin() -> None:
    found = step(phase=Phase.VSP, actors=0, release_on=dt.date(2027, 9, 30))
    assert found is not None
    assert found.message % found.params == "Planeringen börjar tis 30 mars 2027, 6 månader före frigivningen."


def test_planning_that_has_begun_early_goes_on() -> None:
    found = step(actors=0, release_on=dt.date(2027, 9, 30))
    assert found is not None
    assert found.kind is StepKind.ADD_ACTORS


def test_a_closed_case_has_no_next_step() -> None:
    assert step(phase=Phase.CLOSED) is None


@pytest.mark.parametrize(("count", "words"), [(1, "Ett behov"), (2, "2 behov")])
def test_needs_are_counted_in_words_that_fit(count: int, words: str) -> None:
    found = step(needs_without_action=count)
    assert found is not None
    assert (found.message % found.params).startswith(words)


@pytest.mark.parametrize(("count", "words"), [(1, "En åtgärd"), (2, "2 åtgärder")])
def test_late_actions_are_counted_in_words_that_fit(count: int, words: str) -> None:
    found = step(overdue=count)
    assert found is not None
    assert (found.message % found.params).startswith(words)
