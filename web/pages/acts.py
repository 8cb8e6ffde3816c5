"""A person's own record: every act of theirs that was recorded, wherever it was (Q1)."""

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case
from mediation.record.entry import entries
from mediation.rooms.channel import Channel
from mediation.rooms.room import Room
from web.course import SEALED
from web.respond import render
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Act:
    kind: str
    at: str
    hash: str
    case: str

    @property
    def sealed(self) -> bool:
        return self.kind in SEALED or self.kind == "agreement_signed"


async def list_acts(request: web.Request) -> web.Response:
    """GET /acts"""
    who = signed_in_person(request)
    acts = await request.app[SERVER].read(acts_by, who.person, request.query.get("before", ""))
    older = acts[A_PAGE - 1].at if len(acts) > A_PAGE else ""
    return render(request, "acts/list.html", acts=acts[:A_PAGE], older=older)


def acts_by(session: Session, person: str, before: str = "") -> list[Act]:
    """What a person did, latest first; one more than a page holds when there is more."""
    query = (
        select(entries.c.kind, entries.c.at, entries.c.hash, Case.title)
        .join(Channel, Channel.id == entries.c.channel)
        .join(Room, Room.id == Channel.room_id, isouter=True)
        .join(Case, Case.id == Room.case_id, isouter=True)
        .where(entries.c.actor == person)
        .order_by(entries.c.at.desc())
        .limit(A_PAGE + 1)
    )
    if before:
        query = query.where(entries.c.at < before)
    return [Act(kind, at, digest, title or "") for kind, at, digest, title in session.execute(query).all()]


routes = (Route("GET", "/acts", list_acts, "signed_in"),)
