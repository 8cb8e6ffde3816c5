"""The way through a coturn server, for networks that let only TLS out: credentials that soon expire.

The scheme is coturn's `use-auth-secret` (TURN REST API): the user's name is "expiry:id", the password the HMAC of that name.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from signaling.media.payloads import Payload


class IceServer(Payload):
    """As `RTCIceServer` has it."""

    urls: tuple[str, ...]
    username: str
    credential: str


@dataclass(frozen=True)
class Relay:
    """A coturn server's addresses and its static-auth-secret; without an address there is none."""

    urls: tuple[str, ...]
    secret: str
    hours: int

    def servers(self, room: str, person: str, now: float) -> list[IceServer]:
        """What one person may use in one room until some hours from now."""
        if not self.urls:
            return []
        name = f"{int(now) + self.hours * 3600}:{self._opaque(room, person)}"
        return [IceServer(urls=self.urls, username=name, credential=password(self.secret, name))]

    def _opaque(self, room: str, person: str) -> str:
        """Quotas and logs of the relay tell people apart by it, and say nothing of who they are."""
        said = b"\0".join(each.encode() for each in (room, person))
        return hmac.new(self.secret.encode(), b"turn\0" + said, hashlib.sha256).hexdigest()[:20]


def password(secret: str, name: str) -> str:
    # SHA-1 is what the scheme prescribes; as an HMAC it is sound.
    return base64.b64encode(hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()).decode()
