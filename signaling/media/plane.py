"""The media plane as the desk commands it: each method is one command, confirmed by the worker before it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from signaling.media import messages as m
from signaling.media.errors import MediaError
from signaling.media.keeper import WORKER, MediaSettings
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
from signaling.media.pool import Pool, altogether

__all__ = ["MediaPlane", "MediaSettings"]

T = TypeVar("T")


class MediaPlane:
    """Refusals come as `MediaError`; events come to the listener in the loop that started the plane."""

    def __init__(self, pool: Pool) -> None:
        self.rtp_capabilities: RtpCapabilities = router_capabilities()
        self._pool = pool
        # A room that all have left may come back on another worker, which has to be told.
        self._recorded: dict[str, m.StartRecording] = {}

    @classmethod
    async def start(
        cls,
        settings: MediaSettings,
        on_event: Callable[[MediaEvent], None],
        worker: Sequence[str] = WORKER,
    ) -> MediaPlane:
        """Start the workers and wait until each has its port; `port_in_use` when one cannot have it."""
        pool = Pool(settings, on_event, worker)
        try:
            await pool.start()
        except BaseException:
            await pool.close()
            raise
        return cls(pool)

    async def close(self) -> None:
        await self._pool.close()

    @property
    def port(self) -> int:
        """The first worker's port, also where the settings left the choice to the system."""
        return self._pool.keepers[0].port

    @property
    def pid(self) -> int | None:
        """The first worker's process."""
        return self._pool.keepers[0].pid

    def pid_of(self, room: str) -> int | None:
        """The process that carries a room, while somebody sits there."""
        keeper = self._pool.keeper_of(room)
        return keeper.pid if keeper else None

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

    async def place_seat(
        self, room: str, seat: str, place: str | None, person: str = ""
    ) -> list[ClosedConsumer]:
        """Move a seat to a place, or to none (waiting); when this returns nothing crosses the wall.

        The consumers it names are closed; no `ConsumerClosed` events come for them.
        """
        is_back = self._pool.keeper_of(room) is None
        command = m.PlaceSeat(room=room, seat=seat, place=place, person=person)
        closed = await self._ask(command, list[ClosedConsumer])
        if is_back and room in self._recorded:
            await self._ask(self._recorded[room], None)
        return closed

    async def close_seat(self, seat: str) -> None:
        """Forget a seat and everything of it; whoever consumed it hears `ConsumerClosed`."""
        await self._ask(m.CloseSeat(seat=seat), None)

    async def statistics(self, room: str | None = None) -> Statistics:
        """Of a room, or of all; workers that are just being started do not count."""
        if room is not None:
            return await self._ask(m.AskStatistics(room=room), Statistics)
        answers = await self._pool.ask_all(m.AskStatistics)
        return altogether([_read(each, Statistics) for each in answers])

    async def each_worker(self) -> list[Statistics]:
        """Of each worker by itself."""
        return [_read(each, Statistics) for each in await self._pool.ask_all(m.AskStatistics)]

    async def start_recording(
        self, room: str, recording: str, folder: str, people: tuple[str, ...] | None = None
    ) -> None:
        """What these people (None: all) send in the room's main place from now on is recorded, each track into files of its own."""
        command = m.StartRecording(room=room, recording=recording, folder=folder, people=people)
        self._recorded[room] = command
        if self._pool.keeper_of(room) is not None:
            await self._ask(command, None)

    async def stop_recording(self, room: str) -> None:
        """When this returns nothing of the room is taken any more; `TracksClosed` follows."""
        self._recorded.pop(room, None)
        if self._pool.keeper_of(room) is not None:
            await self._ask(m.StopRecording(room=room), None)

    async def _ask(self, command: m.Command, answer: type[T] | None) -> T:
        return _read(await self._pool.ask(command), answer)


def _read(answered: m.Answer, answer: type[T] | None) -> T:
    if answered.code is not None:
        raise MediaError(answered.code, answered.message)
    return msgspec.msgpack.decode(answered.result, type=answer)
