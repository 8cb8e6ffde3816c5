"""The room: the frame of the one page that is an application, and the check of camera and sound before a meeting."""

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from mediation.agreements.agreement import agreement_of
from mediation.cases.case import Case, standings_in
from mediation.clock import iso
from mediation.hearings.hearing import Hearing, hearing_on
from mediation.people.permission import may, require
from mediation.rooms.disclosure import disclosures_for
from mediation.rooms.entrance import room_for
from mediation.rooms.room import Room
from web.respond import render
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person


@dataclass(frozen=True, slots=True)
class Frame:
    """What the page holds before its script has asked for anything."""

    room: Room
    case: Case
    frozen: bool
    hearing: Hearing | None
    leads: bool

    @property
    def ends_at(self) -> str:
        return iso(self.case.mediation_ends_at) if self.case.mediation_ends_at else ""


async def show_room(request: web.Request) -> web.Response:
    """GET /rooms/{room}"""
    server, who = request.app[SERVER], signed_in_person(request)
    frame = await server.read(_frame, who.person, request.match_info["room"])
    page = render(
        request,
        "rooms/show.html",
        room=frame.room,
        case=frame.case,
        ends_at=frame.ends_at,
        frozen=frame.frozen,
        hearing=frame.hearing,
        leads=frame.leads,
        upload_limit=server.settings.upload_limit,
    )
    # The sentences of the script come with the page; it holds no token that its compressed length could give away.
    page.enable_compression()
    return page


async def show_check(request: web.Request) -> web.Response:
    """GET /rooms/{room}/check"""
    server, who = request.app[SERVER], signed_in_person(request)
    frame = await server.read(_frame, who.person, request.match_info["room"], action="check_kit")
    return render(request, "checks/show.html", room=frame.room, case=frame.case)


async def show_carried(request: web.Request) -> web.Response:
    """GET /rooms/{room}/carried"""
    server, who = request.app[SERVER], signed_in_person(request)
    room = request.match_info["room"]
    frame = await server.read(_frame, who.person, room)
    ledgers = await server.read(disclosures_for, server.store.keys, who.person, room)
    people = {each.person: each.name for each in await server.read(standings_in, frame.case.id)}
    return render(
        request, "rooms/carried.html", room=frame.room, case=frame.case, ledgers=ledgers, people=people
    )


def _frame(session: Session, person: str, room: str, *, action: str = "see_case") -> Frame:
    found, actor = room_for(session, person, room)
    require(actor, action, found)
    case = session.get_one(Case, found.case_id)
    agreement = agreement_of(session, case.id)
    frozen = agreement is not None and agreement.state == "frozen"
    return Frame(found, case, frozen, hearing_on(session, room), may(actor, "lead", found))


routes = (
    Route("GET", "/rooms/{room}", show_room, "case"),
    Route("GET", "/rooms/{room}/check", show_check, "case"),
    Route("GET", "/rooms/{room}/carried", show_carried, "case"),
)
