"""What a new office starts with. Everything here becomes rows the office edits; nothing reads these values afterwards."""

from enum import StrEnum

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


class RuleKey(StrEnum):
    """The numbers an office decides."""

    PLANNING_STARTS_MONTHS = "planning_starts_months"
    VIDEO_BEFORE_DAYS = "video_before_days"
    SCHEDULE_BEFORE_DAYS = "schedule_before_days"
    FIRST_WEEK_DAYS = "first_week_days"
    FIRST_SUPERVISION_MEETING_MONTHS = "first_supervision_meeting_months"
    HOLIDAY_NOTICE_DAYS = "holiday_notice_days"
    LINK_VALID_DAYS = "link_valid_days"

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
)
