"""Exports: what one may take out of a case as a bundle, what one has taken, and the files."""

from contextlib import closing

from aiohttp import web

from mediation.cases.case import Case, case_for
from mediation.errors import Invalid, NotFound
from mediation.ids import new_id
from mediation.people.permission import Actor, may
from mediation.record.bundle import open_export
from mediation.record.export import Wish, ask_for_export, export_for, exports_of, parse_seqs
from web.forms import Form, amiss, read_form
from web.pages.files import headers_of, send
from web.pages.signin import say
from web.respond import render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person

FIELDS = {"export.seqs_unclear": "entries", "export.entry_unknown": "entries"}


async def list_exports(request: web.Request) -> web.Response:
    """GET /cases/{case}/exports"""
    return await _page(request, Form({"scope": "record"}, {}), {})


async def create_export(request: web.Request) -> web.Response:
    """POST /cases/{case}/exports"""
    who, form, case = signed_in_person(request), await read_form(request), request.match_info["case"]
    await request.app[SERVER].read(case_for, who.person, case)
    try:
        await request.app[SERVER].write(
            ask_for_export,
            by=who.person,
            case=case,
            wish=_wish(form),
            client_id=form.text("client_id", limit=40) or new_id(),
        )
    except Invalid as refusal:
        wrong = amiss(refusal, FIELDS.get(refusal.message, "scope"), say(request, refusal))
        return await _page(request, form, wrong, refusal.status)
    return see_other(f"/cases/{case}/exports")


async def show_export(request: web.Request) -> web.StreamResponse:
    """GET /exports/{export}: one's own, as long as it lies here."""
    server, who = request.app[SERVER], signed_in_person(request)
    export = await server.read(export_for, who.person, request.match_info["export"])
    try:
        reader = open_export(server.store, export.id)
    except FileNotFoundError as error:
        raise NotFound from error
    name = f"{export.scope}-{export.asked_at:%Y-%m-%d}.zip"
    with closing(reader):
        return await send(request, reader, headers_of("application/zip", name, inline=False, tag=export.id))


def _wish(form: Form) -> Wish:
    """The form names a channel in its scope: `channel:ID`; entries chosen of it make it a choice."""
    scope, _, channel = form.text("scope", limit=80).partition(":")
    if scope == "channel" and form.text("entries"):
        return Wish("chosen", channel, parse_seqs(form.text("entries", limit=2000)))
    return Wish(scope, channel)


async def _page(request: web.Request, form: Form, wrong: dict[str, str], status: int = 200) -> web.Response:
    server, who = request.app[SERVER], signed_in_person(request)
    asked = request.match_info["case"]
    case, channels, exports = await server.read(exports_of, who.person, asked)
    actor: Actor
    found: Case
    found, actor = await server.read(case_for, who.person, asked)
    return render(
        request,
        "exports/list.html",
        status=status,
        case=case,
        channels=[one for one in channels if one.kind != "record"],
        exports=exports,
        may_own=may(actor, "export_own", found),
        waiting=any(one.state == "waiting" for one in exports),
        key=server.store.keys.public_key.hex(),
        typed=form.typed,
        wrong=wrong,
        client_id=new_id(),
    )


routes = (
    Route("GET", "/cases/{case}/exports", list_exports, "case"),
    Route("POST", "/cases/{case}/exports", create_export, "case"),
    Route("GET", "/exports/{export}", show_export, "case"),
)
