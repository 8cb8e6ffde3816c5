"""The table of bench/media, and which of its figures have a limit."""

from __future__ import annotations

from dataclasses import dataclass

from bench.load.others import Bare, Relay
from bench.load.plan import PEOPLE, Played
from bench.load.worker import Worker
from bench.running import Result

RATIO_LIMIT = 3.5
CPU_LIMITS = {10: 40.0, 30: 32.0}
# So many rooms are to be held on one core.
HOLDS = 30
P99_LIMIT = 20.0
LOSS_LIMIT = 0.1
# A process that waits longer for its core shares it with somebody.
_SHARED = 0.02

HEAD = (
    f"{'':13}{'rooms':>6}{'in/s':>8}{'out/s':>8}{'pictures/s':>12}{'µs/packet':>11}{'x bare':>8}{'core':>7}"
    f"{'p50 ms':>8}{'p99 ms':>8}{'loss':>9}{'memory':>9}{'clients':>9}{'waited':>8}"
)


@dataclass
class Row:
    server: str
    rooms: int
    played: Played
    megabytes: float


def table(rows: list[Row]) -> str:
    bare = _bare(rows)
    lines = [
        f"\nForwarding, rooms of {PEOPLE}\n",
        HEAD,
        *(line(row, bare.get(row.rooms)) for row in rows),
        "",
    ]
    lines += [
        "µs/packet: processor time of the server for each packet delivered. pictures/s: frames that a receiver gets",
        "of one sender, who sends 30. p50, p99: from before the sender's SRTP to the receiver's socket. clients: their",
        "share of the other core. waited: how long the server wanted its core while somebody else had it.",
    ]
    # The relay's many threads wait for each other.
    alone = [row.played for row in rows if row.server != Relay.name]
    if any(played.server.waited > _SHARED * played.seconds for played in alone):
        lines += ["", "Somebody else used the server's core: p99 and loss are not the server's alone."]
    return "\n".join(lines)


def line(row: Row, bare: float | None = None) -> str:
    played, seconds = row.played, row.played.seconds
    ratio = f"{played.cpu_per_packet / bare:.2f}" if bare else ""
    pictures = played.pictures / seconds / (row.rooms * PEOPLE * (PEOPLE - 1))
    if row.server == Relay.name:
        # It sends new packets of its own: none of ours comes out again.
        told = f"{'–':>8}{'–':>8}{'–':>9}"
    else:
        told = f"{played.delay(0.5):>8.2f}{played.delay(0.99):>8.2f}{played.loss:>9.3%}"
    return (
        f"{row.server:13}{row.rooms:>6}{played.sent / seconds:>8,.0f}{played.heard / seconds:>8,.0f}"
        f"{pictures:>12.1f}{played.cpu_per_packet:>11.1f}{ratio:>8}{played.server.worked / seconds:>7.0%}{told}"
        f"{row.megabytes:>6.0f} MB{played.clients.worked / seconds:>9.0%}{played.server.waited / seconds:>8.1%}"
    )


def limits(rows: list[Row]) -> list[Result]:
    bare = _bare(rows)
    return [
        result for row in rows if row.server == Worker.name for result in _limits(row, bare.get(row.rooms))
    ]


def _limits(row: Row, bare: float | None) -> list[Result]:
    cost = row.played.cpu_per_packet
    what = f"{row.rooms} rooms: "
    results = [Result(f"{what}CPU a packet delivered", cost, "µs", CPU_LIMITS.get(row.rooms))]
    if bare:
        results.append(Result(f"{what}against the bare loop", cost / bare, "x", RATIO_LIMIT))
    if row.rooms <= HOLDS:
        results.append(Result(f"{what}p99 forwarding time", row.played.delay(0.99), "ms", P99_LIMIT))
        results.append(Result(f"{what}loss", row.played.loss * 100, "%", LOSS_LIMIT))
    results.append(Result(f"{what}packets that could not be played", row.played.faults, "", 0))
    return results


def _bare(rows: list[Row]) -> dict[int, float]:
    return {row.rooms: row.played.cpu_per_packet for row in rows if row.server == Bare.name}
