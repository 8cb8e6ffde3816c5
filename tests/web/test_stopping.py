"""Stopping: whoever is connected is hung up at once, so that nobody is waited for."""

import asyncio
from pathlib import Path

import aiohttp
from aiohttp import web

from mediation.people.signin import open_sign_in
from tests.conftest import House
from tests.site import site_settings
from tests.stories import opened
from web.app import make_app


async def test_connections_are_ended_before_the_server_waits_for_its_requests(tmp_path: Path) -> None:
    house = House(tmp_path / "data", **site_settings())
    house.clock.follow_real_time()
    story = opened(house)
    token = house.do(
        open_sign_in, person=story.people["claimant"], kind="program", way="operator", device="Test program"
    )
    app = make_app(house.store)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", house.settings.port).start()
    address = f"{house.settings.address}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http, http.ws_connect(address) as line:
        await line.receive()
        await line.send_str(f'40{{"token":"{token}"}}')
        assert (await line.receive()).data.startswith("40{")

        await app.shutdown()

        async with asyncio.timeout(5):  # a browser ends its side only when the server has ended its own
            while not line.closed:
                await line.receive()
    await runner.cleanup()
    house.store.close()
