"""The reference client in Python: a stranger's program that joins a room through the published protocol.

It signs in with a token, enters, talks, reads, uploads, and goes on the stage (tests/onstage.py). Whoever writes a
client in another language can read here what it takes.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import socketio

from tests.onstage import Media, Payload

PATIENCE = 10
MOST_ENTRIES = 200
TUS = {"Tus-Resumable": "1.0.0"}


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass
class Ledger:
    """What this client holds of one channel, in order and without gaps."""

    entries: list[Payload] = field(default_factory=list)

    @property
    def last(self) -> int:
        return int(self.entries[-1]["seq"]) if self.entries else 0

    def texts(self) -> list[str]:
        return [each["body"]["text"] for each in self.entries if each["kind"] == "message_posted"]

    def kinds(self) -> list[str]:
        return [each["kind"] for each in self.entries]


class Client:
    """One person's program. Pushes are only a hint that there is more to read; the channels are the truth."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self.me = ""
        self.ledgers: dict[str, Ledger] = {}
        self.pushes: list[tuple[str, Payload]] = []
        self.stage: Media
        self._handlers: dict[str, list[Callable[[Payload], None]]] = {}
        self._news = asyncio.Event()
        self._reading: set[asyncio.Task[None]] = set()
        self._reads = asyncio.Lock()
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("*", self._pushed)
        self._http: aiohttp.ClientSession

    async def connect(self) -> Client:
        """Sign in with the token; refused connections raise `socketio.exceptions.ConnectionError`."""
        await self._socket.connect(self.url, auth={"token": self.token}, transports=["websocket"])
        self._http = aiohttp.ClientSession(self.url, headers={"Authorization": f"Bearer {self.token}"})
        return self

    async def disconnect(self) -> None:
        """Lose the signalling, as a bad line does; media flows on."""
        await self._socket.disconnect()
        await self._http.close()

    async def close(self) -> None:
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        if hasattr(self, "stage"):
            await self.stage.drop()
        if self._socket.connected:
            await self._socket.disconnect()
        if hasattr(self, "_http"):
            await self._http.close()

    async def ask(self, name: str, payload: Payload) -> Payload:
        """One request; its result, or `Refused`."""
        answer: Any = await self._socket.call(name, payload, timeout=PATIENCE)
        if isinstance(answer, dict) and "error" in answer:
            raise Refused(answer["error"]["code"], answer["error"].get("message", ""))
        return dict(answer or {})

    def hear(self, event: str, handler: Callable[[Payload], None]) -> None:
        self._handlers.setdefault(event, []).append(handler)

    async def enter(self, room: str) -> Payload:
        """Begin to hear a room, and read what was said so far."""
        entered = await self.ask("enter_room", {"room": room})
        self.me = entered["me"]
        for channel in entered["channels"]:
            self.ledgers.setdefault(channel["id"], Ledger())
            await self.catch_up(channel["id"])
        if not hasattr(self, "stage") or self.stage.room != room:
            self.stage = Media(self.ask, self.hear, room, self.me)
        return entered

    async def talk(self, channel: str, text: str, client_id: str | None = None, **more: Any) -> Payload:
        """Say something; with the same `client_id` it is said once, however often it is sent."""
        asked = {"channel": channel, "text": text, "client_id": client_id or secrets.token_hex(8)}
        return await self.ask("post_message", asked | more)

    async def read(self, channel: str, after: int = 0) -> list[Payload]:
        """All entries of a channel after a number."""
        entries: list[Payload] = []
        while True:
            asked = {"channel": channel, "after": after, "limit": MOST_ENTRIES}
            page = (await self.ask("read_entries", asked))["entries"]
            entries += page
            if len(page) < MOST_ENTRIES:
                return entries
            after = page[-1]["seq"]

    async def catch_up(self, channel: str) -> None:
        """Read what this client does not hold yet."""
        async with self._reads:
            ledger = self.ledgers.setdefault(channel, Ledger())
            ledger.entries += await self.read(channel, ledger.last)
        self._news.set()

    async def upload(
        self, channel: str, name: str, data: bytes, *, purpose: str = "message", type: str = "", **more: str
    ) -> Payload:
        """Send a file by tus in two parts, asking in between where to go on."""
        facts = {"channel": channel, "client_id": secrets.token_hex(8), "purpose": purpose, "filename": name}
        told = facts | ({"filetype": type} if type else {}) | more
        metadata = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in told.items())
        headers = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": metadata}
        async with self._http.post("/uploads", headers=headers) as begun:
            place = (await _checked(begun)).headers["Location"]
        await self._patch(place, 0, data[: len(data) // 2])
        async with self._http.head(place, headers=TUS) as known:
            offset = int(known.headers["Upload-Offset"])
        return await self._patch(place, offset, data[offset:])

    async def download(self, file: str) -> bytes:
        async with self._http.get(f"/files/{file}") as answer:
            return await (await _checked(answer)).read()

    async def until(self, holds: Callable[[Client], bool], within: float = 10.0) -> None:
        """Wait until what was pushed and read makes something true."""
        async with asyncio.timeout(within):
            while not holds(self):
                self._news.clear()
                await self._news.wait()

    def heard(self, event: str) -> list[Payload]:
        return [payload for name, payload in self.pushes if name == event]

    async def _patch(self, place: str, offset: int, data: bytes) -> Payload:
        headers = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        async with self._http.patch(place, data=data, headers=headers) as answer:
            body = await (await _checked(answer)).read()
            return dict(await answer.json()) if body else {}

    async def _pushed(self, event: str, payload: Payload) -> None:
        self.pushes.append((event, payload))
        if event == "entry":
            self._take(payload)
        for handler in self._handlers.get(event, []):
            handler(payload)
        self._news.set()

    def _take(self, entry: Payload) -> None:
        """The next entry is taken as it comes; a gap is read."""
        ledger = self.ledgers.setdefault(entry["channel"], Ledger())
        if entry["seq"] == ledger.last + 1 and not self._reads.locked():
            ledger.entries.append(entry)
        elif entry["seq"] > ledger.last:
            task = asyncio.create_task(self.catch_up(entry["channel"]))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)


async def _checked(answer: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    if answer.status >= 400:
        raise Refused(str(answer.status), await answer.text())
    return answer
