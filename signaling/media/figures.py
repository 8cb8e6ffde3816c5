"""What the worker counts: of itself for the operator, of each seat's line for its people."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Iterator
from pathlib import Path

from signaling.media.messages import Network, Statistics, TransportFigures
from signaling.media.port import Port
from signaling.media.seat import Seat
from signaling.media.stage import COUNTED, Stage
from signaling.media.transport import Transport


class Figures:
    """Of one worker; bits a second are measured between two calls of `networks`."""

    def __init__(self, stage: Stage, port: Port) -> None:
        self._stage = stage
        self._port = port
        self._rates: dict[str, _Rate] = {}

    def statistics(self, room: str | None, *, loop_lag: float) -> Statistics:
        seats = [seat for seat in self._stage.seats.values() if room in (None, seat.room)]
        producers = [each for seat in seats for each in seat.producers.values()]
        transports = [each for seat in seats for each in seat.transports.values()]
        counted = {name: sum(getattr(each, name) for each in transports) for name in COUNTED}
        if room is None:
            # Counters that only rise: what was counted does not go with its transport.
            counted = {name: count + self._stage.ended[name] for name, count in counted.items()}
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return Statistics(
            transports=[self.of(each) for each in transports],
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
            loop_lag_ms=round(loop_lag * 1000, 3),
            tasks=len(asyncio.all_tasks()),
            rss=_resident(),
            cpu=usage.ru_utime + usage.ru_stime,
        )

    def networks(self, now: float) -> Iterator[Network]:
        """What each seat's line does; only those that carried something since the last time."""
        living = {transport.id for transport in self._stage.transports()}
        self._rates = {name: rate for name, rate in self._rates.items() if name in living}
        for seat in self._stage.seats.values():
            if not seat.carries:
                continue
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
        figures = [self.of(each) for each in seat.transports.values()]
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

    def of(self, transport: Transport) -> TransportFigures:
        """What one transport carried, and how well."""
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
