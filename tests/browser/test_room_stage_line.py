"""What one sends to the meeting: in several sizes, from another device when one is unplugged, over another network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Arrive
from tests.browser.onstage import MODULE, asked, begin, stage_now
from tests.browser.rooms import an_open_room, goes_on, is_on_stage
from tests.browser.visitor import until

pytestmark = pytest.mark.browser

# A drawing of 960 by 540 in place of the camera: the gentle camera of the tests is too small for several sizes.
DRAWN_CAMERA = """(() => {
  const ask = MediaDevices.prototype.getUserMedia
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    if (!wanted.video) return ask.call(this, wanted)
    const sheet = Object.assign(document.createElement("canvas"), { width: 960, height: 540 })
    const pen = sheet.getContext("2d")
    let n = 0
    setInterval(() => { pen.fillStyle = `hsl(${n++ * 7} 60% 50%)`; pen.fillRect(0, 0, 960, 540) }, 200)
    pen.fillRect(0, 0, 960, 540)
    const drawn = sheet.captureStream(5)
    const sound = wanted.audio ? await ask.call(this, { audio: wanted.audio }) : new MediaStream()
    return new MediaStream([...drawn.getTracks(), ...sound.getTracks()])
  }
})()"""
SIZES = """(sizes) => import(performance.getEntriesByType("resource").map((one) => one.name).find((one) => one.endsWith("/js/media/layers.js")))
  .then(({ layersOf }) => sizes.map(([width, height]) => layersOf("camera", { getSettings: () => ({ width, height }) })))"""
UNPLUG = """(source) => {
  const track = now.tracks.get(source)
  track.stop()
  track.dispatchEvent(new Event("ended"))
}"""


async def test_a_picture_is_sent_in_as_many_sizes_as_it_is_large(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator")
        await lin.page.locator("[data-whole=true]").wait_for()

        sizes = await lin.page.evaluate(SIZES, [[1280, 720], [540, 960], [640, 360], [320, 240]])

        assert [[one["scaleResolutionDownBy"] for one in layers] for layers in sizes] == [
            [4, 2, 1],
            [4, 2, 1],
            [2, 1],
            [1],
        ]
        assert all(one["scalabilityMode"] == "L1T3" for layers in sizes for one in layers)
        assert all(
            [one["maxBitrate"] for one in layers] == sorted(one["maxBitrate"] for one in layers)
            for layers in sizes
        )


async def test_a_large_camera_is_sent_in_three_sizes_and_seen(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator")
        await lin.context.add_init_script(DRAWN_CAMERA)
        await lin.page.reload()
        await lin.page.locator("[data-part=start]").click()
        await is_on_stage(lin.page)
        chen = await room.comes("claimant", device="phone")
        await chen.page.locator("[data-part=join]").click()
        await is_on_stage(chen.page, "waiting")
        await lin.page.locator(f"[data-part=queue] {room.of('claimant')} button").click()
        await is_on_stage(chen.page)

        await goes_on(chen.page, f"{room.id('mediator')}:camera")
        rids = await stage_now(
            lin.page,
            "return now.line.up.getStats().then((all) => [...all.values()].filter((one) => one.type === 'outbound-rtp' && one.kind === 'video').map((one) => one.rid).sort())",
        )
        assert rids == ["r0", "r1", "r2"]


async def test_a_picture_that_is_asked_for_twice_at_once_comes_once(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, _, _ = await begin(room)
        await goes_on(lin.page, f"{room.id('respondent')}:camera")

        # The state of the stage and a push say so in the same moment.
        came = await stage_now(
            lin.page,
            f"""const camera = [...now.producers.values()].find((one) => one.source === "camera" && one.person === "{room.id("respondent")}")
            now.line.forget(camera.id)
            return Promise.all([now.line.receive(camera), now.line.receive(camera)])
              .then(([one, other]) => ({{ same: one === other, kept: now.line.consumers.get(camera.id) === one, live: one.track.readyState }}))""",
        )

        assert came == {"same": True, "kept": True, "live": "live"}


async def test_another_microphone_goes_on_when_one_is_unplugged_and_it_comes_back(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, _, bo = await begin(room)
        heard = f"{room.id('respondent')}:mic sound"
        await bo.page.locator("[data-part=devices]").click()
        await bo.page.locator("#use-mic").select_option(label="Fake Audio Input 2")
        await bo.page.locator("[data-part=devices-sheet] [data-part=done]").click()
        await until(
            bo.page,
            f"({MODULE})('stage/now.js').then(({{ now }}) => now.tracks.get('mic')?.label === 'Fake Audio Input 2')",
        )

        # Two fake devices stay when one is taken away: the first of what is left.
        await stage_now(bo.page, f"({UNPLUG})('mic')")
        await bo.page.locator(".toast", has_text="The microphone is gone").wait_for()
        await goes_on(lin.page, heard)

        await bo.page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
        await bo.page.locator(".toast", has_text="“Fake Audio Input 2” is used as the microphone").wait_for()
        await goes_on(lin.page, heard)


async def test_a_camera_that_is_gone_for_good_is_said_and_taken_again_when_one_is_there(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, _, bo = await begin(room)
        tile = f".tile{room.of('respondent')}[data-source=camera]"
        await bo.page.evaluate(
            """() => {
              globalThis.ask = MediaDevices.prototype.getUserMedia
              MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"))
            }"""
        )

        await stage_now(bo.page, f"({UNPLUG})('camera')")
        await bo.page.locator(".toast", has_text="No camera was found").wait_for()
        await lin.page.locator(f"{tile}[data-camera=off]").wait_for()
        await goes_on(lin.page, f"{room.id('respondent')}:mic sound")

        await bo.page.evaluate(
            "MediaDevices.prototype.getUserMedia = ask; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))"
        )
        await lin.page.locator(f"{tile}[data-camera=on]").wait_for()
        await goes_on(lin.page, f"{room.id('respondent')}:camera")


async def test_another_network_is_taken_without_a_stop_and_without_a_question(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, _ = await begin(room, listens=True)
        await goes_on(chen.page, f"{room.id('mediator')}:camera")
        await chen.page.evaluate(
            f"""() => {{
              const frames = document.querySelector('.tile{room.of("mediator")} video')
              globalThis.longest = 0
              globalThis.questions = 0
              const ask = MediaDevices.prototype.getUserMedia
              MediaDevices.prototype.getUserMedia = function (wanted) {{ questions++; return ask.call(this, wanted) }}
              let last = performance.now()
              const frame = (at) => {{ longest = Math.max(longest, at - last); last = at; frames.requestVideoFrameCallback(frame) }}
              frames.requestVideoFrameCallback(frame)
            }}"""
        )

        await chen.page.evaluate("dispatchEvent(new Event('online')); dispatchEvent(new Event('online'))")
        await until(chen.page, "sent.filter((one) => one[0] === 'restart_ice').length >= 2")
        for what in ("camera", "mic sound"):
            await goes_on(chen.page, f"{room.id('mediator')}:{what}")
            await goes_on(lin.page, f"{room.id('claimant')}:{what}")

        restarts = await asked(chen.page, "restart_ice")
        assert len({one["transportId"] for one in restarts}) == 2
        assert len(restarts) == 2
        assert await chen.page.evaluate("longest") < 1000
        assert await chen.page.evaluate("questions") == 0


async def test_a_shared_screen_takes_the_large_place_and_its_sound_has_its_own_loudness(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, _ = await begin(room)

        await lin.page.locator("[data-part=screen]").click()
        screen = chen.page.locator(f".tile{room.of('mediator')}[data-source=screen]")
        await screen.and_(chen.page.locator(".tile--large")).wait_for()
        await goes_on(chen.page, f"{room.id('mediator')}:screen")
        await chen.picture("room-shared-screen")

        await screen.locator("[data-part=volume]").fill("30")
        await until(chen.page, "document.querySelector('audio[data-source=screen_sound]').volume === 0.3")
        assert await chen.page.evaluate("document.querySelector('audio[data-source=mic]').volume") == 1
