"""The readable page of a bundle: opens in any browser without a network, holds no script, and prints well."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2

from mediation.agreements.agreement import AgreementVersion
from mediation.cases.case import Case, Standing
from mediation.clock import moment
from mediation.record.copying import ChannelCopy, Copied
from mediation.record.seal import Seal
from mediation.words import words

HERE = Path(__file__).parent
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
TOLD = ("title", "cause", "claim", "reason", "note", "summary", "name", "code")
"""What a content says in words or plain signs, besides the text of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet:
    """What the page shows."""

    case: Case
    scope: str
    export: str
    asked_by: str
    people: tuple[Standing, ...]
    names: Mapping[str, str]
    channels: tuple[ChannelCopy, ...]
    seal: Seal
    organisation: str
    zone: str
    files: Mapping[str, str]
    texts: tuple[AgreementVersion, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as it is shown, or a run of entries of which only digests are there (`upto` is the last of them)."""

    seq: int
    upto: int
    kind: str = ""
    at: str = ""
    who: str = ""
    about: str = ""
    text: str = ""
    quoted: int | None = None
    told: tuple[str, ...] = ()
    files: tuple[tuple[str, str, bool], ...] = ()
    gone: str = ""
    under: Mapping[str, str] | None = None
    erased_at: str = ""
    hash: str = ""


def leaflet(shown: Leaflet, tag: str) -> str:
    """The page in one language."""
    own = words(tag)
    zone = ZoneInfo(shown.zone)

    def when(at: str | datetime) -> str:
        local = (moment(at) if isinstance(at, str) else at).astimezone(zone)
        return f"{local:%Y-%m-%d %H:%M:%S} UTC{local.isoformat()[-6:]}"

    channels = [(copy, list(_items(copy, shown)), _seen(copy, shown)) for copy in shown.channels]
    return _template().render(
        shown=shown,
        channels=channels,
        when=when,
        tag=own.tag,
        other="en" if own.tag == "zh-CN" else "zh",
        cause=shown.case.rules.cause(shown.case.cause, own.tag),
        _=own.gettext,
        language="zh" if own.tag == "zh-CN" else "en",
    )


@cache
def _template() -> jinja2.Template:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return env.get_template("leaflet.html")


def _items(copy: ChannelCopy, shown: Leaflet) -> Iterator[Item]:
    hidden: list[int] = []
    for one in copy.entries:
        if not one.shown:
            hidden.append(one.seq)
            continue
        if hidden:
            yield Item(hidden[0], hidden[-1])
            hidden = []
        yield _item(one, shown, _by(one, copy))
    if hidden:
        yield Item(hidden[0], hidden[-1])


def _by(one: Copied, copy: ChannelCopy) -> Copied | None:
    """The entry that says of this one that it was erased."""
    by = (one.gone or {}).get("by")
    return None if by is None else copy.entries[by - 1]


def _item(one: Copied, shown: Leaflet, erased_by: Copied | None) -> Item:
    facts, body = one.facts, one.body or {}
    files = [told for told in (body.get("file"), body.get("document")) if told]
    files += [told for told in body.get("files", ()) if isinstance(told, Mapping)]
    person = str(facts["public"].get("person", ""))
    return Item(
        seq=one.seq,
        upto=one.seq,
        kind=facts["kind"],
        at=facts["at"],
        who=shown.names.get(facts["actor"] or "", ""),
        about="" if person == facts["actor"] else shown.names.get(person, ""),
        text=str(body.get("text", "")),
        quoted=body.get("reply_to"),
        told=tuple(_words(body)),
        files=tuple(_file(told, shown) for told in files if told.get("sha256") in shown.files),
        gone=(one.gone or {}).get("gone", ""),
        under=_class_named(erased_by.body if erased_by else body),
        erased_at=erased_by.facts["at"] if erased_by else "",
        hash=one.hash,
    )


def _class_named(body: Mapping[str, Any] | None) -> Mapping[str, str] | None:
    """What a class of contents was called in both languages, where a content tells of one."""
    name = (body or {}).get("name")
    return name if isinstance(name, Mapping) else None


def _words(body: Mapping[str, Any]) -> Iterator[str]:
    for name in TOLD:
        if isinstance(body.get(name), str | int) and str(body[name]).strip():
            yield str(body[name])


def _file(told: Mapping[str, Any], shown: Leaflet) -> tuple[str, str, bool]:
    place = shown.files[told["sha256"]]
    return str(told.get("title") or told["name"]), place, place.endswith(PICTURES)


def _seen(copy: ChannelCopy, shown: Leaflet) -> list[tuple[str, int, str]]:
    """How far each person had read, and since when."""
    latest = {mark.person: mark for mark in copy.marks}
    return sorted((shown.names.get(person, person), mark.seq, mark.at) for person, mark in latest.items())
