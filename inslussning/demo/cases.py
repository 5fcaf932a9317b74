"""The demo's cases, placed by days from today: one in every state a coordinator meets. All made up."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from inslussning.practice.phases import Phase
from meetings.holidays import is_closed


@dataclass(frozen=True, slots=True)
class Agreed:
    """An action: who (short name, "" is the client), what, days from today to its last day, need area, and whether it is done."""

    who: str
    what: str
    due: int
    area: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """A time: which working day from the release it lies (0 is the first after), when, with whom, and what to know."""

    day: int
    clock: time
    minutes: int
    who: str
    what: str
    bring: str = ""
    getting_there: str = ""
    came: bool | None = None


@dataclass(frozen=True, slots=True)
class Consented:
    """What is out of the ordinary in a consent: which areas (none named: all), how many days it holds, words not to pass on."""

    who: str
    areas: tuple[str, ...] = ()
    days: int | None = None
    not_shared: str = ""
    revoked: bool = False


class Closed(StrEnum):
    """How a case is closed to most of the office."""

    PROTECTED = "protected"
    TO_ALL_BUT_A_COLLEAGUE = "to all but a colleague"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStory:
    """One case. `release` is days from today, moved on to the next working day; None is not decided."""

    code: str
    release: int | None
    phase: Phase
    actors: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    agreed: tuple[Agreed, ...] = ()
    booked: tuple[Booked, ...] = ()
    video: int | None = None  # days from today
    handed_over: bool = False
    said: str = ""  # what the latest minutes say
    decided: str = ""
    consents: tuple[Consented, ...] = ()  # every other partner has one in all areas
    said_no: int | None = None  # days ago
    closed: Closed | None = None
    supervised: bool = False  # by a lay supervisor, who has tasks of their own


def working_day(day: date) -> date:
    """Return the day, or the next one that is neither a weekend nor a holiday."""
    while is_closed(day):
        day += timedelta(days=1)
    return day


FIRST_WEEK = (
    Booked(0, time(10), 60, "fri", "Första samtalet hos frivården", "Legitimation om du har", "Buss 4 till Kanalgatan"),
    Booked(1, time(13), 60, "soc", "Samtal om pengar och boende", "Papper från anstalten", "Bredvid biblioteket"),
    Booked(
        2, time(13), 45, "af", "Samtal om jobb och praktik", "Betyg och intyg om du har", "Fem minuter från stationen"
    ),
)

CASES = (
    CaseStory(
        code="K-101",
        supervised=True,
        release=40,
        phase=Phase.PLAN,
        actors=("soc", "af", "boende"),
        needs=(
            ("Boende", "Har ingen bostad efter frigivningen"),
            ("Försörjning", "Pengar första veckan"),
            ("Sysselsättning", "Vill arbeta i lager"),
        ),
        agreed=(
            Agreed("boende", "Söka plats i stödboende från frigivningsdagen", 9, "Boende"),
            Agreed("soc", "Förbereda ansökan om ekonomiskt bistånd", 16, "Försörjning"),
            Agreed("af", "Ordna praktikplats på lager", 23, "Sysselsättning"),
            Agreed("", "Ringa sin syster om flytten", 5, "Boende"),
            Agreed("fri", "Beställa passhandlingar till ID-kort", -6, "Försörjning", done=True),
        ),
        booked=FIRST_WEEK,
        video=16,
        said="Klienten vill ha eget boende på sikt. Syster i Björkstad är ett stöd. Alla har läst på inför mötet.",
        decided="Stödboende söks först. Socialtjänsten återkommer om bistånd innan videomötet.",
    ),
    CaseStory(
        code="K-102",
        release=23,
        phase=Phase.PLAN,
        actors=("soc", "bero", "af"),
        needs=(
            ("Beroende", "Fortsatt behandling utan glapp"),
            ("Boende", "Rum hos en vän, osäkert"),
            ("Fysisk hälsa och läkemedel", "Medicin varje dag"),
        ),
        agreed=(
            Agreed("bero", "Boka första besöket samma vecka som frigivningen", 6, "Beroende"),
            Agreed("bero", "Skicka läkemedelslistan till anstaltens sjuksköterska", -3, "Fysisk hälsa och läkemedel"),
            Agreed("soc", "Undersöka alternativ till boendet hos vännen", 4, "Boende"),
        ),
        booked=(
            Booked(0, time(9, 30), 45, "bero", "Besök på mottagningen", "", "Ingång från Parkvägen"),
            Booked(1, time(14), 60, "fri", "Första samtalet hos frivården"),
        ),
        video=5,
        consents=(
            Consented(
                "bero",
                ("Beroende", "Fysisk hälsa och läkemedel"),
                not_shared="Inget om min bror, han ska inte blandas in.",
            ),
        ),
        said="Klienten är orolig för glapp i behandlingen. Mottagningen kan ta emot samma vecka.",
        decided="Första besöket bokas innan schemat lämnas.",
    ),
    CaseStory(
        code="K-106",
        release=12,
        phase=Phase.PLAN,
        actors=("soc", "stöd"),
        needs=(
            ("Boende", "Flyttar hem till sin mamma"),
            ("ID och bank", "Saknar giltig legitimation"),
            ("Nätverk och familj", ""),
        ),
        agreed=(
            Agreed("soc", "Hjälpa till med legitimation och bankkonto", -8, "ID och bank"),
            Agreed("stöd", "Möta vid bussen på frigivningsdagen", 12, "Nätverk och familj"),
        ),
        video=3,
        said="Kort om tid. Legitimationen är inte klar.",
    ),
    CaseStory(
        code="K-104",
        release=113,
        phase=Phase.PLAN,
        actors=("soc", "af", "skuld"),
        needs=(
            ("Skulder", "Flera skulder hos Kronofogden"),
            ("Sysselsättning", ""),
            ("Utbildning", "Vill läsa klart gymnasiet"),
        ),
        agreed=(
            Agreed("skuld", "Gå igenom skulderna och ta fram en plan", 20, "Skulder"),
            Agreed("af", "Ta reda på vilka kurser som passar", 30, "Utbildning"),
        ),
        said="Bra samtal om studier.",
        consents=(Consented("skuld", ("Skulder", "Försörjning")), Consented("af", revoked=True)),
    ),
    CaseStory(
        code="K-110",
        release=74,
        phase=Phase.INITIATE,
        actors=("soc", "fk"),
        needs=(("Försörjning", "Sjukersättning ska prövas"),),
        agreed=(Agreed("fk", "Kontrollera vad som gäller för sjukersättningen", 13, "Försörjning"),),
    ),
    CaseStory(code="K-112", release=138, phase=Phase.INITIATE, actors=("soc",), needs=(("Boende", ""),)),
    CaseStory(code="K-113", release=161, phase=Phase.VSP, said_no=27),
    CaseStory(
        code="K-105",
        supervised=True,
        release=-8,
        phase=Phase.CARRY_OUT,
        actors=("soc", "af", "bero"),
        needs=(
            ("Boende", "Stödboende, klart"),
            ("Beroende", "Provtagning varje vecka"),
            ("Sysselsättning", "Praktik på kommunens förråd"),
        ),
        agreed=(
            Agreed("soc", "Följa upp boendet efter första veckan", -1, "Boende"),
            Agreed("övervakare", "Träffas och gå igenom veckan som kommer", 2),
            Agreed("övervakare", "Lämna rapport till frivården", 24),
            Agreed("af", "Bekräfta startdatum för praktiken", 3, "Sysselsättning"),
            Agreed("bero", "Lämna tider för provtagning", -5, "Beroende", done=True),
        ),
        booked=(
            Booked(0, time(10), 60, "fri", "Första samtalet hos frivården", came=True),
            Booked(1, time(9), 45, "bero", "Besök på mottagningen", came=True),
            Booked(3, time(13), 60, "soc", "Uppföljning av boendet", came=False),
            Booked(5, time(10), 45, "bero", "Besök på mottagningen"),
            Booked(6, time(13), 60, "af", "Besök på praktikplatsen", "Varma kläder"),
            Booked(8, time(10), 60, "fri", "Samtal hos frivården"),
        ),
        handed_over=True,
        consents=(
            Consented("soc", ("Boende", "Försörjning")),
            Consented("af", ("Sysselsättning", "Utbildning")),
            Consented("bero", ("Beroende", "Fysisk hälsa och läkemedel")),
        ),
        said="Första veckan har gått bra. Uteblev från uppföljningen hos socialtjänsten men hörde av sig samma dag.",
        decided="Ny tid bokas för uppföljningen av boendet.",
    ),
    CaseStory(
        code="K-097",
        release=-39,
        phase=Phase.CARRY_OUT,
        actors=("soc", "skuld", "stöd"),
        needs=(("Skulder", "Plan finns"), ("Fritid", "Vill börja träna")),
        agreed=(
            Agreed("skuld", "Följa upp betalningsplanen", 10, "Skulder"),
            Agreed("stöd", "Följa med till gymmet första gången", -2, "Fritid"),
        ),
        said="Stabilt. Glesare uppföljning kan prövas efter nästa månad.",
        consents=(Consented("stöd", ("Fritid", "Nätverk och familj"), days=62),),
    ),
    CaseStory(code="K-114", release=None, phase=Phase.VSP, actors=("soc",)),
    CaseStory(
        code="K-116",
        release=31,
        phase=Phase.PLAN,
        actors=("soc",),
        needs=(("Boende", "Kan inte bo kvar på orten"),),
        booked=(Booked(1, time(13), 60, "soc", "Samtal om pengar och boende", "Papper från anstalten"),),
        closed=Closed.PROTECTED,
    ),
    CaseStory(
        code="K-117",
        release=84,
        phase=Phase.PLAN,
        actors=("soc",),
        needs=(("Boende", ""),),
        closed=Closed.TO_ALL_BUT_A_COLLEAGUE,
    ),
)
