"""The one-time key of each form: put into every form that posts when the templates are read, and read again when it is posted.

No template says anything of it, so none can forget it. The key is bound to the session's cookie and to what was typed: another
session, or the same form with another text, is another form.
"""

import hashlib
import re
import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from jinja2 import Environment
from jinja2.ext import Extension

FIELD = "once"
MOST_FIELDS, MOST_BYTES = 2000, 16 * 1024 * 1024  # of a form; web.deps says the same to the framework
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_POSTS = re.compile(r"""\bmethod=["']post["']""", re.IGNORECASE)
_HIDDEN = f'<input type="hidden" name="{FIELD}" value="{{{{ one_time_key() }}}}">'


class OneTimeKeys(Extension):
    """Gives every posting form of a page a key. The frame's own forms, searching and signing out, change nothing twice."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's signature
        """Return the template with a hidden field at the end of each form that posts."""
        if name is not None and name.startswith("_layout/"):
            return source
        return _FORM.sub(_with_key, source)


def _with_key(found: re.Match[str]) -> str:
    form = found[0]
    first_line = form.partition("\n")[0]
    return form.removesuffix("</form>") + _HIDDEN + "</form>" if _POSTS.search(first_line) else form


def install(env: Environment) -> None:
    """Give the templates the function that makes a key."""
    env.globals["one_time_key"] = lambda: secrets.token_urlsafe(16)


async def get_form_digest(request: Request) -> str:
    """Return what is remembered of the posted form, or nothing when it carries no key."""
    if request.method != "POST" or not _is_plain(request):
        return ""
    form = await request.form(max_fields=MOST_FIELDS, max_files=0, max_part_size=MOST_BYTES)
    key = form.get(FIELD)
    if not isinstance(key, str) or not key:
        return ""
    typed = urlencode([(name, str(value)) for name, value in form.multi_items()], errors="surrogatepass")
    whose = session_part(request.headers.get("cookie", ""))
    parts = (request.scope["path"], request.scope["query_string"].decode("latin-1"), whose, typed)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def session_part(cookies: str) -> str:
    """Return the cookies that say who is asking: not the one with the last notice, which comes and goes."""
    return ";".join(sorted(part.strip() for part in cookies.split(";") if "session" in part.partition("=")[0]))


def _is_plain(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


FormDigest = Annotated[str, Depends(get_form_digest)]
