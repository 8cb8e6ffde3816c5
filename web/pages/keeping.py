"""How long what is kept: the classes with their periods, a hold, and erasure at somebody's request, asked for and decided."""

from aiohttp import web

from mediation.cases.case import case_for, standings_in
from mediation.errors import Invalid, WrongState
from mediation.ids import new_id
from mediation.people.permission import may
from mediation.record.hold import lift_hold, set_hold
from mediation.record.keeping import keeping_of
from mediation.record.request import ask_erasure, decide_erasure
from web.forms import Form, amiss, read_form
from web.pages.signin import say
from web.respond import render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person

LONGEST = 2_000


async def show_keeping(request: web.Request) -> web.Response:
    """GET /cases/{case}/keeping"""
    return await _page(request, Form({}, {}), {})


async def hold(request: web.Request) -> web.Response:
    """POST /cases/{case}/keeping/hold: set, or lifted."""
    form, what = await _read(request)
    given = what | {"reason": form.text("hold_reason", limit=LONGEST)}
    server = request.app[SERVER]
    try:
        if form.text("hold") == "lift":
            await server.write(lift_hold, **given)
        else:
            await server.write(set_hold, why=form.text("why"), **given)
    except (Invalid, WrongState) as refusal:
        field = "why" if refusal.message == "hold.why_unknown" else "hold_reason"
        return await _page(request, form, amiss(refusal, field, say(request, refusal)), refusal.status)
    return see_other(f"/cases/{what['case']}/keeping")


async def ask(request: web.Request) -> web.Response:
    """POST /cases/{case}/keeping/requests"""
    form, what = await _read(request)
    asked = {"classes": form.all("classes"), "reason": form.text("ask_reason", limit=LONGEST)}
    try:
        await request.app[SERVER].write(ask_erasure, **what, **asked)
    except Invalid as refusal:
        field = "classes" if refusal.message == "erasure.what_missing" else "ask_reason"
        return await _page(request, form, amiss(refusal, field, say(request, refusal)), refusal.status)
    return see_other(f"/cases/{what['case']}/keeping")


async def decide(request: web.Request) -> web.Response:
    """POST /cases/{case}/keeping/requests/{request}"""
    form, what = await _read(request)
    asked = request.match_info["request"]
    given = {"answer": form.text("answer"), "reason": form.text(f"reason_{asked}", limit=LONGEST)}
    try:
        await request.app[SERVER].write(decide_erasure, **what, request=asked, **given)
    except (Invalid, WrongState) as refusal:
        wrong = amiss(refusal, f"reason_{asked}", say(request, refusal))
        return await _page(request, form, wrong, refusal.status)
    return see_other(f"/cases/{what['case']}/keeping")


async def _read(request: web.Request) -> tuple[Form, dict[str, str]]:
    """The form, and whose act it is in which case; raises `NotFound` before anything else for a stranger."""
    who, case = signed_in_person(request), request.match_info["case"]
    await request.app[SERVER].read(case_for, who.person, case)
    form = await read_form(request)
    return form, {"by": who.person, "case": case, "client_id": form.text("client_id", limit=40) or new_id()}


async def _page(request: web.Request, form: Form, wrong: dict[str, str], status: int = 200) -> web.Response:
    server, who = request.app[SERVER], signed_in_person(request)
    keeping = await server.read(keeping_of, who.person, request.match_info["case"])
    people = await server.read(standings_in, keeping.case.id)
    return render(
        request,
        "keeping/show.html",
        status=status,
        keeping=keeping,
        case=keeping.case,
        names={one.person: one.name for one in people},
        may={act: may(keeping.actor, act) for act in ("hold_erasure", "ask_erasure", "decide_erasure")},
        typed=form.typed,
        chosen=form.all("classes"),
        wrong=wrong,
        client_id=new_id(),
    )


routes = (
    Route("GET", "/cases/{case}/keeping", show_keeping, "case"),
    Route("POST", "/cases/{case}/keeping/hold", hold, "case"),
    Route("POST", "/cases/{case}/keeping/requests", ask, "case"),
    Route("POST", "/cases/{case}/keeping/requests/{request}", decide, "case"),
)
