"""A tap: takes what a producer sends beside its consumers, while it may, and hands it to the recorder."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from signaling.media.incoming import Incoming, Kept
from signaling.media.recording.pipe import Begin, Close, Open, Order, Reference

if TYPE_CHECKING:
    from signaling.media.producer import Producer

TAPED = frozenset({"audio/opus", "video/VP8"})
"""What can be written as it comes. Whoever sends something else is not shut out for it: it is not recorded, and that is told."""


class Feed(Protocol):
    """The way to the recorder."""

    def order(self, order: Order) -> None: ...
    def packet(self, track: int, packet: Kept, now: float) -> None: ...


class Tap:
    """A sink like a consumer's. `allowed` is said from outside: whether its place is recorded at this moment."""

    __slots__ = (
        "_feed",
        "_number",
        "_numbers",
        "_opening",
        "_told",
        "allowed",
        "first",
        "producer",
        "source",
        "waiting",
    )

    def __init__(self, producer: Producer, feed: Feed, numbers: Iterator[int], opening: Opening) -> None:
        self.producer = producer
        self.allowed = True
        self.waiting = True
        self.first = 0
        self.source: Incoming | None = None
        self._feed = feed
        self._numbers = numbers
        self._opening = opening
        self._number = 0
        self._told: tuple[float, int, float] | None = None

    @property
    def open(self) -> bool:
        return self.allowed and self.producer.flows

    def taps(self) -> Iterator[tuple[Incoming, Tap]]:
        """Where it takes packets from: the highest layer that flows, or nothing."""
        source = self.producer.best(time.monotonic()) if self.open else None
        if source is not self.source:
            # A pause of the sound is a silence in its file; a picture that was turned off must not stand still there.
            if self.producer.kind == "video" or (source is not None and self.source is not None):
                self.close()
            self.source = source
            self.waiting = True
        if source is not None:
            yield source, self

    def begin(self, index: int, timestamp: int, now: float) -> None:
        self.waiting = False
        self.first = index
        if not self._number:
            self._number = next(self._numbers)
            self._feed.order(self._opening(self._number, self.producer))
        self._feed.order(Begin(self._number, index))

    def send(self, packet: Kept, now: float) -> None:
        self._feed.packet(self._number, packet, now)

    def is_track(self, number: int) -> bool:
        return bool(number) and self._number == number

    def want_keyframe(self) -> None:
        if self.source is not None:
            self.source.want_keyframe()

    def refer(self) -> None:
        """Passes on how the sender's clock stands, when it has told again."""
        reference = self.source.reference if self.source is not None else None
        if self._number and reference is not None and reference is not self._told:
            self._told = reference
            self._feed.order(Reference(self._number, reference[0], reference[1]))

    def close(self) -> None:
        """Its file ends here; what comes later goes into the next."""
        if self._number:
            self._feed.order(Close(self._number))
            self._number = 0
        self._told = None
        self.waiting = True

    def forget(self) -> None:
        """The recorder that had its file is gone."""
        self._number = 0
        self._told = None
        self.waiting = True


class Opening(Protocol):
    """Says what a new file is of."""

    def __call__(self, number: int, producer: Producer) -> Open: ...


def can_be_taped(producer: Producer) -> bool:
    return producer.mapping.mime_type in TAPED


def new_file() -> str:
    return secrets.token_hex(12)
