"""Many people, each sending two layers, one of them on a bad line: that one hears and is heard, and nobody else loses anything."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.media.flowing import Stretch, comes_to_flow, narrow
from tests.browser.media.meeting import Meeting, Opens, Person, a_meeting, everyone_receives_everyone
from tests.browser.media.window import comes_true
from tests.proxy import Proxy

pytestmark = pytest.mark.browser

ROLES = ["mediator", "respondent", "claimant", "agent", "judge", "clerk"]
WEAK = "respondent"
# Six pages take 1.2 of two cores, which leaves a busy machine too little for its figures to say anything of a line.
CROWDS = [4, pytest.param(6, marks=pytest.mark.long)]
CAMERA = (480, 270)
"""The smallest picture that is sent in two layers."""
WINDOW = (900, 700)
"""In a window of this size a tile is worth the lower layer or the higher, by how many there are."""
# Two cores carry this many pages if each draws five pictures a second. As people do, they speak one after the other, a little
# into each other's words: five voices at once are more than 200 kbit/s carry, and nobody would understand them.
IN_TURN = """(() => {
  if (!globalThis.MediaDevices) return
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    const stream = new MediaStream()
    if (wanted?.video) {
      const [width, height] = cameraSize
      const canvas = Object.assign(document.createElement("canvas"), { width, height })
      const pen = canvas.getContext("2d")
      let step = 0
      setInterval(() => {
        pen.fillStyle = "#336699"
        pen.fillRect(0, 0, width, height)
        pen.fillStyle = "#ffcc00"
        pen.fillRect((step += 12) % (width - 60), height / 3, 60, 60)
      }, 200)
      stream.addTrack(canvas.captureStream(5).getVideoTracks()[0])
    }
    if (wanted?.audio) {
      const context = new AudioContext()
      const [tone, mouth, out] = [context.createOscillator(), context.createGain(), context.createMediaStreamDestination()]
      tone.connect(mouth).connect(out)
      tone.start()
      mouth.gain.value = 0
      setInterval(() => { mouth.gain.value = Math.floor(Date.now() / 1000) % CROWD === TURN ? 0.5 : 0 }, 100)
      stream.addTrack(out.stream.getAudioTracks()[0])
    }
    return stream
  }
})()"""

TWO_LAYERS = """async () => {
  const sent = (await counting.outbound()).filter((one) => one.kind === "video" && one.frames > 0)
  return sent.map((one) => one.rid).sort().join() === "r0,r1"
}"""
"""Both have been sent. A browser leaves the larger one out for as long as its own machine cannot keep up."""


@pytest.fixture(scope="module", params=CROWDS)
def crowd(request: pytest.FixtureRequest) -> list[str]:
    return ROLES[: request.param]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def meeting(
    crowd: list[str], tmp_path_factory: pytest.TempPathFactory, opens: Opens
) -> AsyncIterator[Meeting]:
    """All but one have a good line."""
    async with a_meeting(tmp_path_factory.mktemp("meeting"), opens) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(meeting: Meeting, crowd: list[str]) -> AsyncIterator[Proxy]:
    """All are there; this is the line of the weak one."""
    opened = await Proxy(("127.0.0.1", meeting.site.signaling.desk.media.port)).open("127.0.0.1")
    try:
        coming = [comes(meeting, crowd, role, opened if role == WEAK else None) for role in crowd]
        for person in await asyncio.gather(*coming):
            await meeting.lets_in(person)
        yield opened
    finally:
        await opened.close()


async def comes(meeting: Meeting, crowd: list[str], role: str, line: Proxy | None) -> Person:
    """Opens the room with a camera and a voice of its own."""
    script = IN_TURN.replace("TURN", str(crowd.index(role))).replace("CROWD", str(len(crowd)))
    person = await meeting.comes(role, camera=CAMERA, scripts=[script], line=line)
    await person.window.resize(*WINDOW)
    return person


async def test_one_of_many_on_a_narrow_line_hears_all_and_is_heard_and_the_others_lose_nothing(
    meeting: Meeting, line: Proxy
) -> None:
    people = list(meeting.people.values())
    weak = meeting.people[WEAK]
    others = [each for each in people if each is not weak]
    await asyncio.gather(*(comes_true(each.window, TWO_LAYERS) for each in people))
    await everyone_receives_everyone(people)

    def wanting(stretch: Stretch) -> list[str]:
        found = []
        for viewer, other in itertools.permutations(others, 2):
            found += stretch.sees_too_little(viewer, other, 0.85)
            found += stretch.loses(viewer, other, "camera") + stretch.loses(viewer, other, "mic")
        for viewer, other in itertools.permutations(people, 2):
            found += stretch.does_not_hear(viewer, other)
        return found

    with narrow(line):
        await comes_to_flow(people, wanting, stretch=len(people) + 1)
