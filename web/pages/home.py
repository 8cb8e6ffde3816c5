"""Home: what waits for you, when you meet next, what is new."""

from aiohttp import web

from web.home_view import home_view
from web.respond import render
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person


async def show_home(request: web.Request) -> web.Response:
    """GET /"""
    server, who = request.app[SERVER], signed_in_person(request)
    view = await server.read(home_view, server.store.keys, who.person, now=server.now())
    return render(request, "home/show.html", view=view)


routes = (Route("GET", "/", show_home, "signed_in"),)
