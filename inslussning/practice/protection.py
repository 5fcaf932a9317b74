"""What closes a case: protected identity, exclusion of a colleague, and what opens it again for some hours.

A marking in the population register is a warning that comes with the person; how it is handled is for whoever receives it to decide.
Here every kind masks place and address, stops what leaves the house, and lets only named people read.
"""

from enum import StrEnum

from inslussning.i18n import N_


class Protection(StrEnum):
    """Protected identity, by the Tax Agency's three kinds, lightest first."""

    NONE = "none"
    MARKED = "marked"
    POPULATION_REGISTER = "population_register"
    ASSUMED_IDENTITY = "assumed_identity"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _PROTECTION[self]


_PROTECTION = {
    Protection.NONE: N_("Inga skyddade personuppgifter"),
    Protection.MARKED: N_("Sekretessmarkering"),
    Protection.POPULATION_REGISTER: N_("Skyddad folkbokföring"),
    Protection.ASSUMED_IDENTITY: N_("Fingerade personuppgifter"),
}


class CasePersonKind(StrEnum):
    """A person's own place in a case, whatever the role says."""

    EXCLUDED = "excluded"
    NAMED = "named"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {CasePersonKind.EXCLUDED: N_("Utestängd"), CasePersonKind.NAMED: N_("Har läsrätt")}[self]


class OpeningKind(StrEnum):
    """Why a case was opened beyond the rule."""

    EMERGENCY = "emergency"
    MANAGEMENT = "management"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return {OpeningKind.EMERGENCY: N_("Nödöppning"), OpeningKind.MANAGEMENT: N_("Chefens läsning")}[self]
