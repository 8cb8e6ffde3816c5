"""The one UDP port for everybody: drained per wake-up, sorted by first byte (RFC 7983) and by source address.

What comes by TCP on the same number (tcp.py) is handed to `receive` as well; its addresses are routes like the others.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import Counter

from signaling.media.forward import forward
from signaling.media.ice import Address, Credentials, read_check
from signaling.media.rtcp import read_rtcp
from signaling.media.transport import Carry, Transport

log = logging.getLogger(__name__)

# Packets read before timers and commands get their turn.
_DRAIN = 256
_LARGEST = 2048
# What SRTP can take.
LONGEST = 1500
FAULTS_SHOWN = 20
_BUFFER = 4 * 1024 * 1024
# So long after the last packet that was no check of a path the port is at rest.
_RESTS_AFTER = 1.0
# More than this between two rounds, and it is none any more.
_MANY = 100


class Port:
    """Routes are set by valid binding requests only; a datagram from elsewhere is dropped and counted."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sendto = sock.sendto
        self._routes: dict[Address, Transport] = {}
        self._listening: dict[str, tuple[Credentials, Transport]] = {}
        # How to answer an address that is a TCP connection; asked at a binding request, never per packet.
        self._lines: dict[Address, Carry] = {}
        self.drops: Counter[str] = Counter()
        self.packets_in = 0
        self._checks_in = 0
        self._at_rest = False
        self._seen = (0, 0)
        self._moved_at = 0.0
        self.packets_out = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.number: int = sock.getsockname()[1]

    def open(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self.drain)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def rest_or_wake(self, now: float) -> bool:
        """Called at each round; whether the port is at rest: where only paths are checked, nothing is urgent, and what has come is
        read at the rounds. To be woken for each check costs three times the check. The first other packet ends the rest.
        """
        packets, other = self._seen
        if self._at_rest:
            self.drain()
        came, self._seen = self.packets_in - packets, (self.packets_in, self.packets_in - self._checks_in)
        if self._seen[1] != other or came > _MANY:
            self._moved_at = now
            if self._at_rest:
                self._at_rest = False
                self.open()
        elif not self._at_rest and now - self._moved_at > _RESTS_AFTER:
            self._at_rest = True
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
        return self._at_rest

    def send(self, data: bytes, address: Address) -> None:
        try:
            self._sendto(data, address)
        except OSError:
            self.drops["send"] += 1

    def route(self, address: Address, transport: Transport) -> None:
        earlier = self._routes.get(address)
        if earlier is not None and earlier is not transport:
            earlier.addresses.pop(address, None)
        self._routes[address] = transport

    def unroute(self, address: Address, transport: Transport) -> None:
        if self._routes.get(address) is transport:
            del self._routes[address]

    def attach(self, address: Address, carry: Carry) -> None:
        """A TCP connection was made: what goes to this address goes by it."""
        self._lines[address] = carry

    def detach(self, address: Address, carry: Carry) -> None:
        """It has ended; its transport waits for a check on another path."""
        if self._lines.get(address) != carry:
            return
        del self._lines[address]
        transport = self._routes.pop(address, None)
        if transport is not None:
            transport.addresses.pop(address, None)

    def knows(self, address: Address) -> bool:
        """Whether a valid binding request has come from there, for a transport that is still open."""
        return address in self._routes

    def listen(self, credentials: Credentials, transport: Transport) -> None:
        self._listening[credentials.fragment] = (credentials, transport)

    def forget(self, credentials: Credentials) -> None:
        self._listening.pop(credentials.fragment, None)

    def drain(self) -> None:
        """Read what has come; one bad datagram never stops the others."""
        receive, handle, clock = self._socket.recvfrom, self.receive, time.monotonic
        for _ in range(_DRAIN):
            try:
                data, address = receive(_LARGEST)
            except BlockingIOError:
                return
            except OSError:
                self.drops["receive"] += 1
                continue
            try:
                handle(data, address, clock())
            except Exception as error:  # noqa: BLE001 - one bad datagram never stops the others, and the log has it
                self.fault(data, error)

    def fault(self, data: bytes, error: Exception) -> None:
        """Say what our own bug was, some times."""
        self.drops["fault"] += 1
        if self.drops["fault"] <= FAULTS_SHOWN:
            log.error("a packet of %d bytes could not be handled", len(data), exc_info=error)

    def receive(self, data: bytes, address: Address, now: float) -> None:
        """One datagram: STUN 0-3, DTLS 20-63, RTP and RTCP 128-191."""
        self.packets_in += 1
        self.bytes_in += len(data)
        first = data[0] if 12 <= len(data) <= LONGEST else 255
        if 127 < first < 192:
            transport = self._routes.get(address)
            if transport is None or not transport.keyed:
                self.drops["unknown_address" if transport is None else "no_keys"] += 1
            elif 191 < data[1] < 224:
                read_rtcp(transport, data, now)
            else:
                forward(transport, data, now)
        elif first < 4:
            self._check(data, address, now)
        elif 19 < first < 64:
            transport = self._routes.get(address)
            if transport is None:
                self.drops["unknown_address"] += 1
            else:
                transport.handshake(data)
        else:
            self.drops["unknown_protocol"] += 1

    def _check(self, data: bytes, address: Address, now: float) -> None:
        self._checks_in += 1
        check = read_check(data)
        known = self._listening.get(check.fragment) if check else None
        if check is None or known is None:
            self.drops["stun"] += 1
            return
        credentials, transport = known
        # First the password, so that who only knows the name uses up nobody's allowance.
        if not check.proves(credentials):
            self.drops["stun_password"] += 1
            return
        if transport.checks_left <= 0:
            self.drops["over_allowance"] += 1
            return
        transport.checks_left -= 1
        holder = self._routes.get(address)
        if holder is not None and holder is not transport and holder.holds(address, now):
            self.drops["address_in_use"] += 1
            return
        transport.checked(check, credentials, address, self._lines.get(address, self.send), now)


def bind(host: str, number: int) -> socket.socket:
    """A non-blocking socket with room for a burst; `::` also takes IPv4."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        sock.setblocking(False)
        sock.bind((host, number))
    except OSError:
        sock.close()
        raise
    return sock
