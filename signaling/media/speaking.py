"""Who speaks, from the level that microphones send along with each packet; nothing is decoded for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from signaling.media.messages import Speaking
from signaling.media.producer import Producer
from signaling.media.seat import Seat

# Levels run from 0 (silent) to 127; speech at an arm's length lies around 90.
_STARTS = 77
_STOPS = 67
_STEP = 10
_FALL = 0.5


class Voices:
    """Levels smoothed: up at once, down slowly, so that a pause for breath is still speaking."""

    def __init__(self) -> None:
        self._levels: dict[str, float] = {}
        self._heard: set[str] = set()
        self._told: dict[tuple[str, str], dict[str, int]] = {}

    def listen(self, seats: Iterable[Seat]) -> Iterator[Speaking]:
        """One event for each place where something changed since the last time."""
        places: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
        levels: dict[str, float] = {}
        for seat in seats:
            for producer in seat.producers.values():
                level = self._level(producer)
                if level > 0:
                    levels[producer.id] = level
                if seat.place is not None and level >= (_STOPS if producer.id in self._heard else _STARTS):
                    places.setdefault((seat.room, seat.place), []).append(
                        (seat.name, producer.id, int(level))
                    )
        self._levels = levels
        self._heard = {producer for voices in places.values() for _, producer, _ in voices}
        told = {}
        for place, voices in places.items():
            voices.sort(key=lambda each: -each[2])
            told[place] = {producer: level // _STEP for _, producer, level in voices}
        for place in sorted(told.keys() | self._told.keys()):
            if told.get(place) != self._told.get(place):
                yield Speaking(*place, places.get(place, []))
        self._told = told

    def _level(self, producer: Producer) -> float:
        """The loudest packet since the last time, falling slowly; what does not flow is not heard."""
        loudest = 0
        for stream in producer.streams:
            loudest = max(loudest, 127 - stream.level)
            stream.level = 127
        if producer.kind != "audio" or not producer.flows:
            return 0.0
        before = self._levels.get(producer.id, 0.0)
        return max(float(loudest), before * _FALL + loudest * (1 - _FALL))
