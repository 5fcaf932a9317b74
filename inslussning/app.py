"""The composition root: settings and a database go in, the whole site comes out. Nothing else puts parts together."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from inslussning import paths
from inslussning.clock import Clock, utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database, open_database
from inslussning.db.vault import Vault
from inslussning.services.audit_chain import use_key
from inslussning.services.links import Links
from inslussning.web.errors import install_error_pages
from inslussning.web.render import environment
from inslussning.web.routes import ROUTERS
from inslussning.web.security import Protect
from inslussning.web.static import CachedStatic
from meetings.holidays import mark


def create_app(settings: Settings, *, database: Database | None = None, clock: Clock = utc_now) -> FastAPI:
    """Return the site for these settings; the database must be at the newest migration."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = settings.threads
        warm_up(clock)
        collect_garbage_seldom()
        yield
        app.state.database.dispose()

    app = FastAPI(
        title="Inslussning",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(Protect, https=settings.https),
            Middleware(TrustedHostMiddleware, allowed_hosts=settings.hosts()),
        ],
    )
    app.state.settings = settings
    app.state.database = database or open_database(
        settings.database, pool_size=settings.threads + 4, vault=Vault.at(settings.keyring_file)
    )
    app.state.audit_key = settings.audit_key()
    use_key(app.state.database, app.state.audit_key)
    app.state.links = Links(settings.signing_key(), settings.base_url)
    app.state.clock = clock
    app.mount("/static", CachedStatic(directory=paths.STATIC), name="static")
    for router in ROUTERS:
        app.include_router(router)
    install_error_pages(app)
    return app


def warm_up(clock: Clock) -> None:
    """Do now what the first visitor would otherwise wait for: compile the templates, read the years' holidays."""
    mark(clock().date())
    environment()


def collect_garbage_seldom() -> None:
    """Keep what start-up made out of the collector's way: full collections are what makes the slowest pages slow.

    The young are looked through often enough that no single look keeps a page waiting.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 100)
