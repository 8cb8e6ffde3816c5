"""A server of uploads as a process of its own, to be killed: `python -m tests.web.upload_server DATA` prints its port."""

import asyncio
import sys
from pathlib import Path

from aiohttp import web

from mediation.settings import Settings
from mediation.store import Store
from tests.web.sending import app_of


async def serve(data: Path) -> None:
    runner = web.AppRunner(app_of(Store(Settings(data=data))))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
