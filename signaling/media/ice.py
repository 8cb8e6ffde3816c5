"""ICE-lite: binding requests that know a transport's own password are answered, everything else meets silence."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import struct
import zlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from signaling.media.payloads import IceCandidate, IceParameters

# The address of a datagram as the socket gives it: (host, port), or four parts for IPv6. A TCP connection's is made of
# its client's host and port and the word "tcp": the same host may use the same port number on UDP.
Address = tuple[str, int] | tuple[str, int, int, int] | tuple[str, int, str]

# RFC 8445, 5.1.2, and RFC 6544, 4.2: TCP is only for who gets nothing through by UDP. Passive host candidates have 4 as
# their direction's preference.
_UDP_FIRST = 126 << 24
_TCP_LATER = 90 << 24 | 4 << 21


_BINDING_REQUEST = b"\x00\x01"
_BINDING_RESPONSE = 0x0101
_COOKIE = 0x2112A442
_COOKIE_BYTES = _COOKIE.to_bytes(4, "big")
_USERNAME = 0x0006
_INTEGRITY = 0x0008
_USE_CANDIDATE = 0x0025
_HEAD = struct.Struct("!HHI12s")
_INTEGRITY_HEAD = struct.pack("!HH", _INTEGRITY, 20)
_MAPPED = struct.Struct("!HHxBH")
_FINGERPRINT = struct.Struct("!HHI")
# Our answer to an IPv6 address has 76 bytes, and what ICE asks is longer: nobody gets more than was sent.
_SHORTEST = 76
# RFC 8489, 6.1: what is longer may not arrive; names of 256 characters fit in.
_LONGEST = 576


@dataclass(frozen=True)
class Credentials:
    """What a client must know to reach one transport."""

    fragment: str = field(default_factory=lambda: secrets.token_hex(8))
    password: str = field(default_factory=lambda: secrets.token_hex(16))

    def prove(self, covered: bytes) -> bytes:
        """The HMAC-SHA1 of what a message's integrity covers (RFC 8489, 14.5)."""
        inner, outer = (each.copy() for each in self._pads)
        inner.update(covered)
        outer.update(inner.digest())
        return outer.digest()

    @cached_property
    def _pads(self) -> tuple[hashlib._Hash, hashlib._Hash]:
        """HMAC's two hashes with the key in them already (RFC 2104, 4): looking HMAC up anew costs six times the hashing."""
        key = self.password.encode().ljust(64, b"\0")
        inner, outer = (bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C))
        return hashlib.sha1(inner), hashlib.sha1(outer)  # noqa: S324 - as STUN has it

    def parameters(self) -> IceParameters:
        return IceParameters(username_fragment=self.fragment, password=self.password, ice_lite=True)


class Check(NamedTuple):
    """A binding request: whom it is for, and where its proof begins (0: it has none)."""

    data: bytes
    fragment: str
    nominates: bool
    proof_at: int

    def proves(self, credentials: Credentials) -> bool:
        """Whether it knows the password (RFC 8489, 14.5), which covers everything before."""
        data, at = self.data, self.proof_at
        if not at or not _SHORTEST <= len(data) <= _LONGEST:
            return False
        covered = data[:2] + at.to_bytes(2, "big") + data[4 : at - 4]
        return hmac.compare_digest(data[at : at + 20], credentials.prove(covered))

    def answer(self, credentials: Credentials, address: Address) -> bytes:
        """A success response with the address it came from, integrity and fingerprint (RFC 8489, 14.2, 14.5 and 14.7)."""
        transaction = self.data[8:20]
        mapped = _mapped(str(address[0]), int(address[1]), transaction)
        covered = _HEAD.pack(_BINDING_RESPONSE, len(mapped) + 24, _COOKIE, transaction) + mapped
        whole = _HEAD.pack(_BINDING_RESPONSE, len(mapped) + 32, _COOKIE, transaction) + mapped
        whole += _INTEGRITY_HEAD + credentials.prove(covered)
        return whole + _FINGERPRINT.pack(0x8028, 4, zlib.crc32(whole) ^ 0x5354554E)


def read_check(data: bytes) -> Check | None:
    """The binding request in a datagram, or nothing: a flood of something else costs little.

    By hand, since a library's parser takes ten times as long, and half of what a silent person costs are such checks.
    """
    size = len(data)
    if size < 20 or data[:2] != _BINDING_REQUEST or data[4:8] != _COOKIE_BYTES:
        return None
    if data[2] << 8 | data[3] != size - 20:
        return None
    fragment, nominates, proof_at = "", False, 0
    at = 20
    while at + 4 <= size:
        kind, length = data[at] << 8 | data[at + 1], data[at + 2] << 8 | data[at + 3]
        at += 4
        if at + length > size:
            return None
        if kind == _USERNAME:
            fragment = data[at : at + length].partition(b":")[0].decode("latin-1")
        elif kind == _USE_CANDIDATE:
            nominates = True
        elif kind == _INTEGRITY:
            proof_at = at if length == 20 else 0
            break  # what comes after it is not covered (RFC 8489, 14.5)
        at += length + (-length & 3)
    return Check(data, fragment, nominates, proof_at)


def _mapped(host: str, port: int, transaction: bytes) -> bytes:
    """The XOR-MAPPED-ADDRESS of a client."""
    family, packed = _packed(host)
    mask = int.from_bytes((_COOKIE_BYTES + transaction)[: len(packed)], "big")
    value = (int.from_bytes(packed, "big") ^ mask).to_bytes(len(packed), "big")
    return _MAPPED.pack(0x0020, 4 + len(value), family, port ^ _COOKIE >> 16) + value


@lru_cache(maxsize=4096)
def _packed(host: str) -> tuple[int, bytes]:
    """Family and bytes; an IPv4 address that came through an IPv6 socket is told as IPv4."""
    number = ipaddress.ip_address(plain(host))
    return (1 if number.version == 4 else 2), number.packed


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
