"""Certificates: the PDF for the people of the case, and the public check that one is genuine."""

from aiohttp import web

from mediation.agreements.certificate import certificate_for, check_certificate
from web.respond import render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person


async def ask_for_check(request: web.Request) -> web.Response:
    """GET /certificates: by typing the code."""
    code = "".join(request.query.get("code", "").split())[:64]
    return await _check(request, code) if code else _page(request, "", "")


async def check(request: web.Request) -> web.Response:
    """GET /certificates/{code}: by scanning the square."""
    return await _check(request, request.match_info["code"])


async def show_certificate(request: web.Request) -> web.Response:
    """GET /cases/{case}/certificate"""
    who = signed_in_person(request)
    outcome = await request.app[SERVER].read(certificate_for, who.person, request.match_info["case"])
    return see_other(f"/files/{outcome.certificate_id}?download=1")


async def _check(request: web.Request, code: str) -> web.Response:
    server = request.app[SERVER]
    found = await server.read(check_certificate, code, server.settings)
    if found is None:
        return _page(request, code, "unknown", 404)
    return _page(
        request, code, "genuine", issued_at=found.issued_at, digest=found.digest, sha256=found.sha256
    )


def _page(request: web.Request, code: str, answer: str, status: int = 200, **facts: object) -> web.Response:
    return render(request, "certificates/check.html", status=status, code=code, answer=answer, **facts)


routes = (
    Route("GET", "/certificates", ask_for_check, "anyone"),
    Route("GET", "/certificates/{code}", check, "anyone"),
    Route("GET", "/cases/{case}/certificate", show_certificate, "case"),
)
