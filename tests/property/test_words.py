import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from inslussning.practice.words import clean, csv_safe, looks_like_personal_number, one_line, sort_key

ANY_TEXT = st.text(st.characters())  # half surrogate pairs as well
TRICKY = st.text(st.sampled_from("aåÅz\u0301\u030a \t\r\n\x85\u2028\0\x1f\ud83d\u202e=+-@'0123456789"))
SWEDISH = "0123456789abcdefghijklmnopqrstuvwxyzåäö"


@given(ANY_TEXT | TRICKY)
def test_clean_text_can_be_kept_anywhere_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.encode() is not None
    assert not any(unicodedata.category(char) == "Cc" for char in cleaned if char not in "\n\t")
    assert cleaned == cleaned.strip()


@given(ANY_TEXT | TRICKY)
def test_one_line_is_one_line_and_stays_as_it_is(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line


@given(ANY_TEXT | TRICKY, st.integers(1, 50))
def test_any_text_has_a_sort_key_that_fits(text: str, longest: int) -> None:
    assert len(sort_key(text, longest)) <= longest


@given(st.text(SWEDISH[10:]), st.text(SWEDISH[10:]))
def test_words_are_sorted_letter_by_letter(one: str, other: str) -> None:
    places = [[SWEDISH.index(letter) for letter in word] for word in (one, other)]
    assert (sort_key(one) < sort_key(other)) == (places[0] < places[1])


@given(st.integers(0, 999_999_999), st.integers(0, 999_999_999))
def test_numbers_are_sorted_by_size(one: int, other: int) -> None:
    assert (sort_key(f"K-{one}") < sort_key(f"K-{other}")) == (one < other)


@given(
    st.dates().filter(lambda day: 1900 <= day.year < 2100),
    st.integers(0, 9999),
    ANY_TEXT.filter(lambda t: not t.isdigit()),
)
def test_a_date_of_birth_with_four_digits_is_found_in_any_text(born: object, last: int, around: str) -> None:
    words = f"{around} {born:%Y%m%d}-{last:04} {around}"
    assert looks_like_personal_number(words)


@given(ANY_TEXT | TRICKY)
def test_nothing_handed_to_a_spreadsheet_begins_as_a_formula(text: str) -> None:
    safe = csv_safe(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe.removeprefix("'") == text.removeprefix("'")
