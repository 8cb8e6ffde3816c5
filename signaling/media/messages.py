"""What the web process and the media worker say to each other over the Unix socket: commands, answers, events."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from signaling.media.payloads import (
    Direction,
    DtlsParameters,
    Kind,
    RtpCapabilities,
    RtpParameters,
    Source,
)
from signaling.media.recording.events import RecordingEvent


class Numbered(Struct):
    """What is left of a command that cannot be read: whom to answer."""

    n: int = 0


class Command(Struct, tag=True, kw_only=True):
    """Something to do; `n` names the answer that belongs to it."""

    n: int = 0


class OpenTransport(Command):
    room: str
    seat: str
    direction: Direction


class ConnectTransport(Command):
    seat: str
    transport: str
    dtls_parameters: DtlsParameters


class RestartIce(Command):
    seat: str
    transport: str


class Produce(Command):
    seat: str
    transport: str
    kind: Kind
    source: Source
    rtp_parameters: RtpParameters


class Consume(Command):
    seat: str
    transport: str
    producer: str
    rtp_capabilities: RtpCapabilities


class ChangeConsumer(Command):
    seat: str
    consumer: str
    act: Literal["resume", "pause", "close"]


class SetLayers(Command):
    seat: str
    consumer: str
    width: int
    height: int


class ChangeProducer(Command):
    """By its owner."""

    seat: str
    producer: str
    act: Literal["resume", "pause", "close"]


class HoldProducer(Command):
    """By a moderator: while it is held, its owner cannot make it heard again."""

    producer: str
    held: bool


class PlaceSeat(Command):
    room: str
    seat: str
    place: str | None
    person: str = ""


class CloseSeat(Command):
    seat: str


class AskStatistics(Command):
    room: str | None = None


class StartRecording(Command):
    """Of a room's main place; the files grow in `folder`. With `people`, of nobody else."""

    room: str
    recording: str
    folder: str
    people: tuple[str, ...] | None = None


class StopRecording(Command):
    room: str


AnyCommand = (
    OpenTransport
    | ConnectTransport
    | RestartIce
    | Produce
    | Consume
    | ChangeConsumer
    | SetLayers
    | ChangeProducer
    | HoldProducer
    | PlaceSeat
    | CloseSeat
    | AskStatistics
    | StartRecording
    | StopRecording
)


class ClosedConsumer(Struct, frozen=True):
    """A consumer that ended because somebody moved."""

    seat: str
    consumer: str


class TransportFigures(Struct, kw_only=True):
    """One transport since it was opened; rates are of the last two seconds, shares lie between 0 and 1."""

    id: str
    room: str
    seat: str
    direction: Direction
    state: str
    rtt_ms: float | None
    loss_up: float
    loss_down: float
    bitrate_up: int
    bitrate_down: int
    packets_up: int
    packets_down: int
    bytes_up: int
    bytes_down: int
    available_down: int | None


class Statistics(Struct, kw_only=True):
    """The worker in figures; `rss` in bytes, `cpu` in seconds since it started."""

    transports: list[TransportFigures]
    rooms: int
    seats: int
    producers: int
    consumers: int
    packets_in: int
    packets_out: int
    bytes_in: int
    bytes_out: int
    nacks_sent: int
    nacks_received: int
    retransmitted: int
    keyframes_asked: int
    drops: dict[str, int]
    loop_lag_ms: float
    tasks: int
    rss: int
    cpu: float


class Ready(Struct, tag=True):
    """The worker has its port."""

    port: int


class Answer(Struct, tag=True, kw_only=True):
    n: int
    result: msgspec.Raw = msgspec.Raw(b"\xc0")
    code: str | None = None
    message: str = ""


class TransportState(Struct, tag=True, frozen=True):
    room: str
    seat: str
    transport: str
    state: Literal["connected", "disconnected", "closed"]


class ConsumerClosed(Struct, tag=True, frozen=True):
    seat: str
    consumer: str


class ConsumerLayers(Struct, tag=True, frozen=True):
    """Which layer a consumer gets by now, of how many; -1 where its line is too weak for a picture."""

    seat: str
    consumer: str
    spatial: int
    temporal: int
    spatial_layers: int


class Speaking(Struct, tag=True, frozen=True):
    """Who speaks in a place, loudest first; level from 0 (silent) to 127 (as loud as it goes)."""

    room: str
    place: str
    levels: list[tuple[str, str, int]]


class Network(Struct, tag=True, frozen=True):
    """What a seat's line does. `layer` is the smallest picture of those it asks for that it gets: 0 the smallest, -1 none."""

    room: str
    seat: str
    rtt_ms: float | None
    loss_up: float
    loss_down: float
    bitrate_up: int
    bitrate_down: int
    layer: int | None = None


class WorkerLost(Struct, tag=True, frozen=True):
    """The worker of these rooms died: their transports are gone, and a new worker has been started."""

    rooms: frozenset[str] = frozenset()


class Failed(Struct, tag=True, frozen=True):
    """The worker could not start."""

    code: str
    message: str


_Event = TransportState | ConsumerClosed | ConsumerLayers | Speaking | Network | RecordingEvent
MediaEvent = _Event | WorkerLost
Report = Ready | Failed | Answer | _Event

_LENGTH = struct.Struct("!I")
_encode = msgspec.msgpack.Encoder().encode
LARGEST_FRAME = 16 * 1024 * 1024


def frame(batch: Sequence[Struct | msgspec.Raw]) -> bytes:
    """A batch of messages with its length in front."""
    body = _encode(batch)
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Cuts what arrives on a stream socket back into batches."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._buffer += data
        while len(self._buffer) >= 4:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > LARGEST_FRAME:
                raise ValueError("frame too large")
            if len(self._buffer) < 4 + length:
                return
            yield bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
