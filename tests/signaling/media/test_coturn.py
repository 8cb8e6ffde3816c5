"""The recipe of docs/coturn.md with a real coturn: our credentials work, for our port, and for nothing else."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import unused_port
from aioice import stun, turn

from signaling.media.addresses import announced
from signaling.media.relay import Relay
from tests.signaling.media.raw import Datagrams, Raw, connected, open_raw
from tests.signaling.media.stand import Stand

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("turnserver") is None, reason="coturn is not installed"),
]

RECIPE = (Path(__file__).resolve().parents[3] / "docs" / "coturn.md").read_text("utf-8")
SECRET = "a long random string"
OURS = Relay(("turn:localhost",), SECRET, 2)


class Coturn:
    """A server on this machine's own address, as the recipe says, but without a certificate."""

    def __init__(self) -> None:
        ((self.host, _),) = announced("0.0.0.0", 0, ())
        self.port = 0
        self._process: asyncio.subprocess.Process

    async def open(self, folder: Path) -> Coturn:
        self.port = unused_port()
        (folder / "turn.conf").write_text(self._recipe(), "utf-8")
        command = [
            "turnserver",
            "-c",
            str(folder / "turn.conf"),
            "--pidfile",
            str(folder / "pid"),
            "--no-tls",
        ]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            "--log-file",
            "stdout",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(10):
            while b"turn server id=0 created" not in await self._process.stdout.readline():
                continue
        self._rest = asyncio.create_task(self._process.stdout.read())
        return self

    async def close(self) -> None:
        self._process.kill()
        await self._process.wait()
        await self._rest

    def _recipe(self) -> str:
        (recipe,) = re.findall(r"```conf\n(.*?)```", RECIPE, re.DOTALL)
        here = recipe.replace("192.0.2.10", self.host).replace("192.0.2.20", self.host)
        return re.sub(r"(?m)^(cert|pkey|tls-listening-port|no-tlsv1\S*)\b.*\n", "", here).replace(
            "listening-port=3478", f"listening-port={self.port}"
        )

    async def visit(self, name: str, secret: str) -> turn.TurnClientUdpProtocol:
        """A client with these credentials; nothing is allocated yet."""
        loop = asyncio.get_running_loop()
        here = (self.host, self.port)

        def make() -> turn.TurnClientUdpProtocol:
            return turn.TurnClientUdpProtocol(
                here, username=name, password=secret, lifetime=600, channel_refresh_time=500
            )

        _, client = await loop.create_datagram_endpoint(make, remote_addr=here)
        return client

    async def admitted(self) -> turn.TurnClientUdpProtocol:
        (server,) = OURS.servers("room", "person", time.time())
        client = await self.visit(server.username, server.credential)
        await client.connect()
        return client


class Relayed:
    """The way through an allocation."""

    def __init__(self, client: turn.TurnClientUdpProtocol, port: tuple[str, int], raw: Raw) -> None:
        self._client = client
        self._port = port
        client.receiver = Datagrams(raw.take)
        self._going: set[asyncio.Task[None]] = set()

    def send(self, packet: bytes) -> None:
        task = asyncio.create_task(self._client.send_data(packet, self._port))
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    def close(self) -> None:
        """The allocation is given back by its owner."""


@pytest_asyncio.fixture(loop_scope="session")
async def coturn(tmp_path: Path) -> AsyncIterator[Coturn]:
    opened = await Coturn().open(tmp_path)
    yield opened
    await opened.close()


async def refused(request: Awaitable[object]) -> int | None:
    """The code with which the relay refuses."""
    with pytest.raises(stun.TransactionFailed) as refusal:
        await request
    return refusal.value.response.error_code


async def test_sound_goes_through_the_relay(stand: Stand, coturn: Coturn) -> None:
    client = await coturn.admitted()
    mouth = await open_raw(stand.plane, stand.room, (await stand.sit()).seat, "send")
    ear = await connected(stand.plane, stand.room, (await stand.sit()).seat, "recv", "udp")
    way = Relayed(client, (coturn.host, stand.plane.port), mouth)
    mouth.ways.append(way)

    answer = await mouth.check(way)
    await mouth.shake_hands()
    await ear.consume(await mouth.produce(7))
    mouth.say(b"by TLS only")

    assert answer.attributes["XOR-MAPPED-ADDRESS"] == client.relayed_address
    assert await ear.hears(1) == [b"by TLS only"]
    await asyncio.gather(mouth.leave(), ear.leave())
    await client.delete()


@pytest.mark.parametrize(
    "peer", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0.0.0.0", "198.51.100.7"]
)
async def test_no_other_peer_is_allowed(coturn: Coturn, peer: str) -> None:
    client = await coturn.admitted()

    assert await refused(client.channel_bind(0x4000, (peer, 9))) == 403
    await client.delete()


@pytest.mark.parametrize("peer", ["::1", "::ffff:127.0.0.1", "::", "fd00::1"])
async def test_no_peer_by_ipv6_is_allowed(coturn: Coturn, peer: str) -> None:
    client = await coturn.admitted()

    assert await refused(client.channel_bind(0x4000, (peer, 9))) in {403, 443}
    await client.delete()


async def test_it_relays_no_tcp(coturn: Coturn) -> None:
    (server,) = OURS.servers("room", "person", time.time())
    client = await coturn.visit(server.username, server.credential)
    asked = stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST)
    asked.attributes["LIFETIME"] = 600
    asked.attributes["REQUESTED-TRANSPORT"] = turn.TCP_TRANSPORT

    assert await refused(client.request_with_retry(asked)) in {400, 403, 442}
    client.transport.close()


async def test_expired_and_foreign_credentials_are_worth_nothing(coturn: Coturn) -> None:
    (expired,) = OURS.servers("room", "person", time.time() - 2 * 3600 - 60)
    (foreign,) = Relay(("turn:localhost",), "guessed", 2).servers("room", "person", time.time())
    (mine,) = OURS.servers("room", "person", time.time())
    longer = str(int(mine.username.split(":")[0]) + 3600) + ":" + mine.username.split(":")[1]

    for name, password in (
        (expired.username, expired.credential),
        (foreign.username, foreign.credential),
        (longer, mine.credential),
    ):
        client = await coturn.visit(name, password)
        assert await refused(client.connect()) == 401
        client.transport.close()
