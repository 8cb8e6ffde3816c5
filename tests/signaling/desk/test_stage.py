"""The stage: a waiting room that holds, seats that are kept, and a leader whose word is done before it is answered."""

import asyncio
from typing import Any, Literal

import pytest

from mediation.rooms.order import order_of
from signaling.desk.absence import GONE
from signaling.desk.desk import Patience
from signaling.events import heard_from_media
from signaling.media.messages import TransportState
from signaling.media.relay import Relay, password
from signaling.seats import Seat
from tests.signaling.desk.asking import Program, enter
from tests.site import Site
from tests.stories import Story, opened


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


async def test_everybody_waits_until_admitted_and_stays_admitted_after_a_reload(
    site: Site, story: Story
) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    waiting = await bo.ask("join_stage", room=story.room)

    await lin.ask("admit_person", room=story.room, person=story.people["respondent"], client_id="a")
    admitted = await bo.hears("stage_changed", person=story.people["respondent"], state="on")
    again = await (await enter(site, story, "respondent")).ask(
        "join_stage", room=story.room, seat=waiting["seat"]
    )

    assert (waiting["state"], admitted["place"], again["state"]) == ("waiting", "main", "on")
    assert (again["seat"], again["resumed"]) == (waiting["seat"], True)


async def test_the_waiting_room_shows_nothing_of_the_stage_whatever_is_sent(site: Site, story: Story) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    producer = await _produce(lin)
    joined = await bo.ask("join_stage", room=story.room, seat=None, take_over=True)
    transport = await bo.ask("open_transport", room=story.room, direction="recv")

    codes = {
        await bo.refused(
            "consume", transportId=transport["id"], producerId=producer, rtpCapabilities=CAPABILITIES
        ),
        await bo.refused(
            "consume", transportId=transport["id"], producerId="guessed", rtpCapabilities=CAPABILITIES
        ),
    }

    assert (joined["producers"], joined["people"], joined["waiting"]) == ([], [], [])
    assert codes == {"not_found"}
    assert await bo.refused("raise_hand", room=story.room) == "wrong_state"
    assert await bo.refused(
        "admit_person", room=story.room, person=story.people["respondent"], client_id="x"
    ) == ("not_allowed")
    assert bo.said_of("producer_added", producer) == []


async def test_the_leader_hears_who_waits_and_nobody_else_does(site: Site, story: Story) -> None:
    lin, chen = await _meeting(site, story), await enter(site, story, "claimant")
    await _admit(lin, chen, story, "claimant")

    await (await enter(site, story, "respondent")).ask("join_stage", room=story.room)

    await lin.hears("stage_changed", person=story.people["respondent"], state="waiting")
    assert [each for each in chen.heard if each[0] == "stage_changed" and each[1]["state"] == "waiting"] == []


async def test_a_second_device_is_asked_before_it_takes_the_seat_over(site: Site, story: Story) -> None:
    lin = await _meeting(site, story)
    second = await enter(site, story, "mediator")

    code = await second.refused("join_stage", room=story.room)
    taken = await second.ask("join_stage", room=story.room, take_over=True)

    assert (code, taken["state"]) == ("seat_taken", "on")
    await lin.hears("seat_taken_over", room=story.room)
    assert await lin.refused("open_transport", room=story.room, direction="send") == "not_found"


async def test_who_is_removed_waits_again_and_a_replayed_admission_does_not_let_them_in(
    site: Site, story: Story
) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    await _admit(lin, bo, story, "respondent")

    await lin.ask(
        "remove_person", room=story.room, person=story.people["respondent"], reason="a witness", client_id="r"
    )
    await bo.hears("stage_changed", person=story.people["respondent"], state="waiting")
    await lin.ask(
        "admit_person", room=story.room, person=story.people["respondent"], client_id="admit:respondent"
    )

    assert (await bo.ask("join_stage", room=story.room))["state"] == "waiting"


async def test_a_removal_without_a_reason_is_refused(site: Site, story: Story) -> None:
    lin = await _meeting(site, story)

    person = story.people["respondent"]

    assert (
        await lin.refused("remove_person", room=story.room, person=person, reason=" ", client_id="r")
        == "invalid"
    )


async def test_a_mute_holds_over_a_reload_and_cannot_be_lifted_by_the_muted(site: Site, story: Story) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    await _admit(lin, bo, story, "respondent")
    await _produce(bo)

    await lin.ask(
        "mute_person", room=story.room, person=story.people["respondent"], source="mic", client_id="m"
    )
    reloaded = await enter(site, story, "respondent")
    joined = await reloaded.ask("join_stage", room=story.room, take_over=True)
    producer = await _produce(reloaded)

    assert joined["muted"] == ["mic"]
    assert await reloaded.refused("resume_producer", producerId=producer) == "not_allowed"
    assert site.house.ask(order_of, story.room, story.people["respondent"]).locked == {"mic"}


async def test_hands_are_seen_in_the_order_in_which_they_were_raised(site: Site, story: Story) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    chen = await enter(site, story, "claimant")
    await _admit(lin, bo, story, "respondent")
    await _admit(lin, chen, story, "claimant")

    await bo.ask("raise_hand", room=story.room)
    await chen.ask("raise_hand", room=story.room)
    people = [story.people["respondent"], story.people["claimant"]]
    await lin.hears("hands", people=people)
    lowered = await lin.ask("lower_hand", room=story.room, person=story.people["respondent"])

    assert lowered["hands"] == [story.people["claimant"]]


async def test_one_at_a_time_is_shown_large_to_everybody_and_who_leaves_the_place_no_longer(
    site: Site, story: Story
) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    chen = await enter(site, story, "claimant")
    await _admit(lin, bo, story, "respondent")
    bo_id, chen_id = story.people["respondent"], story.people["claimant"]

    assert await lin.refused("spotlight", room=story.room, person=chen_id) == "not_found"
    await _admit(lin, chen, story, "claimant")
    assert await chen.refused("spotlight", room=story.room, person=chen_id) == "not_allowed"
    await lin.ask("spotlight", room=story.room, person=bo_id)
    await chen.hears("order_changed", person=bo_id, spotlight=True)
    await lin.ask("spotlight", room=story.room, person=chen_id)
    await chen.hears("order_changed", person=bo_id, spotlight=False)
    await bo.hears("order_changed", person=chen_id, spotlight=True)
    seat = site.signaling.desk.seats.of_person(story.room, chen_id)
    again = await chen.ask("join_stage", room=story.room, seat=seat.id if seat else None)
    caucus = await lin.ask("open_caucus", room=story.room, people=[chen_id], client_id="c")
    inside = await chen.hears("stage_changed", person=chen_id, place=caucus["channel"])

    assert (again["spotlight"], inside["spotlight"]) == (True, False)


async def test_moving_into_a_caucus_and_back_keeps_seat_and_transports(site: Site, story: Story) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    chen = await enter(site, story, "claimant")
    await _admit(lin, bo, story, "respondent")
    await _admit(lin, chen, story, "claimant")
    transport = await bo.ask("open_transport", room=story.room, direction="send")
    people = [story.people["respondent"]]

    caucus = (await lin.ask("open_caucus", room=story.room, people=people, client_id="c"))["channel"]
    inside = await bo.hears("stage_changed", person=people[0], place=caucus)
    await chen.hears("stage_changed", person=people[0], state="gone")
    await lin.ask("close_caucus", channel=caucus, client_id="c2")
    await chen.hears("stage_changed", person=people[0], state="on")
    seat = site.signaling.desk.seats.of_person(story.room, people[0])
    resumed = await bo.ask("join_stage", room=story.room, seat=seat.id if seat else None)

    assert [each["person"] for each in inside["people"]] == [story.people["mediator"]]
    assert [each["id"] for each in resumed["transports"]] == [transport["id"]]


async def test_nothing_that_happens_inside_a_caucus_reaches_a_connection_outside(
    site: Site, story: Story
) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    outside = [await enter(site, story, role) for role in ("claimant", "judge", "clerk")]
    await _admit(lin, bo, story, "respondent")
    await _admit(lin, outside[0], story, "claimant")
    people = [story.people["respondent"]]
    caucus = (
        await lin.ask("open_caucus", room=story.room, people=people, name="canary-name", client_id="c")
    )["channel"]
    for person in (*people, story.people["mediator"]):
        await outside[0].hears("stage_changed", person=person, state="gone")
    for program in outside:
        await program.hears("entry", kind="caucus_opened")
    before = [len(each.heard) for each in outside]

    await bo.ask("post_message", channel=caucus, client_id="k", text="canary-text")
    await bo.ask("mark_read", channel=caucus, seq=1)
    await bo.ask("raise_hand", room=story.room)
    await _produce(bo)
    reloaded = await enter(site, story, "respondent")
    await reloaded.ask("join_stage", room=story.room, take_over=True)
    await lin.ask("post_message", channel=story.record, client_id="end", text="the end")

    for program, start in zip(outside, before, strict=True):
        await program.hears("entry", client_id="end")
        assert [name for name, push in program.heard[start:] if push.get("client_id") != "end"] == []
        assert program.said_of("canary") == []


async def test_closing_the_meeting_sends_everybody_to_the_waiting_room_and_a_new_one_admits_nobody(
    site: Site, story: Story
) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    await _admit(lin, bo, story, "respondent")

    await lin.ask("close_hearing", room=story.room, client_id="end")
    await bo.hears("stage_changed", person=story.people["respondent"], state="waiting")
    await lin.ask("start_hearing", room=story.room, client_id="next")

    assert (await bo.ask("join_stage", room=story.room))["state"] == "waiting"


@pytest.mark.parametrize("role", ["claimant", "respondent", "agent", "judge", "clerk"])
async def test_only_the_mediator_leads(site: Site, story: Story, role: str) -> None:
    await _meeting(site, story)
    other = await enter(site, story, role)
    person = story.people["claimant"]

    asked: list[tuple[str, dict[str, Any]]] = [
        ("start_hearing", {"room": story.room}),
        ("close_hearing", {"room": story.room}),
        ("admit_person", {"room": story.room, "person": person}),
        ("remove_person", {"room": story.room, "person": person, "reason": "x"}),
        ("mute_person", {"room": story.room, "person": person, "source": "mic"}),
        ("unmute_person", {"room": story.room, "person": person, "source": "mic"}),
        ("open_caucus", {"room": story.room, "people": [person]}),
    ]

    codes = [await other.refused(name, client_id=f"k{name}", **payload) for name, payload in asked]

    assert codes == ["not_allowed"] * len(asked)


@pytest.mark.parametrize("first", ["media", "connection"])
async def test_a_tab_is_gone_once_neither_it_nor_its_media_is_heard(
    site: Site, story: Story, first: str
) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    await _admit(lin, bo, story, "respondent")
    producer = await _produce(bo)
    person = story.people["respondent"]
    seat = _seat(site, story, person)

    _line(site, seat, "connected")
    if first == "media":
        _line(site, seat, "disconnected")
    await bo.socket.disconnect()
    await lin.hears("stage_changed", person=person, state="away")
    if first == "connection":
        _line(site, seat, "disconnected")

    await lin.hears("producer_closed", id=producer)
    await lin.hears("stage_changed", person=person, state="gone")
    assert site.signaling.desk.seats.get(seat.id) is None


async def test_media_that_falls_silent_for_a_while_costs_nobody_the_seat(site: Site, story: Story) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    await _admit(lin, bo, story, "respondent")
    await _produce(bo)
    seat = _seat(site, story, story.people["respondent"])

    states: list[LineState] = ["connected", "disconnected", "connected"]
    for state in states:
        _line(site, seat, state)

    assert (await bo.ask("join_stage", room=story.room, seat=seat.id))["own_producers"]
    assert lin.said_of("producer_closed") == []


async def test_a_seat_outlives_its_connection_longer_while_its_media_flows(site: Site, story: Story) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    await _admit(lin, bo, story, "respondent")
    desk, now = site.signaling.desk, asyncio.get_running_loop().time
    await _produce(bo)
    seat = _seat(site, story, story.people["respondent"])
    _line(site, seat, "connected")

    await bo.socket.disconnect()
    await lin.hears("stage_changed", person=seat.person, state="away")
    flowing = desk.farewells[seat.id].when() - now()
    _line(site, seat, "closed")
    ended = desk.farewells[seat.id].when() - now()

    assert GONE < flowing <= Patience().seat
    assert ended <= GONE == 15


async def test_each_person_gets_credentials_of_their_own_for_the_relay(site: Site, story: Story) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    before = await bo.ask("join_stage", room=story.room)
    desk = site.signaling.desk
    none = desk.relay
    desk.relay = Relay(("turns:turn.example.org:443",), "north", 1)

    joined = [await each.ask("join_stage", room=story.room, take_over=True) for each in (lin, bo)]
    desk.relay = none

    assert before["iceServers"] == []
    servers = [each["iceServers"][0] for each in joined]
    assert [each["urls"] for each in servers] == [["turns:turn.example.org:443"]] * 2
    assert servers[0]["username"] != servers[1]["username"]
    assert servers[0]["credential"] == password("north", servers[0]["username"])


async def test_a_kit_check_is_seen_by_nobody_and_its_result_is_stored(site: Site, story: Story) -> None:
    lin, bo = await _meeting(site, story), await enter(site, story, "respondent")
    seat = await bo.ask("join_stage", room=story.room, check=True)
    transport = await bo.ask("open_transport", room=story.room, direction="recv")
    producer = await _produce(bo)

    own = await bo.ask(
        "consume", transportId=transport["id"], producerId=producer, rtpCapabilities=CAPABILITIES
    )
    line = {"rtt_ms": 40, "loss": 0.0, "kbit_up": 600, "kbit_down": 600}
    result = await bo.ask(
        "report_check", room=story.room, camera="works", microphone="works", line=line, heard_self=True
    )

    assert (seat["state"], own["producerId"], result["score"]) == ("check", producer, "good")
    assert lin.said_of(producer) == []


async def test_who_leads_is_told_of_a_check_and_reads_the_last_of_everybody(site: Site, story: Story) -> None:
    lin, bo = await enter(site, story, "mediator"), await enter(site, story, "respondent")
    chen, gu = await enter(site, story, "claimant"), await enter(site, story, "agent")
    strong = {"rtt_ms": 40, "loss": 0.0, "kbit_up": 600, "kbit_down": 600}
    found: list[tuple[Program, dict[str, Any], list[str]]] = [
        (bo, {"camera": "busy", "microphone": "silent", "line": strong}, ["microphone", "camera"]),
        (bo, {"camera": "works", "microphone": "works", "line": strong}, ["playback"]),
        (chen, {"camera": "refused", "microphone": "works", "line": strong, "heard_self": True}, ["camera"]),
        (gu, {"camera": "works", "microphone": "works", "line": {"loss": 0.2}, "heard_self": True}, ["line"]),
    ]

    for program, result, faults in found:
        site.house.clock.pass_by(seconds=1)
        made = await program.ask("report_check", room=story.room, **result)
        told = await lin.hears("check_reported", at=made["at"])
        assert (told["faults"], told["score"]) == (faults, made["score"])
    read = (await lin.ask("read_checks", room=story.room))["checks"]

    assert {one["person"]: one["faults"] for one in read} == {
        story.people["respondent"]: ["playback"],
        story.people["claimant"]: ["camera"],
        story.people["agent"]: ["line"],
    }
    for program in (bo, chen, gu):
        assert await program.refused("read_checks", room=story.room) == "not_allowed"
        assert program.said_of("check_reported") == []


LineState = Literal["connected", "disconnected", "closed"]
CAPABILITIES = {
    "codecs": [
        {
            "kind": "audio",
            "mimeType": "audio/opus",
            "preferredPayloadType": 100,
            "clockRate": 48000,
            "channels": 2,
        }
    ],
    "headerExtensions": [],
}
PARAMETERS = {
    "mid": "0",
    "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}],
    "encodings": [{"ssrc": 11111111}],
    "rtcp": {"cname": "tests"},
}


def _seat(site: Site, story: Story, person: str) -> Seat:
    seat = site.signaling.desk.seats.of_person(story.room, person)
    assert seat is not None
    return seat


def _line(site: Site, seat: Seat, state: LineState) -> None:
    """What the worker says of this person's transport."""
    event = TransportState(seat.room, seat.id, seat.transports["send"], state)
    heard_from_media(site.signaling.desk, event)


async def _meeting(site: Site, story: Story) -> Program:
    """The mediator has started a meeting and is on its stage."""
    lin = await enter(site, story, "mediator")
    await lin.ask("start_hearing", room=story.room, client_id="start")
    await lin.ask("join_stage", room=story.room)
    return lin


async def _admit(lin: Program, program: Program, story: Story, role: str) -> None:
    await program.ask("join_stage", room=story.room)
    person = story.people[role]
    await lin.ask("admit_person", room=story.room, person=person, client_id=f"admit:{role}")
    await program.hears("stage_changed", person=person, state="on")


async def _produce(program: Program) -> str:
    transport = await program.ask("open_transport", room=program.room, direction="send")
    made = await program.ask(
        "produce", transportId=transport["id"], kind="audio", source="mic", rtpParameters=PARAMETERS
    )
    return str(made["id"])
