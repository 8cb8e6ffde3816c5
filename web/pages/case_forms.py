"""The form with which the clerk registers a case."""

from aiohttp import web

from mediation.cases.party import PartyDraft
from mediation.packs.pack import PACKS, load_pack
from mediation.people.person import people
from web.forms import Form
from web.respond import reader_behind, render
from web.server import SERVER


def draft_parties(form: Form, *, clerk: str) -> list[PartyDraft]:
    """The people of the form; the clerk who registers keeps the file."""
    drafts = []
    for side in ("claimant", "respondent"):
        principal, agent = form.text(side), form.text(f"{side}_agent")
        if principal:
            drafts.append(PartyDraft(principal, side))
        if principal and agent:
            authority = "special" if form.text(f"{side}_authority") == "special" else "general"
            drafts.append(PartyDraft(agent, "agent", authority=authority, represents=principal))
    bench = [
        PartyDraft(form.text(standing), standing) for standing in ("mediator", "judge") if form.text(standing)
    ]
    return [*drafts, *bench, PartyDraft(clerk, "clerk")]


async def registration_page(
    request: web.Request, form: Form, wrong: dict[str, str], *, client_id: str, status: int = 200
) -> web.Response:
    reader = reader_behind(request)
    _ = reader.words.gettext
    known = await request.app[SERVER].read(people)

    def of_office(office: str | None) -> list[tuple[str, str]]:
        return [(one.id, f"{one.name} · {one.reached_at}") for one in known if one.office == office]

    return render(
        request,
        "cases/new.html",
        status=status,
        typed=form.typed,
        wrong=wrong,
        client_id=client_id,
        people=of_office(None),
        mediators=of_office("mediator"),
        judges=of_office("judge"),
        authorities=[("general", _("General authority")), ("special", _("Special authority"))],
        packs=[(code, load_pack(code).name.of(reader.tag)) for code in PACKS],
    )
