"""The cookies that hold a session or a step of a sign-in: out of reach of scripts, bound to this host alone over TLS (ASVS 5.0 V3.3)."""

from fastapi import Request
from starlette.responses import Response

from inslussning.config import Settings
from inslussning.practice.sign_in import StepKind
from inslussning.services.sessions import browser_name
from inslussning.web.deps import session_cookie

STEP_SECONDS = 600


def give_session(answer: Response, settings: Settings, token: str) -> Response:
    """Put a session's token in the browser."""
    answer.set_cookie(session_cookie(settings), token, httponly=True, samesite="lax", secure=settings.https, path="/")
    return answer


def take_session(answer: Response, settings: Settings) -> Response:
    """Take the session out of the browser, and all it may have kept of our pages."""
    answer.delete_cookie(session_cookie(settings), path="/", secure=settings.https, httponly=True)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def step_cookie(settings: Settings, kind: StepKind) -> str:
    """Return the name of the cookie that binds a step to the browser."""
    name = f"inslussning_{kind}"
    return f"__Host-{name}" if settings.https else name


def give_step(answer: Response, settings: Settings, kind: StepKind, token: str) -> Response:
    """Put a step's token in the browser."""
    answer.set_cookie(
        step_cookie(settings, kind),
        token,
        max_age=STEP_SECONDS,
        httponly=True,
        samesite="lax",
        secure=settings.https,
        path="/",
    )
    return answer


def drop_step(answer: Response, settings: Settings, kind: StepKind) -> Response:
    """Take a step's token out of the browser."""
    answer.delete_cookie(step_cookie(settings, kind), path="/", secure=settings.https, httponly=True)
    return answer


def step_token(request: Request, settings: Settings, kind: StepKind) -> str:
    """Return the token of the step this browser has begun, or nothing."""
    return request.cookies.get(step_cookie(settings, kind), "")


def network_of(request: Request) -> str:
    """Return where the request comes from, as failures are counted by."""
    return request.client.host if request.client else ""


def browser_of(request: Request) -> str:
    """Return the browser's plain name, for the user's own list."""
    return browser_name(request.headers.get("user-agent", ""))
