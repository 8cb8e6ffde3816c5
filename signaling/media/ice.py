"""ICE-lite: binding requests that know a transport's own password are answered, everything else meets silence."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import struct
from dataclasses import dataclass, field
from typing import Literal

from aioice import stun

from signaling.media.payloads import IceCandidate, IceParameters

# The address of a datagram as the socket gives it: (host, port), or four parts for IPv6. A TCP connection's is made of
# its client's host and port and the word "tcp": the same host may use the same port number on UDP.
Address = tuple[str, int] | tuple[str, int, int, int] | tuple[str, int, str]

# RFC 8445, 5.1.2, and RFC 6544, 4.2: TCP is only for who gets nothing through by UDP. Passive host candidates have 4 as
# their direction's preference.
_UDP_FIRST = 126 << 24
_TCP_LATER = 90 << 24 | 4 << 21


_BINDING_REQUEST = b"\x00\x01"
_USERNAME = 0x0006
_INTEGRITY = 0x0008
# Our answer to an IPv6 address has 76 bytes, and what ICE asks is longer: nobody gets more than was sent.
_SHORTEST = 76
# RFC 8489, 6.1: what is longer may not arrive; names of 256 characters fit in.
_LONGEST = 576


@dataclass(frozen=True)
class Credentials:
    """What a client must know to reach one transport."""

    fragment: str = field(default_factory=lambda: secrets.token_hex(8))
    password: str = field(default_factory=lambda: secrets.token_hex(16))

    def parameters(self) -> IceParameters:
        return IceParameters(username_fragment=self.fragment, password=self.password, ice_lite=True)


@dataclass(frozen=True)
class Check:
    """A binding request; its password is asked for before it is read."""

    message: stun.Message

    @property
    def nominates(self) -> bool:
        return "USE-CANDIDATE" in self.message.attributes

    def answer(self, credentials: Credentials, address: Address) -> bytes:
        response = stun.Message(
            stun.Method.BINDING,
            stun.Class.RESPONSE,
            transaction_id=self.message.transaction_id,
            attributes={"XOR-MAPPED-ADDRESS": (plain(address[0]), address[1])},
        )
        response.add_message_integrity(credentials.password.encode())
        return bytes(response)


def fragment_of(data: bytes) -> str | None:
    """Whom a binding request is for (RFC 8489, 14.3), without reading the rest: a flood of others costs little."""
    if data[:2] != _BINDING_REQUEST:
        return None
    at, size = _find(data, _USERNAME)
    return data[at : at + size].partition(b":")[0].decode("latin-1") if at else None


def proves(data: bytes, credentials: Credentials) -> bool:
    """Whether a request knows the password (RFC 8489, 14.5), before anything else of it is read."""
    at, size = _find(data, _INTEGRITY)
    if not at or size != 20 or not _SHORTEST <= len(data) <= _LONGEST:
        return False
    covered = data[:2] + struct.pack("!H", at) + data[4 : at - 4]
    return hmac.compare_digest(
        data[at : at + 20], hmac.digest(credentials.password.encode(), covered, "sha1")
    )


def _find(data: bytes, wanted: int) -> tuple[int, int]:
    """Where the value of an attribute begins, and its size; 0 where there is none."""
    at = 20
    while at + 4 <= len(data):
        kind, size = data[at] << 8 | data[at + 1], data[at + 2] << 8 | data[at + 3]
        at += 4
        if kind == wanted:
            return at, size
        at += size + (-size & 3)
    return 0, 0


def read_check(data: bytes) -> Check | None:
    """The binding request in a datagram, or nothing."""
    try:
        message = stun.parse_message(data)
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes make the parser raise, it is no request
        return None
    if message.message_class != stun.Class.REQUEST or message.message_method != stun.Method.BINDING:
        return None
    return Check(message)


def candidates(addresses: list[tuple[str, int]], *, tcp: bool = False) -> list[IceCandidate]:
    """Host candidates for each announced address, the first preferred, and any on UDP before the first on TCP."""
    by_udp = [
        _candidate("udp", place, _UDP_FIRST | (65535 - place) << 8 | 255, address)
        for place, address in enumerate(addresses)
    ]
    by_tcp = [
        _candidate("tcp", place, _TCP_LATER | (8191 - place) << 8 | 255, address)
        for place, address in enumerate(addresses)
    ]
    return by_udp + by_tcp if tcp else by_udp


def _candidate(
    protocol: Literal["udp", "tcp"], place: int, priority: int, address: tuple[str, int]
) -> IceCandidate:
    return IceCandidate(
        foundation=f"{protocol}{place}",
        priority=priority,
        ip=address[0],
        address=address[0],
        port=address[1],
        protocol=protocol,
        type="host",
        tcp_type="passive" if protocol == "tcp" else None,
    )


def plain(host: str) -> str:
    """An IPv4 address that came through an IPv6 socket, as the client knows it."""
    parsed = ipaddress.ip_address(host.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)
