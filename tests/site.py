"""A server for tests: the whole application in this process, on real ports, and people who ask it things."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import socketio
from aiohttp import web
from aiohttp.test_utils import unused_port

from mediation.people.signin import open_sign_in
from signaling.server import Signaling
from tests.conftest import House
from web.app import SIGNALING, make_app
from web.server import SERVER, Server
from web.session import FORM_COOKIE, SESSION_COOKIE


@dataclass(slots=True)
class Visitor:
    """A browser of somebody; signed out when `secret` is empty. Sends forms as our own pages do."""

    site: "Site"
    secret: str = ""
    locale: str = "en"
    form_secret: str = "form-secret"
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        return await self._ask("GET", path, headers=headers)

    async def post(
        self, path: str, form: Mapping[str, Any] | None = None, **headers: str
    ) -> aiohttp.ClientResponse:
        """Posts a form with this browser's token."""
        token = self.site.server.store.keys.mac("form", self.form_secret)
        return await self._ask("POST", path, data={"csrf": token, **(form or {})}, headers=headers)

    async def _ask(self, method: str, path: str, **how: Any) -> aiohttp.ClientResponse:
        cookies = {FORM_COOKIE: self.form_secret, "locale": self.locale}
        if self.secret:
            cookies[SESSION_COOKIE] = self.secret
        how["headers"] = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "Origin": self.site.origin,
            "Sec-Fetch-Site": "same-origin",
            "Accept": "text/html",
            **self.headers,
            **how.get("headers", {}),
        }
        response = await self.site.http.request(method, self.site.origin + path, allow_redirects=False, **how)
        await response.read()
        return response


@dataclass(slots=True)
class Site:
    """The running application."""

    house: House
    server: Server
    signaling: Signaling
    origin: str
    http: aiohttp.ClientSession
    sockets: list[socketio.AsyncClient] = field(default_factory=list)

    def visitor(self, person: str = "", *, locale: str = "en") -> Visitor:
        """Somebody's browser, signed in; nobody's when no person is named."""
        if not person:
            return Visitor(self, locale=locale)
        secret = self.house.do(open_sign_in, person=person, kind="browser", way="code", device="Test browser")
        return Visitor(self, secret, locale)

    def token(self, person: str) -> str:
        """A bearer token for somebody's program."""
        return self.house.do(
            open_sign_in, person=person, kind="program", way="operator", device="Test program"
        )

    async def socket(self, token: str) -> socketio.AsyncClient:
        """A program's connection; closed with the site."""
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(self.origin, auth={"token": token}, transports=["websocket"])
        self.sockets.append(client)
        return client


@asynccontextmanager
async def running(house: House) -> AsyncIterator[Site]:
    """Runs the application on the house's store; the house must have been built with `site_settings`."""
    app = make_app(house.store)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", house.settings.port).start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        site = Site(house, app[SERVER], app[SIGNALING], house.settings.address, http)
        try:
            yield site
        finally:
            for socket in site.sockets:
                await socket.disconnect()
            await runner.cleanup()


def site_settings() -> dict[str, Any]:
    """Settings for a house with a site: free ports, media on loopback."""
    return {
        "port": unused_port(),
        "media_host": "127.0.0.1",
        "media_port": 0,
        "media_announced": ("127.0.0.1",),
        "media_workers": 1,
    }


def field_of(html: str, name: str) -> str:
    """The value of a form's hidden field in a page."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)
    return found[1] if found else ""
