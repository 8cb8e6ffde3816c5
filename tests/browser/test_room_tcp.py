"""A network that lets no UDP through: three people see and hear each other by TCP alone."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, counts, goes_on, is_on_stage
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

# The client writes the server's candidates into the description that it sets; here those of one protocol get lost. The
# connections are kept, to ask them by what they go.
WITHOUT = """(() => {
  const set = RTCPeerConnection.prototype.setRemoteDescription
  globalThis.connections = new Set()
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    globalThis.connections.add(this)
    const lines = description.sdp.split("\\r\\n").filter((line) => !/^a=candidate:.* PROTOCOL /i.test(line))
    return set.call(this, { type: description.type, sdp: lines.join("\\r\\n") })
  }
})()"""
BY = """async () => {
  const found = []
  for (const connection of globalThis.connections) {
    const reports = await connection.getStats()
    for (const pair of reports.values())
      if (pair.type === "candidate-pair" && pair.nominated) found.push(reports.get(pair.remoteCandidateId).protocol)
  }
  return found
}"""


async def test_three_people_see_and_hear_each_other_by_tcp_alone(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, without("udp", arrive)) as room:
        people = await meet(room, "claimant", "respondent")

        for role, visitor in people.items():
            for other in people.keys() - {role}:
                await goes_on(visitor.page, f"{room.id(other)}:camera")
                await goes_on(visitor.page, f"{room.id(other)}:mic sound")
            assert len(await counts(visitor.page)) == 5  # one's own picture, and two of each of the others
            assert await visitor.page.evaluate(BY) == ["tcp", "tcp"]
        drops = (await room.site.signaling.desk.media.statistics()).drops
        assert not {"fault", "tcp_too_long", "tcp_slow"} & drops.keys()


async def test_where_both_are_open_the_browser_takes_udp(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, without("none", arrive)) as room:
        people = await meet(room, "claimant")

        await goes_on(people["mediator"].page, f"{room.id('claimant')}:camera")
        await goes_on(people["claimant"].page, f"{room.id('mediator')}:camera")
        for visitor in people.values():
            assert await visitor.page.evaluate(BY) == ["udp", "udp"]


def without(protocol: str, arrive: Arrive) -> Arrive:
    """People who are not told of any candidate of this protocol."""

    async def come(name: str, **how: Any) -> Visitor:
        visitor = await arrive(name, **how)
        await visitor.context.add_init_script(WITHOUT.replace("PROTOCOL", protocol))
        return visitor

    return come


async def meet(room: OpenRoom, *parties: str) -> dict[str, Visitor]:
    """The mediator begins; the parties come and are let in."""
    lin = await room.comes("mediator")
    await lin.page.locator("[data-part=start]").click()
    await is_on_stage(lin.page)
    people = {"mediator": lin}
    for role in parties:
        people[role] = visitor = await room.comes(role)
        await visitor.page.locator("[data-part=join]").click()
        await is_on_stage(visitor.page, "waiting")
        await lin.page.locator(f"[data-part=queue] {room.of(role)} button").click()
        await is_on_stage(visitor.page)
    return people
