"""Bringing the office's own lists in from files. The page keeps nothing: the files are sent once to look and once to import."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from inslussning.errors import Invalid
from inslussning.i18n import N_, translate
from inslussning.practice.access import Function, Principal
from inslussning.practice.words import one_line
from inslussning.services import importing, list_files
from inslussning.services.importing import Outcome, Report
from inslussning.web.deps import LinksDep, Now, OfficeKeeper, SessionDep, UploadDep
from inslussning.web.forms import Form
from inslussning.web.render import page, see_other

router = APIRouter()

MOST_SHOWN = 200
LONGEST_FILE_NAME = 80


@router.get("/import", name="settings.import")
def show(request: Request, principal: OfficeKeeper) -> Response:
    """Show where to choose files, and what the lists look like."""
    principal.must(Function.COORDINATE)  # the lists hold cases
    return _page(request, Form(), None)


@router.post("/import")
def import_lists(
    request: Request, principal: OfficeKeeper, session: SessionDep, now: Now, links: LinksDep, data: UploadDep
) -> Response:
    """Say what the files would change or, when asked to, change it."""
    principal.must(Function.COORDINATE)
    form: Form[Any] = Form()
    report = None
    save = data.get("step") == "save"
    with form.attempt(session):
        files = _files(data)
        report = importing.import_files(session, principal, files, links=links, now=now, save=save)
        if report.saved:
            return see_other(request, "settings.import", notice=_done(principal, report))
        form.status = 422 if report.failed else 200
    return _page(request, form, report)


def _files(data: FormData) -> list[tuple[str, bytes]]:
    """Return the chosen files by name. Raises Invalid when there is none."""
    chosen = [file for file in data.getlist("files") if isinstance(file, UploadFile) and file.filename]
    if not chosen:
        raise Invalid(field="files", message=N_("Välj minst en fil."))
    one_byte_too_many = list_files.MOST_BYTES + 1
    return [(one_line(file.filename or "")[-LONGEST_FILE_NAME:], file.file.read(one_byte_too_many)) for file in chosen]


def _done(principal: Principal, report: Report) -> str:
    counts = report.counts
    return translate(
        principal.language,
        N_("Listorna är inlästa: %(new)s nya, %(changed)s ändrade, %(same)s oförändrade."),
        new=counts[Outcome.NEW],
        changed=counts[Outcome.CHANGED],
        same=counts[Outcome.UNCHANGED],
    )


def _page(request: Request, form: Form[Any], report: Report | None) -> Response:
    told = report.worth_telling() if report else ()
    return page(
        request,
        "settings/import.html",
        "result",
        status=form.status,
        section="settings",
        form=form,
        report=report,
        told=told[:MOST_SHOWN],
        untold=len(told) - MOST_SHOWN,
        most=list_files.MOST_BYTES // (1024 * 1024),
    )
