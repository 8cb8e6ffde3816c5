"""Transport-wide congestion control feedback to a publisher: what arrived when, so that its browser finds its rate."""

from __future__ import annotations

import struct

from signaling.media.rtp import unwrap

# A message never gets longer than SRTP takes; a burst is spread over several.
MOST_PACKETS = 400
TICK_US = 250
_TICKS = 4000
_REFERENCE = 256
_HEADER = struct.Struct("!BBHIIHH")


class Arrivals:
    """Packets of one transport since the last feedback."""

    def __init__(self) -> None:
        self._came: list[tuple[int, float]] = []
        self._highest: int | None = None
        self._reported = -1
        self._count = 0
        # Called for each packet: with its transport-wide number and when it came, in seconds.
        self.add = self._came.append

    def __bool__(self) -> bool:
        return bool(self._came)

    def take(self, sender: int, media: int) -> list[bytes]:
        """The messages that report all that has come, and begin again; what was reported before is not reported again."""
        if message := self._all_in_order(sender, media):
            return [message]
        seen: dict[int, int] = {}
        for number, at in self._came:
            if self._highest is None:
                self._highest = number + 0x10000
                self._reported = self._highest - 1
            full = unwrap(number, self._highest)
            if full > self._highest:
                self._highest = full
            if full > self._reported:
                seen.setdefault(full, int(at * 1e6))
        self._came.clear()
        messages = []
        waiting = sorted(seen.items())
        while waiting:
            # An old gap is not worth a long message: start at what was received if the gap is wide.
            base = self._reported + 1
            if waiting[0][0] - base > MOST_PACKETS // 2:
                base = waiting[0][0]
            part, waiting = _fitting(waiting, base)
            messages.append(build(sender, media, self._count, base, part))
            self._count = (self._count + 1) & 0xFF
            self._reported = part[-1][0]
        return messages

    def _all_in_order(self, sender: int, media: int) -> bytes | None:
        """The usual case, in a tenth of the time: nothing is missing, nothing is jumbled, and each came soon after the other."""
        count = len(self._came)
        base = (self._reported + 1) & 0xFFFF
        if not count or self._highest is None or count > MOST_PACKETS or base + count > 0x10000:
            return None
        if [number for number, _ in self._came] != list(range(base, base + count)):
            return None
        ticks = [int(at * _TICKS) for _, at in self._came]
        reference = ticks[0] // _REFERENCE
        try:
            deltas = bytes(map(int.__sub__, ticks, [reference * _REFERENCE, *ticks]))
        except ValueError:
            return None
        self._came.clear()
        self._reported += count
        self._highest = max(self._highest, self._reported)
        self._count, number = (self._count + 1) & 0xFF, self._count
        return _message(
            sender, media, base, count, reference, number, struct.pack("!H", 1 << 13 | count) + deltas
        )


def _fitting(
    waiting: list[tuple[int, int]], base: int
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """As many as one message can hold: in number, and in the distance that a 16 bit delta can express."""
    last_us = waiting[0][1]
    for place, (full, at_us) in enumerate(waiting):
        if place and (full - base >= MOST_PACKETS or abs(at_us - last_us) > 8_000_000):
            return waiting[:place], waiting[place:]
        last_us = at_us
    return waiting, []


def build(sender: int, media: int, count: int, base: int, arrivals: list[tuple[int, int]]) -> bytes:
    """One RTCP message 15/205 (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1)."""
    reference = arrivals[0][1] // 64000
    clock = reference * 64000
    statuses: list[int] = []
    deltas = bytearray()
    received = dict(arrivals)
    for full in range(base, arrivals[-1][0] + 1):
        at_us = received.get(full)
        if at_us is None:
            statuses.append(0)
            continue
        delta = round((at_us - clock) / TICK_US)
        clock += delta * TICK_US
        if 0 <= delta <= 255:
            statuses.append(1)
            deltas.append(delta)
        else:
            statuses.append(2)
            deltas += struct.pack("!h", max(-32768, min(32767, delta)))
    return _message(sender, media, base, len(statuses), reference, count, _chunks(statuses) + deltas)


def _message(
    sender: int, media: int, base: int, packets: int, reference: int, count: int, rest: bytes
) -> bytes:
    """The header, the reference time and the message's own count before what was seen, padded to words."""
    body = struct.pack("!I", ((reference & 0xFFFFFF) << 8) | count) + rest
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes((padding,))
    first = 0x80 | (0x20 if padding else 0) | 15
    words = (16 + len(body)) // 4 - 1
    return _HEADER.pack(first, 205, words, sender, media, base & 0xFFFF, packets) + body


def _chunks(statuses: list[int]) -> bytes:
    """Runs of at least 7 equal statuses as run length chunks, the rest as vectors of seven 2 bit symbols."""
    out = bytearray()
    position = 0
    while position < len(statuses):
        status = statuses[position]
        run = position
        while run < len(statuses) and statuses[run] == status and run - position < 8191:
            run += 1
        if run - position >= 7 or run == len(statuses):
            out += struct.pack("!H", (status << 13) | (run - position))
            position = run
        else:
            vector = 0xC000
            for place, symbol in enumerate(statuses[position : position + 7]):
                vector |= symbol << (12 - 2 * place)
            out += struct.pack("!H", vector)
            position += 7
    return bytes(out)
