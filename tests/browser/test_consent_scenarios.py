"""Consent in the browser, as it is lived: taken back for one actor (S3), a no (S4), and a need that comes up later (S7).

A coordinator's and a partner's browser stand side by side on the demo office, and mail leaves by a real SMTP server. The day is
Tuesday of week 48, 2026, until a test sets it forward.
"""

import datetime as dt
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from inslussning.demo import cast
from inslussning.models import Action, Actor, Case, Invitation, Meeting, MinutesRevision, Office, Person, Staffing, User
from inslussning.models.meetings import MeetingKind
from inslussning.practice.access import Role
from inslussning.practice.mail import MailSecurity
from inslussning.services.invitation_mails import answer_address
from inslussning.services.links import Links, Purpose
from tests.browser.conftest import StartSite
from tests.browser.site import Site
from tests.conftest import NOW
from tests.factories.offices import PASSWORD_HASH
from tests.mail.smtp_server import SmtpServer, smtp_server
from tests.received import Received, read_mail

PATIENCE = 20  # seconds to wait for a mail
Enter = Callable[[str], Page]


@pytest.fixture
def post() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def site(start_site: StartSite, post: SmtpServer) -> Iterator[Site]:
    """A demo office of the test's own whose mail leaves by the test's server."""
    site = start_site(sends=True)
    with site.database.transaction() as session:
        office = session.scalars(select(Office)).one()
        office.mail_host, office.mail_port, office.mail_security = "127.0.0.1", post.port, MailSecurity.NONE
    yield site
    site.stop()


@pytest.fixture
def enter(browser: Browser, site: Site) -> Iterator[Enter]:
    """Open a browser of somebody's own, signed in by the address."""
    opened: list[BrowserContext] = []

    def open_for(email: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="sv-SE")
        context.set_default_timeout(10_000)
        if email:
            site.sign_in(context, email)
        opened.append(context)
        return context.new_page()

    yield open_for
    for context in opened:
        context.close()


def a_sign_in(site: Site, short_name: str) -> str:
    """Let whoever staffs the function sign in as a partner; return the address."""
    with site.database.transaction() as session:
        query = (
            select(Person).join(Staffing, Staffing.person_id == Person.id).join(Actor, Actor.id == Staffing.actor_id)
        )
        person = session.scalars(query.where(Actor.short_name == short_name)).one()
        user = select(User.id).where(User.person_id == person.id)
        if session.scalar(user) is None:
            session.add(
                User(
                    office_id=person.office_id,
                    person_id=person.id,
                    email=person.email,
                    password_hash=PASSWORD_HASH,
                    role=Role.PARTNER,
                )
            )
        return person.email


def case_of(site: Site, code: str) -> UUID:
    with site.database.read() as session:
        return session.scalars(select(Case.id).where(Case.code == code)).one()


def actor_of(site: Site, short_name: str) -> UUID:
    with site.database.read() as session:
        return session.scalars(select(Actor.id).where(Actor.short_name == short_name)).one()


def status(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def notice(page: Page, text: str) -> None:
    expect(page.locator("#live")).to_contain_text(text)


@contextmanager
def new_mail(server: SmtpServer) -> Iterator[list[Received]]:
    """Collect what leaves meanwhile; what was on its way before has arrived first."""
    _quiet(server)
    before = len(server.taken)
    found: list[Received] = []
    yield found
    _quiet(server)
    found += [read_mail(taken.content) for taken in server.taken[before:]]


def _quiet(server: SmtpServer) -> None:
    """Wait until no mail has come for a while."""
    stop = threading.Event()
    timer = threading.Timer(PATIENCE, stop.set)
    timer.start()
    while not stop.is_set():
        server.has_mail.clear()
        if not server.has_mail.wait(1.0):
            break
    timer.cancel()


class TestTakenBack:
    """S3: the client takes the consent for one actor back."""

    def links_of_the_clinic(self, site: Site, case: UUID, clinic: UUID) -> tuple[str, str]:
        """The addresses its mails hold: to the video meeting, and to its extract of the latest minutes."""
        links = Links(site.settings.signing_key(), site.url)
        with site.database.read() as session:
            video = session.scalars(
                select(Invitation)
                .join(Meeting, Meeting.id == Invitation.meeting_id)
                .where(Meeting.case_id == case, Meeting.kind == MeetingKind.VIDEO, Invitation.actor_id == clinic)
            ).one()
            latest = select(MinutesRevision.id).order_by(MinutesRevision.finalised_at.desc())
            revision = session.scalars(latest).first()
            assert revision is not None
            return answer_address(links, video), links.address(Purpose.EXTRACT, revision, clinic)

    def test_the_actor_sees_nothing_from_the_next_request_and_nobody_sees_why(  # noqa: PLR0915 - one scenario, in order
        self, site: Site, enter: Enter, post: SmtpServer
    ) -> None:
        case, clinic = case_of(site, "K-102"), actor_of(site, "bero")
        question, extract = self.links_of_the_clinic(site, case, clinic)
        with site.database.read() as session:
            own = session.scalars(select(Action.id).where(Action.case_id == case, Action.actor_id == clinic)).all()
        partner, outside = enter(a_sign_in(site, "bero")), enter("")
        partner.goto(f"{site.url}/actions")
        expect(partner.get_by_role("main")).to_contain_text("K-102")
        assert status(partner, f"{site.url}/shared/cases/{case}") == 200
        assert [status(partner, f"{site.url}/actions/{key}") for key in own] == [200, 200]
        assert status(outside, question) == 200
        assert status(outside, extract) == 200
        expect(outside.get_by_role("main")).to_contain_text("K-102")

        coordinator = enter(cast.COORDINATOR[1])
        with new_mail(post) as mails:
            self.take_back(coordinator, site, case)

        partner.goto(f"{site.url}/actions")
        expect(partner.get_by_role("main")).not_to_contain_text("K-102")
        partner.goto(f"{site.url}/actions?show=closed")
        expect(partner.get_by_role("main")).not_to_contain_text("K-102")
        assert status(partner, f"{site.url}/shared/cases/{case}") == 404
        assert status(partner, f"{site.url}/cases/{case}") in {403, 404}
        assert [status(partner, f"{site.url}/actions/{key}") for key in own] == [404, 404]
        assert status(outside, question) == 410
        assert status(outside, f"{question}/meeting.ics") == 410
        outside.goto(extract)
        expect(outside.get_by_role("main")).not_to_contain_text("K-102")

        assert {mail.to for mail in mails} == {"bero@demo.example"}
        assert len(mails) == 2  # the video meeting and a booked time; the weekly time is not touched
        for mail in mails:
            assert mail.method == "CANCEL"
            assert mail.sequence == 1
            assert "status" not in mail.event
            assert "K-102" not in mail.subject + mail.plain + mail.html + mail.calendar.decode()

        self.others_see_only_that_it_takes_no_part(enter(a_sign_in(site, "soc")), site, case)
        self.inviting_again_is_stopped(coordinator, site, case)

    def take_back(self, page: Page, site: Site, case: UUID) -> None:
        page.goto(f"{site.url}/cases/{case}")
        page.get_by_role("link", name=re.compile("^Återkalla.*Beroendemottagningen")).click()
        main = page.get_by_role("main")
        expect(main).to_contain_text("Aktören ser ingenting i ärendet, från och med nästa klick")
        expect(main).to_contain_text("Kallelsen till videomötet mån 30 nov")
        expect(main).to_contain_text("2 åtgärder blir vilande")
        expect(main).to_contain_text("En länk till ett utdrag slutar visa ärendet")
        expect(main).to_contain_text("kvar i veckotiden")
        page.get_by_label("Skriftligt").check()
        page.get_by_label("Genom vem?").fill("klienthandläggaren på Granliden")
        press(page, "Återkalla samtycket nu")
        notice(page, "Samtycket är återkallat")
        expect(main).to_contain_text("Du har tagit tillbaka ditt samtycke")
        expect(main).to_contain_text("tisdag 24 november 2026 kl. 09.00")
        expect(main).to_contain_text("De är inte längre kallade till 2 möten och tider")

    def others_see_only_that_it_takes_no_part(self, page: Page, site: Site, case: UUID) -> None:
        assert status(page, f"{site.url}/shared/cases/{case}") == 200
        assert "återkall" not in page.get_by_role("main").inner_text().lower()
        clinic = page.get_by_role("region", name="Deltar i ärendet").get_by_role("listitem").filter(has_text="Beroende")
        expect(clinic).to_have_text(re.compile(r"^\s*Beroendemottagningen – Björkstad\s*deltar inte\s*$"))

    def inviting_again_is_stopped(self, page: Page, site: Site, case: UUID) -> None:
        page.goto(f"{site.url}/meetings/new?case={case}")
        page.get_by_label("Dag", exact=True).fill("2 dec")
        page.get_by_label("Börjar").fill("9")
        page.get_by_role("checkbox", name=re.compile("^Beroendemottagningen")).check()
        press(page, "Boka och kalla")
        expect(page.get_by_role("main")).to_contain_text("Klienten återkallade samtycket för Beroendemottagningen")


class TestNo:
    """S4: the client says no, five months before a release on 30 September 2027."""

    def test_a_no_is_an_outcome_that_nobody_outside_hears_of(self, site: Site, enter: Enter, post: SmtpServer) -> None:
        site.now = dt.datetime(2027, 4, 22, 7, 0, tzinfo=dt.UTC)
        page = enter(cast.COORDINATOR[1])
        with new_mail(post) as mails:
            case = self.ask(page, site)
        assert mails == []
        partner = enter(a_sign_in(site, "soc"))
        for address in ("/", "/actions", "/shared/cases", "/shared/meetings"):
            partner.goto(f"{site.url}{address}")
            expect(partner.get_by_role("main")).not_to_contain_text("K-203")
        assert status(partner, f"{site.url}/shared/cases/{case}") == 404
        self.the_day_comes(enter, site)

    def ask(self, page: Page, site: Site) -> str:
        page.goto(f"{site.url}/cases/new")
        page.get_by_label("Kod", exact=True).fill("K-203")
        page.get_by_label("Villkorlig frigivning").fill("30 sep 2027")
        press(page, "Lägg till ärende")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ärende K-203")
        case = page.url.rpartition("/")[2].partition("#")[0]
        page.get_by_role("link", name="Skriv in klientens svar").click()
        main = page.get_by_role("main")
        expect(main).to_contain_text("Färre besök, och alla hör samma sak")
        expect(main).to_contain_text("Frivårdens egen planering med dig fortsätter vad du än svarar")
        expect(page.get_by_label("Första gången")).to_have_value("2027-05-24")
        expect(page.get_by_label("Andra gången")).to_have_value("2027-07-30")
        page.get_by_label("Muntligt").check()
        page.get_by_label("Nej", exact=True).check()
        page.get_by_label("Orsak").select_option(label="Vill inte träffa så många")
        press(page, "Spara svaret")
        notice(page, "Ingen utanför kontoret får veta något")
        consents = page.get_by_role("region", name="Samtycke")
        expect(consents).to_contain_text("svarade nej")
        expect(consents).to_contain_text("Fråga igen mån 24 maj")
        expect(consents).to_contain_text("Fråga igen fre 30 juli")
        expect(consents).to_contain_text("Kriminalvårdens egen planering gäller ändå")
        return case

    def the_day_comes(self, enter: Enter, site: Site) -> None:
        site.now = dt.datetime(2027, 5, 24, 7, 0, tzinfo=dt.UTC)
        page = enter(cast.COORDINATOR[1])
        page.goto(f"{site.url}/?everything=true")
        row = page.locator(".todo-row").filter(has_text="K-203").filter(has_text="Fråga igen")
        expect(row).to_contain_text("mån 24 maj")
        row.get_by_role("button", name="Bocka av").click()
        notice(page, "Avbockat")
        page.goto(f"{site.url}/?everything=true")
        expect(page.locator(".todo-row").filter(has_text="K-203").filter(has_text="Fråga igen")).to_have_count(0)


class TestNewNeed:
    """S7: debts come to light after the release, in a case the debt adviser has no part in."""

    def test_a_need_asks_for_an_actor_a_consent_and_a_first_time(self, site: Site, enter: Enter) -> None:
        case = case_of(site, "K-105")
        adviser, page = a_sign_in(site, "skuld"), enter(cast.COORDINATOR[1])
        outside = enter(adviser)
        assert status(outside, f"{site.url}/shared/cases/{case}") == 404
        self.add_the_need(page, site, case)
        self.give_the_consent(page)
        self.the_actor_sees_its_need_alone(outside, site, case)
        self.the_need_is_met(page, site, case)
        assert status(outside, f"{site.url}/shared/cases/{case}") == 200  # today still
        site.now = NOW + dt.timedelta(days=1)
        tomorrow = enter(adviser)
        assert status(tomorrow, f"{site.url}/shared/cases/{case}") == 404

    def add_the_need(self, page: Page, site: Site, case: UUID) -> None:
        page.goto(f"{site.url}/cases/{case}")
        page.get_by_text("Lägg till behov", exact=True).first.click()
        page.get_by_label("Behovsområde").select_option(label="Skulder")
        page.get_by_label("Vad klienten behöver").fill("Skuld hos Kronofogden")
        press(page, "Lägg till behov")
        notice(page, "Behovet är tillagt")
        need = page.locator(".need").filter(has_text="Skuld hos Kronofogden")
        expect(need).to_contain_text("Det behövs ett samtycke för aktören och ämnet")
        need.get_by_role("link", name="Samtycke för Budget- och skuldrådgivare").click()

    def give_the_consent(self, page: Page) -> None:
        expect(page.get_by_label("Aktör", exact=True)).to_have_value(re.compile(".+"))
        ticked = [box for box in page.get_by_role("checkbox").all() if box.is_checked()]
        assert len(ticked) == 1
        expect(page.get_by_role("checkbox", name="Skulder")).to_be_checked()
        page.get_by_label("Skriftligt").check()
        press(page, "Dokumentera samtycket")
        notice(page, "Samtycket är dokumenterat")
        need = page.locator(".need").filter(has_text="Skuld hos Kronofogden")
        expect(need).not_to_contain_text("Det behövs ett samtycke")
        expect(need).to_contain_text("Första tiden med Budget- och skuldrådgivare – Björkstad bokas senast tis 8 dec")

    def the_actor_sees_its_need_alone(self, page: Page, site: Site, case: UUID) -> None:
        assert status(page, f"{site.url}/shared/cases/{case}") == 200
        main = page.get_by_role("main")
        expect(main).to_contain_text("Skuld hos Kronofogden")
        for others in (
            "Provtagning varje vecka",
            "Praktik på kommunens förråd",
            "Uteblev",
            "Första veckan har gått bra",
        ):
            expect(main).not_to_contain_text(others)
        with site.database.read() as session:
            held = session.scalars(
                select(Meeting.id).where(Meeting.ends_at < NOW).order_by(Meeting.starts_at.desc())
            ).first()
        assert status(page, f"{site.url}/meetings/{held}") in {403, 404}

    def the_need_is_met(self, page: Page, site: Site, case: UUID) -> None:
        page.goto(f"{site.url}/cases/{case}")
        page.get_by_role("button", name=re.compile("^Markera tillgodosett.*Skulder")).click()
        notice(page, "Behovet är tillgodosett")
        need = page.locator(".need").filter(has_text="Skuld hos Kronofogden")
        expect(need).to_contain_text("Är aktörens del klar?")
        need.get_by_role("button", name="Avsluta aktörens del").click()
        notice(page, "Den ser ärendet i dag men inte i morgon")
        expect(page.get_by_role("region", name="Aktörer")).to_contain_text("slutar se ärendet ons 25 nov")
