"""A birth date as people type it: the whole year always, since a hundred-year-old and a newborn share two figures."""

import datetime as dt
import re

from inslussning.errors import Invalid
from inslussning.i18n import N_

NOT_A_BIRTH_DATE = N_("Skriv födelsedagen med år, månad och dag, till exempel 1990-05-17.")
_FIGURES = 8


def read_birth_date(typed: str) -> dt.date:
    """Return the day; raise Invalid for anything that is not year, month and day."""
    figures = re.sub(r"[\s./–—-]", "", typed)
    if len(figures) != _FIGURES or not (figures.isascii() and figures.isdigit()):
        raise Invalid(message=NOT_A_BIRTH_DATE)
    try:
        return dt.date(int(figures[:4]), int(figures[4:6]), int(figures[6:]))
    except ValueError:
        raise Invalid(message=NOT_A_BIRTH_DATE) from None
