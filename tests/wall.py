"""People who send marked packets all the time, and the law of the wall held against every packet that anybody receives.

Each packet says who sent it and where that person was. Whoever receives it must be in the same place, now; while a move is asked
for and not answered yet, the place before or the place after. When the answer comes, everything that was forwarded before lies in
the sockets (the worker has written it before it answered), so it is taken first: from then on the law is strict.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiortc import RTCCertificate

from tests.packets import Packets

AWAY = None


@dataclass(slots=True)
class Walker:
    """Somebody with a line each way. `places` holds two places while a move is not answered yet."""

    name: str
    ssrc: int
    up: Packets
    down: Packets
    places: set[str | None] = field(default_factory=lambda: {AWAY})
    silenced: bool = False
    heard: dict[str, int] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)

    @property
    def place(self) -> str | None:
        (place,) = self.places
        return place


class Wall:
    """Everybody, and what each may hear."""

    def __init__(self, certificate: RTCCertificate) -> None:
        self.walkers: dict[str, Walker] = {}
        self._certificate = certificate

    def add(self, name: str, place: str | None = AWAY) -> Walker:
        def take(payload: bytes) -> None:
            self._take(made, payload)

        made = Walker(
            name, 40_000 + len(self.walkers), Packets(self._certificate), Packets(self._certificate, take)
        )
        made.places = {place}
        self.walkers[name] = made
        return made

    def speak(self, times: int = 1) -> None:
        """Everybody says something, the silenced too."""
        for _ in range(times):
            for walker in self.walkers.values():
                where = sorted(str(place) for place in walker.places)
                said = {"from": walker.name, "at": where}
                walker.up.send(walker.ssrc, json.dumps(said).encode())

    def listen(self) -> None:
        for walker in self.walkers.values():
            walker.down.drain()

    def pairs(self) -> Iterator[tuple[Walker, Walker]]:
        """Who may hear whom by now."""
        for one in self.walkers.values():
            for other in self.walkers.values():
                if one is not other and one.place is not AWAY and one.place == other.place:
                    yield one, other

    @contextmanager
    def moving(self, where: dict[str, str | None]) -> Iterator[None]:
        """While a move is asked for; at its end it has been answered."""
        self.speak()
        for name, place in where.items():
            self.walkers[name].places.add(place)
        self.speak()
        yield
        self.listen()
        for name, place in where.items():
            self.walkers[name].places = {place}
        self.speak(2)

    @contextmanager
    def silencing(self, name: str) -> Iterator[None]:
        """While a lock is asked for; what a locked person says is heard by nobody once it is answered."""
        self.speak()
        yield
        self.listen()
        self.walkers[name].silenced = True
        self.speak(2)

    def _take(self, receiver: Walker, payload: bytes) -> None:
        said = json.loads(payload)
        sender = self.walkers[said["from"]]
        receiver.heard[sender.name] = receiver.heard.get(sender.name, 0) + 1
        together = (sender.places & receiver.places) - {AWAY}
        then = set(said["at"]) & {str(place) for place in receiver.places - {AWAY}}
        if not together or not then or sender.silenced:
            receiver.strays.append(f"{receiver.name} in {receiver.places} got {said} of {sender.places}")

    @property
    def strays(self) -> list[str]:
        return [stray for walker in self.walkers.values() for stray in walker.strays]

    @property
    def heard(self) -> int:
        return sum(sum(walker.heard.values()) for walker in self.walkers.values())

    def consent(self) -> None:
        for walker in self.walkers.values():
            walker.up.consent()
            walker.down.consent()

    async def close(self) -> None:
        for walker in self.walkers.values():
            await walker.up.close()
            await walker.down.close()
