"""A server that can be killed every other moment: forked from a process that has loaded everything, it lives within a tenth of a second.

Its life is the real Socket.IO server, desk, store and writer; pages, jobs, sound and picture are left out. The port is held by the
nursery, so that no other connection takes the number between two lives.
"""

import asyncio
import ctypes
import gc
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from aiohttp import web

from mediation.settings import Settings
from mediation.store import Store
from signaling.bridge import Bridge
from signaling.media.keeper import WORKER
from signaling.media.plane import MediaPlane, MediaSettings
from signaling.media.pool import Pool
from signaling.server import Signaling
from tests.durability.spoilt import spoil
from web.session import SESSION_COOKIE

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(slots=True)
class Nursery:
    """The process from which lives are forked, one at a time."""

    process: asyncio.subprocess.Process

    @classmethod
    async def open(cls, log: IO[bytes]) -> "Nursery":
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "tests.durability.nursery")
        return cls(
            await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=log)
        )

    async def tell(self, asked: dict[str, str]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(asked).encode() + b"\n")
        await self.process.stdin.drain()

    async def hear(self) -> list[str]:
        assert self.process.stdout
        async with asyncio.timeout(60):
            return (await self.process.stdout.readline()).decode().split()

    async def close(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


@dataclass(slots=True)
class Foundling:
    """A server on a data folder and a database, at an address that outlives it."""

    nursery: Nursery
    data: Path
    database: str
    mutant: str = ""
    url: str = ""
    pid: int = 0
    deaths: int = 0

    async def start(self) -> None:
        await self.nursery.tell({"data": str(self.data), "database": self.database, "mutant": self.mutant})
        told = await self.nursery.hear()
        assert told[:1] == ["ready"], "the server did not start: see its log"
        self.pid, self.url = int(told[1]), f"http://127.0.0.1:{told[2]}"

    async def kill(self) -> None:
        """kill -9."""
        os.kill(self.pid, signal.SIGKILL)
        assert await self.nursery.hear() == ["gone"]
        self.deaths += 1


def main() -> None:
    _die_with_the_parent()
    gc.freeze()
    doors: dict[str, socket.socket] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        door = doors[asked["data"]] = doors.get(asked["data"]) or _door()
        child = os.fork()
        if child == 0:
            _die_with_the_parent()
            asyncio.run(_live(asked, door))
        os.waitpid(child, 0)
        print("gone", flush=True)


def _door() -> socket.socket:
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    door.listen(64)
    return door


async def _live(asked: dict[str, Any], door: socket.socket) -> None:
    spoil(asked["mutant"])
    store = Store(Settings(data=Path(asked["data"]), database=asked["database"]), migrate=False, alone=True)
    signaling = Signaling(Bridge(store), session_cookie=SESSION_COOKIE)
    media = MediaSettings("127.0.0.1", 0, (), tcp=False, workers=1)
    signaling.open(MediaPlane(Pool(media, lambda _: None, WORKER)))
    app = web.Application()
    signaling.sio.attach(app, socketio_path="socket.io")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, door).start()
    print("ready", os.getpid(), door.getsockname()[1], flush=True)
    await asyncio.Event().wait()


def _die_with_the_parent() -> None:
    """However the tests end, nothing of them stays behind (PR_SET_PDEATHSIG, prctl(2))."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


if __name__ == "__main__":
    main()
