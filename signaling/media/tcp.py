"""The same port on TCP, for who gets nothing through by UDP: ICE-TCP (RFC 6544), packets framed as in RFC 4571.

A connection is one more address of the port: what it brings goes through `Port.receive`, what is sent to it goes by
`Line.send`. All is bounded: who does not prove itself, says too long a thing or reads too slowly is cut off.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import struct
import time
from collections import Counter, deque
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from signaling.media.ice import Address, plain
from signaling.media.ortc import ROUTER
from signaling.media.port import LONGEST, Port

_LENGTH = struct.Struct("!H")
# Read before others get their turn: as much as some packets of picture, or some hundred of nothing.
_READ = 8 * 1024
_BACKLOG = 128
# What the kernel holds besides: bytes on their way, and a few that are not. What is late shall wait with us.
_KERNEL_BUFFER = 256 * 1024
_UNSENT = 16 * 1024
_OTHER_DESCRIPTORS = 128
_SOUND = {each.preferred_payload_type for each in ROUTER.codecs if each.kind == "audio"}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one connection, one client's host and all together may take; seconds and bytes."""

    prove_within: float = 10.0
    idle: float = 60.0
    of_one_host: int = 256
    in_all: int = 4096
    # A slow reader gets no picture while something waits so long, or so much does; one that reads nothing is cut off.
    late: float = 0.4
    no_video: int = 128 * 1024
    stuck: float = 10.0
    closed: int = 512 * 1024


class Lines:
    """All TCP connections of a port."""

    def __init__(self, listening: socket.socket, port: Port, limits: Limits | None = None) -> None:
        self.port = port
        self.limits = limits or Limits()
        self._listening = listening
        self._open: set[Line] = set()
        self._hosts: Counter[str] = Counter()
        self._most = min(self.limits.in_all, _descriptors())

    def open(self) -> None:
        asyncio.get_running_loop().add_reader(self._listening.fileno(), self._accept)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._listening.fileno())
        self._listening.close()
        for line in self.all():
            line.close()

    def all(self) -> list[Line]:
        return list(self._open)

    def forget(self, line: Line) -> None:
        self._open.discard(line)
        self._hosts[line.host] -= 1
        if not self._hosts[line.host]:
            del self._hosts[line.host]

    def _accept(self) -> None:
        """Take one; others who wait have their turn after what has come by UDP."""
        try:
            sock, peer = self._listening.accept()
        except OSError:
            return  # gone again, or no descriptor is left: `_most` is there so that it does not come to that
        address = (plain(peer[0]), peer[1], "tcp")
        host = _household(address[0])
        if len(self._open) >= self._most or self._hosts[host] >= self.limits.of_one_host:
            self.port.drops["tcp_too_many"] += 1
            sock.close()
            return
        _set_up(sock)
        self._hosts[host] += 1
        self._open.add(Line(self, sock, address, host))


class Line:
    """One connection. It is cut when no valid binding request belongs to it: not in time, or not any more."""

    def __init__(self, lines: Lines, sock: socket.socket, address: Address, host: str) -> None:
        self.address = address
        self.host = host
        self._lines = lines
        self._port = lines.port
        self._limits = lines.limits
        self._socket = sock
        self._coming = bytearray()
        self._going: deque[tuple[float, bytes]] = deque()
        self._waiting = 0
        self._heard_at = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock.fileno(), self._read)
        self._review = self._loop.call_later(self._limits.prove_within, self._look)
        self._port.attach(address, self.send)

    def send(self, data: bytes, _: Address) -> None:
        """Send or keep a packet; picture for a slow reader is left out, and who reads nothing is cut off."""
        if self._socket.fileno() < 0:
            self._port.drops["send"] += 1
            return
        if self._going:
            late = time.monotonic() - self._going[0][0]
            if late > self._limits.stuck or self._waiting > self._limits.closed:
                self.close("tcp_slow")
                return
            if (late > self._limits.late or self._waiting > self._limits.no_video) and _is_video(data):
                self._port.drops["tcp_video"] += 1
                return
        self._put(_LENGTH.pack(len(data)) + data)

    def close(self, why: str = "") -> None:
        """At once: what waits is not worth keeping for who is cut off."""
        if self._socket.fileno() < 0:
            return
        if why:
            self._port.drops[why] += 1
        self._review.cancel()
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._socket.close()
        self._going.clear()
        self._port.detach(self.address, self.send)
        self._lines.forget(self)

    def _read(self) -> None:
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._heard_at = time.monotonic()
        self._coming += data
        self._cut()

    def _cut(self) -> None:
        """Frames out of what came; an incomplete one waits, and is never longer than a packet."""
        coming, start = self._coming, 0
        while len(coming) - start >= 2 and self._socket.fileno() >= 0:
            (length,) = _LENGTH.unpack_from(coming, start)
            if length > LONGEST:
                self.close("tcp_too_long")
                return
            end = start + 2 + length
            if end > len(coming):
                break
            self._take(bytes(coming[start + 2 : end]))
            start = end
        del coming[:start]

    def _take(self, packet: bytes) -> None:
        try:
            self._port.receive(packet, self.address, self._heard_at)
        except Exception as error:  # noqa: BLE001 - the log has it, and one bad packet never ends a connection
            self._port.fault(packet, error)

    def _put(self, frame: bytes) -> None:
        if not self._going:
            frame = frame[self._write(frame) :]
            if not frame or self._socket.fileno() < 0:
                return
            self._loop.add_writer(self._socket.fileno(), self._go_on)
        self._going.append((time.monotonic(), frame))
        self._waiting += len(frame)

    def _go_on(self) -> None:
        while self._going:
            since, frame = self._going.popleft()
            sent = self._write(frame)
            self._waiting -= sent
            if sent < len(frame):
                if self._socket.fileno() >= 0:
                    self._going.appendleft((since, frame[sent:]))
                return
        self._loop.remove_writer(self._socket.fileno())

    def _write(self, frame: bytes) -> int:
        try:
            return self._socket.send(frame)
        except BlockingIOError:
            return 0
        except OSError:
            self.close()
            return 0

    def _look(self) -> None:
        if not self._port.knows(self.address):
            self.close("tcp_unproved")
        elif time.monotonic() - self._heard_at > self._limits.idle:
            self.close("tcp_idle")
        else:
            self._review = self._loop.call_later(self._limits.prove_within, self._look)


def listen(host: str, number: int) -> socket.socket:
    """A listening socket beside the UDP one; `::` also takes IPv4."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        # The connections of an earlier worker linger; only one listens all the same.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((host, number))
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _set_up(sock: socket.socket) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BUFFER)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)


def _is_video(data: bytes) -> bool:
    """By what SRTP leaves in the clear: not DTLS, not STUN, not RTCP, and none of the payload types that sound has."""
    return 127 < data[0] < 192 and not 191 < data[1] < 224 and data[1] & 0x7F not in _SOUND


def _household(host: str) -> str:
    """Whose connections are counted together: one IPv4 address, or the network that one IPv6 customer gets."""
    if isinstance(ip_address(host), IPv6Address):
        return str(ip_network(f"{host}/64", strict=False))
    return host


def _descriptors() -> int:
    """How many connections this process can hold; its soft limit is raised as far as that needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = Limits.in_all + _OTHER_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return Limits.in_all if soft == resource.RLIM_INFINITY else soft - _OTHER_DESCRIPTORS
