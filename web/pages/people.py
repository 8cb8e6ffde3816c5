"""People: the clerk's list, and adding somebody to it."""

from zoneinfo import ZoneInfo, available_timezones

from aiohttp import web

from mediation.errors import Invalid, Refusal
from mediation.people.person import add_person, people
from web.forms import Form, amiss, read_form
from web.pages.signin import say
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person


async def list_people(request: web.Request) -> web.Response:
    """GET /people"""
    return render(request, "people/list.html", people=await request.app[SERVER].read(people))


async def new_person(request: web.Request) -> web.Response:
    """GET /people/new"""
    return _page(request, Form({"locale": "zh-CN", "zone": request.app[SERVER].settings.zone}, {}), {})


async def create_person(request: web.Request) -> web.Response:
    """POST /people"""
    form = await read_form(request)
    try:
        await request.app[SERVER].write(
            add_person,
            by=signed_in_person(request).person,
            name=form.text("name"),
            email=form.text("email"),
            phone=form.text("phone"),
            office=form.text("office") or None,
            locale=form.text("locale"),
            zone=_zone(form.text("zone"), request.app[SERVER].settings.zone),
        )
    except Refusal as refusal:
        return _page(
            request,
            form,
            amiss(refusal, FIELDS.get(refusal.message, ""), say(request, refusal)),
            refusal.status,
        )
    return see_other("/people")


FIELDS = {
    "person.name_missing": "name",
    "person.address_missing": "phone",
    "person.phone_malformed": "phone",
    "person.phone_taken": "phone",
    "person.email_malformed": "email",
    "person.office_unknown": "office",
    "person.zone_unknown": "zone",
}


def _zone(zone: str, usual: str) -> str:
    if zone and zone not in available_timezones():
        raise Invalid("person.zone_unknown")
    return ZoneInfo(zone or usual).key


def _page(request: web.Request, form: Form, wrong: dict[str, str], status: int = 200) -> web.Response:
    _ = reader_behind(request).words.gettext
    offices = [
        ("", _("None")),
        ("clerk", _("Clerk")),
        ("mediator", _("Mediator")),
        ("judge", _("Judge")),
    ]
    return render(
        request,
        "people/new.html",
        status=status,
        typed=form.typed,
        wrong=wrong,
        offices=offices,
        client_id="",
    )


routes = (
    Route("GET", "/people", list_people, "clerk"),
    Route("GET", "/people/new", new_person, "clerk"),
    Route("POST", "/people", create_person, "clerk"),
)
