"""A Socket.IO connection by hand: cheap enough that a thousand of them are not what is measured."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp

# Engine.IO 4: open 0, ping 2, pong 3, message 4; in it Socket.IO 5: connect 0, event 2, acknowledgement 3.
_PING, _PONG, _CONNECTED, _EVENT, _ACK = "2", "3", "40", "42", "43"

Heard = Callable[["Line", str], None]


class Line:
    """`heard` gets the text of each push as it came; reading it is left to whoever needs to."""

    def __init__(self, heard: Heard) -> None:
        self.asked = 0
        self._heard = heard
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._socket: aiohttp.ClientWebSocketResponse
        self._reading: asyncio.Task[None]

    async def connect(self, http: aiohttp.ClientSession, address: str, token: str) -> None:
        url = f"{address}/socket.io/?EIO=4&transport=websocket".replace("http", "ws", 1)
        self._socket = await http.ws_connect(url, max_msg_size=0, autoping=True)
        await self._socket.receive_str()
        await self._socket.send_str(_CONNECTED + json.dumps({"token": token}))
        said = await self._socket.receive_str()
        if not said.startswith(_CONNECTED):
            raise ConnectionError(said)
        self._reading = asyncio.create_task(self._read())

    async def ask(self, name: str, payload: dict[str, Any]) -> Any:
        """The answer to a request."""
        return await self.begin(name, payload)

    def begin(self, name: str, payload: dict[str, Any]) -> asyncio.Future[Any]:
        """Sends a request; its answer comes later."""
        number = str(self.asked)
        self.asked += 1
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        asyncio.create_task(self._socket.send_str(_EVENT + number + json.dumps([name, payload])))  # noqa: RUF006
        return answer

    async def close(self) -> None:
        self._reading.cancel()
        await self._socket.close()

    async def _read(self) -> None:
        async for message in self._socket:
            text = message.data
            if text == _PING:
                await self._socket.send_str(_PONG)
            elif text.startswith(_EVENT):
                self._heard(self, text)
            elif text.startswith(_ACK):
                number, _, answer = text[2:].partition("[")
                waiting = self._answers.pop(number, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(json.loads("[" + answer)[0])
