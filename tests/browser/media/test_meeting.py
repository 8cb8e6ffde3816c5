"""Three people in Chromium, and three of whom two have Firefox: seen, heard, muted, shown a screen, moved to a new network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.media.counting import asked, inbound
from tests.browser.media.meeting import Meeting, Opens, a_meeting, everyone_receives_everyone
from tests.browser.media.window import comes_true, shows, shows_no

pytestmark = pytest.mark.browser

FPS = 10
LATE = 1.5
"""Seconds within which somebody who comes late sees everybody."""
FREEZE = 1000
"""Milliseconds for which a picture may stand still when the network changes."""

# No browser without a head has a screen: what is shown is drawn, and what is heard with it is a tone.
DRAWN_SCREEN = """(() => {
  if (!globalThis.MediaDevices) return
  MediaDevices.prototype.getDisplayMedia = async () => {
    const canvas = document.createElement("canvas")
    Object.assign(canvas, { width: 640, height: 360 })
    const pen = canvas.getContext("2d")
    let turn = 0
    const draw = () => { pen.fillStyle = turn++ % 2 ? "navy" : "white"; pen.fillRect(0, 0, 64, 36) }
    const drawing = setInterval(draw, 100)
    const context = new AudioContext()
    const tone = context.createOscillator()
    const out = context.createMediaStreamDestination()
    tone.connect(out)
    tone.start()
    const stream = canvas.captureStream(10)
    stream.getVideoTracks()[0].addEventListener("ended", () => clearInterval(drawing))
    stream.addTrack(out.stream.getAudioTracks()[0])
    return stream
  }
})()"""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["chromium", "firefox"])
async def meeting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, opens: Opens
) -> AsyncIterator[Meeting]:
    """The mediator, at Chromium, and the claimant, at this browser, are in."""
    async with a_meeting(tmp_path_factory.mktemp("meeting"), opens) as made:
        made.browser = request.param
        await made.joins("mediator", browser="chromium")
        await made.joins("claimant", scripts=[DRAWN_SCREEN])
        yield made


async def test_who_comes_late_sees_and_hears_everybody_within_a_moment(meeting: Meeting) -> None:
    respondent = await meeting.comes("respondent")
    await respondent.press("join")
    await shows(respondent.window, "[data-part=stage-area][data-state=waiting]")
    let_in = time.monotonic()
    await meeting.people["mediator"].window.press("[data-part=queue] button")
    for other in ("mediator", "claimant"):
        await respondent.receives(meeting.people[other], more=1)
    assert time.monotonic() - let_in < LATE

    await everyone_receives_everyone(meeting.people.values())


async def test_everybody_decodes_everybodys_picture_and_voice(meeting: Meeting) -> None:
    people = list(meeting.people.values())
    before = await asyncio.gather(*(inbound(each.window) for each in people))
    began = time.monotonic()

    await asyncio.sleep(3)

    after = await asyncio.gather(*(inbound(each.window) for each in people))
    due = 0.8 * FPS * (time.monotonic() - began)
    for viewer, then, now in zip(people, before, after, strict=True):
        for other in people:
            if other is viewer:
                continue
            camera, mic = other.sends("camera"), other.sends("mic")
            assert now[camera].frames - then[camera].frames >= due
            assert (now[camera].width, now[camera].height) == (320, 240)
            assert now[mic].energy > then[mic].energy
            assert now[mic].samples > then[mic].samples


async def test_what_is_muted_stops_and_nothing_else_does(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()

    await claimant.press("camera")
    await shows(respondent.window, f'.tile[data-person="{claimant.id}"][data-camera=off]')
    await asyncio.sleep(0.3)
    before = await inbound(respondent.window)
    await respondent.receives(mediator, more=8, within=2)
    after = await inbound(respondent.window)
    assert after[claimant.sends("camera")].packets == before[claimant.sends("camera")].packets

    await claimant.press("camera")
    await respondent.receives(claimant, within=3)


async def test_a_screen_with_its_sound_is_shown_taken_away_and_shown_again(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()
    await claimant.press("screen")
    await mediator.window.press(f'[data-part=queue] [data-asks="{claimant.id}"] .button--may')
    await shows(claimant.window, "[data-part=screen][data-share=yes]")

    for _ in range(2):
        await claimant.press("screen")
        for viewer in (mediator, respondent):
            await viewer.receives(claimant, "screen")
            await viewer.receives(claimant, "screen_sound")
        assert (await respondent.counts(claimant, "screen")).width >= 320
        assert (await respondent.counts(claimant, "screen_sound")).energy > 0

        await claimant.press("screen")
        for viewer in (mediator, respondent):
            await shows_no(viewer.window, ".tile[data-source=screen]")
            await shows_no(viewer.window, "audio[data-source=screen_sound]")
        await respondent.receives(mediator, within=2)


async def test_a_new_network_costs_neither_a_freeze_nor_a_question(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()
    permissions = await asked(claimant.window)
    ways = await claimant.window.run("() => counting.names()")
    watched = [(claimant, respondent), (claimant, mediator), (respondent, claimant), (mediator, claimant)]
    for viewer, other in watched:
        await viewer.window.run("(name) => counting.watch(name)", other.sends("camera"))

    await claimant.window.run("() => { dispatchEvent(new Event('online')) }")

    await comes_true(
        claimant.window,
        "(before) => { const now = counting.names(); return now.length === 2 && !now.some((one) => before.includes(one)) }",
        ways,
    )
    await asyncio.sleep(1.5)
    longest = [
        await viewer.window.run("(name) => counting.longest(name)", other.sends("camera"))
        for viewer, other in watched
    ]
    assert max(longest) < FREEZE
    assert await claimant.window.run("() => counting.states()") == ["connected", "connected"]
    assert await asked(claimant.window) == permissions


async def test_who_leaves_and_comes_again_is_seen_and_heard_as_before(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()

    await claimant.leave()
    for viewer in (mediator, respondent):
        await shows_no(viewer.window, f'.tile[data-person="{claimant.id}"]')
    await claimant.join()

    await everyone_receives_everyone(meeting.people.values(), within=5)
