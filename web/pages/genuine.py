"""Genuine or not: the page on which anybody checks a document by its number, its square code or its file, without seeing what is in it (N3).

The file stays on the device: the browser computes its check value (SHA-256) and sends that. Strangers may ask so often and no more.
"""

import re
from ipaddress import IPv6Address, ip_address

from aiohttp import web

from mediation.agreements.certificate import certificate_for
from mediation.registry.genuine import Genuine, genuine_by_file, genuine_by_number, genuine_statement
from web.forms import read_form
from web.middleware import Patience
from web.respond import render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import address_of, signed_in_person, who_asks

MOST = 30
CHECKS = web.AppKey("checks", Patience)
DIGEST = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def ask_for_check(request: web.Request) -> web.Response:
    """GET /genuine: by typing the number; a check value may be typed in its place."""
    typed = "".join(request.query.get("number", "").split())[:64]
    if not typed:
        return _page(request)
    digests = [typed.lower()] if DIGEST.fullmatch(typed.lower()) else []
    return await _look(request, typed, digests, typed=typed)


async def check(request: web.Request) -> web.Response:
    """GET /genuine/{number}: by scanning the square."""
    return await _look(request, request.match_info["number"], [])


async def check_file(request: web.Request) -> web.Response:
    """POST /genuine: by the check values of a file, which stand in no address and so in no log."""
    form = await read_form(request)
    typed = [form.text(name, limit=64).lower() for name in ("sha256", "text")]
    digests = [one for one in typed if DIGEST.fullmatch(one)]
    statement = form.text("statement", limit=64), form.text("signature", limit=128)
    return await _look(request, "", digests, statement=statement) if digests else _page(request)


async def show_certificate(request: web.Request) -> web.Response:
    """GET /cases/{case}/certificate"""
    who = signed_in_person(request)
    outcome = await request.app[SERVER].read(certificate_for, who.person, request.match_info["case"])
    return see_other(f"/files/{outcome.certificate_id}?download=1")


async def lead_on(request: web.Request) -> web.Response:
    """GET /certificates and /certificates/{code}: where papers that were printed earlier lead."""
    code = request.match_info.get("code", "")
    return see_other(f"/genuine/{code}" if NUMBER.fullmatch(code) else "/genuine")


async def _look(
    request: web.Request,
    number: str,
    digests: list[str],
    *,
    typed: str = "",
    statement: tuple[str, str] = ("", ""),
) -> web.Response:
    server = request.app[SERVER]
    if who_asks(request) is None:
        request.app[CHECKS].spend(network_of(address_of(request)))
    if digests:
        found = await server.read(genuine_by_file, digests)
        found = found or genuine_statement(server.store.keys, *statement)
    else:
        found = await server.read(genuine_by_number, number if NUMBER.fullmatch(number) else "")
    answer, by = "genuine" if found else "unknown", "file" if digests else "number"
    return _page(request, found, answer=answer, by=by, typed="" if found else typed)


def _page(
    request: web.Request, found: Genuine | None = None, *, answer: str = "", by: str = "", typed: str = ""
) -> web.Response:
    status = 404 if answer == "unknown" else 200
    context = {"typed": typed, "found": found, "answer": answer, "by": by}
    return render(request, "genuine/check.html", status=status, **context)


def network_of(address: str) -> str:
    """The address, of IPv6 the network of 64 bits that one household has."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else parsed.exploded[:19]
    return str(parsed)


routes = (
    Route("GET", "/genuine", ask_for_check, "anyone"),
    Route("POST", "/genuine", check_file, "anyone"),
    Route("GET", "/genuine/{number}", check, "anyone"),
    Route("GET", "/certificates", lead_on, "anyone"),
    Route("GET", "/certificates/{code}", lead_on, "anyone"),
    Route("GET", "/cases/{case}/certificate", show_certificate, "case"),
)
