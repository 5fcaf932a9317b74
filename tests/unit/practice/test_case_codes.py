"""Which texts can stand for a case."""

import pytest

from inslussning.errors import Invalid
from inslussning.practice.case_codes import case_code


@pytest.mark.parametrize(
    ("typed", "code"), [("K-101", "K-101"), (" k-7 ", "K-7"), ("2026/14", "2026/14"), ("å1", "Å1"), ("K\x00-1", "K-1")]
)
def test_a_code_is_kept_in_capitals(typed: str, code: str) -> None:
    assert case_code(typed) == code


@pytest.mark.parametrize(
    "typed", ["", "Kalle", "K 101", "-1", "K-1" * 10, "<b>1", "９９９９９９９９９９９９９９９９９９９９９９"]
)
def test_what_may_be_a_name_or_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        case_code(typed)
    assert refused.value.field == "code"


@pytest.mark.parametrize("typed", ["19900101-2384", "900101-2384", "199001012384"])
def test_a_personal_number_is_refused_by_name(typed: str) -> None:
    with pytest.raises(Invalid, match="personnummer"):
        case_code(typed)
