"""Invitations: the page behind a link, the code that shows who it is, and the first look at what comes."""

from dataclasses import replace

from aiohttp import web

from mediation.cases.case import case_for
from mediation.cases.invitation import (
    Invited,
    accept_invitation,
    invitation_at,
    invite,
    revoke_invitation,
    send_invitation_code,
)
from mediation.errors import Refusal
from mediation.words import words
from web.forms import amiss, read_form
from web.pages.signin import code_minutes, say
from web.render import Reader
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import address_of, device_of, sign_in_here, signed_in_person, who_asks


async def show_invitation(request: web.Request) -> web.Response:
    """GET /invitations/{token}: looking uses nothing up."""
    invited = await _invited(request)
    who = who_asks(request)
    if who is not None and who.person == invited.person:
        return see_other(f"/cases/{invited.case}/welcome")
    return _page(request, invited)


async def send_code(request: web.Request) -> web.Response:
    """POST /invitations/{token}/code"""
    invited = await _invited(request)
    try:
        await request.app[SERVER].write(send_invitation_code, token=request.match_info["token"])
    except Refusal as refusal:
        return _page(request, invited, wrong={"": say(request, refusal)}, status=refusal.status)
    return _code_page(request, invited)


async def accept(request: web.Request) -> web.Response:
    """POST /invitations/{token}"""
    invited = await _invited(request)
    form = await read_form(request)
    try:
        secret, case = await request.app[SERVER].write(
            accept_invitation,
            token=request.match_info["token"],
            code=form.text("code", limit=12),
            device=device_of(request),
            ip=address_of(request),
        )
    except Refusal as refusal:
        return _code_page(
            request, invited, wrong=amiss(refusal, "code", say(request, refusal)), status=refusal.status
        )
    answer = see_other(f"/cases/{case}/welcome")
    sign_in_here(request, answer, secret, is_staff=False)
    return answer


async def show_welcome(request: web.Request) -> web.Response:
    """GET /cases/{case}/welcome"""
    who = signed_in_person(request)
    case, _ = await request.app[SERVER].read(case_for, who.person, request.match_info["case"])
    return render(request, "invitations/welcome.html", case=case)


async def send_invitation(request: web.Request) -> web.Response:
    """POST /cases/{case}/invitations: sends one, again if need be, or revokes one."""
    server, who = request.app[SERVER], signed_in_person(request)
    case, actor = await server.read(case_for, who.person, request.match_info["case"])
    form = await read_form(request)
    if form.text("revoke"):
        await server.write(revoke_invitation, by=actor, case=case.id, invitation=form.text("revoke"))
    else:
        await server.write(invite, by=actor, case=case.id, person=form.text("person"))
    return see_other(f"/cases/{case.id}#parties")


async def _invited(request: web.Request) -> Invited:
    server = request.app[SERVER]
    token = request.match_info["token"]
    return await server.read(invitation_at, token, server.settings.organisation, server.now())


def _reader(request: web.Request, invited: Invited) -> Reader:
    """Whoever has chosen no language here reads the one they are registered with."""
    reader = reader_behind(request)
    return reader if "locale" in request.cookies else replace(reader, words=words(invited.locale))


def _page(
    request: web.Request, invited: Invited, *, wrong: dict[str, str] | None = None, status: int = 200
) -> web.Response:
    return render(
        request,
        "invitations/show.html",
        status=status,
        reader=_reader(request, invited),
        invitation=invited,
        wrong=wrong or {},
        action=f"{_path(request)}/code",
    )


def _code_page(
    request: web.Request, invited: Invited, *, wrong: dict[str, str] | None = None, status: int = 200
) -> web.Response:
    return render(
        request,
        "signin/code.html",
        status=status,
        reader=_reader(request, invited),
        typed={},
        wrong=wrong or {},
        address=invited.reached_at,
        minutes=code_minutes(request),
        action=_path(request),
        again=f"{_path(request)}/code",
    )


def _path(request: web.Request) -> str:
    return f"/invitations/{request.match_info['token']}"


routes = (
    Route("GET", "/invitations/{token}", show_invitation, "anyone"),
    Route("POST", "/invitations/{token}/code", send_code, "anyone"),
    Route("POST", "/invitations/{token}", accept, "anyone"),
    Route("GET", "/cases/{case}/welcome", show_welcome, "case"),
    Route("POST", "/cases/{case}/invitations", send_invitation, "case"),
)
