"""Meetings: booking one, moving it or cancelling it with a reason."""

from aiohttp import web

from mediation.cases.case import Case, case_for
from mediation.errors import Invalid, Refusal
from mediation.hearings.hearing import Hearing, book_hearing, cancel_hearing, change_hearing, hearing_for
from mediation.ids import new_id
from mediation.people.permission import Actor, require
from web.forms import Form, amiss, read_form
from web.pages.signin import say
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person

FIELDS = {
    "form.time_malformed": "date",
    "hearing.in_the_past": "date",
    "hearing.length": "minutes",
    "hearing.reason_missing": "reason",
}


async def new_hearing(request: web.Request) -> web.Response:
    """GET /cases/{case}/hearings"""
    case, actor = await _case(request)
    require(actor, "book_hearing", case)
    return _page(request, case, None, Form({"minutes": "60"}, {}), {})


async def create_hearing(request: web.Request) -> web.Response:
    """POST /cases/{case}/hearings"""
    case, actor = await _case(request)
    form = await read_form(request)
    try:
        await request.app[SERVER].write(
            book_hearing,
            by=actor,
            case=case.id,
            title=_title(form),
            starts_at=form.time("date", "time", reader_behind(request).zone),
            minutes=_minutes(form),
            client_id=form.text("client_id", limit=64) or None,
        )
    except Refusal as refusal:
        return _page(request, case, None, form, _wrong(request, refusal), refusal.status)
    return see_other(f"/cases/{case.id}#meetings")


async def edit_hearing(request: web.Request) -> web.Response:
    """GET /hearings/{hearing}"""
    hearing, case, actor = await _hearing(request)
    require(actor, "cancel_hearing")
    zone = reader_behind(request).zone
    starts = hearing.starts_at.astimezone(zone)
    typed = {
        "title": hearing.title,
        "date": starts.date().isoformat(),
        "time": f"{starts:%H:%M}",
        "minutes": str(round((hearing.ends_at - hearing.starts_at).total_seconds() / 60)),
    }
    return _page(request, case, hearing, Form(typed, {}), {})


async def move_hearing(request: web.Request) -> web.Response:
    """POST /hearings/{hearing}"""
    hearing, case, actor = await _hearing(request)
    form = await read_form(request)
    try:
        await request.app[SERVER].write(
            change_hearing,
            by=actor,
            hearing=hearing.id,
            title=_title(form),
            starts_at=form.time("date", "time", reader_behind(request).zone),
            minutes=_minutes(form),
            reason=form.text("reason"),
        )
    except Refusal as refusal:
        return _page(request, case, hearing, form, _wrong(request, refusal), refusal.status)
    return see_other(f"/cases/{case.id}#meetings")


async def cancel(request: web.Request) -> web.Response:
    """POST /hearings/{hearing}/cancellation"""
    hearing, case, actor = await _hearing(request)
    form = await read_form(request)
    try:
        await request.app[SERVER].write(
            cancel_hearing, by=actor, hearing=hearing.id, reason=form.text("cancel_reason")
        )
    except Invalid as refusal:
        wrong = amiss(refusal, "cancel_reason", say(request, refusal))
        return _page(request, case, hearing, form, wrong, refusal.status)
    return see_other(f"/cases/{case.id}#meetings")


async def _case(request: web.Request) -> tuple[Case, Actor]:
    who = signed_in_person(request)
    return await request.app[SERVER].read(case_for, who.person, request.match_info["case"])


async def _hearing(request: web.Request) -> tuple[Hearing, Case, Actor]:
    who = signed_in_person(request)
    return await request.app[SERVER].read(hearing_for, who.person, request.match_info["hearing"])


def _title(form: Form) -> str:
    title = form.text("title", limit=200)
    if not title:
        raise Invalid("hearing.title_missing", field="title")
    return title


def _minutes(form: Form) -> int:
    minutes = form.number("minutes")
    if minutes is None:
        raise Invalid("hearing.length")
    return minutes


def _wrong(request: web.Request, refusal: Refusal) -> dict[str, str]:
    return amiss(refusal, FIELDS.get(refusal.message, ""), say(request, refusal))


def _page(
    request: web.Request,
    case: Case,
    hearing: Hearing | None,
    form: Form,
    wrong: dict[str, str],
    status: int = 200,
) -> web.Response:
    return render(
        request,
        "hearings/form.html",
        status=status,
        case=case,
        hearing=hearing,
        action=f"/hearings/{hearing.id}" if hearing else f"/cases/{case.id}/hearings",
        typed=form.typed,
        wrong=wrong,
        client_id=new_id(),
    )


routes = (
    Route("GET", "/cases/{case}/hearings", new_hearing, "case"),
    Route("POST", "/cases/{case}/hearings", create_hearing, "case"),
    Route("GET", "/hearings/{hearing}", edit_hearing, "case"),
    Route("POST", "/hearings/{hearing}", move_hearing, "case"),
    Route("POST", "/hearings/{hearing}/cancellation", cancel, "case"),
)
