"""A stranger's program against the real server: it signs in, talks, sends files, and goes on the stage."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import socketio
from aiohttp import web

from mediation.settings import Settings
from mediation.store import Store
from signaling.server import Signaling
from tests.client import Client, Refused
from tests.conftest import lay_out
from web.app import SIGNALING, make_app
from web.rehearsal import Player, rehearse


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Court:
    """A running server with one rehearsed room."""

    def __init__(self, url: str, players: list[Player], live: Signaling) -> None:
        self.url = url
        self.live = live
        self.players = {each.role: each for each in players}
        self.room, self.talks = players[0].room, players[0].channel
        self.clients: list[Client] = []

    async def come(self, role: str) -> Client:
        """A program of that person, in the room."""
        client = await Client(self.url, self.players[role].token).connect()
        self.clients.append(client)
        await client.enter(self.room)
        return client


@pytest.fixture
async def court(tmp_path: Path) -> AsyncIterator[Court]:
    port = free_port()
    settings = Settings(data=tmp_path / "data", port=port, media_port=0, media_workers=1)
    lay_out(settings.data)
    store = Store(settings)
    players = list(rehearse(store, rooms=1, people=3))
    app = make_app(store)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    opened = Court(f"http://127.0.0.1:{port}", players, app[SIGNALING])
    yield opened
    await asyncio.gather(*(client.close() for client in opened.clients))
    await runner.cleanup()
    store.close()


async def test_people_talk_and_everybody_reads_the_same(court: Court) -> None:
    claimant, mediator = await court.come("claimant"), await court.come("mediator")

    said = await claimant.talk(court.talks, "I can wait until March.", "k1")
    again = await claimant.talk(court.talks, "I can wait until March.", "k1")
    await mediator.talk(court.talks, "Thank you.")
    for person in (claimant, mediator):
        await person.until(lambda each: len(each.ledgers[court.talks].texts()) == 2)

    assert again == said
    assert claimant.ledgers[court.talks].entries == mediator.ledgers[court.talks].entries
    late = await court.come("respondent")
    assert late.ledgers[court.talks].texts() == ["I can wait until March.", "Thank you."]


async def test_without_a_token_nobody_gets_in(court: Court) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        await Client(court.url, "made up").connect()


async def test_a_file_arrives_whole(court: Court) -> None:
    claimant, respondent = await court.come("claimant"), await court.come("respondent")
    data = b"IOU 86,000\n" * 5000

    sent = await claimant.upload(court.talks, "iou.txt", data, type="text/plain")
    got = await respondent.download(sent["document"]["id"])

    assert sent["document"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert got == data
    await respondent.until(
        lambda each: any("file" in entry["body"] for entry in each.ledgers[court.talks].entries)
    )


async def test_the_stage_a_caucus_and_the_way_back(court: Court) -> None:
    people = {role: await court.come(role) for role in ("claimant", "respondent", "mediator")}
    looks = {"claimant": (400, "red"), "respondent": (800, "green"), "mediator": (1600, "blue")}
    for role, client in people.items():
        assert (await client.stage.join())["state"] == "on"
        await client.stage.publish(pitch=looks[role][0], colour=looks[role][1])
    claimant, respondent, mediator = people.values()

    await everybody_sees(people, looks, count=4)
    caucus = await mediator.ask(
        "open_caucus", {"room": court.room, "people": [claimant.me], "name": "", "client_id": "c1"}
    )
    await claimant.stage.until(lambda stage: stage.place == caucus["channel"] and len(stage.others) == 2)
    outside = {producer: seen.frames for producer, seen in respondent.stage.seen.items()}
    for client in (claimant, mediator):
        await client.stage.consume_all()
    inside = [(claimant, each) for each in claimant.stage.others] + [
        (mediator, each) for each in mediator.stage.others
    ]
    await asyncio.gather(*(client.stage.until_decoded(producer) for client, producer in inside))

    assert not respondent.stage.others
    assert all(seen.frames - outside[producer] <= 15 for producer, seen in respondent.stage.seen.items())
    with pytest.raises(Refused, match="not_found"):
        await respondent.stage.consume(next(iter(mediator.stage.producers.values())))

    await mediator.ask("close_caucus", {"channel": caucus["channel"], "client_id": "c2"})
    for client in people.values():
        await client.stage.until(lambda stage: stage.place == "main" and len(stage.others) == 4)
    await everybody_sees(people, looks, count=4)


async def everybody_sees(people: dict[str, Client], looks: dict[str, tuple[int, str]], *, count: int) -> None:
    """Each consumes what is told, and decodes everybody's tone and colour."""
    roles = {client.me: role for role, client in people.items()}
    for client in people.values():
        await client.stage.until(lambda stage: len(stage.others) == count)
        await client.stage.consume_all()
    await asyncio.gather(
        *(
            client.stage.until_decoded(producer, 10)
            for client in people.values()
            for producer in client.stage.others
        )
    )
    for client in people.values():
        for producer, about in client.stage.others.items():
            seen = client.stage.seen[producer]
            pitch, colour = looks[roles[about["person"]]]
            assert seen.heard(pitch) if about["kind"] == "audio" else seen.colour == colour


async def test_signalling_is_lost_and_the_seat_is_resumed_while_media_flows(court: Court) -> None:
    claimant, mediator = await court.come("claimant"), await court.come("mediator")
    await claimant.stage.join()
    await mediator.stage.join()
    (sound,) = await claimant.stage.publish(pitch=400)
    await mediator.stage.until(lambda stage: sound in stage.others)
    await mediator.stage.consume_all()
    await mediator.stage.until_decoded(sound)

    await claimant.disconnect()
    await mediator.stage.until_decoded(sound, 10)
    await claimant.connect()
    await claimant.enter(court.room)
    joined = await claimant.stage.join()

    assert joined["resumed"]
    assert [each["id"] for each in joined["own_producers"]] == [sound]
    await mediator.stage.until_decoded(sound, 10)


async def test_when_the_media_worker_dies_everybody_comes_back_on_a_new_one(court: Court) -> None:
    claimant, mediator = await court.come("claimant"), await court.come("mediator")
    for client in (claimant, mediator):
        await client.stage.join()
        await client.stage.publish(pitch=400)
    worker = court.live.desk.media.pid
    assert worker is not None

    os.kill(worker, signal.SIGKILL)
    for client in (claimant, mediator):
        await client.until(lambda each: bool(each.heard("stage_lost")))
        await client.stage.drop()
        joined = await client.stage.join()
        assert (joined["resumed"], joined["own_producers"]) == (True, [])
        await client.stage.publish(pitch=800)

    await mediator.stage.until(lambda stage: bool(stage.others))
    await mediator.stage.consume_all()
    (sound,) = mediator.stage.consumers
    await mediator.stage.until_decoded(sound, 12)
    assert mediator.stage.seen[sound].heard(800)


VANISHING = """
import asyncio, sys
from tests.client import Client

async def main(url, token, room):
    client = await Client(url, token).connect()
    await client.enter(room)
    await client.stage.join()
    await client.stage.publish(pitch=400)
    print("here", flush=True)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.long
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["a killed tab", "a cut cable"])
async def test_who_vanishes_is_gone_for_the_others_in_15_seconds(court: Court, end: signal.Signals) -> None:
    mediator = await court.come("mediator")
    await mediator.stage.join()
    claimant = court.players["claimant"]
    told = (court.url, claimant.token, court.room)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VANISHING, *told, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    await mediator.stage.until(lambda stage: bool(stage.others))
    await mediator.stage.consume_all()
    (sound,) = mediator.stage.consumers
    await mediator.stage.until_decoded(sound, 10)
    seen = [each for each in mediator.heard("stage_changed") if each["state"] in {"away", "gone"}]

    process.send_signal(end)
    began = time.monotonic()
    await mediator.until(lambda each: any(gone["id"] == sound for gone in each.heard("producer_closed")), 20)
    took = time.monotonic() - began
    await mediator.until(lambda each: each.heard("stage_changed")[-1]["state"] == "gone")
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()

    assert seen == []
    assert took <= 15
