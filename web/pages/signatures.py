"""Signing: only the text, what changed since it was last read, the code, and the act itself."""

from aiohttp import web

from mediation.agreements.agreement import note_reading
from mediation.agreements.signature import refuse_to_sign, send_signing_code, sign_agreement
from mediation.errors import NotFound, Refusal
from mediation.ids import new_id
from web.agreement_view import AgreementView
from web.forms import Form, read_form
from web.pages.agreements import agreement_view, teller, text_of
from web.pages.signin import say
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person


async def show_signing(request: web.Request) -> web.Response:
    """GET /agreements/{agreement}/signature"""
    view = await agreement_view(request)
    return _page(request, view, Form({}, {}), {}, code_sent=request.query.get("code") == "sent")


async def send_code(request: web.Request) -> web.Response:
    """POST /agreements/{agreement}/code"""
    view, form = await agreement_view(request), await read_form(request)
    try:
        await request.app[SERVER].write(
            send_signing_code, by=view.seen.actor, agreement=_id(view), **_seen_text(form)
        )
    except Refusal as refusal:
        return _page(request, view, form, {"": say(request, refusal)}, status=refusal.status)
    return see_other(f"/agreements/{_id(view)}/signature?code=sent#act")


async def sign(request: web.Request) -> web.Response:
    """POST /agreements/{agreement}/signature"""
    view, form = await agreement_view(request), await read_form(request)
    _ = reader_behind(request).words.gettext
    if not form.text("willing"):
        wrong = {"willing": _("Please tick this before you sign.")}
        return _page(request, view, form, wrong, code_sent=True, status=422)
    try:
        signed = await request.app[SERVER].write(
            sign_agreement,
            by=view.seen.actor,
            agreement=_id(view),
            code=form.text("code", limit=12),
            client_id=form.text("client_id", limit=64) or None,
            **_seen_text(form),
        )
    except Refusal as refusal:
        field = "code" if refusal.message.startswith("code.") else ""
        wrong = {field: say(request, refusal)}
        return _page(
            request, await agreement_view(request), form, wrong, code_sent=True, status=refusal.status
        )
    await request.app[SERVER].write(
        note_reading,
        person=signed_in_person(request).person,
        agreement=_id(view),
        number=form.number("version") or 0,
    )
    if signed.effective:
        return see_other(f"/cases/{view.seen.case.id}#outcome")
    return see_other(f"/agreements/{_id(view)}/signature")


async def refuse(request: web.Request) -> web.Response:
    """POST /agreements/{agreement}/refusal"""
    view, form = await agreement_view(request), await read_form(request)
    _ = reader_behind(request).words.gettext
    if not form.text("sure"):
        return _page(request, view, form, {"refuse": _("Please tick this first.")}, status=422)
    await request.app[SERVER].write(
        refuse_to_sign,
        by=view.seen.actor,
        agreement=_id(view),
        version=form.number("version") or 0,
        client_id=form.text("client_id", limit=64) or None,
    )
    return see_other(f"/cases/{view.seen.case.id}/agreement")


def _id(view: AgreementView) -> str:
    if view.seen.agreement is None:
        raise NotFound
    return view.seen.agreement.id


def _seen_text(form: Form) -> dict[str, object]:
    """Exactly which text the form was about: version and digest, as the page showed them."""
    return {"version": form.number("version") or 0, "digest": form.text("seen", limit=64)}


def _page(
    request: web.Request,
    view: AgreementView,
    form: Form,
    wrong: dict[str, str],
    *,
    code_sent: bool = False,
    status: int = 200,
) -> web.Response:
    current = view.seen.current
    if current is None:
        raise NotFound
    pack = view.seen.case.rules
    other = "en" if current.binding == "zh" else "zh"
    changes = teller(request, view).told(view.changes.changes) if view.changes else []
    return render(
        request,
        "agreements/sign.html",
        status=status,
        agreement=_id(view),
        case=view.seen.case,
        pack=pack,
        reference=text_of(request, view, current, other),
        last_read=view.last_read,
        changes=changes,
        signers=view.signers,
        may_sign=view.may["sign"],
        signed=view.signed,
        for_client=view.for_client,
        code_sent=code_sent,
        address=view.reached_at,
        minutes=pack.clocks.code_minutes,
        typed={},
        wrong=wrong,
        client_id=form.text("client_id", limit=64) or new_id(),
        **text_of(request, view, current, current.binding),
    )


routes = (
    Route("GET", "/agreements/{agreement}/signature", show_signing, "case"),
    Route("POST", "/agreements/{agreement}/code", send_code, "case"),
    Route("POST", "/agreements/{agreement}/signature", sign, "case"),
    Route("POST", "/agreements/{agreement}/refusal", refuse, "case"),
)
