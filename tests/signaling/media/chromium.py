"""A bare page for real Chromium: mediasoup-client on the in-process desk, nothing of the product's own pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

from signaling.media.errors import MediaError
from tests.onstage import Payload
from tests.signaling.media.stand import Line, Stand

BUNDLE = Path(__file__).resolve().parents[3] / "web/static/vendor/mediasoup-client.esm.min.js"

PAGE = """<!doctype html><title>media</title><script type="module">
import { Device } from "/mediasoup-client.js"
const seat = new URLSearchParams(location.search).get("seat")
const ask = async (name, payload) => {
  const answer = await fetch(`/ask/${seat}/${name}`, { method: "POST", body: JSON.stringify(payload) })
  const result = await answer.json()
  if (result.error) throw Object.assign(new Error(result.error.code), result.error)
  return result
}
const device = new Device()
const transports = {}, producers = {}, consumers = {}
const open = async (direction) => {
  if (transports[direction]) return transports[direction]
  const { rtpCapabilities } = await ask("join_stage", {})
  if (!device.loaded) await device.load({ routerRtpCapabilities: rtpCapabilities })
  const options = await ask("open_transport", { direction })
  const make = direction === "send" ? "createSendTransport" : "createRecvTransport"
  const transport = transports[direction] = device[make](options)
  transport.on("connect", ({ dtlsParameters }, done, failed) =>
    ask("connect_transport", { transportId: transport.id, dtlsParameters }).then(done, failed))
  transport.on("produce", ({ kind, rtpParameters, appData }, done, failed) =>
    ask("produce", { transportId: transport.id, kind, rtpParameters, source: appData.source }).then(done, failed))
  return transport
}
globalThis.publish = async () => {
  const transport = await open("send")
  const video = { width: 320, height: 240, frameRate: 10 }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video })
  for (const track of stream.getTracks()) {
    const source = track.kind === "audio" ? "mic" : "camera"
    const codecOptions = track.kind === "audio" ? { opusNack: true, opusFec: true, opusDtx: true } : {}
    producers[source] = await transport.produce({ track, codecOptions, appData: { source } })
  }
  return Object.fromEntries(Object.entries(producers).map(([source, each]) => [source, each.id]))
}
globalThis.publishLayers = async () => {
  const transport = await open("send")
  const canvas = Object.assign(document.createElement("canvas"), { width: 960, height: 540 })
  const pen = canvas.getContext("2d")
  let step = 0
  setInterval(() => {
    pen.fillStyle = "#336699"
    pen.fillRect(0, 0, 960, 540)
    pen.fillStyle = "#ffcc00"
    pen.fillRect((step += 12) % 900, 200, 60, 60)
  }, 100)
  const [track] = canvas.captureStream(10).getVideoTracks()
  const encodings = [
    { rid: "r0", scaleResolutionDownBy: 4, maxBitrate: 100_000, scalabilityMode: "L1T2" },
    { rid: "r1", scaleResolutionDownBy: 2, maxBitrate: 300_000, scalabilityMode: "L1T2" },
    { rid: "r2", scaleResolutionDownBy: 1, maxBitrate: 900_000, scalabilityMode: "L1T2" },
  ]
  producers.camera = await transport.produce({ track, encodings, appData: { source: "camera" } })
  return producers.camera.id
}
globalThis.consume = async (producerId) => {
  const began = performance.now()
  const transport = await open("recv")
  const options = await ask("consume", { transportId: transport.id, producerId, rtpCapabilities: device.recvRtpCapabilities })
  const consumer = consumers[producerId] = await transport.consume(options)
  const element = document.createElement(consumer.kind)
  element.autoplay = true
  element.playsInline = true
  element.srcObject = new MediaStream([consumer.track])
  document.body.append(element)
  await ask("resume_consumer", { consumerId: options.id })
  if (consumer.kind === "video") await new Promise((seen) => element.requestVideoFrameCallback(seen))
  return performance.now() - began
}
globalThis.received = async (producerId) => {
  for (const report of (await consumers[producerId].getStats()).values()) if (report.type === "inbound-rtp")
    return { frames: report.framesDecoded ?? 0, width: report.frameWidth ?? 0, energy: report.totalAudioEnergy ?? 0,
             lost: report.packetsLost, nacks: report.nackCount, freezes: report.freezeCount ?? 0, plis: report.pliCount,
             packets: report.packetsReceived, jitter: report.jitterBufferDelay, emitted: report.jitterBufferEmittedCount,
             duplicates: report.packetsDiscarded, concealed: report.concealedSamples }
}
globalThis.untilWide = async (producerId, width) => {
  const began = performance.now()
  while ((await received(producerId)).width !== width) {
    if (performance.now() - began > 20_000) throw new Error(`still ${(await received(producerId)).width} wide`)
    await new Promise((done) => setTimeout(done, 50))
  }
  return performance.now() - began
}
globalThis.sent = async (source) => {
  for (const report of (await producers[source].getStats()).values()) if (report.type === "outbound-rtp") return report
}
globalThis.line = async () => {
  for (const report of (await transports.send.getStats()).values()) if (report.type === "candidate-pair" && report.nominated)
    return report
}
globalThis.mute = (source) => producers[source].pause()
globalThis.unmute = (source) => producers[source].resume()
globalThis.restart = async () => {
  for (const transport of Object.values(transports)) {
    const { iceParameters } = await ask("restart_ice", { transportId: transport.id })
    await transport.restartIce({ iceParameters })
  }
}
globalThis.states = () => Object.values(transports).map((transport) => transport.connectionState)
globalThis.ready = true
</script>"""


class Site:
    """Serves the page, and hands what it asks to the stand."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.url = ""
        self._runner: web.AppRunner

    async def open(self) -> Site:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/mediasoup-client.js", self._bundle)
        app.router.add_post("/ask/{seat}/{name}", self._ask)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://localhost:{self._runner.addresses[0][1]}/"
        return self

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def _bundle(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(BUNDLE)

    async def _ask(self, request: web.Request) -> web.Response:
        line: Line = self.stand.lines[request.match_info["seat"]]
        payload: Payload = await request.json()
        answer: dict[str, Any]
        try:
            answer = await line.ask(request.match_info["name"], payload)
        except MediaError as error:
            answer = {"error": {"code": error.code, "message": error.message}}
        return web.json_response(answer)
