"""The routes: one table of every page and who may ask for it; the permission matrix hangs on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from mediation.errors import NotFound
from web.session import signed_in_person

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A page. `may` is `anyone`, `signed_in`, `clerk`, or `case`: signed in, and the handler's query decides by the case."""

    method: str
    path: str
    handler: Handler
    may: str


def add_routes(app: web.Application, routes: tuple[Route, ...]) -> None:
    """Puts the table in force."""
    for route in routes:
        if route.method == "GET":
            app.router.add_get(route.path, _checked(route), allow_head=True)
        else:
            app.router.add_route(route.method, route.path, _checked(route))


def _checked(route: Route) -> Handler:
    if route.may == "anyone":
        return route.handler

    async def checked(request: web.Request) -> web.StreamResponse:
        who = signed_in_person(request)
        if route.may == "clerk" and who.office != "clerk":
            raise NotFound
        return await route.handler(request)

    return checked
