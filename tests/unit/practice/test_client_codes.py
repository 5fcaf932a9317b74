"""The client's code as it is printed and as people type it."""

import pytest

from inslussning.practice.client_codes import read, shown


def test_it_is_printed_in_two_groups() -> None:
    assert shown("ABCDEFGHJK") == "ABCDE-FGHJK"


@pytest.mark.parametrize("typed", ["ABCDE-FGHJK", "abcde fghjk", " abcdefghjk ", "ABCDE–FGHJK", "a b c d e f g h j k"])
def test_it_is_read_however_it_is_typed(typed: str) -> None:
    assert read(typed) == "ABCDEFGHJK"


@pytest.mark.parametrize("typed", ["", "ABCDE", "ABCDE-FGHJK-LM", "ABCDE-FGHJ!", "ABCDE-FGHJ0", "ÅÄÖ23-45678"])
def test_what_cannot_be_a_code_is_nothing(typed: str) -> None:
    assert read(typed) == ""
