"""Answers: a template for people, JSON for programs, and the same refusal for both."""

from aiohttp import web

from mediation.errors import Refusal, TooMany, Unavailable
from web.render import Reader, reader_of
from web.server import SERVER
from web.session import csrf_token, who_asks


def reader_behind(request: web.Request) -> Reader:
    """Language, zones and theme of whoever asks."""
    server = request.app[SERVER]
    return reader_of(request, person=who_asks(request), court_zone=server.settings.zone)


def render(request: web.Request, template: str, *, status: int = 200, **context: object) -> web.Response:
    """A page in the reader's language."""
    server = request.app[SERVER]
    known = {"csrf": csrf_token(request), "organisation": server.settings.organisation, "status": status}
    html = server.pages.html(template, reader_behind(request), **{**known, **context})
    return web.Response(text=html, content_type="text/html", status=status)


def see_other(path: str) -> web.Response:
    """After a form: the page to look at next."""
    return web.Response(status=303, headers={"Location": path})


def refuse(request: web.Request, refusal: Refusal) -> web.Response:
    """A refusal as a page, or as JSON for who asks for JSON."""
    sentence = reader_behind(request).words.refusal(refusal.message, **refusal.params)
    if wants_json(request):
        error = {"code": refusal.code, "message": sentence}
        response = web.json_response({"error": error}, status=refusal.status)
    else:
        response = render(request, "errors/error.html", status=refusal.status, sentence=sentence, note="")
    if isinstance(refusal, Unavailable | TooMany):
        response.headers["Retry-After"] = "5" if isinstance(refusal, Unavailable) else "60"
    return response


def fail(request: web.Request, status: int, note: str = "") -> web.Response:
    """An error that is not a refusal: a path nobody knows, or a bug of ours."""
    if wants_json(request):
        return web.json_response(
            {"error": {"code": "internal" if status >= 500 else "not_found"}}, status=status
        )
    return render(request, "errors/error.html", status=status, sentence="", note=note)


def wants_json(request: web.Request) -> bool:
    """A program, or a script of a page."""
    if "Tus-Resumable" in request.headers:
        return True
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted or (
        "Authorization" in request.headers and "text/html" not in accepted
    )
