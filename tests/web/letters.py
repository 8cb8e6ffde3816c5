"""What leaves the house in a test: the messages that the console shows, as somebody's phone would."""

import asyncio
import re
import time
from collections.abc import Callable

import pytest

MESSAGE = re.compile(r"☎ (\+?\d+)\n  (.*?)\n\n", re.DOTALL)


class Letters:
    """Messages by number; each can be taken out once."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""
        self._seen: dict[str, list[str]] = {}

    async def code(self, phone: str) -> str:
        """The latest six digits that were sent to this number and not taken out yet."""
        return await self._until(phone, re.compile(r"(?<!\d)\d{6}(?!\d)"))

    async def link(self, phone: str) -> str:
        """The path of the latest link."""
        address = await self._until(phone, re.compile(r"https?://\S+"))
        return "/" + address.split("/", 3)[3]

    async def _until(self, phone: str, wanted: re.Pattern[str]) -> str:
        ends = time.monotonic() + 5
        while time.monotonic() < ends:
            self._read()
            found = [match[0] for text in self._seen.get(phone, []) if (match := wanted.search(text))]
            if found:
                del self._seen[phone]
                return found[-1]
            await asyncio.sleep(0.02)
        raise AssertionError(f"nothing was sent to {phone}")

    def _read(self) -> None:
        self._text += self._capsys.readouterr().err
        keep: Callable[[re.Match[str]], str] = self._keep
        self._text = MESSAGE.sub(keep, self._text)

    def _keep(self, message: re.Match[str]) -> str:
        self._seen.setdefault(message[1], []).append(message[2])
        return ""
