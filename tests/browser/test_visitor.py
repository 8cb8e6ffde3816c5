"""The tests' own hands: a person's browser is the device it says, and a detour sends media elsewhere."""

import pytest

from tests.browser.conftest import Arrive
from tests.browser.visitor import assert_accessible, detour

pytestmark = pytest.mark.browser

PAGE = (
    "<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>A page</title>"
    "<main><h1>Hello</h1>{}</main>"
)
WATCH = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280 } })
  const { width, height } = stream.getVideoTracks()[0].getSettings()
  return { width, height, sound: stream.getAudioTracks().length }
}"""
CONNECT = """async () => {
  const far = new RTCPeerConnection()
  far.createDataChannel("line")
  await far.setLocalDescription()
  const lite = "a=candidate:1 1 udp 2113937151 192.0.2.7 4000 typ host\\r\\n"
  const also = "a=candidate:2 1 tcp 1 192.0.2.7 4000 typ host tcptype passive\\r\\n"
  const sdp = far.localDescription.sdp.replace("a=ice-ufrag", lite + also + "a=ice-ufrag")
  const near = new RTCPeerConnection()
  await near.setRemoteDescription({ type: "offer", sdp })
  const seen = near.remoteDescription.sdp
  near.close()
  far.close()
  return seen
}"""


async def test_a_person_on_a_phone_has_a_small_page_and_a_small_camera(arrive: Arrive) -> None:
    ada = await arrive("Ada", device="phone", locale="zh-CN", theme="dark")
    await ada.page.route("http://localhost:1/", lambda route: route.fulfill(body=PAGE.format("")))
    await ada.page.goto("http://localhost:1/")

    media = await ada.page.evaluate(WATCH)
    shown = await ada.page.evaluate(
        "() => [innerWidth, navigator.language, matchMedia('(prefers-color-scheme: dark)').matches]"
    )

    assert media == {"width": 320, "height": 240, "sound": 1}
    assert shown == [390, "zh-CN", True]


async def test_a_detour_sends_media_to_the_proxy_and_never_over_tcp(arrive: Arrive) -> None:
    bob = await arrive("Bob")
    await bob.context.add_init_script(detour("127.0.0.1", 5678))
    await bob.page.goto("about:blank")

    seen = await bob.page.evaluate(CONNECT)

    assert "a=candidate:1 1 udp 2113937151 127.0.0.1 5678 typ host" in seen
    assert "192.0.2.7" not in seen


async def test_a_page_that_shuts_people_out_is_found(arrive: Arrive) -> None:
    eve = await arrive("Eve")
    await eve.page.set_content(PAGE.format("<button>Say it</button>"))
    await assert_accessible(eve.page)

    await eve.page.set_content(PAGE.format("<button></button><img src=x>"))

    with pytest.raises(AssertionError, match="button-name"):
        await assert_accessible(eve.page)
    await assert_accessible(eve.page, leaving_out=["button", "img"])


async def test_an_error_that_nobody_caught_is_a_trouble_of_that_person(arrive: Arrive) -> None:
    kim = await arrive("Kim")

    await kim.page.set_content("<script>setTimeout(() => { throw new Error('lost') })</script>")
    await kim.page.wait_for_timeout(200)

    assert any("lost" in trouble for trouble in kim.troubles)
    kim.troubles.clear()
