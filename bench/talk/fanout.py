"""Fan-out and nothing else: a python-socketio server that passes each message on to its room. `python -m bench.talk.fanout PORT`."""

from __future__ import annotations

import sys
from typing import Any

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins=[])


async def connect(socket: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
    await sio.save_session(socket, {})


async def enter_room(socket: str, asked: dict[str, str]) -> dict[str, str]:
    await sio.enter_room(socket, asked["room"])
    await sio.save_session(socket, {"room": asked["room"]})
    return {}


async def post_message(socket: str, asked: dict[str, str]) -> dict[str, str]:
    session = await sio.get_session(socket)
    body = {"text": asked["text"]}
    await sio.emit("entry", {"client_id": asked["client_id"], "body": body}, to=session["room"])
    return {"id": asked["client_id"]}


def main() -> None:
    for handler in (connect, enter_room, post_message):
        sio.on(handler.__name__, handler)
    app = web.Application()
    sio.attach(app)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()
