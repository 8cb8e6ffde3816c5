"""Search over all rooms of a person: a form that works as a link, and a way to each place that was found."""

from aiohttp import web

from mediation.errors import Invalid
from mediation.rooms.query import Query
from mediation.rooms.search import Wanted
from web.found_view import found_for
from web.middleware import Patience
from web.respond import render
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person

LONGEST = 200
SEARCHES = web.AppKey("searches", Patience)
"""What is behind walls is opened for each question: so many a minute for each person."""


async def list_found(request: web.Request) -> web.Response:
    """GET /search?q=words&before=time"""
    server, who = request.app[SERVER], signed_in_person(request)
    typed, before = request.query.get("q", "").strip(), request.query.get("before", "")
    if len(typed) > LONGEST or len(before) > LONGEST:
        raise Invalid("search.too_long", most=LONGEST)
    request.app[SEARCHES].spend(who.person)
    wanted = Wanted(query=Query.of(typed), before=before or None)
    found = await server.read(found_for, server.store.keys, who.person, wanted)
    return render(request, "found/list.html", typed=typed, before=before, found=found)


routes = (Route("GET", "/search", list_found, "signed_in"),)
