"""The phases of a case: the four of the Swedish model for outside collaboration, and closed."""

from enum import StrEnum

from inslussning.i18n import N_


class Phase(StrEnum):
    """Where a case stands, in the order the phases follow each other."""

    VSP = "vsp"
    INITIATE = "initiate"
    PLAN = "plan"
    CARRY_OUT = "carry_out"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _LABELS[self]

    @property
    def is_before_release(self) -> bool:
        """Tell whether the phase belongs to the time before the client is released."""
        return self in {Phase.VSP, Phase.INITIATE, Phase.PLAN}


_LABELS = {
    Phase.VSP: N_("VSP"),
    Phase.INITIATE: N_("Inleda"),
    Phase.PLAN: N_("Planera"),
    Phase.CARRY_OUT: N_("Genomföra"),
    Phase.CLOSED: N_("Avslutad"),
}
_BY_WORD = {word.casefold(): phase for phase in Phase for word in (phase.value, phase.label)} | {
    "avslutat": Phase.CLOSED,
    "inledning": Phase.INITIATE,
    "planering": Phase.PLAN,
    "genomförande": Phase.CARRY_OUT,
}


def phase_named(text: str) -> Phase | None:
    """Return the phase people mean by the word, or None when it is no word for one."""
    return _BY_WORD.get(" ".join(text.casefold().split()))
