import pytest

from inslussning.practice import addresses
from inslussning.practice.addresses import AddressInvalid, mail_address, phone_text, web_address


class TestMailAddress:
    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("anna@exempel.se", "anna@exempel.se"),
            ("  Anna.Ek@EXEMPEL.Se\n", "Anna.Ek@exempel.se"),
            ("o'neil+vecka@sub-del.exempel.se", "o'neil+vecka@sub-del.exempel.se"),
            ("x@xn--bjrkstad-o4a.se", "x@xn--bjrkstad-o4a.se"),
        ],
    )
    def test_the_domain_is_in_small_letters_and_the_rest_as_written(self, text: str, address: str) -> None:
        assert mail_address(text) == address

    @pytest.mark.parametrize(
        "text",
        [
            *("anna", "anna@", "@exempel.se", "anna@exempel", "anna@.se", "anna@exempel..se", "anna@-exempel.se"),
            *(
                "anna@exempel-.se",
                "anna@exempel.se.",
                "anna@1.2.3.4",
                "a b@exempel.se",
                "a..b@exempel.se",
                ".a@exempel.se",
            ),
            *(
                '"a b"@exempel.se',
                "Anna <anna@exempel.se>",
                "a@b@exempel.se",
                "a@exempel.se,b@exempel.se",
                "a@[1.2.3.4]",
            ),
            *("a@exempel.se\r\nBcc: b@exempel.se", "a\n@exempel.se", "a\0@exempel.se", "x" * 65 + "@exempel.se"),
            *("a@" + "x" * 64 + ".se",),
        ],
    )
    def test_anything_but_a_plain_address_is_refused(self, text: str) -> None:
        with pytest.raises(AddressInvalid) as refusal:
            mail_address(text)
        assert refusal.value.message == AddressInvalid.message

    def test_the_refusal_says_what_is_wrong_when_that_is_known(self) -> None:
        for text, message in (
            ("  ", addresses.NO_MAIL_ADDRESS),
            ("åsa@exempel.se", addresses.MAIL_LETTERS),
            ("asa@björkstad.se", addresses.MAIL_LETTERS),
            ("a@\ud800.se", addresses.MAIL_LETTERS),
            (f"a@{'x.' * 130}se", addresses.LONG_ADDRESS),
        ):
            with pytest.raises(AddressInvalid) as refusal:
                mail_address(text)
            assert refusal.value.message == message


class TestWebAddress:
    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("https://www.exempel.se/karta", "https://www.exempel.se/karta"),
            (" HTTPS://WWW.Exempel.SE ", "https://www.exempel.se"),
            ("http://exempel.se:8080/a?b=c&d=%C3%A5#e", "http://exempel.se:8080/a?b=c&d=%C3%A5#e"),
            ("https://björkstad.se/å", "https://xn--bjrkstad-o4a.se/%C3%A5"),
            ("https://exempel.se/j/123?pwd=a@b", "https://exempel.se/j/123?pwd=a@b"),
        ],
    )
    def test_an_absolute_address_is_kept_in_ascii(self, text: str, address: str) -> None:
        assert web_address(text) == address

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "",
                "www.exempel.se",
                "//exempel.se",
                "/karta",
                "ftp://exempel.se",
                "javascript:alert(1)",
                "data:text/html,x",
            ),
            *("https://", "https:exempel.se", "https://exempel", "https://10.0.0.1/", "https://[::1]/", "https://[x/"),
            *("https://exempel.se:99999", "https://exempel.se:x", "https://exempel..se", "https://\u2100.se"),
            *(
                "https://exempel.se\\@ont.se",
                "https://exempel.se/a b",
                "https://exempel.se/\r\nX: y",
                "https://exempel.se/\tx",
            ),
            *(
                "https://exempel.se/\u202e",
                "https://exempel.se/\ud800",
                'https://exempel.se/"><b>',
                "java\nscript:alert(1)",
            ),
        ],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(AddressInvalid) as refusal:
            web_address(text)
        assert refusal.value.message == addresses.WEB_ADDRESS

    def test_an_address_with_a_sign_in_is_refused(self) -> None:
        with pytest.raises(AddressInvalid) as refusal:
            web_address("https://exempel.se@ont.se/")
        assert refusal.value.message == addresses.NO_SIGN_IN_IN_ADDRESS

    @pytest.mark.parametrize("text", ["https://exempel.se/" + "a" * 500, "https://exempel.se/" + "å" * 200])
    def test_an_address_too_long_as_written_or_in_ascii_is_refused(self, text: str) -> None:
        with pytest.raises(AddressInvalid) as refusal:
            web_address(text)
        assert refusal.value.message == addresses.LONG_ADDRESS
        assert str(refusal.value) == "Adressen är för lång. Den får ha högst 500 tecken."


class TestPhone:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("070-123 45 67", "070-123 45 67"),
            (" 08/123\u00a0456 ", "08-123 456"),
            ("070.123.45.67", "070-123-45-67"),
            ("+46 (0)70–123 45 67", "+46 (0)70-123 45 67"),
            ("112", "112"),
            ("\u202a0701234567\u202c", "0701234567"),
            ("１１４ １４", "114 14"),
        ],
    )
    def test_a_number_may_be_written_as_people_do(self, text: str, number: str) -> None:
        assert phone_text(text) == number

    @pytest.mark.parametrize(
        "text", ["", "12", "ring mig", "++46", "070-1234567 ankn 2", "1" * 16, "1" + " -" * 20 + "23", "0\r70+123"]
    )
    def test_what_cannot_be_dialled_is_refused(self, text: str) -> None:
        with pytest.raises(AddressInvalid) as refusal:
            phone_text(text)
        assert refusal.value.message == addresses.PHONE
