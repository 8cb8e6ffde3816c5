"""Which rooms are recorded, and a tap on everything that is sent in their main place, there and nowhere else."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signaling.media.incoming import Kept
from signaling.media.recording.events import NotTaped, RecorderBack, RecorderLost, TracksClosed
from signaling.media.recording.link import Link
from signaling.media.recording.pipe import Broken, FileClosed, News, Open, Order, Ready, WantKeyframe
from signaling.media.recording.tap import Tap, can_be_taped, new_file

if TYPE_CHECKING:
    from signaling.media.producer import Producer
    from signaling.media.stage import Stage

log = logging.getLogger(__name__)

MAIN = "main"
LOOK_EVERY = 1.0
AGAIN_AFTER = (0.2, 1.0, 3.0, 10.0)
"""Seconds after which a recorder that died is started again, the first, second … time in a row."""

Told = NotTaped | RecorderBack | RecorderLost | TracksClosed


@dataclass(slots=True)
class Recorded:
    """A room that is recorded."""

    recording: str
    folder: str
    people: frozenset[str] | None
    left_out: set[str] = field(default_factory=set)


class Taps:
    """All taps of one worker, and its recorder: started with the first room, ended with the last, started again when it dies."""

    def __init__(self, stage: Stage, tell: Callable[[Told], None]) -> None:
        self.rooms: dict[str, Recorded] = {}
        self._stage = stage
        self._tell = tell
        self._link: Link | None = None
        self._numbers = itertools.count(1)
        self._failures = 0
        self._is_lost = False
        self._reason = ""
        self._looking: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The recorder's process, while there is one."""
        return self._link.pid if self._link is not None else None

    def start(self, room: str, recording: str, folder: str, people: Iterable[str] | None) -> None:
        """From now on the main place of a room is recorded, of these people only. Said again it changes whose tracks are."""
        allowed = None if people is None else frozenset(people)
        known = self.rooms.get(room)
        if known is not None and known.recording == recording:
            known.people = allowed
        else:
            self.stop(room)
            self.rooms[room] = Recorded(recording, folder, allowed)
        if self._link is None and not self._is_lost:
            self._begin()
        self._consider_all([room])

    def stop(self, room: str) -> None:
        """When this returns nothing of the room is taken any more."""
        if self.rooms.pop(room, None) is None:
            return
        self._consider_all([room])
        if not self.rooms:
            if self._link is not None:
                self._link.finish()
            self._link, self._is_lost, self._failures = None, False, 0

    def consider(self, producer: Producer) -> None:
        """Puts a tap on a producer, or takes it away: after every change of who is where, and of what is recorded."""
        seat = producer.seat
        recorded = self.rooms.get(seat.room) if seat.place == MAIN else None
        if recorded is not None and recorded.people is not None and seat.person not in recorded.people:
            recorded = None
        if recorded is not None and not can_be_taped(producer):
            self._leave_out(recorded, producer)
            recorded = None
        if recorded is None:
            self._take_away(producer)
        elif producer.tap is None:
            producer.tap = Tap(producer, self, self._numbers, self._open)
            producer.tap.allowed = self._link is not None and self._link.ready
            producer.refresh()

    def forget(self, producer: Producer) -> None:
        """The producer ends."""
        if producer.tap is not None:
            producer.tap.close()
            producer.tap = None

    # What taps hand over

    def order(self, order: Order) -> None:
        if self._link is not None:
            self._link.order(order)

    def packet(self, track: int, packet: Kept, now: float) -> None:
        if self._link is not None:
            self._link.packet(track, packet, now)

    def _open(self, number: int, producer: Producer) -> Open:
        seat = producer.seat
        recorded = self.rooms[seat.room]
        return Open(
            track=number,
            id=new_file(),
            folder=recorded.folder,
            recording=recorded.recording,
            room=seat.room,
            person=seat.person,
            source=producer.source,
            kind=producer.kind,
            clock_rate=producer.mapping.clock_rate,
            epoch=time.time() - time.monotonic(),
        )

    def _take_away(self, producer: Producer) -> None:
        if producer.tap is None:
            return
        producer.tap.allowed = False
        producer.refresh()
        self.forget(producer)

    def _leave_out(self, recorded: Recorded, producer: Producer) -> None:
        if producer.id not in recorded.left_out:
            recorded.left_out.add(producer.id)
            seat = producer.seat
            self._tell(NotTaped(seat.room, recorded.recording, seat.person, producer.source, "codec"))

    def _consider_all(self, rooms: Iterable[str]) -> None:
        wanted = set(rooms)
        for producer in list(self._stage.producers.values()):
            if producer.seat.room in wanted:
                self.consider(producer)

    # The recorder

    def _begin(self) -> None:
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)
        try:
            self._link = Link(self._heard, self._lost)
        except OSError:
            log.exception("the recorder could not be started")
            self._fail("failed")

    def _heard(self, link: Link, news: News) -> None:
        if isinstance(news, Ready):
            link.ready = True
            if link is self._link:
                self._go_on()
        elif isinstance(news, WantKeyframe):
            for tap in self._all():
                if tap.is_track(news.track):
                    tap.want_keyframe()
        elif isinstance(news, FileClosed):
            self._tell(TracksClosed(news.recording))
        elif isinstance(news, Broken):
            self._reason = news.reason

    def _go_on(self) -> None:
        """The recorder is there: every tap begins a file of its own."""
        self._allow(allowed=True)
        if self._is_lost:
            self._is_lost = False
            self._tell(RecorderBack([one.recording for one in self.rooms.values()]))

    def _lost(self, link: Link) -> None:
        if link is not self._link:
            return
        self._link, reason, self._reason = None, self._reason or "died", ""
        for tap in self._all():
            tap.forget()
        self._allow(allowed=False)
        self._fail(reason)

    def _fail(self, reason: str) -> None:
        """Nothing is recorded now: that is told once, and tried again after a while."""
        if not self._is_lost:
            self._tell(RecorderLost([one.recording for one in self.rooms.values()], reason))
        self._is_lost = True
        pause = AGAIN_AFTER[min(self._failures, len(AGAIN_AFTER) - 1)]
        self._failures += 1
        asyncio.get_running_loop().call_later(pause, self._again)

    def _again(self) -> None:
        if self.rooms and self._link is None:
            self._begin()

    def _allow(self, *, allowed: bool) -> None:
        for tap in list(self._all()):
            tap.allowed = allowed
            tap.producer.refresh()

    def _all(self) -> Iterable[Tap]:
        return (each.tap for each in self._stage.producers.values() if each.tap is not None)

    def _look(self) -> None:
        """Once a second: does the recorder live, and what is new of the senders' clocks and layers."""
        self._looking = None
        if self._link is None and not self.rooms:
            return
        self._looking = asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)
        if self._link is not None and self._link.is_silent(time.monotonic()):
            log.error("the recorder says nothing any more")
            self._link.kill()
            return
        for tap in list(self._all()):
            tap.refer()
            if tap.source is not None and tap.producer.best(time.monotonic()) is not tap.source:
                tap.producer.refresh()
        if self._link is not None and self._link.ready and self._failures:
            self._failures -= 1
