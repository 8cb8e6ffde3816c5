"""The servers that are measured: each brings people in and tells the clients where to connect."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bench.load.plan import PEOPLE, Address, Line, Person
from bench.load.tracks import CAMERA_MID, CC_ID, LEVEL_ID, MID_ID, OPUS, SEND_TIME_ID, VOICE_MID, VP8, VP8_RTX
from bench.running import ROOT
from signaling.media.keeper import WORKER
from signaling.media.messages import MediaEvent
from signaling.media.ortc import ABS_SEND_TIME, AUDIO_LEVEL, MID, TRANSPORT_CC
from signaling.media.payloads import (
    CodecParameters,
    DtlsParameters,
    Encoding,
    ExtensionParameters,
    Fingerprint,
    Kind,
    RtcpParameters,
    RtpParameters,
    RtxEncoding,
    TransportOptions,
)
from signaling.media.plane import MediaPlane, MediaSettings

_COMMON = {MID: MID_ID, ABS_SEND_TIME: SEND_TIME_ID, TRANSPORT_CC: CC_ID}


class Server(Protocol):
    name: str

    @property
    def pid(self) -> int: ...
    async def bring_in(
        self, rooms: range, fingerprints: list[Fingerprint], *, media: bool
    ) -> list[Person]: ...
    async def close(self) -> None: ...


class Worker:
    """Our media worker, commanded as the server commands it."""

    name = "media worker"

    def __init__(self) -> None:
        self.plane: MediaPlane
        self.seats: list[str] = []

    async def open(self, worker: Sequence[str] = WORKER) -> Worker:
        self.plane = await MediaPlane.start(MediaSettings(host="127.0.0.1", port=0), _unheard, worker)
        return self

    @property
    def pid(self) -> int:
        assert self.plane.pid is not None
        return self.plane.pid

    async def bring_in(self, rooms: range, fingerprints: list[Fingerprint], *, media: bool) -> list[Person]:
        """Rooms of three. Without media each has its two transports and nothing on them."""
        people = []
        for number in rooms:
            room = f"room {number}"
            seats = [f"{room}/{place}" for place in range(PEOPLE)]
            lines = [await self._sit(room, seat, fingerprints) for seat in seats]
            if media:
                people += await self._all_to_all(number, seats, lines)
            else:
                people += [
                    Person(seat, _line(up), _line(down))
                    for seat, (up, down) in zip(seats, lines, strict=True)
                ]
            self.seats += seats
        return people

    async def leave(self, seats: list[str]) -> None:
        for seat in seats:
            await self.plane.close_seat(seat)
            self.seats.remove(seat)

    async def close(self) -> None:
        await self.plane.close()

    async def _sit(
        self, room: str, seat: str, fingerprints: list[Fingerprint]
    ) -> tuple[TransportOptions, TransportOptions]:
        await self.plane.place_seat(room, seat, "main")
        up = await self.plane.open_transport(room, seat, "send")
        down = await self.plane.open_transport(room, seat, "recv")
        theirs = DtlsParameters(fingerprints=fingerprints, role="client")
        for each in (up, down):
            await self.plane.connect_transport(seat, each.id, theirs)
        return up, down

    async def _all_to_all(
        self, number: int, seats: list[str], lines: list[tuple[TransportOptions, TransportOptions]]
    ) -> list[Person]:
        made = {}
        for place, (seat, (up, _)) in enumerate(zip(seats, lines, strict=True)):
            voice, camera = voice_of(number, place), camera_of(number, place)
            made[seat] = [
                await self.plane.produce(seat, up.id, "audio", "mic", voice_parameters(voice)),
                await self.plane.produce(seat, up.id, "video", "camera", camera_parameters(camera)),
            ]
        people = []
        for place, (seat, (up, down)) in enumerate(zip(seats, lines, strict=True)):
            others = [producer for other in seats if other != seat for producer in made[other]]
            hears = [await self._consume(seat, down.id, producer) for producer in others]
            voice, camera = voice_of(number, place), camera_of(number, place)
            people.append(Person(seat, _line(up), _line(down), voice, camera, tuple(hears)))
        return people

    async def _consume(self, seat: str, transport: str, producer: str) -> int:
        """The SSRC under which a producer is heard; what flows waits for the handshake by itself."""
        options = await self.plane.consume(seat, transport, producer, self.plane.rtp_capabilities)
        if options.kind == "video":
            await self.plane.set_layers(seat, options.id, 1280, 720)
        await self.plane.resume_consumer(seat, options.id)
        ssrc = options.rtp_parameters.encodings[0].ssrc
        assert ssrc is not None
        return ssrc


class Bare:
    """The loop without any protocol."""

    name = "bare loop"

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process
        self._address: Address

    async def open(self) -> Bare:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.load.bare", stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        assert self._process.stdout is not None
        self._address = "127.0.0.1", int(await self._process.stdout.readline())
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    async def bring_in(self, rooms: range, _: list[Fingerprint], *, media: bool) -> list[Person]:
        return [self._person(room, place) for room in rooms for place in range(PEOPLE) if media]

    async def close(self) -> None:
        self._process.kill()
        await self._process.wait()

    def _person(self, room: int, place: int) -> Person:
        name = f"room {room}/{place}"
        hears = [
            ssrc
            for other in range(PEOPLE)
            if other != place
            for ssrc in (voice_of(room, other), camera_of(room, other))
        ]
        return Person(
            name,
            Line(self._address, f"{name}/up"),
            Line(self._address, f"{name}/down"),
            voice_of(room, place),
            camera_of(room, place),
            tuple(hears),
        )


def voice_of(room: int, place: int) -> int:
    return 0x10000000 + room * 0x100 + place * 4


def camera_of(room: int, place: int) -> int:
    return voice_of(room, place) + 1


def voice_parameters(ssrc: int) -> RtpParameters:
    opus = CodecParameters(
        mime_type="audio/opus",
        payload_type=OPUS,
        clock_rate=48000,
        channels=2,
        parameters={"minptime": 10, "useinbandfec": 1},
    )
    return _parameters("audio", [opus], Encoding(ssrc=ssrc))


def camera_parameters(ssrc: int) -> RtpParameters:
    codecs = [
        CodecParameters(mime_type="video/VP8", payload_type=VP8, clock_rate=90000),
        CodecParameters(
            mime_type="video/rtx", payload_type=VP8_RTX, clock_rate=90000, parameters={"apt": VP8}
        ),
    ]
    return _parameters("video", codecs, Encoding(ssrc=ssrc, rtx=RtxEncoding(ssrc=ssrc + 1)))


def _parameters(kind: Kind, codecs: list[CodecParameters], encoding: Encoding) -> RtpParameters:
    ids = _COMMON | ({AUDIO_LEVEL: LEVEL_ID} if kind == "audio" else {})
    return RtpParameters(
        mid=(VOICE_MID if kind == "audio" else CAMERA_MID).decode(),
        codecs=codecs,
        header_extensions=[ExtensionParameters(uri=uri, id=number) for uri, number in ids.items()],
        encodings=[encoding],
        rtcp=RtcpParameters(cname="bench", reduced_size=True),
    )


def _line(options: TransportOptions) -> Line:
    first = options.ice_candidates[0]
    return Line(
        (first.address, first.port),
        options.ice_parameters.username_fragment,
        options.ice_parameters.password,
        tuple(options.dtls_parameters.fingerprints),
    )


def _unheard(_: MediaEvent) -> None:
    """Events are the desk's business."""


def profiled(where: Path) -> list[str]:
    """The worker's command, with a profiler in it that two signals start and end."""
    return [sys.executable, "-m", "bench.load.profiled", str(where)]
