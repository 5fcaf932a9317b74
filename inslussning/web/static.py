"""Files of the front end, with lifetimes: vendored files carry their version in the name and never change."""

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOREVER = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=300"


class CachedStatic(StaticFiles):
    """Static files with a Cache-Control of their own."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file; vendored ones may be kept for a year."""
        answer = await super().get_response(path, scope)
        if answer.status_code in {200, 304}:
            answer.headers["Cache-Control"] = FOREVER if path.startswith("vendor") else A_WHILE
        return answer
