"""The parts of a running server, as its pages hold them in their hands."""

from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from mediation.settings import Settings
from mediation.store import Store
from signaling.bridge import Bridge
from signaling.server import Signaling
from web.render import Pages

T = TypeVar("T")


class Server:
    """Settings, store, live side and templates; made once in `web.app`."""

    def __init__(self, bridge: Bridge, signaling: Signaling, pages: Pages) -> None:
        self.bridge = bridge
        self.signaling = signaling
        self.pages = pages

    @property
    def store(self) -> Store:
        return self.bridge.store

    @property
    def settings(self) -> Settings:
        return self.bridge.settings

    async def write(self, use_case: Callable[..., T], **arguments: Any) -> T:
        return await self.bridge.write(use_case, **arguments)

    async def read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        return await self.bridge.read(query, *arguments, **named)


SERVER = web.AppKey("server", Server)
