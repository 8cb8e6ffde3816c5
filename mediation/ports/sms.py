"""Short messages: by a gateway that takes JSON over https, or shown on the console where none is set."""

import json
import re
import sys
import urllib.request
from dataclasses import dataclass
from typing import Protocol, TextIO
from urllib.parse import urlsplit

SECONDS = 15
_NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{3,30}")


@dataclass(frozen=True)
class Sms:
    """A text to one number; `key` lets a gateway see that two sendings are the same message."""

    to: str
    text: str
    key: str = ""


class Texter(Protocol):
    """Sends short messages out of the house; raises `OSError` when the gateway has not taken one."""

    def send(self, sms: Sms) -> None: ...


class BadNumber(ValueError):
    """No message can be sent there, now or later."""


@dataclass(frozen=True)
class GatewayTexter:
    """Posts `{"to", "text", "key"}` to the gateway's address; any 2xx answer means that it has been taken."""

    url: str

    def __repr__(self) -> str:
        return f"GatewayTexter({urlsplit(self.url).hostname!r})"

    def send(self, sms: Sms) -> None:
        if urlsplit(self.url).scheme not in {"https", "http"}:
            raise ValueError("the gateway's address begins with https://")
        body = json.dumps(
            {"to": number(sms.to), "text": sms.text, "key": sms.key}, ensure_ascii=False
        ).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": sms.key.encode("ascii", "replace").decode(),
        }
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310 - checked above
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - checked above
            pass


@dataclass(frozen=True)
class ConsoleTexter:
    """Shows messages to whoever started the server."""

    out: TextIO | None = None

    def send(self, sms: Sms) -> None:
        text = "".join(each for each in sms.text if each.isprintable() or each == "\n")
        print(f"\n☎ {number(sms.to)}\n  {text}\n", file=self.out or sys.stderr, flush=True)


def texter(*, url: str) -> Texter:
    """What the settings ask for."""
    return GatewayTexter(url) if url else ConsoleTexter()


def number(text: str) -> str:
    """A telephone number as gateways take it: digits, and a plus sign in front if there was one."""
    if not _NUMBER.fullmatch(text.strip()):
        raise BadNumber("not a telephone number")
    return re.sub(r"[ ()-]", "", text.strip())
