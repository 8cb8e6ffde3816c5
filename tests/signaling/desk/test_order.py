"""Order on the stage: what is muted, locked or not to be shown is not forwarded when the answer comes, and stays so."""

import itertools
import os
import signal
from typing import Any

import pytest

from signaling.media.messages import Statistics
from tests.signaling.desk.asking import Program, enter
from tests.site import Site
from tests.stories import Story, opened

OPUS = {"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}
VP8 = {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000}
SSRCS = itertools.count(7_000_000)


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


async def test_a_muted_person_speaks_again_by_own_act_and_a_locked_one_does_not(
    site: Site, story: Story
) -> None:
    lin, bo = await meeting(site, story)
    producer = await produce(bo, "mic")
    await mute(lin, story, "mic", lock=False)
    told = await bo.hears("order_changed", muted=["mic"])

    await bo.ask("resume_producer", producerId=producer)
    lifted = await lin.hears("order_changed", muted=[])
    await mute(lin, story, "mic", lock=True)
    refused = await bo.refused("resume_producer", producerId=producer)

    assert (told["locked"], lifted["person"], refused) == ([], story.people["respondent"], "not_allowed")
    assert made_by(site, story, "respondent")[producer].held


@pytest.mark.parametrize("source", ["mic", "camera"])
async def test_a_lock_holds_over_another_device_and_a_new_media_worker(
    site: Site, story: Story, source: str
) -> None:
    lin, _ = await meeting(site, story)
    await mute(lin, story, source, lock=True)
    second = await enter(site, story, "respondent")
    joined = await second.ask("join_stage", room=story.room, take_over=True)
    before = await produce(second, source)

    os.kill(site.signaling.desk.media.pid or 0, signal.SIGKILL)
    await second.hears("stage_lost", room=story.room)
    await second.ask("join_stage", room=story.room, seat=joined["seat"])
    second.transport = ""
    after = await produce(second, source)

    assert (joined["muted"], joined["locked"]) == ([source], [source])
    assert before not in made_by(site, story, "respondent")
    assert made_by(site, story, "respondent")[after].held
    assert await second.refused("resume_producer", producerId=after) == "not_allowed"


async def test_a_plain_mute_holds_over_a_reload_until_the_person_lifts_it(site: Site, story: Story) -> None:
    lin, _ = await meeting(site, story)
    await mute(lin, story, "mic", lock=False)

    again = await enter(site, story, "respondent")
    joined = await again.ask("join_stage", room=story.room, take_over=True)
    producer = await produce(again, "mic")
    held = made_by(site, story, "respondent")[producer].held
    await again.ask("resume_producer", producerId=producer)

    assert (joined["muted"], joined["locked"], held) == (["mic"], [], True)
    assert not made_by(site, story, "respondent")[producer].held


async def test_everybody_but_the_speaker_is_muted_by_one_request(site: Site, story: Story) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")
    speaks, listens = await produce(bo, "mic"), await produce(chen, "mic")
    leads = await produce(lin, "mic")

    answer = await lin.ask(
        "mute_everybody", room=story.room, but=[story.people["respondent"]], client_id="all"
    )

    assert answer == {"people": [story.people["claimant"]]}
    assert made_by(site, story, "claimant")[listens].held
    assert not made_by(site, story, "respondent")[speaks].held
    assert not made_by(site, story, "mediator")[leads].held


async def test_a_party_asks_before_the_screen_is_shown_and_it_ends_when_that_is_taken_away(
    site: Site, story: Story
) -> None:
    lin, bo = await meeting(site, story)
    who = {"room": story.room, "person": story.people["respondent"]}
    before = await site.signaling.desk.media.statistics(story.room)

    refused = await produce_refused(bo, "screen")
    asked = await bo.ask("ask_to_share", room=story.room)
    await lin.hears("order_changed", share="asked")
    await lin.ask("allow_share", **who, client_id="allow")
    await bo.hears("order_changed", share="yes")
    screen, sound = await produce(bo, "screen"), await produce(bo, "screen_sound")
    shown = await lin.hears("producer_added", id=screen)
    await lin.ask("forbid_share", **who, reason="enough", client_id="forbid")
    after = await site.signaling.desk.media.statistics(story.room)

    assert (refused, asked, shown["source"]) == ("not_allowed", {"share": "asked"}, "screen")
    assert (_producers(before), _producers(after)) == (0, 0)
    for program in (lin, bo):
        for id in (screen, sound):
            await program.hears("producer_closed", id=id)
    assert await produce_refused(bo, "screen") == "not_allowed"


async def test_a_request_to_share_is_declined_by_forbidding_it(site: Site, story: Story) -> None:
    lin, bo = await meeting(site, story)
    await bo.ask("ask_to_share", room=story.room)

    await lin.ask("forbid_share", room=story.room, person=story.people["respondent"], client_id="no")

    await bo.hears("order_changed", share="no")


async def test_a_screen_that_was_shown_in_one_room_is_not_seen_in_the_next(site: Site, story: Story) -> None:
    lin, bo = await meeting(site, story)
    screen = await produce(lin, "screen")
    people = [story.people["respondent"]]

    caucus = await lin.ask("open_caucus", room=story.room, people=people, client_id="c")
    await lin.hears("producer_closed", id=screen)
    inside = await bo.hears("stage_changed", place=caucus["channel"])
    private = await produce(lin, "screen")
    await lin.ask("close_caucus", channel=caucus["channel"], client_id="d")
    await lin.hears("producer_closed", id=private)

    assert inside["producers"] == []
    assert made_by(site, story, "mediator") == {}


async def test_order_of_a_private_talk_is_not_heard_of_outside_and_does_not_come_along(
    site: Site, story: Story
) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")
    mic = await produce(bo, "mic")
    people = [story.people["respondent"]]
    caucus = (await lin.ask("open_caucus", room=story.room, people=people, client_id="c"))["channel"]
    await chen.hears("stage_changed", person=people[0], state="gone")
    start = len(chen.heard)

    await mute(lin, story, "mic", lock=True)
    await lin.ask("warn_person", room=story.room, person=people[0], reason="canary", client_id="w")
    await lin.ask("allow_share", room=story.room, person=people[0], client_id="s")
    await lin.ask("mute_everybody", room=story.room, client_id="e")
    held = made_by(site, story, "respondent")[mic].held
    await lin.ask("post_message", channel=story.record, client_id="end", text="the end")
    await chen.hears("entry", client_id="end")
    silent = [name for name, push in chen.heard[start:] if push.get("client_id") != "end"]
    await lin.ask("close_caucus", channel=caucus, client_id="d")

    assert (held, silent) == (True, [])
    assert not made_by(site, story, "respondent")[mic].held


async def test_who_is_locked_outside_is_held_before_the_private_talk_is_left(
    site: Site, story: Story
) -> None:
    lin, bo = await meeting(site, story)
    chen = await admitted(site, story, lin, "claimant")
    mic = await produce(bo, "mic")
    await mute(lin, story, "mic", lock=True)
    people = [story.people["respondent"]]

    caucus = (await lin.ask("open_caucus", room=story.room, people=people, client_id="c"))["channel"]
    inside = made_by(site, story, "respondent")[mic].held
    await lin.ask("close_caucus", channel=caucus, client_id="d")
    await chen.hears("producer_added", id=mic, paused=True)
    told = [push["paused"] for name, push in chen.heard if name == "producer_added" and push["id"] == mic]

    assert (inside, told) == (False, [False, True])
    assert made_by(site, story, "respondent")[mic].held


async def test_who_is_sent_out_cannot_even_wait_until_let_in_again(site: Site, story: Story) -> None:
    lin, bo = await meeting(site, story)
    who = {"room": story.room, "person": story.people["respondent"]}

    await lin.ask("remove_person", **who, reason="threats", block=True, client_id="out")
    gone = await bo.hears("stage_changed", person=who["person"], state="gone")
    refused = await bo.refused("join_stage", room=story.room)
    await lin.ask("admit_person", **who, client_id="in again")
    back = await bo.ask("join_stage", room=story.room)
    await lin.ask("remove_person", **who, reason="threats", block=True, client_id="out again")
    await lin.ask("close_hearing", room=story.room, client_id="end")
    await lin.ask("start_hearing", room=story.room, client_id="next")
    another = await bo.ask("join_stage", room=story.room)

    assert (gone["why"], refused, back["state"], another["state"]) == (
        "blocked",
        "not_allowed",
        "on",
        "waiting",
    )


async def test_who_only_waits_can_be_sent_out_too(site: Site, story: Story) -> None:
    lin, _ = await meeting(site, story)
    chen = await enter(site, story, "claimant")
    await chen.ask("join_stage", room=story.room)
    who = {"room": story.room, "person": story.people["claimant"]}

    await lin.ask("remove_person", **who, reason="threats", block=True, client_id="out")

    assert await chen.refused("join_stage", room=story.room) == "not_allowed"


async def meeting(site: Site, story: Story) -> tuple[Program, Program]:
    """The mediator and the respondent on the stage of a meeting."""
    lin = await enter(site, story, "mediator")
    await lin.ask("start_hearing", room=story.room, client_id="start")
    await lin.ask("join_stage", room=story.room)
    return lin, await admitted(site, story, lin, "respondent")


async def admitted(site: Site, story: Story, lin: Program, role: str) -> Program:
    program = await enter(site, story, role)
    await program.ask("join_stage", room=story.room)
    await lin.ask("admit_person", room=story.room, person=story.people[role], client_id=f"admit:{role}")
    await program.hears("stage_changed", person=story.people[role], state="on")
    return program


async def mute(lin: Program, story: Story, source: str, *, lock: bool) -> None:
    asked = {"room": story.room, "person": story.people["respondent"], "source": source, "lock": lock}
    await lin.ask("mute_person", **asked, client_id=f"mute:{source}:{lock}")


async def produce(program: Program, source: str) -> str:
    return str((await program.ask("produce", **await track(program, source)))["id"])


async def produce_refused(program: Program, source: str) -> str:
    return await program.refused("produce", **await track(program, source))


async def track(program: Program, source: str) -> dict[str, Any]:
    """A track of a source on this program's one transport."""
    ssrc = next(SSRCS)
    if not program.transport:
        opened = await program.ask("open_transport", room=program.room, direction="send")
        program.transport = opened["id"]
    kind, codec = ("audio", OPUS) if source in ("mic", "screen_sound") else ("video", VP8)
    parameters = {
        "mid": str(ssrc),
        "codecs": [codec],
        "encodings": [{"ssrc": ssrc}],
        "rtcp": {"cname": "tests"},
    }
    return {"transportId": program.transport, "kind": kind, "source": source, "rtpParameters": parameters}


def made_by(site: Site, story: Story, role: str) -> dict[str, Any]:
    seat = site.signaling.desk.seats.of_person(story.room, story.people[role])
    return dict(seat.producers) if seat is not None else {}


def _producers(figures: Statistics) -> int:
    return figures.producers
