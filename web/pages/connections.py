"""Connection statements: why somebody was not there, for that person and for who leads; and "I disagree" (H13)."""

from aiohttp import web

from mediation.hearings.objection import StatementView, dispute_statement, statement_for, statements_for
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person


async def list_statements(request: web.Request) -> web.Response:
    """GET /hearings/{hearing}/connections"""
    who = signed_in_person(request)
    hearing, case, views = await request.app[SERVER].read(
        statements_for, who.person, request.match_info["hearing"]
    )
    return render(request, "connections/list.html", hearing=hearing, case=case, views=views)


async def show_statement(request: web.Request) -> web.Response:
    """GET /hearings/{hearing}/connections/{person}"""
    view = await _statement(request)
    absence, tag = view.case.rules.absence, reader_behind(request).tag
    return render(
        request,
        "connections/show.html",
        view=view,
        case=view.case,
        hearing=view.hearing,
        effect=absence.effect(view.statement.verdict, tag),
        sources=[view.case.rules.cite(source, tag) for source in absence.sources],
    )


async def download_statement(request: web.Request) -> web.Response:
    """GET /hearings/{hearing}/connections/{person}/statement"""
    view = await _statement(request)
    answer = web.json_response(view.statement.signed(request.app[SERVER].store.keys))
    answer.headers["Content-Disposition"] = 'attachment; filename="connection-statement.json"'
    return answer


async def disagree(request: web.Request) -> web.Response:
    """POST /hearings/{hearing}/connections/{person}/objection"""
    who, named = signed_in_person(request), request.match_info
    await request.app[SERVER].write(
        dispute_statement, by=who.person, hearing=named["hearing"], person=named["person"]
    )
    return see_other(f"/hearings/{named['hearing']}/connections/{named['person']}")


async def _statement(request: web.Request) -> StatementView:
    who, named = signed_in_person(request), request.match_info
    return await request.app[SERVER].read(statement_for, who.person, named["hearing"], named["person"])


routes = (
    Route("GET", "/hearings/{hearing}/connections", list_statements, "case"),
    Route("GET", "/hearings/{hearing}/connections/{person}", show_statement, "case"),
    Route("GET", "/hearings/{hearing}/connections/{person}/statement", download_statement, "case"),
    Route("POST", "/hearings/{hearing}/connections/{person}/objection", disagree, "case"),
)
