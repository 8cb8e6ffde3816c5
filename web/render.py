"""Pages: the templates, and what every one of them knows about its reader."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web
from babel.dates import format_date, format_datetime
from jinja2.runtime import Context
from markupsafe import Markup

from mediation.agreements.numerals import capital, grouped
from mediation.masking import mask
from mediation.packs.pack import Words as BothLanguages
from mediation.words import Words, js_catalogue, nearest, words
from web.static_files import StaticFiles

HERE = Path(__file__).parent / "templates"
THEMES = ("system", "light", "dark")
SIZES = ("100", "125", "150", "175", "200")
"""How large text is, in hundredths of what the browser takes for normal."""
CLOCKS = {"zh-CN": "HH:mm", "en": "HH:mm"}
DAYS = {"zh-CN": "y年M月d日 EEE", "en": "EEE d MMMM y"}
MOMENTS = {"zh-CN": "y年M月d日 EEE HH:mm", "en": "EEE d MMMM y, HH:mm"}
SHORT = {"zh-CN": "M月d日 EEE HH:mm", "en": "EEE d MMM, HH:mm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: language, zones, theme and size of text. `name` is empty when nobody is signed in."""

    words: Words
    zone: ZoneInfo
    court_zone: ZoneInfo
    theme: str = "system"
    size: str = "100"
    name: str = ""
    office: str = ""
    path: str = "/"

    @property
    def tag(self) -> str:
        return self.words.tag


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates with their filters; one for the whole server."""

    static: StaticFiles
    templates: jinja2.Environment

    def html(self, template: str, reader: Reader, /, **context: object) -> str:
        known = {"reader": reader, "csrf": "", "organisation": ""}
        return self.templates.get_template(template).render({**known, **context})


PAGES = web.AppKey("pages", Pages)


def pages(static: StaticFiles, folder: Path = HERE) -> Pages:
    """The environment: autoescape, no undefined names, translated by the reader's words."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(asset=static.asset, modules=static.modules, words_json=_words_json(static))
    env.filters.update(
        when=when,
        day=day,
        clock=clock,
        second=second,
        money=money,
        money_words=money_words,
        size=size,
        of=of,
        masked=mask,
        square=square,
    )
    return Pages(static, env)


@jinja2.pass_context
def _gettext(context: Context, message: str) -> str:
    return _reader(context).words.gettext(message)


@jinja2.pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return _reader(context).words.ngettext(one, many, count)


def _reader(context: Context) -> Reader:
    reader = context["reader"]
    assert isinstance(reader, Reader)
    return reader


def _words_json(static: StaticFiles) -> Callable[..., Markup]:
    @jinja2.pass_context
    def words_json(context: Context, *entries: str) -> Markup:
        """The sentences of these scripts and of all they ever fetch, safe inside a script element: nothing in it can close the element."""
        files = frozenset(
            path.removeprefix("js/") for entry in entries for path in static.graph(entry, whole=True)
        )
        catalogue = js_catalogue(_reader(context).tag, static.root / "js", files)
        text = json.dumps(catalogue, ensure_ascii=False)
        return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - JSON with every < escaped

    return words_json


def square(address: str) -> str:
    """The square code that leads to an address, as a picture: dark on white in every theme, or nothing could read it."""
    import segno

    drawn = segno.make(address, error="m", micro=False)
    return str(drawn.svg_data_uri(border=3, dark="#26231f", light="#ffffff"))


def _moment(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


@jinja2.pass_context
def when(context: Context, at: datetime | str, form: str = "long") -> Markup:
    """A time in the reader's zone, with the court's beside it when the two clocks differ."""
    reader, at = _reader(context), _moment(at)
    forms = MOMENTS if form == "long" else SHORT
    own = _written(at, reader.zone, forms[reader.tag], reader)
    html = Markup('<time datetime="{}">{}</time>').format(at.isoformat(), own)
    if at.astimezone(reader.zone).utcoffset() == at.astimezone(reader.court_zone).utcoffset():
        return html
    same_day = at.astimezone(reader.zone).date() == at.astimezone(reader.court_zone).date()
    there = _written(at, reader.court_zone, (CLOCKS if same_day else SHORT)[reader.tag], reader)
    beside = reader.words.gettext("court time: %(time)s") % {"time": there}
    return html + Markup(' <span class="quiet small">({})</span>').format(beside)


@jinja2.pass_context
def clock(context: Context, at: datetime | str) -> Markup:
    """Only the hour and minute, in the reader's zone."""
    reader, at = _reader(context), _moment(at)
    return Markup('<time datetime="{}">{}</time>').format(
        at.isoformat(), _written(at, reader.zone, CLOCKS[reader.tag], reader)
    )


@jinja2.pass_context
def second(context: Context, at: datetime | str) -> Markup:
    """A time of a day to the second, in the reader's zone."""
    reader, at = _reader(context), _moment(at)
    return Markup('<time datetime="{}">{}</time>').format(
        at.isoformat(), _written(at, reader.zone, "HH:mm:ss", reader)
    )


@jinja2.pass_context
def day(context: Context, at: datetime | date | str) -> Markup:
    """A day; a day of an agreement is the same everywhere, so a bare date has no zone."""
    reader = _reader(context)
    if isinstance(at, str) and len(at) == len("2026-12-01"):
        at = date.fromisoformat(at)
    if isinstance(at, str | datetime):
        at = _moment(at).astimezone(reader.zone).date()
    text = format_date(at, DAYS[reader.tag], locale=reader.words.locale)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), text)


def _written(at: datetime, zone: ZoneInfo, form: str, reader: Reader) -> str:
    return str(format_datetime(at.astimezone(zone), form, locale=reader.words.locale))


@jinja2.pass_context
def money(context: Context, minor: int, currency: str = "CNY") -> str:
    """8600000 fen: 86,000元, CNY 86,000."""
    if currency == "CNY" and _reader(context).tag == "zh-CN":
        return f"{grouped(minor)}元"
    return f"{currency} {grouped(minor)}"


def money_words(minor: int) -> str:
    """The capital form, which nobody can alter with one stroke: 捌万陆仟元整."""
    return f"人民币{capital(minor)}"


def size(length: int) -> str:
    """1536 -> 1.5 kB, as file managers write it."""
    amount, unit = float(length), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


@jinja2.pass_context
def of(context: Context, text: BothLanguages, **names: object) -> str:
    """A text of the rule pack in the reader's language."""
    return text.of(_reader(context).tag, **names)


def reader_of(request: web.Request, *, person: object, court_zone: str) -> Reader:
    """The reader behind a request: the person's own settings, then this browser's cookies, then what it accepts."""
    tag = (
        getattr(person, "locale", "")
        or request.cookies.get("locale", "")
        or request.headers.get("Accept-Language", "")
    )
    theme, size = request.cookies.get("theme", "system"), request.cookies.get("size", "100")
    return Reader(
        words=words(nearest(tag)),
        zone=ZoneInfo(getattr(person, "zone", "") or court_zone),
        court_zone=ZoneInfo(court_zone),
        theme=theme if theme in THEMES else "system",
        size=size if size in SIZES else "100",
        name=getattr(person, "name", ""),
        office=getattr(person, "office", "") or "",
        path=request.path,
    )
