"""A birth date as people type it."""

import datetime as dt

import pytest

from inslussning.errors import Invalid
from inslussning.practice.birth_dates import read_birth_date


@pytest.mark.parametrize("typed", ["1990-05-17", "19900517", " 1990 05 17 ", "1990.05.17", "1990/05/17", "1990–05–17"])
def test_it_is_read_however_it_is_typed(typed: str) -> None:
    assert read_birth_date(typed) == dt.date(1990, 5, 17)


@pytest.mark.parametrize("typed", ["", "900517", "1990-13-01", "1990-02-30", "i maj", "١٩٩٠٠٥١٧", "19900517-0000"])
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        read_birth_date(typed)
