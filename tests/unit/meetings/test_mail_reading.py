from datetime import UTC, datetime
from typing import Any

from meetings.imip import MailText, Notice, compose, read
from meetings.itip import Method, cancel, request
from meetings.vocabulary import CalendarText
from tests.factories.events import OFFICE, RECIPIENT, a_weekly_event, an_event

JANUARY_14 = datetime(2027, 1, 14, 8, tzinfo=UTC)


def read_back(calendar: bytes | None, plain: str = "Hej\n") -> tuple[str, Notice | None]:
    """What is read of a mail with this calendar part and text."""
    mail = compose(
        sender=OFFICE,
        recipient=RECIPIENT,
        text=MailText("Ämne", plain, "<p>Hej</p>"),
        calendar=calendar,
        message_id="<7f3a@inslussning.example>",
        date=JANUARY_14,
    )
    return read(mail)


def notice_of(calendar: bytes) -> Any:
    return read_back(calendar)[1]


def test_the_text_comes_back_with_plain_line_ends() -> None:
    text = f"Hej Åsa\n\n{'En lång rad. ' * 20}"
    assert read_back(None, text) == (text, None)


def test_an_invitation_to_a_series_comes_back_with_its_end_and_the_dates_left_out() -> None:
    text = CalendarText("Möte 09.00", "Svara", "Se länken")
    notice = notice_of(request(a_weekly_event(exdates=(JANUARY_14,), sequence=3, text=text)))
    assert (notice.method, notice.sequence) == (Method.REQUEST, 3)
    assert (notice.summary, notice.location) == ("Möte 09.00", "Se länken")
    assert notice.starts == datetime(2027, 1, 7, 8, tzinfo=UTC)
    assert notice.ends == datetime(2027, 1, 7, 10, tzinfo=UTC)
    assert notice.weekly_until == datetime(2027, 6, 24, 7, tzinfo=UTC)
    assert notice.left_out == (JANUARY_14,)
    assert notice.original is None


def test_a_cancelled_date_comes_back_by_its_original_start() -> None:
    notice = notice_of(cancel(an_event(recurrence_id=JANUARY_14, sequence=1), whole=False))
    assert (notice.method, notice.original) == (Method.CANCEL, JANUARY_14)
    assert (notice.weekly_until, notice.left_out, notice.location) == (None, (), "")
