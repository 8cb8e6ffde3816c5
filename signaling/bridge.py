"""The bridge from the event loop to the house: use cases go to the writer thread, queries to the readers."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from mediation.store import Store

T = TypeVar("T")


class Bridge:
    """What the desk and the pages hold in their hands."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.settings = store.settings

    async def write(self, use_case: Callable[..., T], **arguments: Any) -> T:
        """Carries out a use case; returns after its commit and after its entries began to be published."""
        return await asyncio.wrap_future(self.store.write(use_case, **arguments))

    async def read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Asks a query on one consistent snapshot."""
        return await asyncio.wrap_future(self.store.read(query, *arguments, **named))
