"""The register extract as a paper a screen reader can read too (PDF/UA-1, ISO 14289-1). The text reaches the typesetter as data."""

import datetime as dt
import json
from dataclasses import asdict

import typst

from inslussning import paths
from inslussning.i18n import DEFAULT_LANGUAGE, N_, translate
from inslussning.practice.register import RegisterExtract
from inslussning.services.schedule_pdf import fonts

SOURCE = paths.TEMPLATES / "register" / "register.typ"
TITLE = N_("Registerutdrag")
WHAT_IT_IS = N_(
    "Det här är allt som kontoret har sparat om dig i tjänsten Inslussning i ditt ärende: uppgifterna själva, vem som har fått dem och "
    "med vilket stöd, och vilka som har läst eller ändrat dem."
)
ASK = N_("Är något fel, eller vill du veta mer? Säg till den du har kontakt med på kontoret.")
FOOT = N_("Registerutdrag %(code)s, %(day)s")


def register_pdf(extract: RegisterExtract, *, now: dt.datetime) -> bytes:
    """Return the extract as a tagged PDF in Swedish; its creation date is `now`."""
    content = {
        **asdict(extract),
        "language": DEFAULT_LANGUAGE,
        "title": translate(DEFAULT_LANGUAGE, TITLE),
        "what": translate(DEFAULT_LANGUAGE, WHAT_IT_IS),
        "ask": translate(DEFAULT_LANGUAGE, ASK),
        "foot": translate(DEFAULT_LANGUAGE, FOOT, code=extract.code, day=extract.made_on),
    }
    made = typst.compile(
        SOURCE,
        root=SOURCE.parent,
        font_paths=fonts(),
        sys_inputs={"extract": json.dumps(content)},
        format="pdf",
        pdf_standards="ua-1",
        timestamp=int(now.timestamp()),
    )
    return bytes(made)
