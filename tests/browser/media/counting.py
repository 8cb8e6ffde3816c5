"""What a browser itself counts of the pictures and voices that come and go: `getStats`, and when frames were shown."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.media.window import Window

# Keeps the page's connections at hand, and how often the reader was asked for a device. Changes nothing of them.
COUNTING = """(() => {
  if (!globalThis.RTCPeerConnection || !globalThis.MediaDevices) return
  const lines = new Set()
  const Plain = RTCPeerConnection
  globalThis.RTCPeerConnection = class extends Plain {
    constructor(...how) { super(...how); lines.add(this) }
  }
  let asked = 0
  const devices = []
  for (const name of ["getUserMedia", "getDisplayMedia"]) {
    const ask = MediaDevices.prototype[name]
    if (ask) MediaDevices.prototype[name] = async function (...how) {
      asked += 1
      const stream = await ask.apply(this, how)
      devices.push(...stream.getTracks())
      return stream
    }
  }
  // What is muted is shown no more, and yet has to be counted: names are kept.
  const kept = new Map()
  const named = () => {
    const shown = [...document.querySelectorAll(".tile video, audio")].flatMap((one) => {
      const about = (one.closest(".tile") ?? one).dataset
      return (one.srcObject?.getTracks() ?? []).map((track) => [track, `${about.person}:${about.source}`])
    })
    for (const [track, name] of shown) {
      for (const [other, its] of kept) if (its === name) kept.delete(other)
      kept.set(track, name)
    }
    return new Map([...kept].filter(([one]) => one.readyState === "live").map(([one, name]) => [one.id, name]))
  }
  const reports = async () => {
    for (const line of lines) if (line.connectionState === "closed") lines.delete(line)
    // Firefox owes the answer for good when a connection is closed while it is asked.
    const answers = [...lines].map((line) => Promise.race([line.getStats(), new Promise((done) => setTimeout(done, 2000, new Map()))]))
    return (await Promise.all(answers)).map((one) => [...one.values()])
  }
  const gaps = new Map()
  globalThis.counting = {
    asked: () => asked,
    unplug(kind) {
      for (const one of devices) if (one.kind === kind && one.readyState === "live") {
        one.stop()
        one.dispatchEvent(new Event("ended"))
      }
    },
    states: () => [...lines].map((line) => line.connectionState).filter((state) => state !== "closed"),
    names: () => [...lines].filter((line) => line.connectionState !== "closed")
      .map((line) => /a=ice-ufrag:(\\S+)/.exec(line.currentRemoteDescription?.sdp ?? "")?.[1]),
    ways: async () => (await reports()).flatMap((line) => line
      .filter((one) => one.type === "candidate-pair" && one.nominated)
      .map((pair) => line.find((one) => one.id === pair.localCandidateId)?.protocol)),
    async inbound() {
      const names = named()
      const found = {}
      for (const one of (await reports()).flat()) {
        const name = one.type === "inbound-rtp" && names.get(one.trackIdentifier)
        if (name) found[name] = {
          frames: one.framesDecoded ?? 0, width: one.frameWidth ?? 0, height: one.frameHeight ?? 0,
          energy: one.totalAudioEnergy ?? 0, packets: one.packetsReceived,
          lost: one.packetsLost, samples: one.totalSamplesReceived ?? 0,
          concealed: (one.concealedSamples ?? 0) - (one.silentConcealedSamples ?? 0),
        }
      }
      return found
    },
    async outbound() {
      return (await reports()).flat().filter((one) => one.type === "outbound-rtp").map((one) => ({
        kind: one.kind, rid: one.rid ?? "", frames: one.framesEncoded ?? 0, width: one.frameWidth ?? 0,
      }))
    },
    watch(name) {
      const [person, source] = name.split(":")
      const video = document.querySelector(`.tile[data-person="${person}"][data-source="${source}"] video`)
      const seen = { last: performance.now(), longest: 0 }
      gaps.set(name, seen)
      const note = () => {
        seen.longest = Math.max(seen.longest, performance.now() - seen.last)
        seen.last = performance.now()
        if (gaps.get(name) === seen) video.requestVideoFrameCallback(note)
      }
      video.requestVideoFrameCallback(note)
    },
    longest(name) {
      const seen = gaps.get(name)
      gaps.delete(name)
      return Math.max(seen.longest, performance.now() - seen.last)
    },
  }
})()"""


@dataclass(frozen=True)
class Inbound:
    """One picture or voice that comes, since it began to come."""

    frames: int
    width: int
    height: int
    energy: float
    packets: int
    lost: int
    samples: int
    concealed: int


@dataclass(frozen=True)
class Outbound:
    """One encoding of what this browser sends."""

    kind: str
    rid: str
    frames: int
    width: int


async def inbound(window: Window) -> dict[str, Inbound]:
    """What comes, by person and source."""
    found = await window.run("() => counting.inbound()")
    return {name: Inbound(**counted) for name, counted in found.items()}


async def outbound(window: Window) -> list[Outbound]:
    return [Outbound(**counted) for counted in await window.run("() => counting.outbound()")]


async def frames(window: Window) -> dict[str, int]:
    """Frames decoded of each picture."""
    return {name: one.frames for name, one in (await inbound(window)).items() if one.height}


async def asked(window: Window) -> int:
    """How often the reader has been asked for a device."""
    return int(await window.run("() => counting.asked()"))
