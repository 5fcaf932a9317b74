"""What every answer carries and every unsafe request must prove (ASVS 5.0 V3.4, V3.5, V14.3).

Cross-site request forgery is stopped by what the browser itself says of a request's origin (Sec-Fetch-Site, else Origin), together
with SameSite cookies. A request with neither header does not come from a browser's page.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
MOST_BYTES = 24 * 1024 * 1024  # of one request: the longest form, or a handful of lists
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Protect:
    """Adds the headers to every answer, turns cross-site writes away with 403 and too long requests with 413."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), https=self.https)
            await send(message)

        if scope["method"] not in SAFE_METHODS and is_cross_site(Headers(scope=scope)):
            answer = PlainTextResponse("Anropet kom från en annan webbplats och stoppades.", status_code=403)
            await answer(scope, receive, send_protected)
            return
        await self.app(scope, _bounded(receive, Headers(scope=scope)), send_protected)


def add_headers(headers: MutableHeaders, *, https: bool) -> None:
    """Put the headers of every answer on one, leaving those it already has."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if https:
        headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    headers.setdefault("Cache-Control", "no-store")


def _bounded(receive: Receive, headers: Headers) -> Receive:
    """Return a receiver that gives up when more arrives, or is announced, than any page sends."""
    announced = headers.get("content-length", "")
    left = MOST_BYTES - (int(announced) if announced.isascii() and announced.isdigit() else 0)
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if left < 0 or received > MOST_BYTES:
            raise HTTPException(413)
        return message

    return receive_bounded


def is_cross_site(headers: Headers) -> bool:
    """Tell whether a browser says that another site made this request."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def safe_next(target: str) -> str:
    """Return a local path to go on to, or the start page when the target could lead anywhere else."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    is_plain = all(" " < c < "\x7f" and c != "\\" for c in target)
    return target if is_path and is_plain else "/"
