"""The pages of a case: registered by the clerk, told in plain words, ended for a reason of the closed list."""

import csv
import io
import json
import re

import pytest

from mediation.cases.case import register_case
from mediation.cases.party import PartyDraft
from mediation.hearings.kit import report_check
from mediation.people.permission import Actor
from mediation.rooms.message import post_message
from tests.cast import BO, CHEN, LIN
from tests.site import Site, field_of
from tests.stories import opened, registered

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_clerk_adds_people_and_registers_a_case_with_them(site: Site) -> None:
    story = registered(site.house)
    wen = site.visitor(story.people["clerk"])
    await wen.post("/people", {"name": "Fang Qi", "phone": "138 0000 0077", "locale": "zh-CN"})
    form = await (await wen.get("/cases/new")).text()
    fang = re.search(r'value="([\w-]+)"[^>]*>Fang Qi', form)
    assert fang is not None

    registration = {
        "title": "Fang v. Bo",
        "cause": "private lending",
        "claim": "Repayment",
        "claimant": fang[1],
        "respondent": story.people["respondent"],
        "mediator": story.people["mediator"],
        "client_id": field_of(form, "client_id"),
    }
    first = await wen.post("/cases", registration)
    again = await wen.post("/cases", registration)
    page = await (await wen.get(first.headers["Location"])).text()

    assert first.status == 303
    assert again.headers["Location"] == first.headers["Location"]
    assert "Fang v. Bo" in page
    assert LIN.name in page
    assert "Fang v. Bo" in await (await wen.get("/cases")).text()


async def test_the_home_page_masks_what_the_case_itself_shows(site: Site) -> None:
    story = registered(site.house)
    parties = [PartyDraft(story.people[role], role) for role in ("claimant", "respondent", "mediator")]
    site.house.do(
        register_case, by=Actor(story.people["clerk"], "clerk"), title="Card 4111 1111 1111 1111",
        cause="private lending", claim="", parties=parties,
    )  # fmt: skip
    chen = site.visitor(story.people["claimant"])

    home = await (await chen.get("/")).text()
    case = re.search(r'href="(/cases/[^"]+)">Card', home)
    assert case is not None

    assert "Card ************1111" in home
    assert "4111 1111" not in home
    assert "Card 4111 1111 1111 1111" in await (await chen.get(case[1])).text()


async def test_what_was_typed_is_kept_when_something_is_missing(site: Site) -> None:
    story = registered(site.house)
    wen = site.visitor(story.people["clerk"])

    person = await wen.post(
        "/people", {"name": "Fang Qi", "email": "not-an-address", "zone": "Europe/Berlin"}
    )
    page = await person.text()
    case = await wen.post("/cases", {"title": "Fang v. Bo", "claimant": story.people["claimant"]})
    form = await case.text()

    assert person.status == 422
    assert 'id="email-wrong"' in page
    assert 'value="Fang Qi"' in page
    assert 'value="not-an-address"' in page
    assert case.status == 422
    assert 'value="Fang v. Bo"' in form
    assert re.search(rf'value="{story.people["claimant"]}" selected', form)


async def test_only_the_clerk_finds_the_clerks_pages(site: Site) -> None:
    story = registered(site.house)

    for role in ("claimant", "respondent", "agent", "mediator", "judge", "stranger"):
        for path in ("/people", "/people/new", "/cases", "/cases/new"):
            assert (await site.visitor(story.people[role]).get(path)).status == 404
    assert (await site.visitor().get("/people")).status == 303


async def test_a_case_says_in_plain_words_where_it_stands(site: Site) -> None:
    story = opened(site.house)
    page = await (await site.visitor(story.people["respondent"]).get(f"/cases/{story.case}")).text()

    assert f"{CHEN.name} and {BO.name} are in mediation" in page
    assert f"{LIN.name} opened the room" in page
    assert f"/rooms/{story.room}" in page
    assert "with special authority" in page
    assert "Outcome and certificate" in page


async def test_the_mediator_opens_the_room_once(site: Site) -> None:
    story = registered(site.house)
    for role in ("claimant", "respondent"):
        who = site.visitor(story.people[role])
        form = {"answer": "give", "declared": "yes"}
        await who.post(f"/cases/{story.case}/consent", form)
    lin = site.visitor(story.people["mediator"])

    home = await (await lin.get("/")).text()
    first = await lin.post(f"/cases/{story.case}/room")
    again = await lin.post(f"/cases/{story.case}/room")
    chen = await site.visitor(story.people["claimant"]).post(f"/cases/{story.case}/room")

    assert "双方都已同意，请开启调解室" in home
    assert first.headers["Location"] == again.headers["Location"] == f"/rooms/{story.room}"
    assert chen.status == 403


async def test_the_home_page_tells_what_to_do_and_what_is_new(site: Site) -> None:
    story = registered(site.house)

    bo = await (await site.visitor(story.people["respondent"]).get("/")).text()
    stranger = await (await site.visitor(story.people["stranger"]).get("/")).text()

    assert f"/cases/{story.case}/consent" in bo
    assert "The case was registered" in bo
    assert "Nothing waits for you" in stranger
    assert story.case not in stranger


async def test_a_mediator_ends_a_mediation_for_a_reason_of_the_list(site: Site) -> None:
    story = opened(site.house)
    lin = site.visitor(story.people["mediator"])
    path = f"/cases/{story.case}/ending"

    listed = await (await lin.get(path)).text()
    unsure = await lin.post(path, {"reason": "too_far_apart"})
    wordless = await lin.post(path, {"reason": "other", "sure": "yes"})
    odd = await lin.post(path, {"reason": "agreed", "sure": "yes"})
    done = await lin.post(path, {"reason": "too_far_apart", "sure": "yes"})
    page = await (await site.visitor(story.people["respondent"]).get(f"/cases/{story.case}")).text()

    assert len(re.findall(r'name="reason"', listed)) == 7
    assert unsure.status == 422
    assert re.search(r'value="too_far_apart" checked', await unsure.text())
    assert wordless.status == 422
    assert 'id="note-wrong"' in await wordless.text()
    assert odd.status == 422
    assert done.status == 303
    assert "The positions are too far apart" in page


async def test_nobody_else_ends_it(site: Site) -> None:
    story = opened(site.house)

    for role in ("claimant", "respondent", "agent", "judge", "clerk"):
        who = site.visitor(story.people[role])
        posted = await who.post(f"/cases/{story.case}/ending", {"reason": "too_far_apart", "sure": "yes"})
        assert (await who.get(f"/cases/{story.case}/ending")).status == 403
        assert posted.status == 403


async def test_a_meeting_is_booked_moved_and_cancelled_with_a_reason(site: Site) -> None:
    story = opened(site.house)
    lin = site.visitor(story.people["mediator"])
    bo = site.visitor(story.people["respondent"])
    form = {"title": "First meeting", "date": "2036-03-01", "time": "09:30", "minutes": "60"}

    booked = await lin.post(f"/cases/{story.case}/hearings", form | {"client_id": "a"})
    twice = await lin.post(f"/cases/{story.case}/hearings", form | {"client_id": "a"})
    page = await (await lin.get(f"/cases/{story.case}")).text()
    found = re.findall(r"/hearings/([\w-]+)", page)
    silent = await lin.post(f"/hearings/{found[0]}", form | {"date": "2036-03-02"})
    moved = await lin.post(f"/hearings/{found[0]}", form | {"date": "2036-03-02", "reason": "A holiday"})
    home = await (await bo.get("/")).text()
    forbidden = await bo.post(f"/hearings/{found[0]}/cancellation", {"cancel_reason": "No time"})
    cancelled = await lin.post(
        f"/hearings/{found[0]}/cancellation", {"cancel_reason": "The other side is ill"}
    )
    after = await (await bo.get(f"/cases/{story.case}")).text()

    assert booked.status == twice.status == 303
    assert len(set(found)) == 1
    assert silent.status == 422
    assert 'id="reason-wrong"' in await silent.text()
    assert moved.status == 303
    assert "2 March 2036" in home
    assert forbidden.status == 403
    assert cancelled.status == 303
    assert "cancelled: The other side is ill" in after


async def test_a_name_with_markup_stays_a_name_on_every_page(site: Site) -> None:
    story = registered(site.house)
    wen = site.visitor(story.people["clerk"])
    name = '<img src=x onerror=alert(1)> "Fang"'
    await wen.post("/people", {"name": name, "phone": "138 0000 0078"})
    people = await (await wen.get("/people")).text()
    form = await (await wen.get("/cases/new")).text()
    person = re.search(r'value="([\w-]+)"[^>]*>&lt;img', form)
    assert person is not None
    registration = {
        "title": "<script>alert(1)</script>",
        "claim": "</textarea><script>",
        "claimant": person[1],
        "respondent": story.people["respondent"],
        "mediator": story.people["mediator"],
    }
    made = await wen.post("/cases", registration)

    case = await (await wen.get(made.headers["Location"])).text()
    home = await (await wen.get("/")).text()

    for page in (people, form, case, home):
        assert "<img src=x" not in page
        assert "<script>alert" not in page


async def test_an_invitation_is_sent_again_and_revoked_from_the_case(site: Site) -> None:
    story = registered(site.house)
    wen = site.visitor(story.people["clerk"])
    path = f"/cases/{story.case}/invitations"

    await wen.post(path, {"person": story.people["respondent"]})
    page = await (await wen.get(f"/cases/{story.case}")).text()
    sent = re.search(r'name="revoke" value="([\w-]+)"', page)
    assert sent is not None
    too_soon = await wen.post(path, {"person": story.people["respondent"]})
    outsider = await wen.post(path, {"person": story.people["stranger"]})
    revoked = await wen.post(path, {"person": story.people["respondent"], "revoke": sent[1]})
    after = await (await wen.get(f"/cases/{story.case}")).text()

    assert "已邀请" in page
    assert too_soon.status == 422
    assert outsider.status == 404
    assert revoked.status == 303
    assert 'name="revoke"' not in after


async def test_everybody_reads_their_own_acts_and_nobody_elses(site: Site) -> None:
    story = opened(site.house)

    bo = await (await site.visitor(story.people["respondent"]).get("/acts")).text()
    stranger = await (await site.visitor(story.people["stranger"]).get("/acts")).text()

    assert "You agreed to mediate online" in bo
    assert "Chen v. Bo" in bo
    assert "You opened the room" not in bo
    assert "Chen v. Bo" not in stranger


async def test_acts_are_filtered_by_day_and_taken_along_as_a_table_or_as_data(site: Site) -> None:
    story = opened(site.house)
    bo = site.visitor(story.people["respondent"])
    site.house.do(post_message, by=story.people["respondent"], channel=story.talks, text="…", client_id="now")

    never = await (await bo.get("/acts?from=1999-01-01&to=1999-12-31")).text()
    nonsense = await bo.get("/acts?from=soon&to=9999-12-31&before=%27")
    table = await bo.get("/acts/csv")
    data = json.loads(await (await bo.get("/acts/json?from=2026-01-01")).text())

    assert "Nothing yet" in never
    assert nonsense.status == 200
    assert table.headers["Content-Disposition"] == 'attachment; filename="acts.csv"'
    lines = list(csv.DictReader(io.StringIO((await table.text()).removeprefix("\ufeff"))))
    assert [line["kind"] for line in lines] == [act["kind"] for act in data["acts"]]
    assert {"message_posted", "consent_given"} <= {line["kind"] for line in lines}
    assert {line["case"] for line in lines if line["kind"] == "consent_given"} == {"Chen v. Bo"}


async def test_a_path_that_nobody_knows_and_one_that_is_not_yours_look_the_same(site: Site) -> None:
    story = registered(site.house)
    stranger = site.visitor(story.people["stranger"])

    unknown = await stranger.get("/cases/nosuchcase")
    foreign = await stranger.get(f"/cases/{story.case}")
    nowhere = await stranger.get("/no/such/page")

    assert unknown.status == foreign.status == nowhere.status == 404
    theirs = re.sub(r'value="/[^"]*"', "", await foreign.text())
    assert theirs == re.sub(r'value="/[^"]*"', "", await unknown.text())
    assert "We cannot find this page" in await nowhere.text()


async def test_only_who_leads_sees_on_the_case_what_the_kit_checks_found(site: Site) -> None:
    story = opened(site.house)
    line = {"rtt_ms": 40, "loss": 0.0, "kbit_up": 600}
    here = {"room": story.room, "microphone": "works", "line": line, "heard_self": True}
    site.house.do(report_check, by=story.people["claimant"], camera="works", **here)
    site.house.do(report_check, by=story.people["respondent"], camera="busy", **here)
    pages = {
        role: await (await site.visitor(story.people[role]).get(f"/cases/{story.case}")).text()
        for role in ("mediator", "judge", "clerk", "claimant", "respondent", "agent")
    }

    shown = re.findall(r'data-score="(\w+)"', pages.pop("mediator"))
    assert shown == ["good", "fair", "none"]
    assert not [role for role, page in pages.items() if "data-score" in page]
