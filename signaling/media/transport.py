"""One transport of a seat: its path, its keys, and the streams on it."""

from __future__ import annotations

import asyncio
import itertools
import math
import secrets
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Protocol

from aiortc import RTCCertificate

from signaling.media.bandwidth import Bandwidth, Line
from signaling.media.dtls import Cipher, DtlsLink, Session, SrtpError, cipher, fingerprints
from signaling.media.extensions import AUDIO_LEVEL, MID, REPAIRED_RID, RID, TRANSPORT_CC, VIDEO_ORIENTATION
from signaling.media.feedback import Arrivals
from signaling.media.ice import Address, Check, Credentials
from signaling.media.incoming import Incoming
from signaling.media.outgoing import Outgoing
from signaling.media.payloads import Direction, DtlsParameters, IceParameters
from signaling.media.police import LEAST_REPAIRS

State = Literal["new", "connected", "disconnected", "closed"]

# A client has some interfaces and may roam; more addresses than this are not remembered.
MOST_ADDRESSES = 8
# Browsers check a path they use each 5 s (RFC 7675): so long nobody else can say that an address is theirs.
_HOLDS = 10.0


# How a packet gets to an address: by the port's own datagrams, or by one TCP connection.
Carry = Callable[[bytes, Address], None]


class Path(Protocol):
    """What carries a transport's datagrams: the port, or what a test puts in its place.

    It counts for the transports that are gone.
    """

    drops: Counter[str]
    packets_out: int
    bytes_out: int

    def send(self, data: bytes, address: Address) -> None: ...
    def route(self, address: Address, transport: Transport) -> None: ...
    def unroute(self, address: Address, transport: Transport) -> None: ...
    def listen(self, credentials: Credentials, transport: Transport) -> None: ...
    def forget(self, credentials: Credentials) -> None: ...


class Owner(Protocol):
    """Who is told when a transport comes to life or ends, and who knows whose an unnamed stream is."""

    def transport_changed(self, transport: Transport, state: State) -> None: ...
    def bind(
        self, transport: Transport, ssrc: int, payload_type: int, mid: str, rid: str, repaired: str
    ) -> Incoming | None: ...


def _no_keys(_: bytes) -> bytes:
    raise RuntimeError("the handshake is not done")


_turns = itertools.count()


def _head(number: int, size: int) -> int:
    """The first byte of an element (RFC 8285, 4.2), or one that none has."""
    return number << 4 | (size - 1) if 0 < number < 15 else -1


class Transport:
    """`state` is `new` until the handshake is done."""

    def __init__(
        self,
        path: Path,
        owner: Owner,
        certificate: RTCCertificate,
        *,
        room: str,
        seat: str,
        direction: Direction,
    ) -> None:
        self.id = secrets.token_urlsafe(12)
        self.room = room
        self.seat = seat
        self.direction: Direction = direction
        self.state: State = "new"
        # When in a second its turn comes for what is done once a second.
        self.turn = next(_turns)
        self.path = path
        self.owner = owner
        self.drops = path.drops
        self.fingerprints = fingerprints(certificate)
        self.credentials = Credentials()
        self._earlier: Credentials | None = None
        self.address: Address | None = None
        # When each has last shown the password.
        self.addresses: dict[Address, float] = {}
        self.carry: Carry = path.send
        self.heard_at = 0.0
        self.consent_at = 0.0
        self.opened_at = time.monotonic()
        # When its client first told its fingerprint or showed the password.
        self.begun_at = math.inf
        self.keyed = False
        self.unprotect: Cipher = _no_keys
        self.unprotect_rtcp: Cipher = _no_keys
        self.protect: Cipher = _no_keys
        self.protect_rtcp: Cipher = _no_keys
        self.incoming: dict[int, Incoming] = {}
        self.repairs: dict[int, Incoming] = {}
        self.outgoing: dict[int, Outgoing] = {}
        self.needs_feedback: set[Incoming] = set()
        self.arrivals = Arrivals()
        self.arrived = self.arrivals.add
        # First bytes of the extensions that matter in each packet: transport-cc, audio level, video orientation.
        self.heads = (-1, -1, -1)
        self.mid_id = self.rid_id = self.repaired_id = 0
        self.cc_id = self.level_id = self.orientation_id = 0
        self.repaired = 0
        self.rtcp_left = self.repairs_left = self.checks_left = 1_000
        # What may still be sent again of pictures, of what was sent for the first time.
        self.repair_bytes = LEAST_REPAIRS
        self.bytes_again = self.bytes_before = 0
        self.nacks_sent = self.nacks_heard = self.keyframes_asked = 0
        self.resent = 0
        self.packets_out = 0
        self.bytes_out = 0
        self.available: int | None = None
        self.bandwidth = Bandwidth()
        self.line = Line()
        self.next_mid = 0
        # How many packets of unannounced SSRCs are looked at, for the streams that are named by MID and RID only.
        self.guesses = 0
        # SRTP keeps something for each SSRC that it has seen: so many are announced, so many others report.
        self.announced = 0
        self.reporters: set[int] = set()
        self._sessions: tuple[Session, Session] | None = None
        self._dtls = DtlsLink(certificate, self._send_dtls, self._dtls_changed)
        path.listen(self.credentials, self)

    @property
    def live(self) -> bool:
        """Whether packets can be sent on it."""
        return self.keyed and self.state in ("connected", "disconnected")

    def connect(self, parameters: DtlsParameters) -> bool:
        """Learn the client's fingerprint, once; false when it was known already."""
        if self._dtls.known:
            return False
        self.begun_at = min(self.begun_at, time.monotonic())
        self._dtls.connect(parameters)
        return True

    def restart(self) -> IceParameters:
        """New credentials; the old path carries on until a check with the new ones comes."""
        if self._earlier is not None:
            self.path.forget(self._earlier)
        self._earlier = self.credentials
        self.credentials = Credentials()
        self.path.listen(self.credentials, self)
        return self.credentials.parameters()

    def checked(
        self, check: Check, credentials: Credentials, address: Address, carry: Carry, now: float
    ) -> None:
        """A binding request that knew the password: the only thing that sets where packets come from and go to."""
        carry(check.answer(credentials, address), address)
        self.heard_at = self.consent_at = now
        self.begun_at = min(self.begun_at, now)
        pathless = self.address not in self.addresses
        if address not in self.addresses:
            self.path.route(address, self)
            if len(self.addresses) >= MOST_ADDRESSES:
                oldest = next(each for each in self.addresses if each != self.address)
                del self.addresses[oldest]
                self.path.unroute(oldest, self)
        self.addresses[address] = now
        if check.nominates or pathless:
            self.address, self.carry = address, carry
        if check.nominates:
            self._dtls.nominate()
            if credentials is self.credentials and self._earlier is not None:
                self.path.forget(self._earlier)
                self._earlier = None

    def holds(self, address: Address, now: float) -> bool:
        """Whether its client was there a moment ago: another's check from there is a lie, or comes too early."""
        return now - self.addresses.get(address, -math.inf) < _HOLDS

    def handshake(self, data: bytes) -> None:
        if not self._dtls.feed(data):
            self.drops["dtls"] += 1

    def send_repair(self, data: bytes) -> None:
        """Protect and send what was sent before; what SRTP cannot take is counted, not raised."""
        try:
            sealed = self.protect(data)
        except ValueError:
            self.drops["too_long"] += 1
            return
        self.packets_out += 1
        self.bytes_out += len(sealed)
        self.bytes_again += len(sealed)
        self.repair_bytes -= len(sealed)
        if self.address is not None:
            self.carry(sealed, self.address)

    def send_rtcp(self, data: bytes) -> None:
        if self.live and self.address is not None and data:
            self.carry(self.protect_rtcp(data), self.address)

    def learn(self, extension_ids: dict[str, int]) -> None:
        """A client uses one set of header extension ids for all that it sends on a transport."""
        self.mid_id = extension_ids.get(MID, self.mid_id)
        self.rid_id = extension_ids.get(RID, self.rid_id)
        self.repaired_id = extension_ids.get(REPAIRED_RID, self.repaired_id)
        self.cc_id = extension_ids.get(TRANSPORT_CC, self.cc_id)
        self.level_id = extension_ids.get(AUDIO_LEVEL, self.level_id)
        self.orientation_id = extension_ids.get(VIDEO_ORIENTATION, self.orientation_id)
        self.heads = (_head(self.cc_id, 2), _head(self.level_id, 1), _head(self.orientation_id, 1))

    def bind(
        self, ssrc: int, payload_type: int, mid: bytes | None, rid: bytes | None, repaired: bytes | None
    ) -> Incoming | None:
        """Ask whose an unknown SSRC is; simulcast streams are named by MID and RID only."""
        self.guesses -= 1
        stream = None
        if mid is not None:
            names = [(each or b"").decode("ascii", "replace") for each in (mid, rid, repaired)]
            stream = self.owner.bind(self, ssrc, payload_type, *names)
        if stream is None:
            # Nobody's after all: SRTP need not remember it either.
            self._forget(0, ssrc)
        return stream

    def forget_sent(self, ssrc: int) -> None:
        """Never used again: another consumer gets another one."""
        self._forget(1, ssrc)

    def _forget(self, direction: int, ssrc: int) -> None:
        if self._sessions is not None:
            with suppress(SrtpError):  # nothing came or went under it
                self._sessions[direction].remove_stream(ssrc)

    def close(self) -> None:
        """Nothing is sent or accepted any more, from now on; the goodbye follows."""
        if self.state == "closed":
            return
        for address in self.addresses:
            self.path.unroute(address, self)
        for credentials in filter(None, (self.credentials, self._earlier)):
            self.path.forget(credentials)
        self.state = "closed"
        self.path.packets_out += self.packets_out
        self.path.bytes_out += self.bytes_out
        self.addresses = {}
        self._sessions = None
        self.unprotect = self.unprotect_rtcp = self.protect = self.protect_rtcp = _no_keys
        self._goodbye = asyncio.get_running_loop().create_task(self._dtls.close())

    def _send_dtls(self, data: bytes) -> None:
        if self.address is not None:
            self.carry(data, self.address)

    def _dtls_changed(self, state: str) -> None:
        if state == "connected":
            self._sessions = rx, tx = self._dtls.sessions()
            self.unprotect, self.unprotect_rtcp = cipher(rx, "unprotect"), cipher(rx, "unprotect_rtcp")
            self.protect, self.protect_rtcp = cipher(tx, "protect"), cipher(tx, "protect_rtcp")
            self.keyed = True
            self.owner.transport_changed(self, "connected")
        else:
            self.owner.transport_changed(self, "closed")
