"""Programs at the desk: one connection of a person in a room, what it asks and what it hears."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import socketio

from tests.site import Site
from tests.stories import Story


@dataclass(slots=True)
class Program:
    """A connection that has entered the room."""

    socket: socketio.AsyncClient
    room: str
    transport: str = ""
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, name: str, /, **payload: Any) -> dict[str, Any]:
        """The result of a request; an error fails the test."""
        answer = await self.try_to(name, **payload)
        assert "error" not in answer, (name, answer)
        return answer

    async def try_to(self, name: str, /, **payload: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.socket.call(name, payload, timeout=5)
        return answer

    async def refused(self, name: str, /, **payload: Any) -> str:
        """The code with which a request is refused."""
        answer = await self.try_to(name, **payload)
        return str(answer.get("error", {}).get("code", "done"))

    async def hears(self, event: str, **wanted: Any) -> dict[str, Any]:
        """The first push of this event with these fields, now or within five seconds."""
        async with asyncio.timeout(5):
            while True:
                for name, payload in self.heard:
                    if name == event and wanted.items() <= payload.items():
                        return payload
                self.arrived.clear()
                await self.arrived.wait()

    def said_of(self, *needles: str) -> list[tuple[str, dict[str, Any]]]:
        """Every push heard so far in which one of these words stands."""
        return [each for each in self.heard if any(needle in repr(each) for needle in needles)]


async def enter(site: Site, story: Story, role: str) -> Program:
    """Connects somebody's program and enters the room of the story."""
    program = Program(await site.socket(site.token(story.people[role])), story.room)

    async def listen(event: str, payload: dict[str, Any]) -> None:
        program.heard.append((event, payload))
        program.arrived.set()

    program.socket.on("*", listen)
    await program.ask("enter_room", room=story.room)
    return program
