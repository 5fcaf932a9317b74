"""The outbox pages: what has left, what has not and why, and trying again."""

import datetime as dt
from email import message_from_bytes, policy

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from inslussning.app import create_app
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.models import Meeting, Office, OutboxMessage, WeeklySlot
from inslussning.practice.mail import MailKind, MailTrouble, OutboxState
from inslussning.services import invitations, meetings, outbox
from inslussning.services.outbox import Failure
from meetings.imip import MailText
from meetings.vocabulary import Party
from tests.clients import SiteClient
from tests.conftest import NOW, QueryCounter
from tests.factories.offices import World, a_partner, an_office
from tests.factories.planning import LINKS, a_slot

TEXT = MailText("Utdrag", "Hej\n", "<p>Hej</p>")


@pytest.fixture
def invited(session: Session, world: World) -> list[OutboxMessage]:
    """Invitations to a weekly slot for two actors."""
    a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id, world.employment.id))
    session.commit()
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.recipient)))


def many(session: Session, world: World, count: int) -> None:
    """Plain mails a minute apart, numbered from the oldest."""
    for number in range(count):
        text = MailText(f"Utdrag {number}.", TEXT.plain, TEXT.html)
        at = NOW + dt.timedelta(minutes=number)
        outbox.post_plain(session, world.office, world.social, kind=MailKind.EXTRACT, text=text, now=at)
    session.commit()


def fail(database: Database, session: Session, message: OutboxMessage) -> None:
    """Let the mail be refused by its recipient's server."""
    session.execute(
        update(OutboxMessage).where(OutboxMessage.id != message.id).values(next_try_at=NOW.replace(year=2030))
    )
    session.commit()
    parcel = outbox.claim(database, NOW)
    assert parcel is not None
    outbox.record_failure(database, parcel, Failure(MailTrouble.RECIPIENT, 550, is_final=True), now=NOW)
    session.expire_all()


class TestIndex:
    def test_it_lists_what_to_whom_and_how_it_went(
        self, either: SiteClient, database: Database, session: Session, invited: list[OutboxMessage]
    ) -> None:
        fail(database, session, invited[1])
        said = either.get("/outbox").said
        assert "Inbjudan: möte torsdagar 09.00" in said
        assert "Socialsekreterare vuxen – Björkstad soc@partner.example" in said
        assert "Misslyckat Adressen tar inte emot mejl. Ring och fråga efter rätt adress. (svar 550)" in said
        assert "Väntar" in said

    def test_it_counts_each_state_and_shows_one(
        self, client: SiteClient, database: Database, session: Session, invited: list[OutboxMessage]
    ) -> None:
        fail(database, session, invited[1])
        assert "Alla 2 Väntar 1 Misslyckat 1" in client.get("/outbox").said
        failed = client.get("/outbox?state=failed")
        assert len(failed.soup.select("tbody tr")) == 1
        assert failed.one(".states [aria-current]").get_text(" ", strip=True) == "Misslyckat 1"

    @pytest.mark.usefixtures("invited")
    def test_a_mail_that_is_tried_again_says_when(self, client: SiteClient, database: Database) -> None:
        parcel = outbox.claim(database, NOW)
        assert parcel is not None
        outbox.record_failure(database, parcel, Failure(MailTrouble.BUSY, 451), now=NOW + dt.timedelta(minutes=9.5))
        assert (
            "Mejlservern bad oss försöka igen senare. (svar 451) Nytt försök tis 24 nov kl. 09.10."
            in client.get("/outbox").said
        )

    def test_twenty_five_are_shown_and_then_the_rest(self, either: SiteClient, session: Session, world: World) -> None:
        many(session, world, 60)
        seen: list[str] = []
        path, pages = "/outbox", 0
        while path:
            answer = either.get(path)
            seen += [link.get_text() for link in answer.soup.select("td .ds-link")]
            more = answer.soup.select_one("[hx-get]")
            path, pages = (str(more["href"]) if more else ""), pages + 1
        assert seen == [f"Utdrag {number}." for number in reversed(range(60))]
        assert pages == 3

    def test_the_filter_stays_when_more_are_shown(self, client: SiteClient, session: Session, world: World) -> None:
        many(session, world, 30)
        more = client.get("/outbox?state=waiting").one("[hx-get]")
        assert "state=waiting" in str(more["href"])

    def test_it_asks_the_database_as_often_for_many_as_for_few(
        self, client: SiteClient, session: Session, world: World, query_counter: QueryCounter
    ) -> None:
        many(session, world, 2)
        with query_counter() as few:
            client.get("/outbox")
        many(session, world, 25)
        with query_counter() as full:
            client.get("/outbox")
        assert len(full) == len(few)

    @pytest.mark.parametrize("query", ["state=x", "after=x", "after=00000000-0000-7000-8000-000000000000"])
    def test_a_made_up_query_is_no_error_of_ours(self, client: SiteClient, query: str) -> None:
        assert client.get(f"/outbox?{query}").status in {400, 404}

    def test_an_empty_outbox_says_what_it_is_for(self, client: SiteClient) -> None:
        assert "Här syns om de har gått fram." in client.get("/outbox").said


class TestWhyNothingLeaves:
    def at(self, settings: Settings, database: Database, world: World) -> SiteClient:
        """The coordinator of an installation that is no demo."""
        real = settings.model_copy(update={"mail": "smtp"})
        return SiteClient(create_app(real, database=database, clock=lambda: NOW)).signed_in(world.coordinator)

    def test_in_a_demo(self, client: SiteClient) -> None:
        assert "Inga mejl lämnar demon" in client.get("/outbox").said

    def test_without_an_address_to_write_from(
        self, settings: Settings, database: Database, session: Session, world: World
    ) -> None:
        world.office.mail_address = ""
        session.commit()
        answer = self.at(settings, database, world).get("/outbox")
        assert "E-posten är inte inställd" in answer.said
        assert answer.one(".ds-alert a")["href"] == "/settings/mail"

    def test_without_a_mail_server(self, settings: Settings, database: Database, world: World) -> None:
        said = self.at(settings, database, world).get("/outbox").said
        assert "Mejlen skickas så fort den är inställd." in said

    def test_with_both_it_says_nothing(
        self, settings: Settings, database: Database, session: Session, world: World
    ) -> None:
        world.office.mail_host = "smtp.example"
        session.commit()
        assert not self.at(settings, database, world).get("/outbox").soup.select(".ds-alert")


class TestShow:
    def test_it_shows_the_text_and_what_the_calendar_gets(
        self, either: SiteClient, invited: list[OutboxMessage]
    ) -> None:
        said = either.get(f"/outbox/{invited[1].id}").said
        assert "Du är inbjuden till ett möte varje vecka." in said
        assert "Vad Möte 09.00" in said
        assert "tors 7 jan 2027 kl. 09.00–11.00 och varje vecka till tors 6 jan 2028" in said
        assert "Var Se länken" in said

    def test_a_change_of_one_date_says_which(self, client: SiteClient, session: Session, world: World) -> None:
        slot = a_slot(session, world.coordinator, now=NOW, actor_ids=(world.social.id,))
        second = dates_of(session, slot)[1]
        meetings.cancel(session, world.coordinator, second.id, reason="", links=LINKS, now=NOW)
        invitations.update_slot(session, world.coordinator, slot, links=LINKS, now=NOW)
        session.commit()
        cancelled, whole = (
            session.scalars(select(OutboxMessage).where(OutboxMessage.position == position)).one()
            for position in (1, 2)
        )
        assert "Gäller bara tillfället tors 14 jan 2027" in client.get(f"/outbox/{cancelled.id}").said
        assert "Tas bort" in client.get(f"/outbox/{cancelled.id}").said
        assert "Utom tors 14 jan 2027" in client.get(f"/outbox/{whole.id}").said

    def test_a_mail_without_calendar_shows_its_text(self, client: SiteClient, session: Session, world: World) -> None:
        many(session, world, 1)
        key = session.scalars(select(OutboxMessage.id)).one()
        answer = client.get(f"/outbox/{key}")
        assert answer.one(".mail-text").get_text() == "Hej"
        assert "kalender" not in answer.said

    def test_markup_in_a_mail_is_text(self, client: SiteClient, session: Session, world: World) -> None:
        bad = "<img src=x onerror=alert(1)>"
        text = MailText(bad, bad, bad)
        outbox.post_plain(session, world.office, world.social, kind=MailKind.EXTRACT, text=text, now=NOW)
        session.commit()
        key = session.scalars(select(OutboxMessage.id)).one()
        for path in ("/outbox", f"/outbox/{key}"):
            answer = client.get(path)
            assert not answer.soup.select("main img")
            assert bad in answer.said

    def test_the_file_is_the_mail_byte_for_byte(
        self, client: SiteClient, session: Session, invited: list[OutboxMessage]
    ) -> None:
        answer = client.get(f"/outbox/{invited[1].id}/message.eml").response
        query = select(OutboxMessage).where(OutboxMessage.id == invited[1].id).options(undefer(OutboxMessage.mime))
        assert answer.content == session.scalars(query.execution_options(populate_existing=True)).one().mime
        assert answer.headers["content-type"] == "message/rfc822"
        assert message_from_bytes(answer.content, policy=policy.default)["To"] == "soc@partner.example"


class TestRetry:
    def test_a_failed_mail_can_be_tried_again(
        self, either: SiteClient, database: Database, session: Session, invited: list[OutboxMessage]
    ) -> None:
        fail(database, session, invited[1])
        page = either.get(f"/outbox/{invited[1].id}")
        action = str(page.one("form[action$=retry]")["action"])
        assert either.post(action).goes_to == f"/outbox/{invited[1].id}"
        session.expire_all()
        assert session.get_one(OutboxMessage, invited[1].id).state is OutboxState.WAITING

    def test_it_is_not_offered_when_a_newer_one_has_left(
        self, client: SiteClient, database: Database, session: Session, invited: list[OutboxMessage]
    ) -> None:
        fail(database, session, invited[1])
        newer = outbox.Draft(
            kind=MailKind.UPDATE,
            thread=invited[1].thread,
            position=1,
            actor_id=None,
            recipient=Party("soc@partner.example"),
            text=TEXT,
        )
        office = session.get_one(Office, invited[1].office_id)
        outbox.enqueue(session, office, newer, now=NOW).state = OutboxState.SENT
        session.commit()
        page = client.get(f"/outbox/{invited[1].id}")
        assert not page.soup.select("form[action$=retry]")
        assert "Ett nyare mejl om samma sak har redan gått iväg" in page.said
        assert client.post(f"/outbox/{invited[1].id}/retry").status == 409

    def test_a_corrected_mailbox_is_offered_and_gets_the_invitation(
        self, client: SiteClient, database: Database, session: Session, world: World, invited: list[OutboxMessage]
    ) -> None:
        fail(database, session, invited[1])
        edit = str(client.get(f"/outbox/{invited[1].id}").one(".ds-alert a")["href"])
        typed = {
            str(field["name"]): field.get("value", "") for field in client.get(edit).soup.select("form.card input")
        }
        answer = client.post(edit, typed | {"kind": "municipality", "mailbox": "ny@partner.example"})
        assert answer.goes_to == f"/actors/{world.social.id}"
        session.expire_all()
        recipients = session.scalars(select(OutboxMessage.recipient).order_by(OutboxMessage.recipient)).all()
        assert recipients == ["af@partner.example", "ny@partner.example"]


class TestOthers:
    def test_another_offices_mail_looks_absent(
        self, app: FastAPI, session: Session, invited: list[OutboxMessage]
    ) -> None:
        _, other = an_office(session, now=NOW, name="Frivården Ekhamn", email="annan@ekhamn.example")
        session.commit()
        client = SiteClient(app).signed_in(other)
        absent = client.get("/outbox/00000000-0000-7000-8000-000000000000")
        for path in (f"/outbox/{invited[0].id}", f"/outbox/{invited[0].id}/message.eml"):
            answer = client.get(path)
            assert (answer.status, answer.text) == (404, absent.text)
        assert client.post(f"/outbox/{invited[0].id}/retry").status == 404
        assert "torsdagar" not in client.get("/outbox").said

    def test_a_partner_may_not_read_it(self, app: FastAPI, session: Session, world: World) -> None:
        partner = a_partner(session, world, world.social)
        session.commit()
        assert SiteClient(app).signed_in(partner).get("/outbox").status == 403


def dates_of(session: Session, slot: WeeklySlot) -> list[Meeting]:
    return list(session.scalars(select(Meeting).where(Meeting.slot_id == slot.id).order_by(Meeting.starts_at)))
