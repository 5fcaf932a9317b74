"""Every error becomes a page that says what happened, what was kept and what to do, with a number to refer to.

Absent and forbidden rows give the same page, byte for byte but for nothing: it carries no reference number.
"""

import logging
import secrets
from typing import cast
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from inslussning.errors import NotFound, NotSignedIn, PracticeError, ProofNeeded, SecondFactorNeeded
from inslussning.i18n import N_
from inslussning.services import proofs
from inslussning.services.client_access import ClientNotKnown
from inslussning.services.posted_forms import AlreadyPosted
from inslussning.web import visits
from inslussning.web.forms import Form
from inslussning.web.render import go_to, page
from inslussning.web.routes.proof import ProofForm, ask
from inslussning.web.security import SAFE_METHODS, add_headers

log = logging.getLogger("inslussning")

TITLES = {
    400: N_("Det gick inte att förstå vad som skickades"),
    403: N_("Inte din funktion"),
    404: N_("Sidan finns inte"),
    405: N_("Det gick inte att göra så på den här sidan"),
    409: N_("Någon annan hann före"),
    413: N_("Texten eller filen är för stor"),
    422: N_("Något behöver rättas"),
    429: N_("För många försök"),
    500: N_("Något gick fel hos oss"),
}
ADVICE = {
    400: N_("Gå tillbaka, kontrollera det du skrev och försök igen."),
    405: N_("Gå tillbaka och använd knapparna på sidan."),
    413: N_("Texten eller filen är för stor. Gå tillbaka och dela upp den."),
    500: N_(
        "Det du skrev finns kvar om du går tillbaka i webbläsaren. Försök igen om en stund. "
        "Hör av dig till den som sköter tjänsten om felet är kvar."
    ),
}
"""What is said when the error itself has no text of its own."""


def install_error_pages(app: FastAPI) -> None:
    """Give the app its error pages."""
    app.add_exception_handler(PracticeError, _practice)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _unexpected)


def _practice(request: Request, problem: Exception) -> Response:
    problem = cast(PracticeError, problem)
    if isinstance(problem, NotSignedIn):
        return _to_sign_in(request)
    if isinstance(problem, ClientNotKnown):
        return RedirectResponse(request.app.url_path_for("my"), status_code=303)
    if isinstance(problem, AlreadyPosted):
        return go_to(request, problem.location)
    if isinstance(problem, ProofNeeded):
        return _to_confirm(request, problem)
    if isinstance(problem, SecondFactorNeeded):
        return go_to(request, str(request.app.url_path_for("account.second_factor")))
    visits.write_refusal(request)
    return _page(request, problem.status, (problem.message, problem.params))


def _http(request: Request, problem: Exception) -> Response:
    status = cast(HTTPException, problem).status_code
    text = NotFound.message if status == NotFound.status else ADVICE.get(status, ADVICE[400])
    return _page(request, status if status in TITLES else 400, (text, {}))


def _unreadable(request: Request, problem: Exception) -> Response:
    """Answer a path or query that is not of its kind: an id that is no id leads nowhere."""
    places = {str(error["loc"][0]) for error in cast(RequestValidationError, problem).errors()}
    if "path" in places:
        visits.write_refusal(request)
        return _page(request, NotFound.status, (NotFound.message, {}))
    return _page(request, 400, (ADVICE[400], {}))


def _unexpected(request: Request, problem: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("unexpected error %s on %s", reference, request.scope["path"], exc_info=problem)
    answer = _page(request, 500, (ADVICE[500], {}), reference)
    add_headers(answer.headers, https=request.app.state.settings.https)  # this answer is sent past the middleware
    return answer


def _to_sign_in(request: Request) -> Response:
    """Send the person to sign in and back again; htmx by header, or the sign-in page would land inside the fragment."""
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": _sign_in(request.headers.get("HX-Current-URL", "/"))})
    return RedirectResponse(_sign_in(str(request.url) if request.method == "GET" else "/"), status_code=303)


def _to_confirm(request: Request, problem: ProofNeeded) -> Response:
    """Ask who is there and come back: to the page, or by posting what was typed once more."""
    if request.headers.get("HX-Request") == "true":
        current = request.headers.get("HX-Current-URL", "/")
        return Response(status_code=403, headers={"HX-Redirect": _leading_on("/account/confirm", current)})
    if request.method in SAFE_METHODS:
        return RedirectResponse(_leading_on("/account/confirm", str(request.url)), status_code=303)
    form = Form[ProofForm]({"proof_again": _local(str(request.url))})
    with request.app.state.database.read() as session:
        ways = proofs.ways_of(session, request.state.principal.user_id)
    return ask(request, form, kept=list(problem.kept), ways=ways, status=problem.status)


def _sign_in(page: str) -> str:
    """Return the address of the sign-in page that leads on to a page of ours; it checks that itself as well."""
    return _leading_on("/sign-in", page)


def _leading_on(to: str, page: str) -> str:
    """Return the address of a page of ours that leads on to another one afterwards."""
    local = _local(page)
    return f"{to}?next={quote(local, safe='/')}" if local else to


def _local(page: str) -> str:
    """Return the path and query of an address, or nothing when it is none."""
    try:
        parts = urlsplit(page)
    except ValueError:  # a header that is no address
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _page(request: Request, status: int, message: tuple[str, dict[str, object]], reference: str = "") -> Response:
    if request.headers.get("HX-Request") == "true":
        return page(
            request,
            "_layout/error.html",
            "fragment",
            status=status,
            title=TITLES[status],
            message=message,
            reference=reference,
        )
    return page(
        request, "_layout/error.html", status=status, title=TITLES[status], message=message, reference=reference
    )
