"""Who is behind a request: the cookie of a browser or the token of a program; and the page tokens against forged forms."""

import hmac
import secrets

from aiohttp import web

from mediation.errors import NotSignedIn
from mediation.people.signin import SEEN_EVERY, SignedIn, note_activity, signed_in
from web.server import SERVER

SESSION_COOKIE = "__Host-session"
FORM_COOKIE = "__Host-form"
WHO = web.RequestKey("who", SignedIn)
SECRET = web.RequestKey("form_secret", str)


async def recognise(request: web.Request) -> None:
    """Finds out who asks and keeps it with the request."""
    server = request.app[SERVER]
    request[SECRET] = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    is_program, token = is_programs(request), request.headers.get("Authorization", "").partition(" ")[2]
    secret = token if is_program else request.cookies.get(SESSION_COOKIE, "")
    if not secret or request.path.startswith("/static/"):
        return  # a page has some forty files, the same for everybody: no query for each
    now = server.now()
    who = await server.read(signed_in, secret, now)
    if who is None or (who.kind == "program") != is_program:
        return
    request[WHO] = who
    if now - who.seen_at > SEEN_EVERY:
        await server.write(note_activity, sign_in=who.sign_in)


def is_programs(request: web.Request) -> bool:
    """Whether a request bears a token: then its cookies count for nothing, and no foreign page can have sent it."""
    return request.headers.get("Authorization", "").partition(" ")[0].lower() == "bearer"


def who_asks(request: web.Request) -> SignedIn | None:
    """The person behind a request, or None."""
    return request.get(WHO)


def signed_in_person(request: web.Request) -> SignedIn:
    """The person behind a request; raises `NotSignedIn`."""
    who = who_asks(request)
    if who is None:
        raise NotSignedIn("not_signed_in")
    return who


def csrf_token(request: web.Request) -> str:
    """The token that a form of this browser's own page carries."""
    return request.app[SERVER].store.keys.mac("form", request[SECRET])


def is_own_form(request: web.Request, token: str) -> bool:
    """Whether a form came from a page of ours in this very browser."""
    return FORM_COOKIE in request.cookies and hmac.compare_digest(csrf_token(request), token)


def keep_form_secret(request: web.Request, response: web.StreamResponse) -> None:
    """Leaves the form cookie with a browser that has none yet."""
    if FORM_COOKIE not in request.cookies and SECRET in request:
        _set(response, FORM_COOKIE, request[SECRET], lasts=None)


def sign_in_here(request: web.Request, response: web.StreamResponse, secret: str, *, is_staff: bool) -> None:
    """Gives this browser its session, under a new secret each time."""
    settings = request.app[SERVER].settings
    lasts = settings.staff_hours * 3600 if is_staff else settings.party_days * 86400
    _set(response, SESSION_COOKIE, secret, lasts=lasts)


def sign_out_here(response: web.StreamResponse) -> None:
    """Takes the session away from this browser, and what its pages kept: drafts, and what was never sent, are nobody else's to read."""
    response.headers["Clear-Site-Data"] = '"storage"'
    response.del_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="Lax")


def device_of(request: web.Request) -> str:
    """The device as its browser names itself."""
    return request.headers.get("User-Agent", "")[:200]


def address_of(request: web.Request) -> str:
    """The caller's network address; a proxy's word is taken only where the settings say that there is one."""
    if request.app[SERVER].settings.behind_proxy:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()[:64]
    return request.remote or ""


def _set(response: web.StreamResponse, name: str, value: str, *, lasts: int | None) -> None:
    response.set_cookie(name, value, max_age=lasts, path="/", secure=True, httponly=True, samesite="Lax")
