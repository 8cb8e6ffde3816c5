"""Consent: the rules of the room and the text, a party's answer to it, and everybody's ledger."""

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from mediation.cases.case import Case, Standing, case_for, standings_in
from mediation.cases.consent import (
    Answering,
    give_consent,
    refuse_consent,
    standing_answer,
    withdraw_consent,
)
from mediation.cases.party import client_of
from mediation.errors import Invalid
from mediation.ids import new_id
from mediation.people.permission import Actor, may
from mediation.people.signin import SignedIn
from web.consent_view import Asked, consent_rows
from web.forms import Form, amiss, read_form
from web.pages.signin import say
from web.respond import reader_behind, render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import device_of, signed_in_person

ANSWERS = {"give": give_consent, "refuse": refuse_consent, "withdraw": withdraw_consent}
KNOWN_BY = {"code": "phone_code", "invitation": "phone_code"}


@dataclass(frozen=True, slots=True)
class Asking:
    """What the page of the consent shows one person."""

    case: Case
    actor: Actor
    people: list[Standing]
    ledger: list[Asked]
    answer: str | None
    for_client: str

    @property
    def may_answer(self) -> bool:
        return (
            self.case.state == "consent_pending"
            and may(self.actor, "consent", self.case)
            and self.answer != "given"
        )

    @property
    def may_withdraw(self) -> bool:
        return may(self.actor, "consent", self.case) and self.answer == "given"


async def show_consent(request: web.Request) -> web.Response:
    """GET /cases/{case}/consent"""
    return _page(request, await _asking(request), Form({}, {}), {})


async def answer(request: web.Request) -> web.Response:
    """POST /cases/{case}/consent: give, refuse or withdraw."""
    asking, form = await _asking(request), await read_form(request)
    chosen = form.text("answer")
    if wrong := _missing(request, form):
        return _page(request, asking, form, wrong, 422)
    who = signed_in_person(request)
    how = Answering(
        version=form.text("version") or asking.case.rules.consent.version,
        language=reader_behind(request).tag,
        identity_level=identity_level(who),
        device=device_of(request),
    )
    try:
        await request.app[SERVER].write(ANSWERS[chosen], by=asking.actor, case=asking.case.id, how=how)
    except Invalid as refusal:
        return _page(request, asking, form, amiss(refusal, "answer", say(request, refusal)), refusal.status)
    return see_other(f"/cases/{asking.case.id}")


def identity_level(who: SignedIn) -> str:
    """How well the person behind a sign-in is known (B1): by a code to the registered address, or by what the operator did."""
    return KNOWN_BY.get(who.way, who.way)


def _missing(request: web.Request, form: Form) -> dict[str, str]:
    _ = reader_behind(request).words.gettext
    chosen = form.text("answer")
    if chosen not in ANSWERS:
        return {"answer": _("Please choose one of the two.")}
    if chosen == "give" and not form.text("declared"):
        return {"declared": _("Please confirm this before you agree.")}
    if chosen == "withdraw" and not form.text("sure"):
        return {"sure": _("Please tick this first.")}
    return {}


async def _asking(request: web.Request) -> Asking:
    who = signed_in_person(request)
    return await request.app[SERVER].read(_asked, who.person, request.match_info["case"])


def _asked(session: Session, person: str, case: str) -> Asking:
    found, actor = case_for(session, person, case)
    people = standings_in(session, case)
    client = client_of(session, person, case)
    name = next((one.name for one in people if one.person == client and client != person), "")
    rows = consent_rows(session, case, people)
    return Asking(found, actor, people, rows, standing_answer(session, case, client), name)


def _page(
    request: web.Request, asking: Asking, form: Form, wrong: dict[str, str], status: int = 200
) -> web.Response:
    between = "、" if reader_behind(request).tag == "zh-CN" else ", "
    mediator = between.join(one.name for one in asking.people if one.standing == "mediator")
    return render(
        request,
        "consents/show.html",
        status=status,
        case=asking.case,
        pack=asking.case.rules,
        mediator=mediator,
        ledger=asking.ledger,
        may_answer=asking.may_answer,
        may_withdraw=asking.may_withdraw,
        for_client=asking.for_client,
        typed=form.typed,
        wrong=wrong,
        client_id=new_id(),
    )


routes = (
    Route("GET", "/cases/{case}/consent", show_consent, "case"),
    Route("POST", "/cases/{case}/consent", answer, "case"),
)
