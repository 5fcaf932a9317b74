from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from meetings.vocabulary import Response, Weekday
from tests.factories.events import an_event


def test_weekdays_are_numbered_as_dates_number_them() -> None:
    assert Weekday(date(2027, 1, 7).weekday()) is Weekday.THURSDAY


def test_responses_are_the_participation_states_of_rfc_5545_in_lower_case() -> None:
    assert {response.upper() for response in Response} == {"NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"}


def test_an_event_cannot_change_after_it_was_made() -> None:
    with pytest.raises(FrozenInstanceError):
        an_event().sequence = 4  # type: ignore[misc]
