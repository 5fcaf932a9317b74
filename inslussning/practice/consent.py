"""The words of consent: how it was given, and what the client answered when asked."""

from enum import StrEnum

from inslussning.i18n import N_


class Form(StrEnum):
    """How the client said it."""

    WRITTEN = "written"
    ORAL = "oral"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {Form.WRITTEN: N_("Skriftligt"), Form.ORAL: N_("Muntligt")}[self]


class Answer(StrEnum):
    """What the client answered when asked to take part."""

    YES = "yes"
    NO = "no"
    LATER = "later"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {Answer.YES: N_("Ja"), Answer.NO: N_("Nej"), Answer.LATER: N_("Vill tänka på saken")}[self]
