"""The parts of a running server, as its pages hold them in their hands."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from aiohttp import web

from mediation.settings import Settings
from mediation.store import Store
from web.render import Pages

T = TypeVar("T")


class House(Protocol):
    """The way from the event loop into the house and back; `web.app` hands over the live side's."""

    store: Store
    settings: Settings

    async def write(self, use_case: Callable[..., T], **arguments: Any) -> T: ...

    async def read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T: ...


class Server:
    """Settings, store and templates; made once in `web.app`."""

    def __init__(self, house: House, pages: Pages) -> None:
        self.store = house.store
        self.settings = house.settings
        self.pages = pages
        self.write = house.write
        """Carries out a use case; returns after its commit."""
        self.read = house.read
        """Asks a query on one consistent snapshot."""
        self.now = house.store.writer.clock
        """The time: the house's, so that a page says the same whenever it is asked for at the same time."""


SERVER = web.AppKey("server", Server)
