"""Agreements: the text, its versions, what changed, and fixing one for signing."""

import asyncio
from typing import Any

from aiohttp import web

from mediation.agreements.agreement import AgreementVersion, freeze_agreement, note_reading, thaw_agreement
from mediation.agreements.printing import unprintable
from mediation.errors import Invalid, NotFound, Refusal
from mediation.ids import new_id
from mediation.packs.pack import language_of
from web.agreement_view import AgreementView, compared, view_in_case, view_of
from web.changes import Teller
from web.forms import read_form
from web.pages.signin import say
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person

HTML = {"zh": "zh-CN", "en": "en"}


async def show_agreement(request: web.Request) -> web.Response:
    """GET /cases/{case}/agreement"""
    who = signed_in_person(request)
    view = await request.app[SERVER].read(view_in_case, who.person, request.match_info["case"])
    if view.seen.agreement and view.seen.current:
        seen = {"agreement": view.seen.agreement.id, "number": view.seen.current.number}
        if not view.may["sign"]:  # the signing page still has to say what changed
            await request.app[SERVER].write(note_reading, person=who.person, **seen)
    return _page(request, view, {})


async def show_version(request: web.Request) -> web.Response:
    """GET /agreements/{agreement}/versions/{number}"""
    view = await agreement_view(request)
    version = view.seen.version(_number(request.match_info["number"]))
    return render(
        request,
        "agreements/version.html",
        agreement=request.match_info["agreement"],
        case=view.seen.case,
        **text_of(request, view, version),
    )


async def show_comparison(request: web.Request) -> web.Response:
    """GET /agreements/{agreement}/comparison?from=1&to=2"""
    who, agreement = signed_in_person(request), request.match_info["agreement"]
    old, new = _number(request.query.get("from", "")), _number(request.query.get("to", ""))
    language = language_of(reader_behind(request).tag)
    view, both = await request.app[SERVER].read(compared, who.person, agreement, old, new, language)
    return render(
        request,
        "agreements/comparison.html",
        case=view.seen.case,
        old=old,
        new=new,
        changes=teller(request, view).told(both.changes),
        pieces=both.pieces,
        lang=HTML[language],
    )


async def freeze(request: web.Request) -> web.Response:
    """POST /agreements/{agreement}/freeze: fixes the latest version for signing, or opens it again (`undo`)."""
    server, view = request.app[SERVER], await agreement_view(request)
    form, agreement = await read_form(request), request.match_info["agreement"]
    try:
        if form.text("undo"):
            await server.write(thaw_agreement, by=view.seen.actor, agreement=agreement)
        else:
            version = view.seen.version(form.number("version") or 0)
            missing = await asyncio.to_thread(unprintable, version.text_zh + version.text_en)
            await server.write(
                freeze_agreement,
                by=view.seen.actor,
                agreement=agreement,
                version=version.number,
                missing=missing,
                anyway=bool(form.text("anyway")),
            )
    except Refusal as refusal:
        field = (
            "anyway"
            if isinstance(refusal, Invalid) and refusal.message == "agreements.characters_missing"
            else ""
        )
        return _page(request, await agreement_view(request), {field: say(request, refusal)}, refusal.status)
    return see_other(f"/cases/{view.seen.case.id}/agreement")


async def agreement_view(request: web.Request) -> AgreementView:
    """The agreement of the address as whoever asks may see it."""
    who = signed_in_person(request)
    return await request.app[SERVER].read(view_of, who.person, request.match_info["agreement"])


def teller(request: web.Request, view: AgreementView) -> Teller:
    """Says terms in the reader's language."""
    return Teller(reader_behind(request).words, view.seen.case.rules, view.names)


def text_of(
    request: web.Request, view: AgreementView, version: AgreementVersion, language: str = ""
) -> dict[str, Any]:
    """A version's text for a template, in a language or in the reader's."""
    chosen = language or language_of(reader_behind(request).tag)
    facts = {
        "number": version.number,
        "by": view.names.get(version.by_id, ""),
        "at": version.at,
        "note": version.note,
        "digest": version.digest,
        "erased": version.is_erased,
        "lang": HTML[chosen],
    }
    return {"version": facts, "lines": version.lines(chosen)}


def _page(
    request: web.Request, view: AgreementView, wrong: dict[str, str], status: int = 200
) -> web.Response:
    agreement, current = view.seen.agreement, view.seen.current
    wanted = request.query.get("language", "")
    language = wanted if wanted in HTML else language_of(reader_behind(request).tag)
    texts = text_of(request, view, current, language) if current else {"version": None, "lines": ()}
    versions = [text_of(request, view, one)["version"] for one in view.seen.versions]
    return render(
        request,
        "agreements/show.html",
        status=status,
        case=view.seen.case,
        agreement=agreement.id if agreement else "",
        state=agreement.state if agreement else "",
        signing_until=agreement.signing_until if agreement else None,
        other_language="en" if language == "zh" else "zh",
        may=view.may,
        signers=view.signers,
        versions=versions,
        wrong=wrong,
        client_id=new_id(),
        origin=request.app[SERVER].settings.address,
        **texts,
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise NotFound
    return int(text)


routes = (
    Route("GET", "/cases/{case}/agreement", show_agreement, "case"),
    Route("GET", "/agreements/{agreement}/versions/{number}", show_version, "case"),
    Route("GET", "/agreements/{agreement}/comparison", show_comparison, "case"),
    Route("POST", "/agreements/{agreement}/freeze", freeze, "case"),
)
