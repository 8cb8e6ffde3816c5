"""kill -9 of the whole server in the middle of a recording: what was synced is there and plays, and the record says where it ended (F4)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.hearings.manifest import read_manifests
from mediation.hearings.recording import recording_view
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import tracks_of
from mediation.record.verify import verify
from tests.client import Client
from tests.conftest import House
from tests.durability.mortal import Mortal
from tests.signaling.media.recording.decoding import decode
from web.rehearsal import Player, rehearse

pytestmark = pytest.mark.sqlite

BEFORE = 4.0
"""Seconds of which something must be left."""


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Mortal]:
    with (tmp_path / "server.log").open("wb") as log:
        mortal = Mortal(tmp_path / "data", log)
        yield mortal
        await mortal.kill()


async def test_a_kill_costs_two_seconds_and_the_next_start_tells_the_end(server: Mortal) -> None:
    house = House(server.data)
    players = {each.role: each for each in rehearse(house.store, rooms=1, people=2)}
    house.store.close()
    await server.start()
    people = [await come(server, players[role]) for role in ("mediator", "claimant")]
    recording = await record(people, players)
    folder = server.data / "recordings" / "tracks" / recording
    async with asyncio.timeout(40):
        while sum(each.duration_ms > BEFORE * 1000 for each in read_manifests(folder)) < 4:
            await asyncio.sleep(0.1)

    await server.kill()
    await asyncio.gather(*(client.close() for client in people))

    for manifest in read_manifests(folder):
        assert decode(folder, manifest).seconds >= manifest.duration_ms / 1000 - 2
    await server.start()
    await collected(server, recording)
    await server.kill()
    house.open_again()
    tape, tracks = house.ask(the_tape, recording), house.ask(tracks_of, recording)
    assert (tape.state, tape.end_code) == ("ended", "server_stopped")
    assert len(tracks) == 4
    assert house.ask(recording_view, players["mediator"].room) is None
    house.store.close()
    said: list[str] = []
    assert verify(server.data, say=said.append) == 0, said


async def come(server: Mortal, player: Player) -> Client:
    client = await Client(server.url, player.token).connect()
    await client.enter(player.room)
    return client


async def record(people: list[Client], players: dict[str, Player]) -> str:
    lead, chen = people
    here: dict[str, Any] = {"room": players["mediator"].room}
    await lead.ask("start_hearing", here | {"client_id": "s"})
    for client in people:
        await client.stage.join()
    await lead.ask("admit_person", here | {"person": chen.me, "client_id": "a"})
    await chen.stage.until(lambda stage: stage.state == "on")
    for client, pitch, colour in ((lead, 400, "red"), (chen, 1000, "blue")):
        await client.stage.publish(pitch=pitch, colour=colour)
    asked = await lead.ask("start_recording", here | {"client_id": "r"})
    await chen.ask("consent_to_recording", here | {"answer": "given", "client_id": "c"})
    return str(asked["recording"])


async def collected(server: Mortal, recording: str) -> None:
    """Until the server that was started again has taken every file into the record."""
    house = House(server.data)
    try:
        async with asyncio.timeout(30):
            while len(house.ask(tracks_of, recording)) < 4:
                await asyncio.sleep(0.2)
    finally:
        house.store.close()


def the_tape(session: Session, recording: str) -> Recording:
    return session.scalars(select(Recording).where(Recording.id == recording)).one()
