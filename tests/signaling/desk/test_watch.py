"""What is seen of people's lines and connections: figures to who may know them, a word to the others, and nothing through a wall."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from mediation.hearings.connection import statement_of
from mediation.hearings.hearing import hearing_on
from signaling.desk.watch import wait_for_the_cut_off
from signaling.events import heard_from_media
from signaling.media.messages import Network, TransportState
from tests.signaling.desk.asking import Program, enter
from tests.signaling.desk.test_order import admitted, meeting
from tests.site import Site
from tests.stories import Story, opened


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


@pytest_asyncio.fixture(loop_scope="module")
async def hasty(site: Site) -> AsyncIterator[None]:
    """A desk that waits for nobody for long."""
    kept, patience = site.signaling.desk.patience, site.signaling.desk.patience
    site.signaling.desk.patience = type(patience)(seat=0.3, person=0.05, lead=0.1)
    yield
    site.signaling.desk.patience = kept


async def test_figures_go_to_the_person_and_the_leader_and_a_word_to_the_others(
    site: Site, story: Story
) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")

    for loss in (0.0, 0.05, 0.05):
        line(site, story, loss_up=loss)
    figures = await bo.hears("network", quality="fair")
    await lin.hears("network", quality="fair", why="loss_up")
    await chen.hears("network", quality="fair")
    joined = await (await enter(site, story, "claimant")).ask("join_stage", room=story.room, take_over=True)

    person = story.people["respondent"]
    assert figures == {
        "room": story.room, "person": person, "quality": "fair", "why": "loss_up", "rtt_ms": 42, "loss_up": 0.05,
        "loss_down": 0.0, "kbit_up": 480, "kbit_down": 950, "layer": 1,
    }  # fmt: skip
    assert [push for name, push in chen.heard if name == "network"] == [
        {"room": story.room, "person": person, "quality": quality} for quality in ("good", "fair")
    ]
    assert [(each["person"], each["quality"]) for each in joined["people"] if each["person"] == person] == [
        (person, "fair")
    ]


async def test_nothing_of_a_line_is_heard_through_the_wall_not_even_by_another_leader(
    site: Site, story: Story
) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")
    people = [story.people["respondent"]]
    await lin.ask("open_caucus", room=story.room, people=people, client_id="c")
    await chen.hears("stage_changed", person=people[0], state="gone")
    seat = site.signaling.desk.seats.of_person(story.room, story.people["claimant"])
    assert seat is not None
    seat.leads = True  # as a second mediator would, who was not taken along
    start = len(chen.heard)

    line(site, story, loss_up=0.3)
    await lin.hears("network", quality="poor")
    await bo.socket.disconnect()
    await lin.hears("stage_changed", person=people[0], state="away")

    told = [push for name, push in chen.heard[start:] if name != "presence"]
    assert told == []


async def test_a_meeting_without_a_lead_stands_still_and_its_caucus_goes_on(
    site: Site, story: Story, hasty: None
) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")
    people = [story.people["respondent"]]
    caucus = (await lin.ask("open_caucus", room=story.room, people=people, client_id="c"))["channel"]

    await lin.socket.disconnect()
    outside = await chen.hears("stage_changed", person=story.people["claimant"], state="waiting")
    await bo.hears("entry", kind="hearing_suspended")
    reloaded = await bo.ask("join_stage", room=story.room)
    back = await enter(site, story, "mediator")
    led = await back.ask("join_stage", room=story.room)

    assert outside["why"] == "host_lost"
    assert (reloaded["state"], reloaded["place"]) == ("on", caucus)
    assert led["place"] == caucus
    await bo.hears("entry", kind="hearing_resumed")
    assert {push["state"] for push in of(bo, "stage_changed", people[0])} == {"on"}
    assert [push["place"] for push in of(bo, "stage_changed", people[0])][-1] == caucus
    assert [push["place"] for push in of(chen, "stage_changed", story.people["claimant"])][-1] == "main"


async def test_a_lead_who_is_back_in_time_interrupts_nobody(site: Site, story: Story) -> None:
    lin, bo = await meeting(site, story)
    desk = site.signaling.desk

    await lin.socket.disconnect()
    await bo.hears("stage_changed", person=story.people["mediator"], state="away")
    counting = story.room in desk.unled
    again = await enter(site, story, "mediator")
    await again.ask("join_stage", room=story.room)

    assert (counting, story.room in desk.unled) == (True, False)
    assert of(bo, "stage_changed", story.people["respondent"])[-1]["state"] == "on"


async def test_who_leaves_by_own_act_and_who_is_lost_are_told_apart(
    site: Site, story: Story, hasty: None
) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")

    await bo.ask("leave_stage", room=story.room, warned=True)
    await lin.hears("entry", kind="person_left")
    await chen.socket.disconnect()
    await lin.hears("entry", kind="person_lost")
    given_up = await until_left(lin, story, "claimant")

    statements = {role: statement(site, story, role) for role in ("respondent", "claimant")}
    assert [fact.kind for fact in statements["respondent"].facts] == [
        "seat_taken", "admitted", "warned", "left"
    ]  # fmt: skip
    assert [fact.kind for fact in statements["claimant"].facts] == [
        "seat_taken", "admitted", "connection_closed", "time_given", "seat_given_up",
    ]  # fmt: skip
    assert statements["respondent"].absences[0].verdict == "own_act"
    assert statements["respondent"].absences[0].warned
    assert statements["claimant"].absences[0].verdict == "unclear"
    assert given_up["body"]["code"] == "not_back"


async def test_who_closes_the_page_has_gone_by_own_act_and_who_reloads_has_not(
    site: Site, story: Story, hasty: None
) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")

    await chen.ask("close_page", room=story.room)
    await chen.socket.disconnect()
    again = await enter(site, story, "claimant")
    await again.ask("join_stage", room=story.room)
    await bo.ask("close_page", room=story.room)
    await bo.socket.disconnect()
    gone = await until_left(lin, story, "respondent")

    assert gone["body"]["code"] == "page_closed"
    assert statement(site, story, "claimant").verdict == "none"
    assert statement(site, story, "respondent").verdict == "own_act"


async def test_a_silent_line_is_a_fault_and_its_return_is_noted(site: Site, story: Story) -> None:
    lin, bo = await meeting(site, story)
    transport = (await bo.ask("open_transport", room=story.room, direction="send"))["id"]
    changed(site, story, transport, "connected")

    changed(site, story, transport, "disconnected")
    await lin.hears("network", quality="lost", why="lost")
    lost = await lin.hears("entry", kind="person_lost")
    line(site, story, loss_up=0.0)
    changed(site, story, transport, "connected")
    await lin.hears("entry", kind="person_back")

    assert lost["body"]["code"] == "line"
    assert [push["quality"] for name, push in bo.heard if name == "network"] == ["lost"]
    kinds = [(fact.kind, fact.code) for fact in statement(site, story, "respondent").facts]
    assert kinds[-3:] == [("media_connected", "send"), ("media_silent", "send"), ("media_back", "send")]


async def test_after_a_restart_who_does_not_come_back_has_left(site: Site, story: Story, hasty: None) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")
    await chen.hears("entry", kind="person_joined", actor=story.people["claimant"])
    desk = site.signaling.desk
    seat = desk.seats.of_person(story.room, story.people["claimant"])
    assert seat is not None
    desk.seats.remove(seat)  # a server that was started anew knows of no seat

    await wait_for_the_cut_off(desk)
    left = await until_left(lin, story, "claimant")

    assert left["body"]["code"] == "not_back"
    assert not [push for push in of_kind(bo, "person_left") if push["actor"] == story.people["respondent"]]
    assert statement(site, story, "claimant").facts[-1].kind == "server_restarted"


def of_kind(program: Program, kind: str) -> list[dict[str, Any]]:
    return [push for name, push in program.heard if name == "entry" and push["kind"] == kind]


def line(site: Site, story: Story, *, loss_up: float) -> None:
    """What the worker reports of the respondent's line."""
    seat = site.signaling.desk.seats.of_person(story.room, story.people["respondent"])
    assert seat is not None
    heard_from_media(
        site.signaling.desk, Network(story.room, seat.id, 42.0, loss_up, 0.0, 480_000, 950_000, 1)
    )


def changed(site: Site, story: Story, transport: str, state: Any) -> None:
    seat = site.signaling.desk.seats.of_person(story.room, story.people["respondent"])
    assert seat is not None
    heard_from_media(site.signaling.desk, TransportState(story.room, seat.id, transport, state))


def statement(site: Site, story: Story, role: str) -> Any:
    hearing = site.house.ask(hearing_on, story.room)
    assert hearing is not None
    return site.house.ask(statement_of, hearing, story.people[role])


def of(program: Program, event: str, person: str) -> list[dict[str, Any]]:
    return [push for name, push in program.heard if name == event and push.get("person") == person]


async def until_left(program: Program, story: Story, role: str) -> dict[str, Any]:
    """The entry that says that this person has left."""
    while True:
        for name, push in program.heard:
            if name == "entry" and (push["kind"], push["actor"]) == ("person_left", story.people[role]):
                return push
        program.arrived.clear()
        await program.arrived.wait()
