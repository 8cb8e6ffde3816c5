"""The demo as somebody starts it who tries the product: a process, its console, and its sudden death."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 40


@dataclass(frozen=True)
class Card:
    """What the demo prints of one person."""

    name: str
    role: str
    link: str
    token: str


@dataclass
class Demo:
    """`mediation demo --json` on a data folder and ports of its own."""

    data: Path
    port: int
    media_port: int
    cards: dict[str, Card] = field(default_factory=dict)
    said: str = ""
    """The console: everything that was printed on stderr."""

    _process: asyncio.subprocess.Process | None = None
    _readers: list[asyncio.Task[None]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    async def start(self) -> Demo:
        """Starts it, anew or again on the same folder, and waits until it answers."""
        self.cards = {}
        command = [sys.executable, "-m", "web.cli", "demo", "--json", "--data", str(self.data)]
        ports = ["--port", str(self.port), "--media-port", str(self.media_port)]
        self._process = await asyncio.create_subprocess_exec(
            *command, *ports, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert self._process.stdout and self._process.stderr
        readers = ((self._process.stdout, self._deal), (self._process.stderr, self._hear))
        self._readers = [asyncio.create_task(self._read(stream, take)) for stream, take in readers]
        await self._until(lambda: len(self.cards) == 6, "six cards on the console")
        return self

    async def kill(self) -> None:
        """kill -9, as a power cut."""
        assert self._process
        self._process.kill()
        await self._end()

    async def stop(self) -> None:
        """Ends it as Ctrl+C does."""
        if self._process and self._process.returncode is None:
            self._process.terminate()
        await self._end()

    async def invitation_of(self, phone: str) -> str:
        """The link in the text message to a number."""
        return await self._message(phone, r"(http://\S+/invitations/\S+)")

    async def code_for(self, phone: str, *, since: int) -> str:
        """The one-time code in the text message to a number that came after a place on the console."""
        return await self._message(phone, r"(?<!\d)(\d{6})(?!\d)", since)

    async def verified(self) -> tuple[int, str]:
        """What `mediation verify` says of the data folder, and its exit status."""
        command = [sys.executable, "-m", "web.cli", "verify", "--data", str(self.data)]
        checker = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await checker.communicate()
        return checker.returncode or 0, said.decode()

    async def _message(self, phone: str, pattern: str, since: int = 0) -> str:
        wanted = re.compile(rf"☎ {re.escape(phone)}\n  [^\n]*?{pattern}")
        await self._until(lambda: bool(wanted.search(self.said, since)), f"a message to {phone}")
        return str(wanted.findall(self.said, since)[-1])

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {what} within {PATIENCE} s. The console says:\n{self.said}") from None

    async def _read(self, stream: asyncio.StreamReader, take: Callable[[str], None]) -> None:
        async for line in stream:
            take(line.decode())
            self._news.set()

    def _deal(self, line: str) -> None:
        card = Card(**json.loads(line))
        self.cards[card.role] = card

    def _hear(self, line: str) -> None:
        self.said += line

    async def _end(self) -> None:
        if self._process:
            await self._process.wait()
        await asyncio.gather(*self._readers)


def free_port() -> int:
    """A port that is free for TCP and UDP alike."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            try:
                datagrams.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
