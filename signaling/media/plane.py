"""The client of the media worker: starts it, commands it, starts it again when it dies, and tells so."""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from signaling.media import messages as m
from signaling.media.errors import MediaError
from signaling.media.messages import ClosedConsumer, MediaEvent, Statistics
from signaling.media.ortc import router_capabilities
from signaling.media.payloads import (
    ConsumerOptions,
    Direction,
    DtlsParameters,
    IceParameters,
    Kind,
    RtpCapabilities,
    RtpParameters,
    Source,
    TransportOptions,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

# A command takes milliseconds; a worker that does not answer for so long is as good as dead.
_PATIENCE = 10.0
_WORKER = (sys.executable, "-m", "signaling.media.worker")


@dataclass(frozen=True)
class MediaSettings:
    """Where media arrives. Announced are addresses, or address:port; without any, the first that is not loopback."""

    host: str
    port: int
    announced: tuple[str, ...] = ()
    silent_after: float = 15.0
    closed_after: float = 30.0


class MediaPlane:
    """Every method is one command, confirmed by the worker before it returns; refusals come as `MediaError`."""

    def __init__(
        self, settings: MediaSettings, on_event: Callable[[MediaEvent], None], worker: Sequence[str] = _WORKER
    ) -> None:
        self.settings = settings
        self.rtp_capabilities: RtpCapabilities = router_capabilities()
        self.port = settings.port
        self._on_event = on_event
        self._worker = worker
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[m.Answer]] = {}
        self._out: list[msgspec.Raw] = []
        self._first = True

    @classmethod
    async def start(
        cls,
        settings: MediaSettings,
        on_event: Callable[[MediaEvent], None],
        worker: Sequence[str] = _WORKER,
    ) -> MediaPlane:
        """Start the worker and wait until it has its port; `port_in_use` when it cannot have it."""
        plane = cls(settings, on_event, worker)
        plane._keeper = asyncio.get_running_loop().create_task(plane._keep())
        try:
            plane.port = await plane._ready
        except BaseException:
            await plane.close()
            raise
        return plane

    async def close(self) -> None:
        """Let go of the worker, which ends at once."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        self._ready = asyncio.get_running_loop().create_future()
        self._ready.cancel()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def open_transport(self, room: str, seat: str, direction: Direction) -> TransportOptions:
        return await self._ask(m.OpenTransport(room=room, seat=seat, direction=direction), TransportOptions)

    async def connect_transport(self, seat: str, transport: str, dtls_parameters: DtlsParameters) -> None:
        await self._ask(
            m.ConnectTransport(seat=seat, transport=transport, dtls_parameters=dtls_parameters), None
        )

    async def restart_ice(self, seat: str, transport: str) -> IceParameters:
        return await self._ask(m.RestartIce(seat=seat, transport=transport), IceParameters)

    async def produce(
        self, seat: str, transport: str, kind: Kind, source: Source, rtp_parameters: RtpParameters
    ) -> str:
        command = m.Produce(
            seat=seat, transport=transport, kind=kind, source=source, rtp_parameters=rtp_parameters
        )
        return await self._ask(command, str)

    async def consume(
        self, seat: str, transport: str, producer: str, rtp_capabilities: RtpCapabilities
    ) -> ConsumerOptions:
        command = m.Consume(
            seat=seat, transport=transport, producer=producer, rtp_capabilities=rtp_capabilities
        )
        return await self._ask(command, ConsumerOptions)

    async def resume_consumer(self, seat: str, consumer: str) -> None:
        await self._ask(m.ChangeConsumer(seat=seat, consumer=consumer, act="resume"), None)

    async def pause_consumer(self, seat: str, consumer: str) -> None:
        await self._ask(m.ChangeConsumer(seat=seat, consumer=consumer, act="pause"), None)

    async def close_consumer(self, seat: str, consumer: str) -> None:
        await self._ask(m.ChangeConsumer(seat=seat, consumer=consumer, act="close"), None)

    async def set_layers(self, seat: str, consumer: str, width: int, height: int) -> None:
        """The size of the tile; 0 when it is hidden, and then nothing is sent."""
        await self._ask(m.SetLayers(seat=seat, consumer=consumer, width=width, height=height), None)

    async def pause_producer(self, seat: str, producer: str) -> None:
        await self._ask(m.ChangeProducer(seat=seat, producer=producer, act="pause"), None)

    async def resume_producer(self, seat: str, producer: str) -> None:
        await self._ask(m.ChangeProducer(seat=seat, producer=producer, act="resume"), None)

    async def close_producer(self, seat: str, producer: str) -> None:
        await self._ask(m.ChangeProducer(seat=seat, producer=producer, act="close"), None)

    async def hold_producer(self, producer: str) -> None:
        """A moderator's mute: nothing of it is forwarded any more when this returns, whatever its owner does."""
        await self._ask(m.HoldProducer(producer=producer, held=True), None)

    async def release_producer(self, producer: str) -> None:
        await self._ask(m.HoldProducer(producer=producer, held=False), None)

    async def place_seat(self, room: str, seat: str, place: str | None) -> list[ClosedConsumer]:
        """Move a seat to a place, or to none (waiting); when this returns nothing crosses the wall.

        The consumers it names are closed; no `ConsumerClosed` events come for them.
        """
        return await self._ask(m.PlaceSeat(room=room, seat=seat, place=place), list[ClosedConsumer])

    async def close_seat(self, seat: str) -> None:
        """Forget a seat and everything of it; whoever consumed it hears `ConsumerClosed`."""
        await self._ask(m.CloseSeat(seat=seat), None)

    async def statistics(self, room: str | None = None) -> Statistics:
        return await self._ask(m.AskStatistics(room=room), Statistics)

    async def _ask(self, command: m.Command, answer: type[T] | None) -> T:
        command.n = next(self._numbers)
        try:
            said = msgspec.Raw(msgspec.msgpack.encode(command))
        except (OverflowError, RecursionError, TypeError, ValueError):
            # Encoded one by one, so that a number no machine can hold spoils nobody else's command.
            raise MediaError("bad_parameters", "this cannot be said to the media worker") from None
        try:
            async with asyncio.timeout(_PATIENCE):
                answered = await self._answer_to(command.n, said)
        except TimeoutError:
            raise MediaError("worker_lost", "the media worker does not answer") from None
        finally:
            self._asked.pop(command.n, None)
        if answered.code is not None:
            raise MediaError(answered.code, answered.message)
        return msgspec.msgpack.decode(answered.result, type=answer)

    async def _answer_to(self, number: int, said: msgspec.Raw) -> m.Answer:
        if self._ready.cancelled():
            raise MediaError("worker_lost", "the media plane is closed")
        if not self._ready.done():
            await asyncio.shield(self._ready)
        future: asyncio.Future[m.Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(said)
        return await future

    def _flush(self) -> None:
        """All commands of this turn of the loop go in one batch."""
        out, self._out = self._out, []
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(m.frame(out))

    async def _keep(self) -> None:
        """One worker after the other, for as long as the plane is open."""
        while True:
            lived = await self._one_worker()
            if self._first and not lived:
                if not self._ready.done():
                    self._ready.set_exception(MediaError("worker_lost", "the media worker did not start"))
                return
            self._first = False
            log.error("the media worker died; starting another")
            if lived:
                self._ready = asyncio.get_running_loop().create_future()
                self._tell(m.WorkerLost())
            else:
                await asyncio.sleep(1)

    async def _one_worker(self) -> bool:
        """Start a worker and listen to it until it ends; whether it ever had its port."""
        ours, theirs = socket.socketpair()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command(theirs.fileno()), pass_fds=[theirs.fileno()]
            )
        finally:
            theirs.close()
        reader, self._writer = await asyncio.open_connection(sock=ours)
        lived = False
        try:
            lived = await self._listen(reader)
        finally:
            self._writer.close()
            self._writer = None
            self._lose()
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
        return lived

    def _lose(self) -> None:
        """Whatever was asked of a worker that is gone stays without an answer."""
        self._out = []
        for future in self._asked.values():
            if not future.done():
                future.set_exception(MediaError("worker_lost", "the media worker died"))

    def _command(self, descriptor: int) -> list[str]:
        settings = self.settings
        command = [*self._worker, "--commands", str(descriptor), "--host", settings.host]
        command += ["--port", str(self.port)]
        command += [
            "--silent-after",
            str(settings.silent_after),
            "--closed-after",
            str(settings.closed_after),
        ]
        for address in settings.announced:
            command += ["--announce", address]
        return command

    async def _listen(self, reader: asyncio.StreamReader) -> bool:
        frames = m.Frames()
        decode = msgspec.msgpack.Decoder(list[m.Report]).decode
        lived = False
        try:
            while data := await reader.read(65536):
                for body in frames.feed(data):
                    for report in decode(body):
                        lived = lived or isinstance(report, m.Ready)
                        self._heard(report)
        except ConnectionError:
            pass
        return lived

    def _heard(self, report: m.Report) -> None:
        if isinstance(report, m.Answer):
            future = self._asked.get(report.n)
            if future is not None and not future.done():
                future.set_result(report)
        elif isinstance(report, m.Ready):
            self.port = report.port
            if not self._ready.done():
                self._ready.set_result(report.port)
        elif isinstance(report, m.Failed):
            log.error("the media worker could not start: %s", report.message)
            if self._first and not self._ready.done():
                self._ready.set_exception(MediaError(report.code, report.message))
        else:
            self._tell(report)

    def _tell(self, event: MediaEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            log.exception("a listener failed on %s", type(event).__name__)
