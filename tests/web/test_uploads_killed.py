"""Uploads against kill -9 (F2): what was acknowledged is on disk, the file comes about once, nothing else is left lying about."""

import asyncio
import hashlib
import random
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from mediation.clock import utc_now
from mediation.documents.file import file_for, used_blobs
from mediation.documents.upload import Upload
from mediation.ports.blobs import Blobs
from mediation.record.entry import read_entries
from tests.conftest import House
from tests.mediation.documents import samples
from tests.stories import opened
from tests.web.sending import PATCH, TUS, announcement, tokens_of

PIECE = 100_000


@dataclass
class Mortal:
    """A server that dies every now and then, and somebody who goes on sending."""

    data: Path
    chance: random.Random
    kills: int
    port: int = 0
    acknowledged: int = 0
    died: int = field(default=0, init=False)
    process: asyncio.subprocess.Process = field(init=False)

    async def live(self) -> None:
        """Starts the server, kills it a moment later, and so on; the last one may live."""
        while True:
            command = (sys.executable, "-m", "tests.web.upload_server", str(self.data))
            self.process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            assert self.process.stdout is not None
            self.port = int(await self.process.stdout.readline())
            if self.died >= self.kills:
                return
            await asyncio.sleep(self.chance.uniform(0.005, 0.12))
            self.process.kill()
            await self.process.wait()
            self.died += 1

    async def send(self, token: str, channel: str, data: bytes) -> str:
        """Sends until the last answer is there; every acknowledged offset must still hold afterwards."""
        signed = {"Authorization": f"Bearer {token}"}
        async with ClientSession(headers=signed) as session:
            while True:
                with suppress(ClientError, ConnectionError, TimeoutError):
                    return await self._go_on(session, channel, data)
                await asyncio.sleep(0.01)

    async def _go_on(self, session: ClientSession, channel: str, data: bytes) -> str:
        here = f"http://127.0.0.1:{self.port}"
        headers = announcement(channel, size=len(data), filename="film.mp4")
        async with session.post(f"{here}/uploads", headers=headers) as begun:
            place = here + begun.headers["Location"]
        async with session.head(place, headers=TUS) as told:
            at = int(told.headers["Upload-Offset"])
        assert at >= self.acknowledged, "acknowledged bytes were lost"
        while True:
            headers = PATCH | {"Upload-Offset": str(at)}
            async with session.patch(place, data=data[at : at + PIECE], headers=headers) as answer:
                assert answer.status in {200, 204}, await answer.text()
                at = self.acknowledged = int(answer.headers["Upload-Offset"])
                if answer.status == 200:
                    return str((await answer.json())["document"]["id"])


@pytest.mark.long
@pytest.mark.parametrize("where", ["talks", "private"])
async def test_a_server_killed_again_and_again_keeps_what_it_acknowledged_and_the_file_once(
    house: House, where: str
) -> None:
    house.store.writer.clock = utc_now
    story = opened(house)
    channel = story.talks if where == "talks" else (story.private or {})["claimant"]
    token = tokens_of(story)["claimant"]
    data = samples.an_mp4() + samples.a_box(b"mdat", random.Random(7).randbytes(12_000_000))
    house.store.close()
    server = Mortal(house.settings.data, random.Random(2), kills=12)

    living = asyncio.create_task(server.live())
    while not server.port:
        await asyncio.sleep(0.01)
    file = await server.send(token, channel, data)
    living.cancel()
    with suppress(asyncio.CancelledError):
        await living
    server.process.kill()
    await server.process.wait()

    house.open_again()
    view = house.ask(file_for, house.store.keys, story.people["mediator"], file)
    blobs = Blobs(house.settings.data / "blobs")
    reader = blobs.open(view.blob, wall=view.wall)
    kept = b"".join(reader.read(0, reader.size))
    reader.close()
    assert server.died > 3
    assert hashlib.sha256(kept).hexdigest() == view.sha256 == hashlib.sha256(data).hexdigest()
    assert len(house.ask(read_entries, house.store.keys, channel)) == 1
    blobs.sweep(
        used=house.ask(used_blobs) | {house.ask(lambda session: session.query(Upload).one().id)}, now=2**40
    )
    assert len([path for path in (house.settings.data / "blobs").rglob("*") if path.is_file()]) == 1
