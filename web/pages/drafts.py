"""Drafts: the terms as a form, from which a new version is proposed."""

from aiohttp import web

from mediation.agreements.agreement import propose_terms
from mediation.errors import Invalid, Refusal
from mediation.ids import new_id
from mediation.people.permission import require
from web.agreement_view import AgreementView, view_in_case
from web.forms import Form, read_form
from web.pages.agreements import teller
from web.pages.signin import say
from web.respond import render, see_other
from web.routes import Route
from web.server import SERVER
from web.session import signed_in_person
from web.terms_form import Row, empty_row, filled_in, rows_of, spread, terms_of, written


async def show_draft(request: web.Request) -> web.Response:
    """GET /cases/{case}/agreement/draft: the latest terms, ready to be changed."""
    view = await _view(request)
    require(view.seen.actor, "draft_agreement", view.seen.case)
    latest = view.seen.versions[0] if view.seen.versions else None
    rows, typed = (
        filled_in(latest.terms) if latest else ([_first_row(view)], {"final": "yes", "costs": "none"})
    )
    base = latest.number if latest else 0
    return _page(request, view, rows, Form({**typed, "base": str(base)}, {}), {})


async def propose(request: web.Request) -> web.Response:
    """POST /cases/{case}/agreement: `do` is save, add, spread or remove-3; only save leaves the page."""
    view, form = await _view(request), await read_form(request)
    require(view.seen.actor, "draft_agreement")
    do = form.text("do") or "save"
    currency = view.seen.case.rules.currency
    if do != "save":
        return _changed(request, view, form, do, currency)
    try:
        await request.app[SERVER].write(
            propose_terms,
            by=view.seen.actor,
            case=view.seen.case.id,
            terms=terms_of(form, currency),
            base=form.number("base") or 0,
            note=form.text("note", limit=500),
            client_id=form.text("client_id", limit=64) or None,
        )
    except Refusal as refusal:
        return _page(request, view, written(rows_of(form)), form, _wrong(request, refusal), refusal.status)
    return see_other(f"/cases/{view.seen.case.id}/agreement")


def _changed(request: web.Request, view: AgreementView, form: Form, do: str, currency: str) -> web.Response:
    rows, wrong = rows_of(form), {}
    if do == "add":
        rows = [*rows, empty_row(rows[-1] if rows else None)]
    elif do == "spread":
        try:
            rows = spread(form, currency)
        except Invalid as refusal:
            wrong = {"spread": say(request, refusal)}
    elif do.startswith("remove-"):
        rows = [row for n, row in enumerate(rows, start=1) if do != f"remove-{n}"]
    return _page(request, view, rows, form, wrong, 422 if wrong else 200)


def _wrong(request: web.Request, refusal: Refusal) -> dict[str, str]:
    number = refusal.params.get("n")
    field = str(refusal.params.get("field", "")) or (f"row-{number}" if number else "")
    return {
        field or ("rows" if refusal.message == "agreements.nothing_agreed" else ""): say(request, refusal)
    }


async def _view(request: web.Request) -> AgreementView:
    who = signed_in_person(request)
    return await request.app[SERVER].read(view_in_case, who.person, request.match_info["case"])


def _first_row(view: AgreementView) -> Row:
    """Most disputes here are about money that the respondent owes the claimant."""
    people = [person for person, _ in view.parties]
    return empty_row() | ({"payer": people[-1], "payee": people[0]} if len(people) > 1 else {})


def _page(
    request: web.Request,
    view: AgreementView,
    rows: list[Row],
    form: Form,
    wrong: dict[str, str],
    status: int = 200,
) -> web.Response:
    words = teller(request, view)
    return render(
        request,
        "agreements/draft.html",
        status=status,
        case=view.seen.case,
        base=form.typed.get("base", "0"),
        next=(view.seen.versions[0].number if view.seen.versions else 0) + 1,
        rows=rows or [_first_row(view)],
        typed=form.typed,
        wrong=wrong,
        parties=view.parties,
        ways=words.ways(),
        costs=words.costs(view.parties),
        client_id=form.text("client_id", limit=64) or new_id(),
    )


routes = (
    Route("GET", "/cases/{case}/agreement/draft", show_draft, "case"),
    Route("POST", "/cases/{case}/agreement", propose, "case"),
)
