"""A personal number as people type it, kept in one form. Whether the number exists is for the population register to say."""

import re

from inslussning.errors import Invalid
from inslussning.i18n import N_

NOT_WHOLE = N_("Skriv hela personnumret med tolv siffror, till exempel ÅÅÅÅMMDD-NNNN.")
_WHOLE = re.compile(r"[0-9]{12}")


def read_personal_number(typed: str) -> str:
    """Return the number as YYYYMMDD-NNNN; raise Invalid for one that is not twelve figures. Coordination numbers have the same form."""
    figures = re.sub(r"[\s–—-]", "", typed)
    if not _WHOLE.fullmatch(figures):
        raise Invalid(message=NOT_WHOLE)
    return f"{figures[:8]}-{figures[8:]}"


def is_whole(typed: str) -> bool:
    """Tell whether the text is a whole personal number and nothing else."""
    return _WHOLE.fullmatch(re.sub(r"[\s–—-]", "", typed)) is not None
