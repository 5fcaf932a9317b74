"""What a new office starts with. Everything here becomes rows the office edits; nothing reads these values afterwards."""

from enum import StrEnum
from typing import NamedTuple

from inslussning.i18n import N_
from meetings.agenda import ItemKind, TemplateItem

NEED_AREAS = (
    "Boende",
    "Försörjning",
    "ID och bank",
    "Sysselsättning",
    "Utbildning",
    "Skulder",
    "Beroende",
    "Psykisk hälsa",
    "Fysisk hälsa och läkemedel",
    "Attityder",
    "Nätverk och familj",
    "Fritid",
)

WEEKLY_AGENDA = (
    TemplateItem(ItemKind.STANDING, "Välkomna, närvaro och sekretess", 5),
    TemplateItem(ItemKind.CASE, "Ärende", 12),
    TemplateItem(ItemKind.STANDING, "Nya ärenden", 5),
    TemplateItem(ItemKind.STANDING, "Nästa möte", 5),
)

VIDEO_AGENDA = (
    TemplateItem(ItemKind.STANDING, "Samtycket läses upp", 5),
    TemplateItem(ItemKind.STANDING, "Var och en: namn, funktion, uppdrag", 10),
    TemplateItem(ItemKind.STANDING, "Klientens egna prioriteringar", 10),
    TemplateItem(ItemKind.STANDING, "Behov punkt för punkt", 10),
    TemplateItem(ItemKind.CASE, "Vem gör vad och när", 10),
    TemplateItem(ItemKind.STANDING, "Om något inte blir som planerat", 5),
    TemplateItem(ItemKind.STANDING, "Tider första veckan, dag för dag", 5),
    TemplateItem(ItemKind.STANDING, "Huvudansvarig nu och efter övervakningen", 3),
    TemplateItem(ItemKind.STANDING, "Nästa möte", 2),
)


class TextKey(StrEnum):
    """The texts an office words itself."""

    MOTIVATION = "motivation"
    OPENING_REASONS = "opening_reasons"  # one a line: what a closed case may be opened for


class RuleKey(StrEnum):
    """The numbers an office decides."""

    PLANNING_STARTS_MONTHS = "planning_starts_months"
    VIDEO_BEFORE_DAYS = "video_before_days"
    SCHEDULE_BEFORE_DAYS = "schedule_before_days"
    FIRST_WEEK_DAYS = "first_week_days"
    FIRST_SUPERVISION_MEETING_MONTHS = "first_supervision_meeting_months"
    HOLIDAY_NOTICE_DAYS = "holiday_notice_days"
    LINK_VALID_DAYS = "link_valid_days"
    CONSENT_AFTER_RELEASE_MONTHS = "consent_after_release_months"
    CONSENT_REMIND_DAYS = "consent_remind_days"
    ASK_AGAIN_AFTER_MONTHS = "ask_again_after_months"
    ASK_AGAIN_BEFORE_RELEASE_MONTHS = "ask_again_before_release_months"
    NEW_NEED_FIRST_TIME_DAYS = "new_need_first_time_days"
    SESSION_IDLE_HOURS = "session_idle_hours"
    SESSION_LONGEST_DAYS = "session_longest_days"
    PROOF_VALID_MINUTES = "proof_valid_minutes"
    USER_INVITATION_DAYS = "user_invitation_days"
    OPENING_HOURS = "opening_hours"
    CLIENT_CODE_DAYS = "client_code_days"
    CLIENT_SESSION_DAYS = "client_session_days"
    LOG_SAMPLES_PER_WEEK = "log_samples_per_week"
    LOG_KEPT_YEARS = "log_kept_years"

    @property
    def label(self) -> str:
        """Return what the number means, as a sentence with its unit."""
        return _LABELS[self]


_LABELS = {
    RuleKey.PLANNING_STARTS_MONTHS: N_("Planeringen börjar så här många månader före frigivningen"),
    RuleKey.VIDEO_BEFORE_DAYS: N_("Videomötet ska ha varit så här många dagar före frigivningen"),
    RuleKey.SCHEDULE_BEFORE_DAYS: N_("Klienten ska ha sitt schema så här många dagar före frigivningen"),
    RuleKey.FIRST_WEEK_DAYS: N_("Den första perioden efter frigivningen är så här många dagar"),
    RuleKey.FIRST_SUPERVISION_MEETING_MONTHS: N_(
        "Det första mötet i övervakningen ska hållas inom så här många månader"
    ),
    RuleKey.HOLIDAY_NOTICE_DAYS: N_("En veckotid på en helgdag påminns om så här många dagar i förväg"),
    RuleKey.LINK_VALID_DAYS: N_("En länk i ett mejl gäller så här många dagar efter mötet"),
    RuleKey.CONSENT_AFTER_RELEASE_MONTHS: N_(
        "Ett nytt samtycke föreslås gälla så här många månader efter frigivningen"
    ),
    RuleKey.CONSENT_REMIND_DAYS: N_("Ett samtycke påminns om så här många dagar innan det går ut"),
    RuleKey.ASK_AGAIN_AFTER_MONTHS: N_("Efter ett nej föreslås en ny fråga efter så här många månader"),
    RuleKey.ASK_AGAIN_BEFORE_RELEASE_MONTHS: N_(
        "Efter ett nej föreslås en ny fråga så här många månader före frigivningen"
    ),
    RuleKey.NEW_NEED_FIRST_TIME_DAYS: N_("Första tiden för ett nytt behov föreslås inom så här många dagar"),
    RuleKey.SESSION_IDLE_HOURS: N_("En inloggning som inte används avslutas efter så här många timmar"),
    RuleKey.SESSION_LONGEST_DAYS: N_("En inloggning gäller högst så här många dagar"),
    RuleKey.PROOF_VALID_MINUTES: N_("Före känsliga steg ska du ha bekräftat vem du är inom så här många minuter"),
    RuleKey.CLIENT_CODE_DAYS: N_("Klientens kod till sitt schema gäller så här många dagar"),
    RuleKey.CLIENT_SESSION_DAYS: N_("Klientens mobil visar schemat i så här många dagar innan en ny kod behövs"),
    RuleKey.USER_INVITATION_DAYS: N_("En inbjudan att logga in gäller så här många dagar"),
    RuleKey.LOG_SAMPLES_PER_WEEK: N_("Så här många poster ur åtkomstloggen dras för kontroll varje vecka"),
    RuleKey.LOG_KEPT_YEARS: N_("Åtkomstloggen sparas så här många år, minst fem"),
    RuleKey.OPENING_HOURS: N_("En nödöppning av ett ärende gäller så här många timmar, högst fyra"),
}

# key, value, where it comes from
RULES = (
    (RuleKey.PLANNING_STARTS_MONTHS, 6, "Modell för extern samverkan: samverkan börjar 4–6 månader före frigivningen"),
    (RuleKey.VIDEO_BEFORE_DAYS, 21, "Lokal rutin"),
    (RuleKey.SCHEDULE_BEFORE_DAYS, 6, "Lokal rutin"),
    (RuleKey.FIRST_WEEK_DAYS, 7, "Lokal rutin"),
    (RuleKey.FIRST_SUPERVISION_MEETING_MONTHS, 1, "Förordning 1998:642, 5 kap."),
    (RuleKey.HOLIDAY_NOTICE_DAYS, 28, "Lokal rutin"),
    (RuleKey.LINK_VALID_DAYS, 14, "Lokal rutin"),
    (RuleKey.CONSENT_AFTER_RELEASE_MONTHS, 6, "Lokal rutin"),
    (RuleKey.CONSENT_REMIND_DAYS, 30, "Lokal rutin"),
    (RuleKey.ASK_AGAIN_AFTER_MONTHS, 1, "Lokal rutin"),
    (RuleKey.ASK_AGAIN_BEFORE_RELEASE_MONTHS, 2, "Lokal rutin"),
    (RuleKey.NEW_NEED_FIRST_TIME_DAYS, 14, "Lokal rutin"),
    (RuleKey.SESSION_IDLE_HOURS, 10, "Lokal rutin"),
    (RuleKey.SESSION_LONGEST_DAYS, 7, "Lokal rutin"),
    (RuleKey.PROOF_VALID_MINUTES, 15, "Lokal rutin"),
    (RuleKey.USER_INVITATION_DAYS, 7, "Lokal rutin"),
    (RuleKey.OPENING_HOURS, 2, "Lokal rutin"),
    (RuleKey.CLIENT_CODE_DAYS, 14, "Lokal rutin"),
    (RuleKey.CLIENT_SESSION_DAYS, 7, "Lokal rutin"),
    (RuleKey.LOG_SAMPLES_PER_WEEK, 10, "Lokal rutin, jfr HSLF-FS 2016:40, 4 kap. 9 §"),
    (RuleKey.LOG_KEPT_YEARS, 5, "Jfr HSLF-FS 2016:40, 4 kap. 9 §"),
)


class StartingBasis(NamedTuple):
    """A ground for sharing without consent that a new office's own list begins with."""

    name: str
    citation: str
    explanation: str


# What the law says is for the office to know: the rows are a list to begin with and to check, not advice.
LEGAL_BASES = (
    StartingBasis(
        "Nödvändigt för myndighetens egen verksamhet",
        "10 kap. 2 § offentlighets- och sekretesslagen",
        "Gäller bara när det är nödvändigt för att den egna myndigheten ska kunna göra sitt arbete. "
        "Att det är lättare eller snabbare räcker inte.",
    ),
    StartingBasis(
        "Generalklausulen",
        "10 kap. 27 § offentlighets- och sekretesslagen",
        "Gäller när det är uppenbart att intresset av att uppgiften lämnas går före det intresse som sekretessen skyddar. "
        "Kontrollera först om sekretessen är undantagen, till exempel inom vård och socialtjänst.",
    ),
    StartingBasis(
        "Uppgiftsskyldighet i lag eller förordning",
        "10 kap. 28 § offentlighets- och sekretesslagen",
        "Gäller när en lag eller förordning säger att uppgiften ska lämnas. Skriv i motiveringen vilken.",
    ),
)

TEXTS = (
    (
        TextKey.MOTIVATION,
        "Färre besök, och alla hör samma sak. Du är med när det sägs och får veta vem som gör vad.\n"
        "Du bestämmer vilka som får veta något om dig, om vad och hur länge. Du kan ändra dig när du vill.\n"
        "Frivårdens egen planering med dig fortsätter vad du än svarar.",
    ),
    (
        TextKey.OPENING_REASONS,
        "Fara för klienten eller någon annan\n"
        "Klienten väntar och den som har ärendet är inte på plats\n"
        "Myndigheten har begärt uppgift som måste lämnas i dag\n"
        "Annat skäl",
    ),
)

# months a closed case is kept, and where that comes from: a place to work is not a file of record
KEPT_MONTHS = (24, "Lokal rutin")
