"""The one UDP port for everybody: drained per wake-up, sorted by first byte (RFC 7983) and by source address."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import Counter

import ifaddr

from signaling.media.forward import forward
from signaling.media.ice import Address, Credentials, read_check
from signaling.media.rtcp import read_rtcp
from signaling.media.transport import Transport

log = logging.getLogger(__name__)

# Packets read before timers and commands get their turn.
_DRAIN = 256
_LARGEST = 2048
# What SRTP can take.
_LONGEST = 1500
_FAULTS_SHOWN = 20
_BUFFER = 4 * 1024 * 1024


class Port:
    """Routes are set by valid binding requests only; a datagram from elsewhere is dropped and counted."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sendto = sock.sendto
        self._routes: dict[Address, Transport] = {}
        self._listening: dict[str, tuple[Credentials, Transport]] = {}
        self.drops: Counter[str] = Counter()
        self.packets_in = 0
        self.packets_out = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.number: int = sock.getsockname()[1]

    def open(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self.drain)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def send(self, data: bytes, address: Address) -> None:
        try:
            self._sendto(data, address)
        except OSError:
            self.drops["send"] += 1
            return
        self.packets_out += 1
        self.bytes_out += len(data)

    def route(self, address: Address, transport: Transport) -> None:
        earlier = self._routes.get(address)
        if earlier is not None and earlier is not transport and address in earlier.addresses:
            earlier.addresses.remove(address)
        self._routes[address] = transport

    def unroute(self, address: Address, transport: Transport) -> None:
        if self._routes.get(address) is transport:
            del self._routes[address]

    def listen(self, credentials: Credentials, transport: Transport) -> None:
        self._listening[credentials.fragment] = (credentials, transport)

    def forget(self, credentials: Credentials) -> None:
        self._listening.pop(credentials.fragment, None)

    def drain(self) -> None:
        """Read what has come; one bad datagram never stops the others."""
        receive = self._socket.recvfrom
        for _ in range(_DRAIN):
            try:
                data, address = receive(_LARGEST)
            except BlockingIOError:
                return
            except OSError:
                self.drops["receive"] += 1
                continue
            try:
                self.receive(data, address, time.monotonic())
            except Exception:
                self.drops["fault"] += 1
                if self.drops["fault"] <= _FAULTS_SHOWN:
                    log.exception("a datagram of %d bytes could not be handled", len(data))

    def receive(self, data: bytes, address: Address, now: float) -> None:
        """One datagram: STUN 0-3, DTLS 20-63, RTP and RTCP 128-191."""
        self.packets_in += 1
        self.bytes_in += len(data)
        first = data[0] if 12 <= len(data) <= _LONGEST else 255
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
        check = read_check(data)
        known = self._listening.get(check.fragment) if check else None
        if check is None or known is None:
            self.drops["stun"] += 1
            return
        credentials, transport = known
        if not check.knows(credentials):
            self.drops["stun_password"] += 1
            return
        transport.checked(check, credentials, address, now)


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


def announced(host: str, number: int, told: tuple[str, ...]) -> list[tuple[str, int]]:
    """Where clients are told to come: the settings' addresses (with or without a port), else the one we are bound to,
    else the first that is not loopback.

    With only 127.0.0.1 announced Chromium sometimes stays in "connecting" for seconds.
    """
    if told:
        return [_address(each, number) for each in told]
    if host not in ("", "0.0.0.0", "::"):  # noqa: S104
        return [(host, number)]
    return [(_outward() or _first_interface() or "127.0.0.1", number)]


def _address(told: str, number: int) -> tuple[str, int]:
    """`192.0.2.1`, `192.0.2.1:40000`, `2001:db8::1` or `[2001:db8::1]:40000`."""
    if told.startswith("["):
        host, _, port = told[1:].partition("]")
        port = port.removeprefix(":")
    elif told.count(":") == 1:
        host, _, port = told.partition(":")
    else:
        host, port = told, ""
    return host, int(port) if port else number


def _outward() -> str | None:
    """The address that the default route leaves from; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") or address == "0.0.0.0" else address  # noqa: S104


def _first_interface() -> str | None:
    for adapter in ifaddr.get_adapters():
        for each in adapter.ips:
            if isinstance(each.ip, str) and not each.ip.startswith("127."):
                return each.ip
    return None
