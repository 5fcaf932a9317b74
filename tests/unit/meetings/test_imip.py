from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest

from meetings.imip import (
    BadMessageId,
    MailText,
    SomeoneElsesCalendar,
    UnknownMethod,
    compose,
    message_id,
)
from meetings.itip import AddressNotAscii, BadAddress, NaiveInstant, cancel, download, request
from meetings.vocabulary import Party
from tests.factories.events import OFFICE, RECIPIENT, an_event

TEXT = MailText("Kallelse: möte torsdag 7 januari", "Hej Åsa\n\nMötet är kl. 9.\n", "<p>Mötet är kl. 9.</p>")
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
INVITATION = request(an_event())


def a_mail(**changes: Any) -> bytes:
    """An invitation to one recipient."""
    arguments: dict[str, Any] = {
        "sender": OFFICE,
        "recipient": RECIPIENT,
        "text": TEXT,
        "calendar": INVITATION,
        "message_id": "<7f3a@inslussning.example>",
        "date": NOON,
    }
    return compose(**(arguments | changes))


def read(mail: bytes) -> EmailMessage:
    parsed = message_from_bytes(mail, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert [part.defects for part in parsed.walk() if part.defects] == []
    return parsed


def shape(mail: bytes) -> list[str]:
    return [part.get_content_type() for part in read(mail).walk()]


def recipients(mail: bytes) -> list[str]:
    """Whom a mail server that reads the raw header would send to."""
    raw = mail.split(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ").split("\r\n")
    return [address for _, address in getaddresses([line[3:] for line in raw if line.startswith("To:")])]


class TestInvitation:
    def test_its_parts_are_nested_as_every_client_reads_them(self) -> None:
        assert shape(a_mail()) == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]

    @pytest.mark.parametrize(
        ("calendar", "method"), [(INVITATION, "REQUEST"), (cancel(an_event(sequence=1), whole=True), "CANCEL")]
    )
    def test_the_calendar_part_states_charset_method_and_component(self, calendar: bytes, method: str) -> None:
        part = list(read(a_mail(calendar=calendar)).walk())[4]
        assert part["content-type"].params == {"charset": "utf-8", "method": method, "component": "VEVENT"}

    def test_the_file_holds_the_same_bytes_as_the_calendar_part(self) -> None:
        *_, part, file = read(a_mail()).walk()
        assert part.get_payload(decode=True) == file.get_payload(decode=True) == INVITATION
        assert (file.get_filename(), file["content-type"].params["name"]) == ("invite.ics", "invite.ics")
        assert file.get_content_disposition() == "attachment"

    def test_both_texts_are_readable(self) -> None:
        plain, html = list(read(a_mail()).walk())[2:4]
        assert plain.get_content().splitlines() == ["Hej Åsa", "", "Mötet är kl. 9."]
        assert html.get_content().splitlines() == ["<p>Mötet är kl. 9.</p>"]

    def test_it_does_not_call_itself_automatic(self) -> None:
        assert read(a_mail())["Auto-Submitted"] is None

    def test_a_calendar_without_a_mailed_method_is_refused(self) -> None:
        with pytest.raises(UnknownMethod):
            a_mail(calendar=download([an_event()], "Schema"))

    def test_another_method_than_ours_is_refused(self) -> None:
        with pytest.raises(UnknownMethod):
            a_mail(calendar=INVITATION.replace(b"METHOD:REQUEST", b"METHOD:PUBLISH"))

    @pytest.mark.parametrize("party", ["sender", "recipient"])
    def test_a_calendar_between_other_parties_is_refused(self, party: str) -> None:
        with pytest.raises(SomeoneElsesCalendar):
            a_mail(**{party: Party("eva.berg@bjorkstad.example", "Eva Berg")})


class TestWithoutCalendar:
    def test_it_is_only_the_two_texts(self) -> None:
        assert shape(a_mail(calendar=None)) == ["multipart/alternative", "text/plain", "text/html"]

    def test_it_asks_not_to_be_answered_by_a_machine(self) -> None:
        assert read(a_mail(calendar=None))["Auto-Submitted"] == "auto-generated"


class TestHeaders:
    def test_it_has_one_recipient_and_answers_come_back_to_the_sender(self) -> None:
        mail = read(a_mail())
        assert [str(address) for address in mail["To"].addresses] == ["Åsa Ek <asa.ek@bjorkstad.example>"]
        assert mail["From"] == mail["Reply-To"] == "Samverkan Björkstad <mote@inslussning.example>"
        assert (mail["Cc"], mail["Bcc"]) == (None, None)

    def test_subject_date_and_id_are_what_was_given(self) -> None:
        mail = read(a_mail())
        assert mail["Subject"] == "Kallelse: möte torsdag 7 januari"
        assert mail["Date"].datetime == NOON
        assert mail["Message-ID"] == "<7f3a@inslussning.example>"

    def test_a_subject_is_one_line_whatever_was_written(self) -> None:
        subject = "Möte\r\nBcc: x@y.example\x00"
        assert read(a_mail(text=MailText(subject, "", "")))["Subject"] == "Möte Bcc: x@y.example"

    def test_a_subject_cannot_hide_text_in_encoded_words_of_its_own(self) -> None:
        mail = a_mail(text=MailText("=?utf-8?q?M=C3=B6te=0D=0A?=", "", ""))
        assert read(mail)["Subject"] == "= ?utf-8?q?M=C3=B6te=0D=0A?="

    @pytest.mark.parametrize(
        "subject", ["", "Hej", "Möte", "a" * 300, "å" * 300, "ett två tre " * 20 + "slut", "Punkt; streck, (parentes)"]
    )
    def test_any_subject_reads_as_it_was_written(self, subject: str) -> None:
        assert read(a_mail(text=MailText(subject, "", "")))["Subject"] == subject

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "Anna Ek",
            "Evil, evil@example.org",
            "Evil, evil@example.org, and a name long enough for every library to want to fold it <x@y.example>",
            'Ek, Åsa "Å" (Björkstad); evil@example.org',
            "=?utf-8?q?x?=",
            "å" * 200,
        ],
    )
    def test_no_name_can_add_a_recipient(self, name: str) -> None:
        mail = a_mail(recipient=Party(RECIPIENT.address, name), calendar=None)
        assert recipients(mail) == [RECIPIENT.address]
        assert [address.addr_spec for address in read(mail)["To"].addresses] == [RECIPIENT.address]

    def test_a_long_name_is_not_cut(self) -> None:
        name = "Samordnare för bostad, arbete och hälsa i Björkstads kommun, Ek, Åsa"
        raw = message_from_bytes(a_mail(sender=Party(OFFICE.address, name)))["From"]
        assert str(make_header(decode_header(raw))) == f"{name} <{OFFICE.address}>"

    def test_lines_with_encoded_words_keep_to_their_76_characters(self) -> None:
        name, subject = "Å" * 100, "Ö" * 100
        mail = a_mail(sender=Party(OFFICE.address, name), text=MailText(subject, "", ""))
        assert max(len(line) for line in mail.split(b"\r\n") if b"=?" in line) <= 76


class TestWire:
    def test_the_same_mail_gives_the_same_bytes(self) -> None:
        assert a_mail() == a_mail()

    def test_another_message_id_gives_other_boundaries(self) -> None:
        first, second = (read(a_mail(message_id=f"<{token}@inslussning.example>")) for token in ("a", "b"))
        assert first.get_boundary() != second.get_boundary()

    def test_it_is_ascii_with_crlf_at_every_line_end(self) -> None:
        mail = a_mail()
        assert mail.isascii()
        assert mail.count(b"\n") == mail.count(b"\r") == mail.count(b"\r\n")

    def test_no_line_of_a_long_text_is_too_long_to_send(self) -> None:
        text = MailText("Möte", "å" * 5000, f"<p>{'a' * 5000}</p>")
        mail = a_mail(text=text)
        assert max(map(len, mail.split(b"\r\n"))) <= 78
        assert list(read(mail).walk())[2].get_content().splitlines() == ["å" * 5000]

    def test_control_characters_and_broken_letters_do_not_stop_a_mail(self) -> None:
        mail = a_mail(text=MailText("Möte\ud800", "Hej\x00\ud800 där", "<p>\x1b</p>"))
        assert list(read(mail).walk())[2].get_content().splitlines() == ["Hej där"]


class TestRefusal:
    @pytest.mark.parametrize("party", ["sender", "recipient"])
    @pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "asa", ""])
    def test_what_is_not_a_plain_address_is_refused(self, party: str, address: str) -> None:
        with pytest.raises(BadAddress):
            a_mail(**{party: Party(address)}, calendar=None)

    def test_an_international_address_is_refused_by_name(self) -> None:
        with pytest.raises(AddressNotAscii):
            a_mail(recipient=Party("asa@björkstad.example"), calendar=None)

    def test_a_date_without_time_zone_is_refused(self) -> None:
        with pytest.raises(NaiveInstant):
            a_mail(date=datetime(2026, 12, 1, 12))  # noqa: DTZ001 - naive is what is refused

    @pytest.mark.parametrize("identity", ["", "7f3a@inslussning.example", "<7f3a>", "<a b@c>", "<a@b>\r\nBcc: c@d.e"])
    def test_a_malformed_message_id_is_refused(self, identity: str) -> None:
        with pytest.raises(BadMessageId):
            a_mail(message_id=identity)


class TestMessageId:
    def test_it_is_the_token_at_the_domain(self) -> None:
        assert message_id("7f3a", "inslussning.example") == "<7f3a@inslussning.example>"

    def test_a_token_with_other_characters_is_refused(self) -> None:
        with pytest.raises(BadMessageId):
            message_id("K 101>", "inslussning.example")

    def test_the_longest_one_is_written_unbroken(self) -> None:
        identity = message_id("a" * 100, "b" * 100)
        assert f"\r\nMessage-ID: {identity}\r\n".encode() in a_mail(message_id=identity)
