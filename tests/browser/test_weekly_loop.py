"""The whole week of a coordinator, in the browser, from an empty installation to the schedule in the client's hand.

Mail leaves by a real SMTP server and is read as its receivers read it. The day is Tuesday of week 48, 2026.
"""

import datetime as dt
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import StartSite
from tests.browser.site import SLOT_DAY, Site
from tests.mail.smtp_server import SmtpServer, smtp_server
from tests.received import Received, read_mail

EMAIL, PASSWORD = "anna.berg@kontor.example", "fyra ord efter varandra"
CODE = "K-101"
ACTORS = (
    ("Frivården Ekhamn", "Frivården", "Frivårdsinspektör", "fri"),
    ("Ekhamns kommun", "Kommun (socialtjänst)", "Socialsekreterare vuxen", "soc"),
    ("Arbetsförmedlingen", "Arbetsförmedlingen", "Arbetsförmedlare", "af"),
    ("Anstalten Granliden", "Anstalt", "Klienthandläggare", "gran"),
)
PATIENCE = 20  # seconds to wait for a mail


class Post:
    """What the mail server has taken, read mail by mail."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self.read = 0

    def next(self, count: int) -> list[Received]:
        """Wait for so many more mails and return them."""
        deadline = threading.Event()
        timer = threading.Timer(PATIENCE, deadline.set)
        timer.start()
        while len(self.server.taken) < self.read + count and not deadline.is_set():
            self.server.has_mail.wait(0.1)
            self.server.has_mail.clear()
        timer.cancel()
        found = [read_mail(taken.content) for taken in self.server.taken[self.read :]]
        assert len(found) == count, [(mail.to, mail.subject) for mail in found]
        self.read += count
        return found


@pytest.fixture
def post() -> Iterator[Post]:
    with smtp_server() as server:
        yield Post(server)


@pytest.fixture
def site(start_site: StartSite) -> Iterator[Site]:
    site = start_site(told=False, sends=True)
    yield site
    site.stop()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def test_a_week_from_the_first_run_to_the_schedule_in_hand(
    browser: Browser, page: Page, site: Site, post: Post, tmp_path: Path
) -> None:
    set_up_the_office(page, site)
    say_how_mail_leaves(page, site, post)
    add_the_actors(page, site)
    create_the_weekly_slot(page, site, post)
    leave_out_christmas_eve(page, post)
    move_ascension_day(page, post)
    add_a_case(page, site)
    document_the_consent(page)
    make_the_agenda(page, site)
    site.now = SLOT_DAY
    hold_the_meeting(page)
    finalise(page, post)
    answer_as_a_partner(browser, page, site, post)
    book_the_video_meeting(page, site, post)
    book_the_times(page, site, post)
    hand_over_the_schedule(page, tmp_path)
    nothing_that_left_names_the_case(post)


def notice(page: Page, text: str) -> None:
    """The page says what has happened."""
    expect(page.locator("#live")).to_contain_text(text)


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def set_up_the_office(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.get_by_label("Startkod").fill(site.settings.make_setup_code())
    page.get_by_label("Kontorets namn").fill("Frivården Ekhamn")
    page.get_by_label("Ditt namn").fill("Anna Berg")
    page.get_by_label("Din e-postadress").fill(EMAIL)
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    press(page, "Skapa kontoret")
    notice(page, "Kontoret är klart")
    sign_in(page)
    add_the_second_step(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text("Idag")


APP: list[str] = []  # the key in the coordinator's code app


def sign_in(page: Page, now: dt.datetime | None = None) -> None:
    page.get_by_label("E-post").fill(EMAIL)
    page.get_by_label("Lösenord").fill(PASSWORD)
    press(page, "Logga in")
    if APP and now:
        page.get_by_label("Kod", exact=True).fill(pyotp.TOTP(APP[-1]).at(now))
        press(page, "Logga in")


def add_the_second_step(page: Page, site: Site) -> None:
    """A new office demands it of its own staff: right after the password, before anything else."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Lägg till ett andra steg")
    press(page, "Lägg till kodapp")
    key = page.locator("code.key").inner_text().replace(" ", "")
    APP.append(key)
    page.get_by_label("Kod", exact=True).fill(pyotp.TOTP(key).at(site.now))
    press(page, "Bekräfta")
    page.get_by_role("link", name="Jag har sparat koderna").click()


def say_how_mail_leaves(page: Page, site: Site, post: Post) -> None:
    page.get_by_text("Mer", exact=True).click()
    page.get_by_role("link", name="Inställningar").click()
    page.goto(f"{site.url}/settings/mail")
    page.get_by_label("Avsändaradress").fill("samordning@kontor.example")
    page.get_by_label("Mejlserver").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(post.server.port))
    page.get_by_label("Skydd av anslutningen").select_option(label="Ingen (bara inom det egna nätet)")
    press(page, "Spara")
    notice(page, "Inställningarna för e-post är sparade")
    press(page, "Skicka provmejl")
    [trial] = post.next(1)
    assert trial.to == EMAIL


def add_the_actors(page: Page, site: Site) -> None:
    for organisation, kind, function, short in ACTORS:
        page.goto(f"{site.url}/actors/new")
        page.get_by_label("Organisation", exact=True).fill(organisation)
        page.get_by_label("Typ av organisation").select_option(label=kind)
        page.get_by_label("Funktion", exact=True).fill(function)
        page.get_by_label("Kortnamn").fill(short)
        page.get_by_label("Funktionsbrevlåda").fill(f"{short}@mottagare.example")
        page.get_by_label("Telefon").fill("010-555 01 02")
        page.get_by_label("Besöksadress").fill("Storgatan 1, Ekhamn")
        press(page, "Lägg till aktör")
        expect(page.get_by_role("heading", level=1)).to_contain_text(function)


def create_the_weekly_slot(page: Page, site: Site, post: Post) -> None:
    page.goto(f"{site.url}/slots/new")
    page.get_by_label("Namn", exact=True).fill("Inslussning Ekhamn")
    page.get_by_label("Veckodag").select_option(label="torsdag")
    page.get_by_label("Börjar").fill("9.00")
    page.get_by_label("Längd i minuter").fill("120")
    page.get_by_label("Från och med").fill("26/11")
    page.get_by_label("Plats").fill("Kanalgatan 4")
    for box in page.get_by_role("checkbox").all():
        box.check()
    expect(page.get_by_role("region", name="Så blir tillfällena")).to_contain_text("Julafton")
    press(page, "Skapa veckotiden")
    notice(page, "Veckotiden är skapad")
    expect(page.get_by_role("region", name="December 2026")).to_contain_text("Julafton")
    expect(page.get_by_role("region", name="November 2027")).to_be_visible()

    invitations = post.next(len(ACTORS))

    assert {mail.to for mail in invitations} == {f"{short}@mottagare.example" for *_, short in ACTORS}
    for mail in invitations:
        assert mail.method == "REQUEST"
        assert mail.event["rrule"]["freq"] == ["WEEKLY"]
        assert mail.event.start == dt.datetime(2026, 11, 26, 9, tzinfo=mail.event.start.tzinfo)
        assert str(mail.event.start.tzinfo) == "Europe/Stockholm"


def leave_out_christmas_eve(page: Page, post: Post) -> None:
    page.get_by_role("link", name="Hoppa över tors 24 dec").click()
    page.get_by_label("Varför").fill("Julafton")
    press(page, "Hoppa över tillfället")
    notice(page, "Tillfället hoppas över")
    expect(page.get_by_role("region", name="December 2026")).to_contain_text("Överhoppad")

    mails = post.next(len(ACTORS))

    assert all(mail.method == "CANCEL" for mail in mails)
    assert {mail.event["recurrence-id"].dt.date() for mail in mails} == {dt.date(2026, 12, 24)}


def move_ascension_day(page: Page, post: Post) -> None:
    page.get_by_role("link", name=re.compile(r"^Flytta tors 6 maj")).click()
    page.get_by_label("Ny dag").fill("5 maj")
    expect(page.get_by_role("status").filter(has_text="onsdag 5 maj")).to_be_visible()
    page.get_by_label("Varför mötet flyttas").fill("Kristi himmelsfärdsdag")
    press(page, "Flytta mötet")
    anyway = page.get_by_label("Flytta ändå")
    if anyway.is_visible():
        anyway.check()
        press(page, "Flytta mötet")
    notice(page, "Mötet är flyttat")
    expect(page.get_by_role("region", name="Maj 2027")).to_contain_text("Flyttad till ons 5 maj")

    mails = post.next(len(ACTORS))

    assert all(mail.method == "REQUEST" for mail in mails)
    for mail in mails:
        assert mail.event["recurrence-id"].dt.date() == dt.date(2027, 5, 6)
        assert mail.event.start.date() == dt.date(2027, 5, 5)


def add_a_case(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/cases/new")
    page.get_by_label("Kod", exact=True).fill(CODE)
    page.get_by_label("Fas").select_option(label="Planera")
    page.get_by_label("Villkorlig frigivning").fill("4 jan 2027")
    page.get_by_label("Klockslag").fill("8.30")
    page.get_by_role("combobox", name="Anstalt").select_option(index=1)
    page.get_by_role("combobox", name="Huvudansvarig").select_option(label="Frivårdsinspektör (Frivården Ekhamn)")
    page.get_by_role("checkbox", name=re.compile("^Socialsekreterare")).check()
    press(page, "Lägg till ärende")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Ärende {CODE}")
    for area, text in (("Boende", "Har ingen bostad"), ("Försörjning", "Pengar första veckan")):
        if not page.get_by_label("Behovsområde").is_visible():  # open by itself only while there is no need
            page.get_by_text("Lägg till behov", exact=True).first.click()
        page.get_by_label("Behovsområde").select_option(label=area)
        page.get_by_label("Vad klienten behöver").fill(text)
        press(page, "Lägg till behov")
        expect(page.get_by_role("heading", name=area, exact=True)).to_be_visible()


def document_the_consent(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Dokumentera samtycke.*Socialsekreterare")).click()
    press(page, "Kryssa i alla ämnen")
    expect(page.get_by_role("checkbox", name="Boende")).to_be_checked()
    page.get_by_label("Skriftligt").check()
    press(page, "Dokumentera samtycket")
    notice(page, "Samtycket är dokumenterat")


def make_the_agenda(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.get_by_role("link", name="Gör dagordningen").click()
    expect(page.get_by_role("checkbox", name=CODE)).to_be_checked()
    press(page, "Använd förslaget")
    expect(page.get_by_role("heading", level=2, name="Dagordning")).to_be_visible()


def hold_the_meeting(page: Page) -> None:
    page.reload()
    sign_in(page, SLOT_DAY)  # two days later the session has ended; one comes back to the page one was on
    page.get_by_role("link", name=re.compile(CODE)).first.click()
    expect(page.get_by_role("heading", level=2, name=CODE, exact=True)).to_be_visible()
    page.get_by_label("Närvaro för Socialsekreterare vuxen").select_option(label="Kom")
    expect(page.locator("#came-state")).to_contain_text("Närvaron är sparad 09.05")
    page.get_by_label("Närvaro för Klienthandläggare").select_option(label="Giltigt förfall")
    expect(page.locator("#came")).to_contain_text("1 av 4 kom")

    page.get_by_label("Vem", exact=True).select_option(label="soc – Socialsekreterare vuxen")
    page.get_by_label("Vad", exact=True).fill("Söka stödboende från frigivningsdagen")
    page.get_by_label("När", exact=True).fill("fre")
    page.get_by_label("När", exact=True).press("Enter")
    expect(page.locator(".agreed-lines")).to_contain_text("Söka stödboende från frigivningsdagen")
    expect(page.locator(".agreed-lines")).to_contain_text("fre 27 nov")

    page.get_by_label("Beslut").fill("Stödboende söks i första hand.")
    expect(page.locator("#saved")).to_contain_text("Sparat 09.05")
    page.get_by_label("Anteckningar").fill("Klienten vill ha eget boende på sikt.")


def finalise(page: Page, post: Post) -> None:
    press(page, "Slutför")  # saves what is written first
    expect(page.get_by_role("main")).to_contain_text("En aktör får ett utdrag")
    press(page, "Slutför")
    expect(page.get_by_role("main")).to_contain_text("Slutförd, version 1")
    expect(page.get_by_role("main")).to_contain_text("Stödboende söks i första hand.")
    expect(page.get_by_role("main")).to_contain_text("Klienten vill ha eget boende på sikt.")

    [mail] = post.next(1)

    assert mail.to == "soc@mottagare.example"
    assert CODE not in mail.plain + mail.html + mail.subject
    assert "boende" not in (mail.plain + mail.html + mail.subject).lower()
    page.context.new_page().goto(links_in(mail)[0])
    own = page.context.pages[-1]
    expect(own.get_by_role("main")).to_contain_text("Söka stödboende från frigivningsdagen")
    expect(own.get_by_role("main")).not_to_contain_text("i första hand")
    own.close()


def links_in(mail: Received) -> list[str]:
    return re.findall(r"http://127\.0\.0\.1:\d+/\S+", mail.plain)


def answer_as_a_partner(browser: Browser, page: Page, site: Site, post: Post) -> None:
    invitation = next(
        mail
        for mail in (read_mail(taken.content) for taken in post.server.taken)
        if mail.to == "af@mottagare.example" and mail.calendar
    )
    phone = browser.new_context(viewport={"width": 390, "height": 820})
    own = phone.new_page()
    own.goto(links_in(invitation)[0])
    expect(own.get_by_role("heading", level=1)).to_have_text("Kan du komma?")
    own.get_by_label("tors 3 dec").check()
    own.get_by_role("button", name="Ja", exact=True).click()
    expect(own.get_by_role("main")).to_contain_text("Ditt svar är ja")
    with own.expect_download() as download:
        own.get_by_role("link", name="Lägg i kalendern").click()
    assert Calendar.from_ical(download.value.path().read_bytes()).events
    phone.close()
    page.goto(f"{site.url}/meetings")
    page.get_by_role("listitem").filter(has_text="tors 3 dec").get_by_role("link").first.click()
    expect(page.locator(".person-line").filter(has_text="Arbetsförmedlare")).to_contain_text("Svar: ja")


def book_the_video_meeting(page: Page, site: Site, post: Post) -> None:
    page.goto(f"{site.url}/cases")
    page.get_by_role("link", name=CODE).click()
    page.get_by_role("link", name="Boka videomöte").first.click()
    page.get_by_label("Dag", exact=True).fill("9 dec")
    page.get_by_label("Börjar").fill("13")
    page.get_by_label("Videolänk").fill("https://video.example/ekhamn")
    press(page, "Boka och kalla")
    anyway = page.get_by_label("Boka ändå")
    if anyway.is_visible():
        anyway.check()
        press(page, "Boka och kalla")
    notice(page, "Videomötet är bokat")

    mails = post.next(3)  # social services, the prison and the probation officer in the lead

    for mail in mails:
        assert mail.method == "REQUEST"
        assert mail.event.start.date() == dt.date(2026, 12, 9)
        assert "rrule" not in mail.event


def book_the_times(page: Page, site: Site, post: Post) -> None:
    book(page, site, "Frivårdsinspektör", "5 jan", "10", "Första samtalet hos frivården")
    press(page, "Boka tid")
    notice(page, "Tiden är bokad")

    book(page, site, "Socialsekreterare vuxen", "6 jan", "13", "Vi pratar om pengar den första månaden")
    warning = page.get_by_text("Trettondedag jul")
    expect(warning.first).to_be_visible()
    instead = page.get_by_label(re.compile("^Ta .* i stället$")).first
    chosen = page.locator("label").filter(has_text="i stället").first.inner_text()
    instead.check()
    press(page, "Boka tid")
    notice(page, "Tiden är bokad")
    assert "6 jan" not in chosen
    day = re.search(r"\w+ \d+ jan", chosen)
    assert day is not None
    expect(page.get_by_role("region", name="Tider", exact=True)).to_contain_text(day.group())

    mails = post.next(2)

    assert {mail.to for mail in mails} == {"fri@mottagare.example", "soc@mottagare.example"}


def book(page: Page, site: Site, whom: str, day: str, starts: str, what: str) -> None:
    page.goto(f"{site.url}/schedules")
    page.get_by_role("link", name=CODE).first.click()
    page.get_by_role("link", name="Boka tid").first.click()
    page.get_by_label("Med vem").select_option(label=whom)
    page.get_by_label("Dag", exact=True).fill(day)
    page.get_by_label("Börjar").fill(starts)
    page.get_by_label("Slutar eller längd").fill("1 tim")
    page.get_by_label("Vad", exact=True).fill(what)
    expect(page.locator("#considered")).to_contain_text(f"{day}uari 2027")
    expect(page.get_by_label("Var", exact=True)).to_have_value("Storgatan 1, Ekhamn")


def hand_over_the_schedule(page: Page, folder: Path) -> None:
    press(page, "Lämna ut version 1")
    expect(page.get_by_role("main")).to_contain_text("Klienten har den senaste versionen")
    with page.expect_download() as paper:
        page.get_by_role("link", name="Hämta PDF").click()
    paper.value.save_as(folder / "schema.pdf")
    assert (folder / "schema.pdf").read_bytes().startswith(b"%PDF-")
    said = text_of(folder / "schema.pdf")
    assert "Första samtalet hos frivården" in said
    assert "Vi pratar om pengar den första månaden" in said
    with page.expect_download() as calendar:
        page.get_by_role("link", name="Till telefonens kalender").click()
    events = Calendar.from_ical(calendar.value.path().read_bytes()).events
    assert len(events) == 2
    assert all("pengar" not in str(event.to_ical()) for event in events)


def text_of(paper: Path) -> str:
    """What the paper says, read by another program than wrote it."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(paper).pages).split())


def nothing_that_left_names_the_case(post: Post) -> None:
    for taken in post.server.taken:
        mail = read_mail(taken.content)
        assert CODE not in mail.subject + mail.plain + mail.html + mail.calendar.decode()
