"""Devices: where a person is signed in, and signing one of them out."""

from aiohttp import web

from mediation.people.signin import revoke_sign_in, sign_ins_of
from web.browsers import browser_name
from web.respond import render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import sign_out_here, signed_in_person


async def list_devices(request: web.Request) -> web.Response:
    """GET /devices"""
    who = signed_in_person(request)
    found = await request.app[SERVER].read(sign_ins_of, who.person, request.app[SERVER].now())
    devices = [
        {
            "id": one.id,
            "kind": one.kind,
            "device": browser_name(one.device),
            "own": one.id == who.sign_in,
            "address": one.address,
            "seen_at": one.seen_at,
            "created_at": one.created_at,
            "expires_at": one.expires_at,
        }
        for one in found
    ]
    return render(request, "devices/list.html", devices=devices)


async def revoke(request: web.Request) -> web.Response:
    """POST /devices/{sign_in}/revocation"""
    who = signed_in_person(request)
    sign_in = request.match_info["sign_in"]
    await request.app[SERVER].write(revoke_sign_in, person=who.person, sign_in=sign_in)
    answer = see_other("/sign-in" if sign_in == who.sign_in else "/devices")
    if sign_in == who.sign_in:
        sign_out_here(answer)
    return answer


routes = (
    Route("GET", "/devices", list_devices, "signed_in"),
    Route("POST", "/devices/{sign_in}/revocation", revoke, "signed_in"),
)
