"""What the worker does by the clock: ask again, report, measure, hear who speaks, and let silent lines go."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from signaling.media import rtcp
from signaling.media.messages import (
    ConsumerLayers,
    Network,
    Speaking,
    Statistics,
    TransportFigures,
)
from signaling.media.police import renew
from signaling.media.port import FAULTS_SHOWN, Port
from signaling.media.seat import Seat
from signaling.media.share import measure_layers, share_line
from signaling.media.speaking import Voices
from signaling.media.stage import COUNTED, Stage
from signaling.media.transport import Transport

log = logging.getLogger(__name__)

TICK = 0.02
_FEEDBACK = 5
_SPEAKING = 15
_LAYERS = 25
_REPORTS = 50
_NETWORK = 100
# Longer than anybody waits for the first other; a transport without its seat's owner costs little until then.
_NEVER_BEGUN = 6 * 3600.0
_LATE = 0.02
_WARN_EVERY = 30.0


class Rounds:
    """One timer for the whole worker; each round does what is due. An exception in one never ends the others."""

    def __init__(
        self,
        stage: Stage,
        port: Port,
        tell: Callable[[Network | Speaking | ConsumerLayers], None],
        *,
        silent_after: float,
        closed_after: float,
    ) -> None:
        self._stage = stage
        self._port = port
        self._tell = tell
        self._silent_after = silent_after
        self._closed_after = closed_after
        self._voices = Voices()
        self._rates: dict[str, _Rate] = {}
        self.loop_lag = 0.0
        self._count = 0
        self._warned_at = -_WARN_EVERY

    async def run(self) -> None:
        due = time.monotonic() + TICK
        while True:
            await asyncio.sleep(due - time.monotonic())
            now = time.monotonic()
            self._measure_lag(now - due, now)
            due = max(due + TICK, now)
            self._count += 1
            try:
                self._round(self._count, now)
            except Exception as error:  # noqa: BLE001 - the log has it
                self._failed("a round of the media worker failed", error)

    def statistics(self, room: str | None) -> Statistics:
        seats = [seat for seat in self._stage.seats.values() if room in (None, seat.room)]
        producers = [each for seat in seats for each in seat.producers.values()]
        transports = [each for seat in seats for each in seat.transports.values()]
        counted = {name: sum(getattr(each, name) for each in transports) for name in COUNTED}
        if room is None:
            # Counters that only rise: what was counted does not go with its transport.
            counted = {name: count + self._stage.ended[name] for name, count in counted.items()}
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return Statistics(
            transports=[self._figures(each) for each in transports],
            rooms=len({seat.room for seat in seats}),
            seats=len(seats),
            producers=len(producers),
            consumers=sum(len(seat.consumers) for seat in seats),
            packets_in=self._port.packets_in,
            packets_out=self._port.packets_out + sum(each.packets_out for each in transports),
            bytes_in=self._port.bytes_in,
            bytes_out=self._port.bytes_out + sum(each.bytes_out for each in transports),
            nacks_sent=counted["nacks_sent"],
            nacks_received=counted["nacks_heard"],
            retransmitted=counted["resent"],
            keyframes_asked=counted["keyframes_asked"],
            drops=dict(self._port.drops),
            loop_lag_ms=round(self.loop_lag * 1000, 3),
            tasks=len(asyncio.all_tasks()),
            rss=_resident(),
            cpu=usage.ru_utime + usage.ru_stime,
        )

    def _round(self, count: int, now: float) -> None:
        feedback = count % _FEEDBACK == 0
        due = [
            transport
            for transport in self._stage.transports()
            if transport.needs_feedback
            or (feedback and transport.arrivals)
            or not (count + transport.turn) % _REPORTS
        ]
        for transport in due:
            try:
                self._attend(transport, count, now)
            except Exception as error:  # noqa: BLE001 - the log has it
                self._failed("a round of one transport failed", error)
        self._share_lines(count, now)
        if count % _SPEAKING == 0:
            for speaking in self._voices.listen(self._stage.seats.values()):
                self._tell(speaking)
        if count % _NETWORK == 0:
            for network in self._networks(now):
                self._tell(network)

    def _share_lines(self, count: int, now: float) -> None:
        """Each seat in its own turn, twice a second: all at once would hold up everybody's packets."""
        for seat in [each for each in self._stage.seats.values() if not (count + each.turn) % _LAYERS]:
            try:
                measure_layers([seat], now)
            except Exception as error:  # noqa: BLE001 - the log has it
                self._failed("the layers of one seat could not be measured", error)
            for transport in list(seat.transports.values()):
                # First, and whatever becomes of the rest: without it nothing is let in any more.
                renew(transport, _LAYERS * TICK)
                try:
                    self._share_line(seat, transport, now)
                except Exception as error:  # noqa: BLE001 - the log has it
                    self._failed("a line could not be shared", error)

    def _share_line(self, seat: Seat, transport: Transport, now: float) -> None:
        consumers = [each for each in seat.consumers.values() if each.transport is transport]
        share_line(transport, consumers, now, self._tell)

    def _failed(self, what: str, error: Exception) -> None:
        """Say what our own bug was, some times: there are fifty rounds a second."""
        self._port.drops["fault"] += 1
        if self._port.drops["fault"] <= FAULTS_SHOWN:
            log.error(what, exc_info=error)

    def _attend(self, transport: Transport, count: int, now: float) -> None:
        if transport.needs_feedback:
            rtcp.ask_again(transport, now)
        if count % _FEEDBACK == 0 and transport.arrivals:
            rtcp.report_arrivals(transport)
        if not (count + transport.turn) % _REPORTS:
            self._each_second(transport, now)

    def _each_second(self, transport: Transport, now: float) -> None:
        # Who has begun and does not come to an end is as good as gone. Who has not begun may only be alone in the room.
        stuck = transport.state == "new" and (
            now - transport.begun_at > self._closed_after or now - transport.opened_at > _NEVER_BEGUN
        )
        if transport.address is None and not stuck:
            return
        if stuck or now - transport.consent_at > self._closed_after:
            transport.address = None  # not even a goodbye goes where nobody wants it (RFC 7675, 5.1)
            self._stage.transport_changed(transport, "closed")
            return
        silent = now - transport.heard_at > self._silent_after
        if transport.state == "connected" and silent:
            self._stage.transport_changed(transport, "disconnected")
        elif transport.state == "disconnected" and not silent:
            self._stage.transport_changed(transport, "connected")
        if transport.live:
            rtcp.report_streams(transport, now)
            rtcp.report_times(transport, now)

    def _networks(self, now: float) -> Iterator[Network]:
        """What each seat's line does; only those that carried something since the last time."""
        living = {transport.id for transport in self._stage.transports()}
        self._rates = {name: rate for name, rate in self._rates.items() if name in living}
        for seat in self._stage.seats.values():
            busy = [self._rate(each, now) for each in seat.transports.values()]
            if any(busy):
                yield self._network(seat)

    def _rate(self, transport: Transport, now: float) -> bool:
        rate = self._rates.get(transport.id)
        if rate is None:
            self._rates[transport.id] = _Rate(transport, now)
            return False
        return rate.measure(transport, now)

    def _network(self, seat: Seat) -> Network:
        figures = [self._figures(each) for each in seat.transports.values()]
        up = [each for each in figures if each.direction == "send"]
        down = [each for each in figures if each.direction == "recv"]
        trips = [each.rtt_ms for each in figures if each.rtt_ms is not None]
        return Network(
            room=seat.room,
            seat=seat.name,
            rtt_ms=min(trips) if trips else None,
            loss_up=max((each.loss_up for each in up), default=0.0),
            loss_down=max((each.loss_down for each in down), default=0.0),
            bitrate_up=sum(each.bitrate_up for each in up),
            bitrate_down=sum(each.bitrate_down for each in down),
            layer=_smallest_layer(seat),
        )

    def _figures(self, transport: Transport) -> TransportFigures:
        incoming, outgoing = transport.incoming.values(), transport.outgoing.values()
        rate = self._rates.get(transport.id)
        trips = [each.reception.rtt for each in outgoing if each.reception.rtt is not None]
        return TransportFigures(
            id=transport.id,
            room=transport.room,
            seat=transport.seat,
            direction=transport.direction,
            state=transport.state,
            rtt_ms=round(min(trips) * 1000, 1) if trips else None,
            loss_up=_mean([(each.interval_loss, each.packets) for each in incoming]),
            loss_down=_mean([(each.reception.loss, each.packets) for each in outgoing]),
            bitrate_up=rate.up if rate else 0,
            bitrate_down=rate.down if rate else 0,
            packets_up=sum(each.packets for each in incoming),
            packets_down=transport.packets_out,
            bytes_up=sum(each.bytes for each in incoming),
            bytes_down=transport.bytes_out,
            available_down=transport.available,
        )

    def _measure_lag(self, lag: float, now: float) -> None:
        self.loop_lag = max(lag, self.loop_lag * 0.99)
        if lag > _LATE and now - self._warned_at > _WARN_EVERY:
            self._warned_at = now
            log.warning("the media loop was held up for %.0f ms", lag * 1000)


class _Rate:
    """Bits per second of a transport between two looks at its counters."""

    def __init__(self, transport: Transport, now: float) -> None:
        self.up = self.down = 0
        self._at = now
        self._bytes_up, self._bytes_down = _bytes(transport)

    def measure(self, transport: Transport, now: float) -> bool:
        bytes_up, bytes_down = _bytes(transport)
        elapsed = now - self._at
        self.up = max(0, int((bytes_up - self._bytes_up) * 8 / elapsed))
        self.down = max(0, int((bytes_down - self._bytes_down) * 8 / elapsed))
        self._at, self._bytes_up, self._bytes_down = now, bytes_up, bytes_down
        return bool(self.up or self.down)


def _bytes(transport: Transport) -> tuple[int, int]:
    return sum(each.bytes for each in transport.incoming.values()), transport.bytes_out


def _smallest_layer(seat: Seat) -> int | None:
    """The smallest picture that a seat gets of those it looks at, -1 where one is left out; None when it looks at none."""
    pictures = [each for each in seat.consumers.values() if each.is_video and each.asked]
    return min((each.layers_sent()[0] for each in pictures), default=None)


def _mean(shares: list[tuple[float, int]]) -> float:
    """A mean weighted by packets."""
    total = sum(weight for _, weight in shares)
    return round(sum(share * weight for share, weight in shares) / total, 4) if total else 0.0


def _resident() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * os.sysconf("SC_PAGESIZE")
