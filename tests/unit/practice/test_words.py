import pytest

from inslussning.practice.words import clean, csv_safe, looks_like_personal_number, one_line, sort_key


class TestCleaning:
    @pytest.mark.parametrize("ending", ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
    def test_every_line_end_becomes_a_newline(self, ending: str) -> None:
        assert clean(f"ett{ending}två") == "ett\ntvå"

    @pytest.mark.parametrize(
        "mark", ["\0", "\x07", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u2069", "\ud800", "\ufeff"]
    )
    def test_what_cannot_be_seen_or_turns_text_around_is_taken_out(self, mark: str) -> None:
        assert clean(f"ett{mark}två") == "etttvå"

    def test_letters_are_composed(self) -> None:
        assert clean("A\u030angstro\u0308m") == "Ångström"

    def test_tabs_and_inner_space_are_kept_and_outer_space_is_not(self) -> None:
        assert clean(" \n a\t b \u00a0") == "a\t b"

    def test_ordinary_text_and_emoji_are_left_alone(self) -> None:
        assert clean("Räksmörgås – “50 %” 👩‍🔧") == "Räksmörgås – “50 %” 👩‍🔧"

    def test_one_line_has_single_spaces(self) -> None:
        assert one_line(" a \r\n\t b\u00a0c ") == "a b c"


class TestSorting:
    @pytest.mark.parametrize(
        "in_order",
        [
            ["Adam", "zebra", "Zorn", "Åby", "Älv", "Ö"],
            ["z", "zz", "å"],
            ["K-2", "K-10", "K-101", "L-1"],
            ["2", "10", "a", "a 1", "a1", "ab"],
            ["v", "va", "w", "wa", "x"],
            ["idé 1", "ide 2", "IDÉ 3"],
            ["Björkstad", "Björkstad norra", "Björkstads kommun"],
        ],
    )
    def test_the_order_is_the_one_of_a_swedish_register(self, in_order: list[str]) -> None:
        backwards = in_order[::-1]
        assert sorted(backwards, key=sort_key) == in_order

    def test_case_accents_and_signs_do_not_matter(self) -> None:
        assert sort_key("  É–k ") == sort_key("e k") == sort_key("e\u0301_K")

    def test_norwegian_letters_stand_with_their_swedish_likes(self) -> None:
        assert sort_key("Ærø") == sort_key("Ärö")

    def test_latin_text_becomes_letters_and_digits_that_any_database_sorts_alike(self) -> None:
        key = sort_key("Öppenvården, Åre – plan 3 (f.d. Ängen)")
        assert key.isascii()
        assert key.isalnum()

    def test_digits_of_any_script_and_any_length_have_a_place(self) -> None:
        assert sort_key("K-\u0661\u0662") == sort_key("K-12")
        assert sort_key("007") == sort_key("7")
        assert sort_key("0") < sort_key("1")
        assert (
            sort_key("9" * 5000, longest=50)
            == "9" + "9" * 9 + "9" + "9" * 9 + "9" + "9" * 9 + "9" + "9" * 9 + "9" + "9" * 9
        )

    def test_the_key_is_cut_to_fit_its_column(self) -> None:
        assert len(sort_key("z" * 500)) == 400
        assert sort_key("zz", longest=3) == "z0z"

    def test_half_a_surrogate_pair_and_a_lone_accent_do_no_harm(self) -> None:
        assert sort_key("\ud800\u0301a") == "a"


class TestFindingPersonalNumbers:
    @pytest.mark.parametrize(
        "text",
        [
            *("850101-1234", "8501011234", "198501011234", "19850101-1234", "1985-01-01-1234", "1985 01 01-1234"),
            *(
                "850161-1234",
                "850060-1234",
                "850131+1234",
                "000229-1234",
                "född 850101–1234 i Ekhamn",
                "ring850101-1234nu",
            ),
            *("٨٥٠١٠١-١٢٣٤", "850101\u200b-1234", "050101 9806", "0501019806"),
        ],
    )
    def test_runs_shaped_like_one_are_found(self, text: str) -> None:
        assert looks_like_personal_number(text)

    @pytest.mark.parametrize(
        "text",
        [
            *("", "K-101", "850101", "850230-1234", "851301-1234", "556677-8899", "850199-1234", "851361-1234"),
            *("0701234567", "070-123 45 67", "+46701234567", "08-123 456 78", "2027-01-14 13.00", "2027-01-14 0930"),
            *("20270114 0930", "123456789012345", "850101-12345", "1985-01-01", "1990-02-30-1234"),
        ],
    )
    def test_telephone_numbers_times_and_company_numbers_are_not(self, text: str) -> None:
        assert not looks_like_personal_number(text)


class TestHandingOverToASpreadsheet:
    @pytest.mark.parametrize("value", ["=1+1", "+46", "-1", "@SUM(A1)", "\tx", "\rx", "  =1+1", "＝1", "\u00a0@x"])
    def test_what_could_be_a_formula_gets_an_apostrophe(self, value: str) -> None:
        assert csv_safe(value) == f"'{value}"

    @pytest.mark.parametrize("value", ["", "Björkstad", "a=b", "10-12", "'=1"])
    def test_everything_else_is_left_alone(self, value: str) -> None:
        assert csv_safe(value) == value
