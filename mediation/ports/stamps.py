"""Time stamps: a service outside (RFC 3161) says in a signed answer that it saw a digest, and when. None is asked where none is set.

The service sees 32 bytes that tell nothing. What comes back is the answer to this very request: same nonce, same digest, the policy that
was asked for. Who signed it, and who vouches for that, is checked by whoever keeps it.
"""

import hashlib
import http.client
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

SECONDS = 15.0
LARGEST = 64 * 1024


class NoStamp(OSError):
    """The service gave no stamp, or one that cannot be kept; the text says why. Another time it may."""


class Stamper(Protocol):
    """Lets bytes be stamped outside; raises `NoStamp`."""

    def stamp(self, data: bytes, *, seconds: float = SECONDS) -> bytes:
        """The service's whole answer (a TimeStampResp in DER)."""
        ...


@dataclass(frozen=True)
class HttpStamper:
    """Asks a service by http; its stamps must keep this `policy` (an OID), or any."""

    url: str
    policy: str = ""

    def __repr__(self) -> str:
        return f"HttpStamper({urlsplit(self.url).hostname!r})"

    def stamp(self, data: bytes, *, seconds: float = SECONDS) -> bytes:
        imprint, nonce = hashlib.sha256(data).digest(), secrets.randbits(64)
        answer = self._posted(_request(imprint, nonce, self.policy), seconds)
        _check(_told(answer), imprint=imprint, nonce=nonce, policy=self.policy)
        return answer

    def _posted(self, body: bytes, seconds: float) -> bytes:
        if urlsplit(self.url).scheme not in {"https", "http"}:
            raise NoStamp("the service's address begins with https:// or http://")
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310 - checked above
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - checked above
                return _read(answer, until=time.monotonic() + seconds)
        except NoStamp:
            raise
        except urllib.error.HTTPError as error:
            with error:
                raise NoStamp(f"the service did not answer: status {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            raise NoStamp(f"the service did not answer: {_reason(error)}") from error


def stamper(*, url: str, policy: str = "") -> Stamper | None:
    """What the settings ask for; None where no service is set."""
    return HttpStamper(url, policy) if url else None


def _request(imprint: bytes, nonce: int, policy: str) -> bytes:
    from asn1crypto import tsp

    asked = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint},
        "nonce": nonce,
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq(asked | ({"req_policy": policy} if policy else {})).dump())


def _told(answer: bytes) -> Any:
    """What the service signed (a TSTInfo). Its signature is not looked at here."""
    from asn1crypto import core, tsp

    try:
        status = tsp.PKIStatusInfo.load(core.Sequence.load(answer, strict=True)[0].dump()).native
        if (
            status["status"] == "granted"
        ):  # where it is not there is no token, which TimeStampResp would not read
            token = tsp.TimeStampResp.load(answer)["time_stamp_token"]
            return token["content"]["encap_content_info"]["content"].parsed.native
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise NoStamp("the service answered with something that is no stamp") from error
    why = "; ".join(status["status_string"] or ())
    raise NoStamp(f"the service gave no stamp ({status['status']})" + (f": {why}" if why else ""))


def _check(told: Any, *, imprint: bytes, nonce: int, policy: str) -> None:
    """Raises `NoStamp` for an answer to another request."""
    of = told["message_imprint"]
    if told["nonce"] != nonce:
        raise NoStamp("the stamp is not the answer to this request: its nonce is another")
    if of["hash_algorithm"]["algorithm"] != "sha256" or of["hashed_message"] != imprint:
        raise NoStamp("the stamp is of something else")
    if policy and told["policy"] != policy:
        raise NoStamp(f"the stamp keeps the policy {told['policy']}, not {policy}")


def _read(answer: http.client.HTTPResponse, *, until: float) -> bytes:
    """All of it, if it is small and comes in time: a socket's own limit begins anew with each byte."""
    data = b""
    while piece := answer.read1(LARGEST):
        data += piece
        if len(data) > LARGEST:
            raise NoStamp("the service's answer is longer than a stamp")
        if time.monotonic() > until:
            raise NoStamp("the service's answer came too slowly")
    return data


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", "") or error) or type(error).__name__
