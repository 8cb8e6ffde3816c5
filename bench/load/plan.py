"""What a load is made of, as the bench tells it to the process that plays the clients, and what that tells back."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

from bench.load.processor import Use
from signaling.media.payloads import Fingerprint

Address = tuple[str, int]

# A room of three: 3 x (50 + 90) packets a second in, twice that out.
PEOPLE = 3


@dataclass(frozen=True)
class Line:
    """Where one transport of a person connects to. Without fingerprints there is no protocol, only a greeting.

    A server that checks its clients in turn has been told `own`, a name and a password, for its checks.
    """

    address: Address
    fragment: str
    password: str = ""
    fingerprints: tuple[Fingerprint, ...] = ()
    own: tuple[str, str] | None = None


@dataclass(frozen=True)
class Person:
    """One client: the SSRCs it sends, and those under which it hears the others."""

    name: str
    up: Line
    down: Line
    voice: int = 0
    camera: int = 0
    hears: tuple[int, ...] = ()
    # Sound and pictures that can be decoded, for a server that does.
    real: bool = False


@dataclass
class Played:
    """What the clients saw and what the processes used in the measured seconds; counts of loss are of the whole run."""

    seconds: float = 0.0
    sent: int = 0
    heard: int = 0
    pictures: int = 0
    all_sent: int = 0
    all_heard: int = 0
    all_pictures: int = 0
    gaps: int = 0
    faults: int = 0
    server: Use = field(default_factory=Use)
    clients: Use = field(default_factory=Use)
    delays: array[float] = field(default_factory=lambda: array("d"))
    rtcp: Counter[str] = field(default_factory=Counter)

    @property
    def loss(self) -> float:
        expected = self.all_sent * (PEOPLE - 1)
        return 1 - self.all_heard / expected if expected else 0.0

    @property
    def cpu_per_packet(self) -> float:
        """Microseconds of the server for each packet that came out of it."""
        return self.server.worked / self.heard * 1e6 if self.heard else 0.0

    def delay(self, share: float) -> float:
        """Milliseconds from before the sender's SRTP to the receiver's socket, for that share of the packets."""
        ordered = sorted(self.delays)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0
