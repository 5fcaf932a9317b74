"""What is told before a meeting is put on a day; the pages' own tests show the rest."""

import datetime as dt
from uuid import uuid4

from inslussning.practice import planning
from inslussning.practice.planning import Taken

TODAY = dt.date(2026, 11, 24)
NINE = dt.datetime(2026, 11, 26, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_without_a_release_day_no_meeting_is_too_late() -> None:
    assert list(planning.about_release(TODAY, None, before_days=21, today=TODAY)) == []


def test_a_slot_that_is_met_once_is_told_as_one_meeting() -> None:
    once = Taken(starts=NINE, ends=NINE + HOUR, is_video=False, name="Ekhamn", slot=uuid4())
    spans = [(NINE, NINE + HOUR)]
    concerns = list(planning.about_series(spans, [once], zone="Europe/Stockholm", today=TODAY))
    assert len(concerns) == 1
    assert "gånger" not in concerns[0].message


def test_a_slot_that_is_met_often_is_told_once_with_how_often() -> None:
    slot = uuid4()
    weeks = [NINE + dt.timedelta(weeks=n) for n in range(3)]
    often = [Taken(starts=at, ends=at + HOUR, is_video=False, name="Ekhamn", slot=slot) for at in weeks]
    spans = [(at, at + HOUR) for at in weeks]
    concerns = list(planning.about_series(spans, often, zone="Europe/Stockholm", today=TODAY))
    assert [concern.params["times"] for concern in concerns] == [3]
