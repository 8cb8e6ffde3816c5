"""Our media worker as the measures see it: commanded through the media plane, as the server does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.load.parameters import camera_of, camera_parameters, voice_of, voice_parameters
from bench.load.plan import PEOPLE, Line, Person
from signaling.media.keeper import WORKER
from signaling.media.messages import MediaEvent
from signaling.media.payloads import DtlsParameters, Fingerprint, TransportOptions
from signaling.media.plane import MediaPlane, MediaSettings


class Worker:
    """Our media worker, commanded as the server commands it."""

    name = "media worker"

    def __init__(self) -> None:
        self.plane: MediaPlane

    async def open(
        self, worker: Sequence[str] = WORKER, *, silent_after: float = 15.0, closed_after: float = 30.0
    ) -> None:
        asked = MediaSettings("127.0.0.1", 0, silent_after=silent_after, closed_after=closed_after)
        self.plane = await MediaPlane.start(asked, _unheard, worker)

    @property
    def pid(self) -> int:
        assert self.plane.pid is not None
        return self.plane.pid

    async def bring_in(self, rooms: range, theirs: list[Fingerprint]) -> list[Person]:
        """Rooms of three in which everybody is heard and seen by the others."""
        people = []
        for room in rooms:
            seats = [f"{room}/{place}" for place in range(PEOPLE)]
            lines = [await self._sit(str(room), seat, theirs) for seat in seats]
            people += await self._all_to_all(room, seats, lines)
        return people

    async def bring_in_idle(self, rooms: range, theirs: list[Fingerprint]) -> list[Person]:
        """Rooms of three in which everybody has two transports and nothing on them."""
        people = []
        for room in rooms:
            for place in range(PEOPLE):
                seat = f"{room}/{place}"
                up, down = await self._sit(str(room), seat, theirs)
                people.append(Person(seat, _line(up), _line(down)))
        return people

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


def _line(options: TransportOptions) -> Line:
    first = next(
        each for each in options.ice_candidates if each.protocol == "udp" and ":" not in each.address
    )
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
