"""Where no UDP gets through, TCP on the same port carries sound and picture."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.browser.media.meeting import Meeting, Opens, a_meeting, everyone_receives_everyone

pytestmark = pytest.mark.browser

# UDP candidates lead to a port that takes everything and answers nothing, as a company's firewall does.
BLOCKED = """(() => {
  const set = RTCPeerConnection.prototype.setRemoteDescription
  const swallow = (line) => line.replace(/^(a=candidate:\\S+ \\d+ udp \\d+) \\S+ \\d+ /i, "$1 127.0.0.1 PORT ")
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.split("\\r\\n").map(swallow).join("\\r\\n")
    return set.call(this, { type: description.type, sdp })
  }
})()"""


@pytest.fixture(scope="module")
def firewall() -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
        hole.bind(("127.0.0.1", 0))
        yield BLOCKED.replace("PORT", str(hole.getsockname()[1]))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def meeting(
    tmp_path_factory: pytest.TempPathFactory, opens: Opens, firewall: str
) -> AsyncIterator[Meeting]:
    async with a_meeting(tmp_path_factory.mktemp("meeting"), opens) as made:
        await made.joins("mediator")
        await made.joins("claimant", scripts=[firewall])
        await made.joins("respondent", scripts=[firewall], browser="firefox")
        yield made


async def test_behind_a_firewall_without_udp_everybody_is_seen_and_heard(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()

    await everyone_receives_everyone(meeting.people.values())

    assert set(await mediator.window.run("() => counting.ways()")) == {"udp"}
    assert set(await claimant.window.run("() => counting.ways()")) == {"tcp"}
    assert set(await respondent.window.run("() => counting.ways()")) == {"tcp"}
