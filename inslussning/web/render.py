"""Templates to answers: whole pages for people, one named block when htmx asks for it."""

import datetime as dt
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.templating import Jinja2Templates

from inslussning import paths
from inslussning.i18n import DEFAULT_LANGUAGE, translate, translations
from inslussning.practice import dates
from inslussning.practice.calendar_words import words
from inslussning.web import once
from inslussning.web.addresses import answering, url_for

VARY = {"Vary": "HX-Request"}  # a cache must not hand a fragment to a full page load
NOTICE_COOKIE = "inslussning_notice"
_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)
_zone: ContextVar[str] = ContextVar("zone", default="Europe/Stockholm")
_today: ContextVar[dt.date | None] = ContextVar("today", default=None)


@cache
def environment() -> Environment:
    """Return the one template environment: escaped, strict about missing names, translated."""
    env = Environment(
        loader=FileSystemLoader(paths.TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", once.OneTimeKeys],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined] # the i18n extension adds it
        lambda text: translations(_language.get()).gettext(text),
        lambda one, many, n: translations(_language.get()).ngettext(one, many, n),
        newstyle=True,
    )
    env.filters |= {
        "day": lambda day: dates.day_text(day, _today.get(), lang=_language.get()),
        "day_plain": lambda day: dates.day_text(day, None, lang=_language.get()),
        "day_long": lambda day: dates.day_long(day, lang=_language.get()),
        "clock": lambda at: dates.time_text(_local(at), lang=_language.get()),
        "moment": lambda at: dates.moment_text(at, _zone.get(), _today.get(), lang=_language.get()),
        "span": lambda pair: dates.span_text(_local(pair[0]), _local(pair[1]), lang=_language.get()),
        "local_day": lambda at: at.astimezone(ZoneInfo(_zone.get())).date(),
        "iso_clock": lambda at: _local(at).strftime("%H.%M"),
        "month_short": lambda day: dates.month_short(day, lang=_language.get()),
        "week": dates.week_number,
        "weekday": lambda day: words(_language.get()).weekdays[day.weekday()],
        "countdown": lambda day: dates.countdown(day, _today.get() or day, lang=_language.get()),
        "message": lambda pair: translate(_language.get(), pair[0], **pair[1]),
        "translated": lambda text: translations(_language.get()).gettext(text),
    }
    env.globals["url_for"] = url_for
    once.install(env)
    env.globals["ui"] = env.get_template("_macros/ui.html").module
    return env


def _local(at: dt.datetime | dt.time) -> dt.time:
    return at if isinstance(at, dt.time) else at.astimezone(ZoneInfo(_zone.get())).time()


@cache
def templates() -> Jinja2Templates:
    """Return Starlette's wrapper around the environment."""
    return Jinja2Templates(env=environment())


def page(request: Request, name: str, block: str | None = None, *, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401 - templates take anything
    """Answer with the whole page, or with `block` alone when htmx is asking."""
    _prepare(request)
    context.setdefault("principal", getattr(request.state, "principal", None))
    context["notice"] = read_notice(request)
    context["today"] = _today.get()
    context["language"] = _language.get()
    if block is None or not is_part(request):
        answer: HTMLResponse = templates().TemplateResponse(request, name, context, status_code=status, headers=VARY)
    else:
        template = environment().get_template(name)
        view = template.new_context({"request": request, **context})
        answer = HTMLResponse(environment().concat(template.blocks[block](view)), status_code=status, headers=VARY)
    if context["notice"]:
        answer.delete_cookie(NOTICE_COOKIE)
    return answer


def is_part(request: Request) -> bool:
    """Tell whether htmx is asking for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def _prepare(request: Request) -> None:
    """Set language, zone and date for the filters from whoever is asking, and what addresses are on this site."""
    answering(request)
    principal = getattr(request.state, "principal", None)
    zone = getattr(request.state, "zone", None) or (principal.zone if principal else "Europe/Stockholm")
    _language.set(principal.language if principal else request.cookies.get("inslussning_language", DEFAULT_LANGUAGE))
    _zone.set(zone)
    now: dt.datetime = request.app.state.clock()
    _today.set(now.astimezone(ZoneInfo(zone)).date())


def see_other(request: Request, route: str, *, notice: str = "", fragment: str = "", **params: Any) -> Response:  # noqa: ANN401 - path parameters differ
    """Send the person on after a change (POST, redirect, GET), with a line that says what happened."""
    return go_to(
        request, str(request.app.url_path_for(route, **params)) + (f"#{fragment}" if fragment else ""), notice=notice
    )


def go_to(request: Request, path: str, *, notice: str = "") -> Response:
    """Send the person on to a local path. htmx is told by header, since fetch would follow a redirect inside the fragment."""
    request.state.onwards = path  # what a second click on the same form is answered with
    if request.headers.get("HX-Request") == "true":
        answer: Response = Response(status_code=204, headers={"HX-Redirect": path})
    else:
        answer = RedirectResponse(path, status_code=303)
    if notice:
        signed = request.app.state.links.sign_notice(notice)
        answer.set_cookie(
            NOTICE_COOKIE, signed, max_age=60, httponly=True, samesite="lax", secure=request.app.state.settings.https
        )
    return answer


def read_notice(request: Request) -> str:
    """Return the line left by the request before this one, if we wrote it."""
    signed = request.cookies.get(NOTICE_COOKIE, "")
    notice: str = request.app.state.links.read_notice(signed) if signed else ""
    return notice


class Labelled(Protocol):
    """A choice with a word for people."""

    @property
    def value(self) -> str:
        """Return what the form sends."""
        ...

    @property
    def label(self) -> str:
        """Return the message id of the word."""
        ...


def options(choices: Iterable[Labelled]) -> list[tuple[str, str]]:
    """Return the value and the translated word of each choice, for a select."""
    return [(choice.value, translations(_language.get()).gettext(choice.label)) for choice in choices]
