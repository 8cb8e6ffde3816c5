"""Cases: the page of one, ending its mediation, and the clerk's list and registration."""

from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from mediation.cases.case import Case, case_for, cases_of, end_case, register_case, standings_in
from mediation.errors import Invalid, Refusal
from mediation.ids import new_id
from mediation.people.permission import Actor, require
from mediation.rooms.entrance import open_room
from web.case_view import case_view
from web.forms import Form, amiss, read_form
from web.pages.case_forms import draft_parties, registration_page
from web.pages.signin import say
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person


async def show_case(request: web.Request) -> web.Response:
    """GET /cases/{case}"""
    server, who, reader = request.app[SERVER], signed_in_person(request), reader_behind(request)
    now = server.now()
    view = await server.read(
        case_view, server.store.keys, who.person, request.match_info["case"], now=now, tag=reader.tag
    )
    return render(
        request, "cases/show.html", view=view, case=view.case, may=view.may, now=now, client_id=new_id()
    )


async def open_for_everybody(request: web.Request) -> web.Response:
    """POST /cases/{case}/room"""
    server = request.app[SERVER]
    case, actor = await _case(request)
    room = await server.write(open_room, by=actor, case=case.id)
    return see_other(f"/rooms/{room.id}")


async def show_ending(request: web.Request) -> web.Response:
    """GET /cases/{case}/ending"""
    case, actor = await _case(request)
    require(actor, "end_case", case)
    return _ending_page(request, case, Form({}, {}), {})


async def end(request: web.Request) -> web.Response:
    """POST /cases/{case}/ending"""
    case, actor = await _case(request)
    form = await read_form(request)
    words = reader_behind(request).words
    wrong: dict[str, str] = {}
    if not form.text("reason"):
        wrong["reason"] = words.gettext("Please choose one of the reasons.")
    if not form.text("sure"):
        wrong["sure"] = words.gettext("Please tick this first: it cannot be undone.")
    if wrong:
        return _ending_page(request, case, form, wrong, 422)
    try:
        await request.app[SERVER].write(
            end_case, by=actor, case=case.id, reason=form.text("reason"), note=form.text("note")
        )
    except Invalid as refusal:
        field = "note" if refusal.message == "case.reason_needs_text" else "reason"
        return _ending_page(request, case, form, amiss(refusal, field, say(request, refusal)), refusal.status)
    return see_other(f"/cases/{case.id}")


async def list_cases(request: web.Request) -> web.Response:
    """GET /cases"""
    who = signed_in_person(request)
    cases = await request.app[SERVER].read(_listed, who.person, request.app[SERVER].now())
    waiting = sum(case["state"] == "consent_pending" for case in cases)
    return render(request, "cases/list.html", cases=cases, waiting=waiting)


async def new_case(request: web.Request) -> web.Response:
    """GET /cases/new"""
    usual = {
        "pack": request.app[SERVER].settings.pack,
        "claimant_authority": "general",
        "respondent_authority": "general",
    }
    return await registration_page(request, Form(usual, {}), {}, client_id=new_id())


async def create_case(request: web.Request) -> web.Response:
    """POST /cases"""
    who, form = signed_in_person(request), await read_form(request)
    try:
        case = await request.app[SERVER].write(
            register_case,
            by=Actor(who.person, who.office),
            title=form.text("title", limit=200),
            cause=form.text("cause", limit=200),
            claim=form.text("claim", limit=10_000),
            parties=draft_parties(form, clerk=who.person),
            pack=form.text("pack") or None,
            client_id=form.text("client_id", limit=40) or None,
        )
    except Refusal as refusal:
        wrong = amiss(refusal, FIELDS.get(refusal.message, ""), say(request, refusal))
        return await registration_page(
            request, form, wrong, client_id=form.text("client_id", limit=40), status=refusal.status
        )
    return see_other(f"/cases/{case.id}")


FIELDS = {"case.title_missing": "title", "case.sides_missing": "claimant", "case.one_mediator": "mediator"}


async def _case(request: web.Request) -> tuple[Case, Actor]:
    who = signed_in_person(request)
    return await request.app[SERVER].read(case_for, who.person, request.match_info["case"])


def _ending_page(
    request: web.Request, case: Case, form: Form, wrong: dict[str, str], status: int = 200
) -> web.Response:
    reasons = [reason for reason in case.rules.end_reasons if "mediator" in reason.by]
    return render(
        request,
        "cases/ending.html",
        status=status,
        case=case,
        reasons=reasons,
        typed=form.typed,
        wrong=wrong,
        client_id=new_id(),
    )


def _listed(session: Session, person: str, now: datetime) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for case in cases_of(session, person):
        until = {"consent_pending": case.consent_deadline, "mediating": case.mediation_ends_at}.get(
            case.state
        )
        mediators = [one.name for one in standings_in(session, case.id) if one.standing == "mediator"]
        rows.append(
            {
                "id": case.id,
                "title": case.title,
                "number": case.number,
                "state": case.state,
                "mediator": ", ".join(mediators),
                "created_at": case.created_at,
                "until": until,
                "late": until is not None and until < now,
            }
        )
    return rows


routes = (
    Route("GET", "/cases", list_cases, "clerk"),
    Route("GET", "/cases/new", new_case, "clerk"),
    Route("POST", "/cases", create_case, "clerk"),
    Route("GET", "/cases/{case}", show_case, "case"),
    Route("POST", "/cases/{case}/room", open_for_everybody, "case"),
    Route("GET", "/cases/{case}/ending", show_ending, "case"),
    Route("POST", "/cases/{case}/ending", end, "case"),
)
