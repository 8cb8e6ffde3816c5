"""The people of the story at their browsers, what their sockets hear, and what reaches their eyes and ears."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Locator, Page, WebSocket

from tests.browser.rooms import is_in
from tests.browser.story.demo import Card, Demo
from tests.browser.visitor import Visitor
from tests.proxy import Proxy

# Keeps every peer connection and counts the questions for camera and microphone; measures by whom a
# track is. Twenty pictures are decoded at once here, so they are small ones.
WATCH = """(() => {
  if (!globalThis.RTCPeerConnection || !globalThis.MediaDevices) return
  const lines = []
  const Made = RTCPeerConnection
  globalThis.RTCPeerConnection = class extends Made {
    constructor(...given) { super(...given); lines.push(this) }
  }
  let asked = 0
  const ask = MediaDevices.prototype.getUserMedia
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    asked += 1
    const given = await ask.call(this, wanted)
    for (const track of given.getVideoTracks()) await track.applyConstraints({ width: 160, height: 120, frameRate: 5 })
    return given
  }
  const owners = () => {
    const found = new Map()
    for (const box of document.querySelectorAll("[data-part='sounds'] audio, .tile:not(.tile--own) video")) {
      const track = box.srcObject?.getTracks()[0]
      const { person, source } = (box instanceof HTMLAudioElement ? box : box.parentElement).dataset
      if (track) found.set(track.id, `${person} ${source}`)
    }
    return found
  }
  globalThis.watched = {
    counts: () => ({ asked, lines: lines.length }),
    async heard() {
      const names = owners(), seen = {}
      for (const line of lines) {
        if (line.connectionState === "closed") continue
        for (const it of (await line.getStats()).values()) {
          if (it.type !== "inbound-rtp") continue
          seen[names.get(it.trackIdentifier) ?? `nobody ${it.trackIdentifier}`] = {
            track: it.trackIdentifier, packets: it.packetsReceived, frames: it.framesDecoded ?? 0,
            width: it.frameWidth ?? 0, height: it.frameHeight ?? 0, energy: it.totalAudioEnergy ?? 0,
          }
        }
      }
      return seen
    },
  }
})()"""

Heard = dict[str, dict[str, Any]]


@dataclass
class Player:
    """One person of the story: who they are in the demo, their browser, and what came over its sockets."""

    card: Card
    visitor: Visitor
    frames: list[str] = field(default_factory=list)
    id: str = ""

    @property
    def page(self) -> Page:
        return self.visitor.page

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def is_on_phone(self) -> bool:
        return self.visitor.device == "phone"

    def part(self, name: str, within: str = "") -> Locator:
        """An element by its part."""
        return self.page.locator(f"{within} [data-part='{name}']".strip())

    async def heard(self) -> Heard:
        """What reaches this browser now, keyed by person and source: "id camera"."""
        heard: Heard = await self.page.evaluate("watched.heard()")
        return heard

    async def sees_and_hears(self, others: list[Player]) -> None:
        """Waits until pictures and sound of each of these are coming: more frames decoded, more energy than before."""
        before = await self.heard()

        missing = others

        async def rises() -> bool:
            nonlocal missing
            now = await self.heard()
            missing = [one for one in others if not _rose(before, now, one.id)]
            return not missing

        try:
            await eventually(rises, "pictures and sound", within=60)
        except AssertionError:
            names = ", ".join(one.name for one in missing)
            raise AssertionError(
                f"{self.name} does not see and hear {names}: {before}, then {await self.heard()}"
            ) from None

    async def counts(self) -> dict[str, int]:
        """How often camera and microphone were asked for in this page, and how many connections were made."""
        counts: dict[str, int] = await self.page.evaluate("watched.counts()")
        return counts

    async def enter(self) -> None:
        """Waits until the room has said who is here."""
        await is_in(self.page)

    async def own_id(self) -> str:
        """Who one is in the room: the kept draft of a message is named so, and one's own bubbles."""
        own = self.page.locator(".people__person", has_text=self.name)
        return str(await own.first.get_attribute("data-person"))

    def listen(self) -> None:
        """Writes down everything that this page's sockets hear from now on."""
        self.page.on("websocket", self._attend)

    def _attend(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(_plain(str(frame))))


@dataclass
class Story:
    """Everybody and everything of one mediation."""

    demo: Demo
    line: Proxy
    claimant: Player
    respondent: Player
    agent: Player
    mediator: Player
    judge: Player
    case: str = ""
    room: str = ""

    @property
    def everybody(self) -> list[Player]:
        return [self.claimant, self.respondent, self.agent, self.mediator, self.judge]

    @property
    def talkers(self) -> list[Player]:
        """All but the judge, who is not in the talks."""
        return [self.claimant, self.respondent, self.agent, self.mediator]

    async def all_see_and_hear_all(self) -> None:
        """Everybody gets pictures and sound of everybody else."""
        await asyncio.gather(*(player.sees_and_hears(self.others(player)) for player in self.everybody))

    def others(self, player: Player) -> list[Player]:
        return [one for one in self.everybody if one is not player]

    @property
    def room_url(self) -> str:
        return f"{self.demo.url}/rooms/{self.room}"

    @property
    def case_url(self) -> str:
        return f"{self.demo.url}/cases/{self.case}"


async def eventually(holds: Callable[[], Any], what: str, *, within: float = 30) -> Any:
    """Waits until an asynchronous question is answered with something true."""
    found = None
    try:
        async with asyncio.timeout(within):
            while not (found := await holds()):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not within {within} s: {what}") from None
    return found


def _plain(frame: str) -> str:
    """JSON as it is read: Chinese characters instead of their escapes."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), frame)


def _rose(before: Heard, now: Heard, person: str) -> bool:
    nothing = {"frames": 0, "energy": 0.0, "width": 0, "height": 0}
    camera, mic = (now.get(f"{person} {source}", nothing) for source in ("camera", "mic"))
    seen, said = (before.get(f"{person} {source}", nothing) for source in ("camera", "mic"))
    return bool(
        camera["frames"] >= seen["frames"] + 5
        and mic["energy"] > said["energy"]
        and camera["width"] > 0
        and camera["height"] > 0
    )
