"""One-click sign-in, in a demo's data folder only; anywhere else this page does not exist."""

from aiohttp import web
from sqlalchemy import select

from mediation.errors import NotFound
from mediation.people.person import Person
from mediation.people.signin import open_sign_in
from web.demo import person_of_link
from web.routes import Route
from web.server import SERVER
from web.session import address_of, device_of, sign_in_here


async def sign_in_by_link(request: web.Request) -> web.StreamResponse:
    server = request.app[SERVER]
    person = person_of_link(server.store, request.match_info["link"])
    if person is None:
        raise NotFound
    device, ip = device_of(request), address_of(request)
    secret = await server.write(open_sign_in, person=person, kind="browser", way="demo", device=device, ip=ip)
    who = await server.read(lambda session: session.get_one(Person, person))
    response = web.Response(status=303, headers={"Location": "/"})
    sign_in_here(request, response, secret, is_staff=bool(who.office))
    return response


async def health(request: web.Request) -> web.StreamResponse:
    await request.app[SERVER].read(lambda session: session.scalar(select(1)))
    return web.json_response({"ok": True})


routes = (Route("GET", "/demo/{link}", sign_in_by_link, "anyone"), Route("GET", "/health", health, "anyone"))
