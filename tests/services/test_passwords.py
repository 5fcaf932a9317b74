"""Which passwords are refused, and why the others are not."""

import pytest

from inslussning.errors import Invalid
from inslussning.services import passwords

ABOUT = ["Maria Ek-Lindström", "maria.lindstrom@bjorkstad.example", "Frivården Björkstad"]


def refusal_of(password: str) -> str:
    with pytest.raises(Invalid) as refusal:
        passwords.check_password(password, about=ABOUT)
    return refusal.value.message


def test_the_list_of_common_ones_is_long_enough() -> None:
    assert len(passwords.most_common()) >= 3_000


def test_every_common_one_that_is_long_enough_is_refused() -> None:
    long = [word for word in passwords.most_common() if len(word) >= passwords.SHORTEST_PASSWORD]
    assert len(long) > 200
    assert {refusal_of(word) for word in long} <= {passwords.COMMON, passwords.EASY}


@pytest.mark.parametrize("pad", ["{}{}", "{}1234567890", "!{}{}{}!", "{} {} {}", "{}qwertyuiop", "{}2026"])
@pytest.mark.parametrize("word", ["password", "dragon", "qwerty", "summer", "iloveyou"])
def test_a_common_one_made_longer_is_refused(word: str, pad: str) -> None:
    password = pad.format(*[word] * pad.count("{}"))
    if len(password) >= passwords.SHORTEST_PASSWORD:
        assert refusal_of(password)


@pytest.mark.parametrize(
    "password",
    [
        "PASSWORD1234",
        "Password1234",
        "ｐａｓｓｗｏｒｄ1234",
        "sommaren2026",
        "Lösenord2026!",
        "frivården1234",
        "aaaaaaaaaaaa",
        "123456789012",
    ],
)
def test_guises_do_not_help(password: str) -> None:
    assert refusal_of(password)


@pytest.mark.parametrize(
    "password", ["MariaLindström1", "Björkstad 2026!", "ek-lindström-maria", "frivårdenbjörkstad", "Maria Lindström!"]
)
def test_what_everybody_knows_of_the_person_is_refused(password: str) -> None:
    assert refusal_of(password) in {passwords.ABOUT_YOU, passwords.EASY}


@pytest.mark.parametrize(
    "password",
    [
        "fyra nya ord i följd",
        "korrekt häst batteri",
        "allt i små bokstäver",
        "😀 glad lampa i hallen",
        "en lång mening som går att minnas utan att den står någonstans alls i dag",
        "x" * 30 + " grön soffa på taket " + "y" * 30,
        "7 3 9 1 8 2 4 0 kalla kärl",
    ],
)
def test_there_are_no_rules_of_composition(password: str) -> None:
    passwords.check_password(password, about=ABOUT)
    assert passwords.matches(password, passwords.hash_password(password, about=ABOUT))


@pytest.mark.parametrize("length", [64, 128, passwords.LONGEST_PASSWORD])
def test_long_ones_are_welcome_and_counted_to_the_last_sign(length: int) -> None:
    password = ("grön soffa på taket, " * 20)[: length - 1] + "a"
    hashed = passwords.hash_password(password)
    assert passwords.matches(password, hashed)
    assert not passwords.matches(password[:-1] + "b", hashed)


@pytest.mark.parametrize("password", ["", "x", "kort lösen", "y" * (passwords.LONGEST_PASSWORD + 1)])
def test_too_short_and_too_long_are_said_so(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check_password(password, field="new")
    assert refusal.value.field == "new"


def test_who_has_no_password_is_let_in_by_none() -> None:
    assert not passwords.matches("", "")
    assert not passwords.matches("vad som helst", "")


def test_a_long_repetition_is_refused() -> None:
    with pytest.raises(Invalid):
        passwords.check_password("aA1!" * 50, about=ABOUT)
