"""Three people in Chromium, and three of whom two have Firefox: seen, heard, muted, shown a screen, moved to a new network."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.media.counting import asked
from tests.browser.media.flowing import Stretch, comes_to_flow
from tests.browser.media.meeting import Meeting, Opens, a_meeting, everyone_receives_everyone
from tests.browser.media.window import comes_true, in_time, shows, shows_no

pytestmark = pytest.mark.browser

FPS = 10
LATE = 1.5
"""Seconds within which somebody who comes late sees everybody."""
FREEZE = 1000
"""Milliseconds for which a picture may stand still when the network changes."""
NEW_WAYS = "(before) => { const now = counting.names(); return now.length === 2 && !now.some((one) => before.includes(one)) }"

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
    others = [meeting.people[role] for role in ("mediator", "claimant")]
    waiting = ["respondent"]

    async def sees_everybody() -> float:
        """Let in by the mediator; who has been let in once comes again without."""
        if not waiting:
            await respondent.leave()
        began = time.monotonic()
        if waiting:
            await meeting.people["mediator"].window.press("[data-part=queue] button")
            waiting.clear()
        else:
            await respondent.join()
        await asyncio.gather(*(respondent.receives(other, more=1) for other in others))
        return time.monotonic() - began

    await in_time(sees_everybody, LATE)

    await everyone_receives_everyone(meeting.people.values())


async def test_everybody_decodes_everybodys_picture_and_voice(meeting: Meeting) -> None:
    people = list(meeting.people.values())
    pairs = list(itertools.permutations(people, 2))

    def wanting(stretch: Stretch) -> list[str]:
        found = [
            f"{each.role} sends {sent} frames"
            for each in people
            if (sent := stretch.sent(each)) < 0.6 * FPS * stretch.seconds
        ]
        for viewer, other in pairs:
            found += stretch.sees_too_little(viewer, other, 0.8) + stretch.does_not_hear(viewer, other)
        return found

    await comes_to_flow(people, wanting, stretch=3)

    for viewer, other in pairs:
        picture = await viewer.counts(other, "camera")
        assert (picture.width, picture.height) == (320, 240)


async def test_what_is_muted_stops_and_nothing_else_does(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()

    await claimant.press("camera")
    await shows(respondent.window, f'.tile[data-person="{claimant.id}"][data-camera=off]')
    await respondent.receives_nothing(claimant, while_from=mediator)

    await claimant.press("camera")
    await respondent.receives(claimant)


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
        await respondent.receives(mediator)


async def test_a_new_network_costs_neither_a_freeze_nor_a_question(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()
    permissions = await asked(claimant.window)
    watched = [(claimant, respondent), (claimant, mediator), (respondent, claimant), (mediator, claimant)]

    async def stands_still() -> float:
        ways = await claimant.window.run("() => counting.names()")
        for viewer, other in watched:
            await viewer.watch(other)
        await claimant.window.run("() => { dispatchEvent(new Event('online')) }")
        await comes_true(claimant.window, NEW_WAYS, ways)
        await asyncio.gather(*(viewer.receives(other, more=15) for viewer, other in watched))
        return max([await viewer.longest(other) for viewer, other in watched])

    await in_time(stands_still, FREEZE)

    assert await claimant.window.run("() => counting.states()") == ["connected", "connected"]
    assert await asked(claimant.window) == permissions


async def test_who_leaves_and_comes_again_is_seen_and_heard_as_before(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()

    await claimant.leave()
    for viewer in (mediator, respondent):
        await shows_no(viewer.window, f'.tile[data-person="{claimant.id}"]')
    await claimant.join()

    await everyone_receives_everyone(meeting.people.values())
