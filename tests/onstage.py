"""The reference client's media half: one person on the stage, on pymediasoup's objects.

Two functions are handed in: `ask(name, payload)` gives the result of a request, `hear(event, handler)` subscribes to a
push. So it runs over python-socketio against the real server, and over a few lines in process in the tests of the media
plane.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from pymediasoup import AiortcHandler, Device
from pymediasoup.models.transport import DtlsParameters, IceCandidate, IceParameters
from pymediasoup.rtp_parameters import RtpCapabilities, RtpParameters
from pymediasoup.transport import Transport

from tests.tones import Colour, Seen, Tone

Payload = dict[str, Any]
Ask = Callable[[str, Payload], Awaitable[Payload]]
Hear = Callable[[str, Callable[[Payload], None]], None]


class Media:
    """One person on the stage: publishes tones and colours, consumes what the others publish, knows what it decoded."""

    def __init__(self, ask: Ask, hear: Hear, room: str, me: str = "") -> None:
        self._ask = ask
        self._news = asyncio.Event()
        self.me = me
        self.room = room
        self.seat = ""
        self.state = ""
        self.place: str | None = None
        self.others: dict[str, Payload] = {}
        self.producers: dict[str, str] = {}
        self.consumers: dict[str, str] = {}
        self.seen: dict[str, Seen] = {}
        self._device: Device | None = None
        self._transports: dict[str, Transport] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        hear("stage_changed", self._stage_changed)
        hear("producer_added", self._producer_added)
        hear("producer_closed", self._producer_closed)
        hear("consumer_closed", self._consumer_closed)

    async def join(self, *, check: bool = False, take_over: bool = False) -> Payload:
        """Take a seat, or the earlier one again."""
        asked: Payload = {"room": self.room, "check": check, "take_over": take_over}
        if self.seat:
            asked["seat"] = self.seat
        joined = await self._ask("join_stage", asked)
        self.seat, self.state, self.place = joined["seat"], joined["state"], joined.get("place")
        self.others = {each["id"]: each for each in joined["producers"]}
        if self._device is None:
            self._device = Device(handlerFactory=AiortcHandler.createFactory())
            await self._device.load(RtpCapabilities(**joined["rtpCapabilities"]))
        return joined

    async def publish(
        self, *, pitch: int | None = None, colour: str | None = None, source: str = ""
    ) -> list[str]:
        """Send a tone, a colour or both; the ids of the producers."""
        made = []
        if pitch is not None:
            made.append(await self.produce(Tone(pitch), source or "mic"))
        if colour is not None:
            made.append(await self.produce(Colour(colour), source or "camera"))
        return made

    async def produce(self, track: MediaStreamTrack, source: str) -> str:
        transport = await self._transport("send")
        producer = await transport.produce(track=track, stopTracks=True, appData={"source": source})
        self.producers[source] = producer.id
        return str(producer.id)

    async def consume_all(self) -> None:
        """Receive everything that is told here and not received yet."""
        for producer in list(self.others):
            if producer not in self.consumers:
                await self.consume(producer)

    async def consume(self, producer: str, *, resume: bool = True) -> str:
        """Receive one producer and decode it; the id of the consumer."""
        transport = await self._transport("recv")
        assert self._device is not None
        capabilities = self._device.rtpCapabilities
        assert capabilities is not None
        asked = {
            "transportId": transport.id,
            "producerId": producer,
            "rtpCapabilities": capabilities.model_dump(exclude_none=True),
        }
        options = await self._ask("consume", asked)
        self.consumers[producer] = options["id"]
        if producer in self._watchers:
            self._watchers[producer].cancel()
        consumer = await transport.consume(
            id=options["id"],
            producerId=producer,
            kind=options["kind"],
            rtpParameters=RtpParameters(**options["rtpParameters"]),
        )
        self.seen[producer] = Seen(options["kind"])
        self._watchers[producer] = asyncio.create_task(_watch(consumer.track, self.seen[producer]))
        if resume:
            await self._ask("resume_consumer", {"consumerId": options["id"]})
        return str(options["id"])

    async def until(self, holds: Callable[[Media], bool], within: float = 15.0) -> None:
        """Wait until pushes have made something true."""
        async with asyncio.timeout(within):
            while not holds(self):
                self._news.clear()
                await self._news.wait()

    async def until_decoded(self, producer: str, frames: int = 5, within: float = 15.0) -> Seen:
        """Wait until so many more frames of a producer have been decoded."""
        async with asyncio.timeout(within):
            await self.seen[producer].more(frames)
        return self.seen[producer]

    async def still(self, producer: str, during: float = 1.0, settle: float = 0.3) -> int:
        """Frames that came during a while, after what was on its way has arrived."""
        await asyncio.sleep(settle)
        before = self.seen[producer].frames
        await asyncio.sleep(during)
        return self.seen[producer].frames - before

    async def drop(self) -> None:
        """Stop sending and receiving without a word to the server, as a tab that is closed."""
        for watcher in self._watchers.values():
            watcher.cancel()
        await asyncio.gather(*self._watchers.values(), return_exceptions=True)
        for transport in self._transports.values():
            await transport.close()
        self._transports, self._watchers = {}, {}
        self.consumers, self.producers, self._device = {}, {}, None

    async def _transport(self, direction: str) -> Transport:
        if direction not in self._transports:
            self._transports[direction] = await self._open(direction)
        return self._transports[direction]

    async def _open(self, direction: str) -> Transport:
        options = await self._ask("open_transport", {"room": self.room, "direction": direction})
        assert self._device is not None
        make = self._device.createSendTransport if direction == "send" else self._device.createRecvTransport
        transport = make(
            id=options["id"],
            iceParameters=IceParameters(**options["iceParameters"]),
            iceCandidates=[IceCandidate(**each) for each in options["iceCandidates"]],
            dtlsParameters=DtlsParameters(**options["dtlsParameters"]),
            sctpParameters=None,
        )

        async def connect(parameters: DtlsParameters) -> None:
            asked = {"transportId": transport.id, "dtlsParameters": parameters.model_dump(exclude_none=True)}
            await self._ask("connect_transport", asked)

        async def produce(kind: str, parameters: RtpParameters, about: Payload) -> str:
            asked = {
                "transportId": transport.id,
                "kind": kind,
                "source": about["source"],
                "rtpParameters": parameters.model_dump(exclude_none=True),
            }
            return str((await self._ask("produce", asked))["id"])

        transport.on("connect", connect)
        transport.on("produce", produce)
        return transport

    def _stage_changed(self, pushed: Payload) -> None:
        """About oneself it says where one is now, and with whom; what was received elsewhere is gone."""
        if pushed["person"] != self.me or pushed["room"] != self.room:
            return
        self.state, self.place = pushed["state"], pushed.get("place")
        self.others = {each["id"]: each for each in pushed.get("producers", [])}
        self.consumers = {
            producer: each for producer, each in self.consumers.items() if producer in self.others
        }
        self._news.set()

    def _producer_added(self, pushed: Payload) -> None:
        self.others[pushed["id"]] = pushed
        self._news.set()

    def _producer_closed(self, pushed: Payload) -> None:
        self.others.pop(pushed["id"], None)
        self.consumers.pop(pushed["id"], None)
        self._news.set()

    def _consumer_closed(self, pushed: Payload) -> None:
        closed = pushed["consumerId"]
        self.consumers = {producer: each for producer, each in self.consumers.items() if each != closed}
        self._news.set()


async def _watch(track: MediaStreamTrack, seen: Seen) -> None:
    """Decode until the track ends."""
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        seen.take(frame)  # type: ignore[arg-type]
