"""Withdrawals: the form in which who has given a document out says that it no longer counts."""

from aiohttp import web

from mediation.documents.file import standing_file
from mediation.documents.withdrawal import withdraw_document, withdrawable
from mediation.errors import Invalid
from web.forms import Form, amiss, read_form
from web.pages.signin import say
from web.respond import render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person

FIELDS = {"document.reason_missing": "reason", "document.instead_unknown": "instead"}


async def new_withdrawal(request: web.Request) -> web.Response:
    """GET /files/{file}/withdrawal"""
    return await _page(request, Form({}, {}), {})


async def create_withdrawal(request: web.Request) -> web.Response:
    """POST /files/{file}/withdrawal"""
    who, form = signed_in_person(request), await read_form(request)
    try:
        case = await request.app[SERVER].write(
            withdraw_document,
            by=who.person,
            file=request.match_info["file"],
            reason=form.text("reason"),
            instead=form.text("instead", limit=64),
        )
    except Invalid as refusal:
        wrong = amiss(refusal, FIELDS.get(refusal.message, ""), say(request, refusal))
        return await _page(request, form, wrong, refusal.status)
    return see_other(f"/cases/{case}#documents")


async def _page(request: web.Request, form: Form, wrong: dict[str, str], status: int = 200) -> web.Response:
    server, who = request.app[SERVER], signed_in_person(request)
    case, row, others = await server.read(withdrawable, who.person, request.match_info["file"])
    keys = server.store.keys
    views = [await server.read(standing_file, keys, one.id) for one in (row, *others)]
    named = [(view.id, view.title or view.name) for view in views if view is not None]
    return render(
        request,
        "documents/withdrawal.html",
        status=status,
        case=case,
        document=row.id,
        name=dict(named).get(row.id, row.id),
        others=[one for one in named if one[0] != row.id],
        typed=form.typed,
        wrong=wrong,
    )


routes = (
    Route("GET", "/files/{file}/withdrawal", new_withdrawal, "signed_in"),
    Route("POST", "/files/{file}/withdrawal", create_withdrawal, "signed_in"),
)
