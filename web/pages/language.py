"""How the pages read and look: language, theme and size of text, kept with the person and with this browser."""

from aiohttp import web

from mediation.people.person import LOCALES, choose_language
from web.forms import read_form
from web.pages.signin import local_path
from web.render import SIZES, THEMES
from web.respond import see_other
from web.routes import Route
from web.server import SERVER
from web.session import who_asks

YEAR = 365 * 86400


async def choose(request: web.Request) -> web.Response:
    """POST /language"""
    form, who = await read_form(request), who_asks(request)
    locale = form.text("locale")
    if locale in LOCALES and who is not None:
        await request.app[SERVER].write(choose_language, person=who.person, locale=locale)
    return _back(form.text("back"), "locale", locale if locale in LOCALES else "")


async def choose_theme(request: web.Request) -> web.Response:
    """POST /theme"""
    form = await read_form(request)
    theme = form.text("theme")
    return _back(form.text("back"), "theme", theme if theme in THEMES else "")


async def choose_size(request: web.Request) -> web.Response:
    """POST /text-size"""
    form = await read_form(request)
    size = form.text("size")
    return _back(form.text("back"), "size", size if size in SIZES else "")


def _back(path: str, name: str, value: str) -> web.Response:
    answer = see_other(local_path(path))
    if value:
        answer.set_cookie(name, value, max_age=YEAR, path="/", secure=True, samesite="Lax")
    return answer


routes = (
    Route("POST", "/language", choose, "anyone"),
    Route("POST", "/theme", choose_theme, "anyone"),
    Route("POST", "/text-size", choose_size, "anyone"),
)
