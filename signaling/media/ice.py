"""ICE-lite: binding requests that know a transport's own password are answered, everything else meets silence."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass, field

from aioice import stun

from signaling.media.payloads import IceCandidate, IceParameters

# The address of a datagram as the socket gives it: (host, port), or four parts for IPv6.
Address = tuple[str, int] | tuple[str, int, int, int]


@dataclass(frozen=True)
class Credentials:
    """What a client must know to reach one transport."""

    fragment: str = field(default_factory=lambda: secrets.token_hex(8))
    password: str = field(default_factory=lambda: secrets.token_hex(16))

    def parameters(self) -> IceParameters:
        return IceParameters(username_fragment=self.fragment, password=self.password, ice_lite=True)


@dataclass(frozen=True)
class Check:
    """A binding request, not yet believed."""

    message: stun.Message
    fragment: str

    @property
    def nominates(self) -> bool:
        return "USE-CANDIDATE" in self.message.attributes

    def knows(self, credentials: Credentials) -> bool:
        return self.message.check_message_integrity(credentials.password.encode())

    def answer(self, credentials: Credentials, address: Address) -> bytes:
        response = stun.Message(
            stun.Method.BINDING,
            stun.Class.RESPONSE,
            transaction_id=self.message.transaction_id,
            attributes={"XOR-MAPPED-ADDRESS": (_plain(address[0]), address[1])},
        )
        response.add_message_integrity(credentials.password.encode())
        return bytes(response)


def read_check(data: bytes) -> Check | None:
    """The binding request in a datagram, or nothing."""
    try:
        message = stun.parse_message(data)
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes make the parser raise, it is no request
        return None
    username = message.attributes.get("USERNAME")
    if message.message_class != stun.Class.REQUEST or message.message_method != stun.Method.BINDING:
        return None
    if not isinstance(username, str) or "MESSAGE-INTEGRITY" not in message.attributes:
        return None
    return Check(message, username.partition(":")[0])


def candidates(addresses: list[tuple[str, int]]) -> list[IceCandidate]:
    """Host candidates for each announced address, the first preferred."""
    return [
        IceCandidate(
            foundation=f"udp{place}",
            priority=(126 << 24) | ((65535 - place) << 8) | 255,
            ip=address,
            address=address,
            port=port,
            protocol="udp",
            type="host",
        )
        for place, (address, port) in enumerate(addresses)
    ]


def _plain(host: str) -> str:
    """An IPv4 address that came through an IPv6 socket, as the client knows it."""
    parsed = ipaddress.ip_address(host.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)
