"""The page that asks again who is there, and what goes on after it: a page to come back to, or a form that is posted again."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.errors import Invalid, PracticeError
from inslussning.practice.access import Principal
from inslussning.practice.sign_in import StepKind
from inslussning.services import proofs
from inslussning.services.passkeys import PasskeyRefused, Site
from inslussning.services.proofs import Proof, Ways
from inslussning.services.sessions import TooManyTries
from inslussning.services.sign_in import StepGone
from inslussning.web import once
from inslussning.web.cookies import drop_step, give_session, network_of, step_token
from inslussning.web.deps import DatabaseDep, FormDep, Newcomer, Now, SessionDep, SettingsDep
from inslussning.web.forms import Form, FormModel
from inslussning.web.render import go_to, page
from inslussning.web.security import safe_next

router = APIRouter()

OURS = "proof_"  # how this page's own fields begin; the others belong to the form that was stopped


class ProofForm(FormModel):
    """A password, a code or a passkey's answer; where to go on to, or which form to post again."""

    proof_password: Annotated[str, Field(max_length=1000)] = ""
    proof_code: Annotated[str, Field(max_length=40)] = ""
    proof_credential: Annotated[str, Field(max_length=20_000)] = ""
    proof_next: Annotated[str, Field(max_length=1000)] = "/"
    proof_again: Annotated[str, Field(max_length=1000)] = ""


@router.get("/account/confirm", name="account.confirm")
def show(request: Request, principal: Newcomer, session: SessionDep, next: str = "/") -> Response:
    """Ask who is there, on the way to a page."""
    form = Form[ProofForm]({"proof_next": safe_next(next)})
    return ask(request, form, ways=proofs.ways_of(session, principal.user_id))


@router.post("/account/confirm")
def confirm(
    request: Request, principal: Newcomer, database: DatabaseDep, settings: SettingsDep, data: FormDep, now: Now
) -> Response:
    """Look at the proof and go on."""
    form = Form.read(ProofForm, data)
    challenge = step_token(request, settings, StepKind.PASSKEY)
    try:
        given = form.value
        proof = Proof(given.proof_password, given.proof_code, given.proof_credential, challenge)
        if given.proof_credential:
            token = proofs.with_passkey(database, principal, Site.of(settings.base_url), proof, now=now)
        else:
            token = proofs.with_secret(database, principal, proof, network=network_of(request), now=now)
    except (Invalid, TooManyTries, PasskeyRefused, StepGone) as problem:
        return _again(request, database, principal, form, data, problem)
    answer = give_session(_onward(request, given), settings, token)
    return drop_step(answer, settings, StepKind.PASSKEY)


def _onward(request: Request, given: ProofForm) -> Response:
    if given.proof_again:  # 307 makes the browser post the same form again, what was typed and all
        return RedirectResponse(safe_next(given.proof_again), status_code=307)
    return go_to(request, safe_next(given.proof_next))


def _again(
    request: Request,
    database: Database,
    principal: Principal,
    form: Form[ProofForm],
    data: FormData,
    problem: PracticeError,
) -> Response:
    form.reject(problem)
    form.values["proof_next"] = safe_next(str(form.values.get("proof_next", "/")))
    with database.read() as session:
        ways = proofs.ways_of(session, principal.user_id)
    kept = [(name, text) for name, text in data.multi_items() if isinstance(text, str) and not name.startswith(OURS)]
    return ask(request, form, kept=kept, ways=ways)


def ask(
    request: Request,
    form: Form[ProofForm],
    *,
    ways: Ways,
    kept: list[tuple[str, str]] | None = None,
    status: int | None = None,
) -> Response:
    """Show the page; `kept` is what had been typed into the form that was stopped."""
    settings: Settings = request.app.state.settings
    return page(
        request,
        "account/confirm.html",
        status=status or form.status,
        form=form,
        kept=[(name, text) for name, text in kept or [] if name != once.FIELD],  # this page has a key of its own
        ways=ways,
        agency=settings.oidc_name if settings.oidc_issuer and ways.agency else "",
    )
