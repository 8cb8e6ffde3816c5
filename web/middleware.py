"""Around every page: security headers, who asks, forged forms turned away, refusals turned into answers."""

import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http import HttpProcessingError

from mediation.errors import Invalid, NotAllowed, NotSignedIn, Refusal, TooMany
from web.respond import fail, refuse, wants_json
from web.server import SERVER
from web.session import address_of, is_own_form, is_programs, keep_form_secret, recognise

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self' {socket}; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send our own forms with `Origin: null`
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=(self)",
}


@web.middleware
async def guard_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer carries the security headers, an error too."""
    response = await handler(request)
    if response.prepared:
        return response
    settings = request.app[SERVER].settings
    if request.path.startswith("/static/") and response.status == 200:
        # no page, and some forty of them: only what matters for a file
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
    socket = settings.address.replace("http", "ws", 1)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(socket=socket))
    response.headers.setdefault("Cache-Control", "no-store")
    if settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns what was raised into an answer in the reader's language."""
    try:
        await recognise(request)
        response = await handler(request)
    except NotSignedIn as refusal:
        if request.method == "GET" and not wants_json(request):
            raise_to = f"/sign-in?next={request.rel_url.raw_path}"
            response = web.Response(status=303, headers={"Location": raise_to})
        else:
            response = refuse(request, refusal)
    except Refusal as refusal:
        response = refuse(request, refusal)
    except web.HTTPException as answer:
        response = _onward(answer) if answer.status < 400 else fail(request, answer.status)
    except Exception:
        note = secrets.token_hex(4)
        log.exception("a page failed (%s)", note)
        response = fail(request, 500, note)
    if not response.prepared:
        keep_form_secret(request, response)
    return response


@web.middleware
async def turn_forgeries_away(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What changes something comes from our own pages: same origin, and a form with its token. A token's bearer is no browser."""
    if request.method in UNSAFE and not is_programs(request) and not request.path.startswith(SOCKETS):
        if not _is_same_origin(request):
            raise NotAllowed("foreign_form")
        if request.content_type in FORMS:
            if not is_own_form(request, await _token_in(request)):
                raise NotAllowed("foreign_form")
        elif "Tus-Resumable" not in request.headers:
            raise NotAllowed("foreign_form")
    return await handler(request)


SOCKETS = "/socket.io/"
"""Polling connections post here; Engine.IO asks for the origin itself, and a cookie without one is refused there."""


class Patience:
    """How often an address may try what is worth guessing: `most` a minute; over it, the refusal has this `message`."""

    def __init__(self, most: int = 40, message: str = "too_many_requests") -> None:
        self._most = most
        self._message = message
        self._tried: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def spend(self, address: str) -> None:
        """Raises `TooMany` over the minute's allowance."""
        now = time.monotonic()
        since, count = self._tried.pop(address, (now, 0))
        since, count = (now, 0) if now - since > 60 else (since, count)
        self._tried[address] = (since, count + 1)
        while len(self._tried) > 10_000:
            self._tried.popitem(last=False)
        if count >= self._most:
            raise TooMany(self._message)


GUESSED = ("/sign-in", "/invitations")
PATIENCE = web.AppKey("patience", Patience)


@web.middleware
async def slow_guessers_down(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Codes and links are guessed by machines: a budget for each address."""
    if request.method in UNSAFE and request.path.startswith(GUESSED):
        request.app[PATIENCE].spend(address_of(request))
    return await handler(request)


@web.middleware
async def lead_home(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A browser that came by another name (127.0.0.1 for localhost) goes on under the one its cookies and links are for."""
    home = request.app[SERVER].settings.address
    is_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if is_page and request.host != home.partition("://")[2]:
        raise web.HTTPTemporaryRedirect(home + request.raw_path)
    return await handler(request)


MIDDLEWARES = (guard_headers, answer_refusals, lead_home, slow_guessers_down, turn_forgeries_away)


def _onward(answer: web.HTTPException) -> web.Response:
    """A redirection that was raised, as a response: aiohttp wants no exception to be returned."""
    kept = {name: answer.headers[name] for name in ("Location", "Cache-Control") if name in answer.headers}
    return web.Response(status=answer.status, headers=kept)


async def _token_in(request: web.Request) -> str:
    """The page token of a form; raises `Invalid` for a body that is no form, whatever it calls itself."""
    try:
        return str((await request.post()).get("csrf", ""))
    except (ValueError, LookupError, HttpProcessingError) as broken:
        raise Invalid("invalid") from broken


def _is_same_origin(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return origin == request.app[SERVER].settings.address if origin is not None else site is not None
