"""Signing in by a one-time code, and out."""

from aiohttp import web

from mediation.errors import Refusal
from mediation.packs.pack import load_pack
from mediation.people.signin import ask_for_code, revoke_sign_in, sign_in_by_code
from web.forms import Form, amiss, read_form
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import address_of, device_of, sign_in_here, sign_out_here, signed_in_person, who_asks


async def show_sign_in(request: web.Request) -> web.Response:
    """GET /sign-in"""
    if who_asks(request) is not None:
        return see_other(local_path(request.query.get("next", "")))
    return render(request, "signin/address.html", typed={"next": request.query.get("next", "")}, wrong={})


async def send_code(request: web.Request) -> web.Response:
    """POST /sign-in: the same answer for a known and an unknown address."""
    form = await read_form(request)
    try:
        await request.app[SERVER].write(ask_for_code, address=form.text("address", limit=254))
    except Refusal as refusal:
        wrong = amiss(refusal, "address", say(request, refusal))
        return render(request, "signin/address.html", status=refusal.status, typed=form.typed, wrong=wrong)
    return _code_page(request, form)


async def sign_in(request: web.Request) -> web.Response:
    """POST /sign-in/code"""
    form = await read_form(request)
    try:
        secret, person = await request.app[SERVER].write(
            sign_in_by_code,
            address=form.text("address", limit=254),
            code=form.text("code", limit=12),
            device=device_of(request),
            ip=address_of(request),
        )
    except Refusal as refusal:
        return _code_page(
            request, form, wrong=amiss(refusal, "code", say(request, refusal)), status=refusal.status
        )
    answer = see_other(local_path(form.text("next")))
    sign_in_here(request, answer, secret, is_staff=person.office is not None)
    return answer


async def sign_out(request: web.Request) -> web.Response:
    """POST /sign-out"""
    who = signed_in_person(request)
    await request.app[SERVER].write(revoke_sign_in, person=who.person, sign_in=who.sign_in)
    answer = see_other("/sign-in")
    sign_out_here(answer)
    return answer


def _code_page(
    request: web.Request, form: Form, *, wrong: dict[str, str] | None = None, status: int = 200
) -> web.Response:
    typed = {**form.typed, "code": ""}
    return render(
        request,
        "signin/code.html",
        status=status,
        typed=typed,
        wrong=wrong or {},
        address=form.typed.get("address", ""),
        minutes=code_minutes(request),
        action="/sign-in/code",
        again="/sign-in",
    )


def code_minutes(request: web.Request) -> int:
    """How long a code is good for."""
    return load_pack(request.app[SERVER].settings.pack).clocks.code_minutes


def say(request: web.Request, refusal: Refusal) -> str:
    """The sentence of a refusal in the reader's language."""
    return reader_behind(request).words.refusal(refusal.message, **refusal.params)


def local_path(path: str) -> str:
    """A path of our own to go on to; anything that could lead elsewhere becomes the start."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


routes = (
    Route("GET", "/sign-in", show_sign_in, "anyone"),
    Route("POST", "/sign-in", send_code, "anyone"),
    Route("POST", "/sign-in/code", sign_in, "anyone"),
    Route("POST", "/sign-out", sign_out, "signed_in"),
)
