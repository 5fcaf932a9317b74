"""A personal number as people type it. Every number here is of a day that does not exist."""

import pytest

from inslussning.errors import Invalid
from inslussning.practice.personal_numbers import is_whole, read_personal_number


@pytest.mark.parametrize(
    "typed", ["19800230-0000", "198002300000", " 19800230 0000 ", "1980-02-30-0000", "19800230–0000"]
)
def test_it_is_kept_in_one_form_however_it_is_written(typed: str) -> None:
    assert read_personal_number(typed) == "19800230-0000"
    assert is_whole(typed)


@pytest.mark.parametrize(
    "typed", ["", "800230-0000", "1980023000000", "19800230-000A", "Alva", "１９８００２３００００１"]
)
def test_anything_but_twelve_figures_is_refused(typed: str) -> None:
    assert not is_whole(typed)
    with pytest.raises(Invalid):
        read_personal_number(typed)
