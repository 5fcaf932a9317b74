"""The schedule as a paper: an A4 PDF that a screen reader can read too (PDF/UA-1, ISO 14289-1).

The text reaches the typesetter as data, never as source, so nothing anybody has written can become markup. Fonts come with
the product, so the paper looks the same wherever it is made. Nothing is kept: every copy is made when it is asked for.
"""

import datetime as dt
import json
from functools import cache

import typst

from inslussning import paths
from inslussning.i18n import translate
from inslussning.practice.sheet import PAGE_OF, Edition, Sheet

SOURCE = paths.TEMPLATES / "schedule" / "schedule.typ"
FONTS = paths.STATIC / "vendor" / "print"


def schedule_pdf(sheet: Sheet, edition: Edition, *, now: dt.datetime) -> bytes:
    """Return the sheet as a tagged PDF; its creation date is `now`."""
    content = {
        **sheet.as_json(),
        "foot": edition.foot(sheet.language),
        "stamp": edition.stamp(sheet.language),
        "page_of": translate(sheet.language, PAGE_OF, page="{page}", pages="{pages}"),
    }
    made = typst.compile(
        SOURCE,
        root=SOURCE.parent,
        font_paths=fonts(),
        sys_inputs={"sheet": json.dumps(content)},
        format="pdf",
        pdf_standards="ua-1",
        timestamp=int(now.timestamp()),
    )
    return bytes(made)


@cache
def fonts() -> typst.Fonts:
    """Return the product's own fonts and no others, read once."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
