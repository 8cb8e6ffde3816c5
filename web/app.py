"""The application: knows all the parts and hands them to each other."""

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable
from functools import cache

from aiohttp import web as http

import web.pages
from mediation.follow_up import Runner
from mediation.settings import BadSettings
from mediation.store import Store
from signaling.bridge import Bridge
from signaling.media.errors import MediaError
from signaling.server import Signaling
from web.metrics import ANSWERS, Answers, count_answers, serve_figures
from web.middleware import MIDDLEWARES, PATIENCE, Patience
from web.pages.files import FILES, Files, keep_tidy
from web.pages.found import SEARCHES
from web.pages.genuine import CHECKS, MOST
from web.render import PAGES, Pages, pages
from web.routes import Route, add_routes
from web.server import SERVER, Server
from web.session import SESSION_COOKIE
from web.static_files import StaticFiles

LARGEST_FORM = 1024 * 1024
SIGNALING = http.AppKey("signaling", Signaling)


def all_routes() -> tuple[Route, ...]:
    """Every route of every module in `web.pages`."""
    modules = sorted(module.name for module in pkgutil.iter_modules(web.pages.__path__))
    return tuple(
        route
        for name in modules
        for route in getattr(importlib.import_module(f"web.pages.{name}"), "routes", ())
    )


def make_app(store: Store) -> http.Application:
    """The whole server around a store; the media worker and the job runner start and stop with it."""
    bridge = Bridge(store)
    signaling = Signaling(bridge, session_cookie=SESSION_COOKIE)
    own = _own_pages()
    app = http.Application(middlewares=(count_answers, *MIDDLEWARES), client_max_size=LARGEST_FORM)
    app[PAGES] = own
    app[PATIENCE] = Patience()
    app[CHECKS] = Patience(MOST, "genuine.too_many")
    app[SEARCHES] = Patience()
    app[SERVER] = Server(bridge, app[PAGES])
    app[SIGNALING] = signaling
    app[FILES] = Files.of(store)
    app[ANSWERS] = Answers()
    app.router.add_get("/static/{tree}/{path:.+}", own.static.serve)
    add_routes(app, all_routes())
    signaling.sio.attach(app, socketio_path="socket.io")
    app.on_shutdown.append(_hang_up)
    if store.settings.metrics_port:  # first, so that a port that is taken leaves nothing half begun
        app.cleanup_ctx.append(serve_figures(store.settings.metrics_port, signaling))
    app.cleanup_ctx.append(_compressed(own.static))
    app.cleanup_ctx.append(_live)
    app.cleanup_ctx.append(_following_up)
    app.cleanup_ctx.append(keep_tidy)
    return app


@cache
def _own_pages() -> Pages:
    """Our templates and static files: read, compiled and compressed once, however many applications a process runs."""
    return pages(StaticFiles())


def _compressed(static: StaticFiles) -> Callable[[http.Application], AsyncIterator[None]]:
    async def compressed(_: http.Application) -> AsyncIterator[None]:
        task = asyncio.get_running_loop().create_task(static.compress_later())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return compressed


async def _live(app: http.Application) -> AsyncIterator[None]:
    try:
        await app[SIGNALING].start()
    except MediaError as error:
        raise BadSettings(
            f"The media plane cannot start: {error}. Choose another port with --media-port."
        ) from error
    yield
    await app[SIGNALING].close()


async def _hang_up(app: http.Application) -> None:
    await app[SIGNALING].hang_up()


async def _following_up(app: http.Application) -> AsyncIterator[None]:
    runner = Runner(app[SERVER].store)
    runner.start()
    yield
    runner.stop()
