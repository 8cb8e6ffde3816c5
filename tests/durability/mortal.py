"""A real server that is killed, and people's programs that go on all the same."""

import asyncio
import json
import os
import random
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

import aiohttp
import socketio
from aiohttp.test_utils import unused_port
from socketio.exceptions import SocketIOError

from mediation.record.reading import reading
from tests.durability.ledger import Item, Kept, Ledger, Lost, digest_of
from tests.web.sending import PATCH, TUS, announcement

PATIENCE = 3.0
"""Seconds after which an unanswered request is taken for lost."""
PASSING = frozenset({"unavailable", "too_many"})
"""Answers after which one asks again."""
STARTS_WITHIN = 60.0
PIECE = 60_000


@dataclass(slots=True)
class Mortal:
    """`mediation serve` on a data folder, at an address that outlives it."""

    data: Path
    log: IO[bytes]
    port: int = field(default_factory=unused_port)
    media_port: int = field(default_factory=unused_port)
    process: asyncio.subprocess.Process | None = None
    deaths: int = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    async def start(self) -> None:
        """Starts it, and again if the port is not free yet; returns when it answers."""
        async with asyncio.timeout(STARTS_WITHIN), aiohttp.ClientSession() as http:
            while not await self._answers(http):
                if self.process is None or self.process.returncode is not None:
                    self.process = await self._spawn()
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """kill -9."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()
            self.deaths += 1
        self.process = None

    async def _spawn(self) -> asyncio.subprocess.Process:
        ports = ("--port", str(self.port), "--media-port", str(self.media_port))
        command = (sys.executable, "-m", "web.cli", "serve", "--data", str(self.data), *ports)
        media = {
            "MEDIATION_MEDIA_HOST": "127.0.0.1",
            "MEDIATION_MEDIA_ANNOUNCED": "127.0.0.1",
            "MEDIATION_MEDIA_WORKERS": "1",
            # Between two lives an outgoing connection of the clients could take the number.
            "MEDIATION_MEDIA_TCP": "false",
        }
        return await asyncio.create_subprocess_exec(
            *command, env=os.environ | media, stdout=self.log, stderr=self.log
        )

    async def _answers(self, http: aiohttp.ClientSession) -> bool:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with http.get(f"{self.url}/health", timeout=aiohttp.ClientTimeout(2)) as answer:
                return answer.status == 200
        return False


class Reachable(Protocol):
    """A server at an address."""

    @property
    def url(self) -> str: ...


@dataclass(slots=True)
class SocketLine:
    """Somebody's program: talks by socket, notes every entry that passes by, and comes back after every break."""

    server: Reachable
    ledger: Ledger
    person: str
    token: str
    room: str
    channel: str
    client: socketio.AsyncClient | None = None
    http: aiohttp.ClientSession | None = None
    cut: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, key: str, text: str) -> tuple[int, str]:
        answer = await self.ask("post_message", {"channel": self.channel, "client_id": key, "text": text})
        return answer["seq"], answer["hash"]

    async def ask(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; `Lost` when there is none."""
        if self.client is None or not self.client.connected:
            raise Lost
        answer = await self._answer(self.client, name, payload)
        if isinstance(answer, dict) and answer.get("error", {}).get("code") in PASSING:
            raise Lost
        if not isinstance(answer, dict) or "error" in answer:
            raise AssertionError(f"{name} was refused: {answer}")
        return answer

    async def _answer(self, client: socketio.AsyncClient, name: str, payload: dict[str, Any]) -> object:
        """The library would wait for the answer of a server that is gone."""
        asking = asyncio.ensure_future(client.call(name, payload, timeout=PATIENCE))
        cut = asyncio.ensure_future(self.cut.wait())
        await asyncio.wait((asking, cut), return_when=asyncio.FIRST_COMPLETED)
        cut.cancel()
        if not asking.done():
            asking.cancel()
            raise Lost
        try:
            return asking.result()
        except SocketIOError as error:
            raise Lost from error

    async def mend(self) -> None:
        """Connects again and enters the room, however long it takes."""
        await self.close()
        self.http = (
            aiohttp.ClientSession()
        )  # ours: the library forgets to close its own after a refused connection
        client = socketio.AsyncClient(reconnection=False, http_session=self.http)
        client.on("entry", self._heard)
        self.cut = cut = asyncio.Event()
        client.on("disconnect", lambda *_: cut.set())
        try:
            await client.connect(
                self.server.url, auth={"token": self.token}, transports=["websocket"], wait_timeout=PATIENCE
            )
            self.client = client
            await self.ask("enter_room", {"room": self.room})
        except (SocketIOError, Lost):
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        self.cut.set()
        client, self.client = self.client, None
        http, self.http = self.http, None
        if client is not None:
            await client.disconnect()
        if http is not None:
            await http.close()

    def _heard(self, entry: dict[str, Any]) -> None:
        if entry["channel"] == self.channel:
            self.ledger.notice(self.person, entry["seq"], entry["hash"])


async def keep_uploading(line: SocketLine, dice: random.Random) -> None:
    """Sends one file after the other by tus, piece by piece; each goes on where the server says that it stands."""
    number = 0
    while not line.ledger.over:
        number += 1
        data = f"file {number} of {line.person}\n".encode() + dice.randbytes(4 * PIECE).hex().encode()
        item = Item(line.person, number, f"file-{number}", digest_of(data))
        entry = None
        while entry is None:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                entry = await _upload(line, item.key, data)
            await asyncio.sleep(0 if entry else 0.2)
        line.ledger.note(item, entry["seq"], entry["hash"])


async def _upload(line: SocketLine, key: str, data: bytes) -> dict[str, Any]:
    signed = {"Authorization": f"Bearer {line.token}"}
    patience = aiohttp.ClientTimeout(2 * PATIENCE)
    async with aiohttp.ClientSession(line.server.url, headers=signed, timeout=patience) as http:
        told = announcement(line.channel, size=len(data), client_id=key, filename=f"{key}.txt")
        async with http.post("/uploads", headers=told) as begun:
            assert begun.status == 201, await begun.text()
            place = begun.headers["Location"]
        while True:
            async with http.head(place, headers=TUS) as known:
                offset = int(known.headers["Upload-Offset"])
            headers = PATCH | {"Upload-Offset": str(offset)}
            async with http.patch(place, data=data[offset : offset + PIECE], headers=headers) as sent:
                assert sent.status in {200, 204}, await sent.text()
                if sent.status == 200:
                    entry: dict[str, Any] = (await sent.json())["entry"]
                    return entry


def kept_in(data: Path, channel: str, database: str = "") -> list[Kept]:
    """What a channel that is not walled holds, read from the database by itself."""
    query = (
        "SELECT seq, actor, client_id, hash, body FROM entries JOIN contents ON entry = id "
        "WHERE channel = ? ORDER BY seq"
    )
    kept = []
    with reading(data, database) as record:
        for row in record.rows(query, channel):
            body = json.loads(row["body"])
            digest = body["file"]["sha256"] if "file" in body else digest_of(body.get("text", ""))
            kept.append(Kept(row["seq"], row["actor"], row["client_id"], digest, row["hash"]))
    return kept
