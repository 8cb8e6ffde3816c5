"""The Firefox that tests drive: one process, spoken to over WebDriver BiDi on its own WebSocket.

Playwright drives only a Firefox that it has patched and fetched itself. Debian's speaks BiDi without a helper program,
and aiohttp is here already: a dozen commands are less than a driver from another registry would be.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

BROWSERS = ["firefox-esr", "firefox"]
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.default_address_only": False,
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
PATIENCE = 20
LISTENS = b"WebDriver BiDi listening on "


def the_firefox() -> str:
    """The Firefox that scripts/test found or installed, else the first on this machine."""
    found = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no Firefox on this machine: sh scripts/test installs it"
    return found


class Firefox:
    """The process and the connection to it; every window has cookies of its own."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._windows: dict[str, FirefoxWindow] = {}
        self._process: asyncio.subprocess.Process
        self._http: aiohttp.ClientSession
        self._socket: aiohttp.ClientWebSocketResponse
        self._hearing: asyncio.Task[None]

    @classmethod
    async def start(cls, profile: Path) -> Firefox:
        """Start it with a fresh profile in that folder."""
        made = cls()
        profile.mkdir()
        lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in PREFERENCES.items()]
        (profile / "user.js").write_text("".join(lines))
        made._process = await asyncio.create_subprocess_exec(
            *(the_firefox(), "--headless", "--no-remote", "--profile", str(profile)),
            *("--remote-debugging-port", "0"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        made._http = aiohttp.ClientSession()
        address = await made._address()
        made._socket = await made._http.ws_connect(f"{address}/session", max_msg_size=0)
        made._hearing = asyncio.create_task(made._hear())
        await made.ask("session.new", capabilities={})
        await made.ask("session.subscribe", events=["log.entryAdded"])
        return made

    async def window(self) -> FirefoxWindow:
        """A window of a person's own; a tab behind another would count as hidden."""
        user = (await self.ask("browser.createUserContext"))["userContext"]
        context = (await self.ask("browsingContext.create", type="window", userContext=user))["context"]
        self._windows[context] = window = FirefoxWindow(self, user, context)
        await window.resize(1280, 800)
        return window

    async def ask(self, method: str, **about: object) -> dict[str, Any]:
        """One command; its result."""
        number = next(self._numbers)
        answered = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": about})
        async with asyncio.timeout(PATIENCE):
            answer = await answered
        assert answer["type"] == "success", f"{method}: {answer.get('message')}"
        return dict(answer["result"])

    async def close(self) -> None:
        await self.ask("browser.close")
        await self._hearing
        await self._http.close()
        await self._process.communicate()

    async def _address(self) -> str:
        assert self._process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while line := await self._process.stderr.readline():
                if line.startswith(LISTENS):
                    return line.removeprefix(LISTENS).decode().strip()
        raise AssertionError("Firefox ended before it listened")

    async def _hear(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                answered = self._answers.pop(said["id"])
                if not answered.done():  # nobody waits any more
                    answered.set_result(said)
            elif said["method"] == "log.entryAdded":
                self._note(said["params"])

    def _note(self, entry: dict[str, Any]) -> None:
        window = self._windows.get(entry["source"].get("context", ""))
        if window is not None and (entry["type"], entry["level"]) == ("javascript", "error"):
            window.troubles.append(entry["text"])


@dataclass
class FirefoxWindow:
    """A window in a container of its own."""

    firefox: Firefox
    user: str
    context: str
    troubles: list[str] = field(default_factory=list)

    async def prepare(self, scripts: Iterable[str]) -> None:
        for script in scripts:
            function = f"() => {{ {script} }}"
            await self.firefox.ask(
                "script.addPreloadScript", functionDeclaration=function, contexts=[self.context]
            )

    async def sign_in(self, origin: str, name: str, secret: str) -> None:
        value = {"type": "string", "value": secret}
        cookie = {"name": name, "value": value, "domain": "localhost", "path": "/", "secure": True}
        where = {"type": "storageKey", "userContext": self.user}
        await self.firefox.ask("storage.setCookie", cookie=cookie, partition=where)

    async def open(self, address: str) -> None:
        await self.firefox.ask("browsingContext.navigate", context=self.context, url=address, wait="complete")

    async def run(self, function: str, about: object = None) -> Any:
        answer = await self.firefox.ask(
            "script.callFunction",
            functionDeclaration=f"async () => JSON.stringify(await ({function})({json.dumps(about)})) ?? 'null'",
            awaitPromise=True,
            target={"context": self.context},
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    async def press(self, selector: str) -> None:
        """Waits until it is there, brings it into view and clicks in its middle."""
        locator = {"type": "css", "value": selector}
        async with asyncio.timeout(PATIENCE):
            while not (found := await self._find(locator)):
                await asyncio.sleep(0.05)
        look = "(wanted) => document.querySelector(wanted).scrollIntoView({ block: 'center' })"
        await self.run(look, selector)
        middle = {"type": "element", "element": {"sharedId": found[0]["sharedId"]}}
        hand = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": middle},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "hand", "actions": hand}
        await self.firefox.ask("input.performActions", context=self.context, actions=[mouse])

    async def _find(self, locator: dict[str, str]) -> list[dict[str, Any]]:
        found = await self.firefox.ask("browsingContext.locateNodes", context=self.context, locator=locator)
        return list(found["nodes"])

    async def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        await self.firefox.ask("browsingContext.setViewport", context=self.context, viewport=size)

    async def close(self) -> None:
        await self.firefox.ask("browsingContext.close", context=self.context)
        await self.firefox.ask("browser.removeUserContext", userContext=self.user)
