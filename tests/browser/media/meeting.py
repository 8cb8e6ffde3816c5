"""A meeting that is on: people come in at windows of either browser, and are told apart by what they count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.media.counting import COUNTING, Inbound, inbound
from tests.browser.media.window import Window, comes_true, shows
from tests.browser.rooms import a_site_with_a_room, session_of
from tests.browser.visitor import PATIENCE, detour
from tests.proxy import Proxy
from tests.site import Site
from tests.stories import Story
from web.session import SESSION_COOKIE

Opens = Callable[[str], Awaitable[Window]]
"""Opens a window of a browser (`chromium` or `firefox`)."""

# Firefox offers nothing from the loopback address: media goes over the machine's own, as by default.
OUTSIDE = {"media_host": "0.0.0.0", "media_announced": ()}
JOINED = "[data-part=stage-area][data-state=on]"


@dataclass
class Person:
    """Somebody in the meeting, by role."""

    role: str
    id: str
    window: Window

    def sends(self, source: str) -> str:
        """The name under which the others count what this person sends."""
        return f"{self.id}:{source}"

    async def press(self, part: str) -> None:
        await self.window.press(f"[data-part=stage-area] [data-part={part}]")

    async def join(self) -> None:
        await self.press("join")
        await shows(self.window, JOINED)

    async def leave(self) -> None:
        await self.press("leave")
        await shows(self.window, "[data-part=stage-area][data-state=off]")

    async def counts(self, other: Person, source: str) -> Inbound:
        """What has come of another's track; fails when nothing is known of it."""
        return (await inbound(self.window))[other.sends(source)]

    async def receives(
        self,
        other: Person,
        source: str = "camera",
        *,
        more: int = 3,
        within: float = PATIENCE,
    ) -> None:
        """Wait until so many more frames, or tenths of a second of sound, have come from another."""
        what = "one.samples / 4800" if source in {"mic", "screen_sound"} else "one.frames"
        count = f"async (name) => {{ const one = (await counting.inbound())[name]; return one ? {what} : 0 }}"
        before = await self.window.run(count, other.sends(source))
        wanted = f"async (name) => await ({count})(name) >= {before + more}"
        await comes_true(self.window, wanted, other.sends(source), within=within)


@dataclass
class Meeting:
    """An open room whose mediator has begun a meeting, and who is in it; `browser` is what they have."""

    site: Site
    story: Story
    opens: Opens
    browser: str = "chromium"
    people: dict[str, Person] = field(default_factory=dict)

    async def comes(
        self,
        role: str,
        *,
        browser: str = "",
        line: Proxy | None = None,
        camera: tuple[int, int] = (320, 240),
        scripts: Iterable[str] = (),
    ) -> Person:
        """Somebody of the cast opens the room; nothing is pressed yet."""
        window = await self.opens(browser or self.browser)
        way = [detour("127.0.0.1", line.port)] if line else []
        size = [f"globalThis.cameraSize = {list(camera)}"]
        await window.prepare([*size, *scripts, COUNTING, *way])
        await window.sign_in(self.site.origin, SESSION_COOKIE, session_of(self.site, self.story.people[role]))
        person = self.people[role] = Person(role, self.story.people[role], window)
        await self.returns(person)
        return person

    async def returns(self, person: Person) -> None:
        """Opens the room's page, or loads it again."""
        await person.window.open(f"{self.site.origin}/rooms/{self.story.room}")
        await shows(person.window, "[data-part=room][data-ready=true]")

    async def joins(
        self,
        role: str,
        *,
        browser: str = "",
        line: Proxy | None = None,
        camera: tuple[int, int] = (320, 240),
        scripts: Iterable[str] = (),
    ) -> Person:
        """Comes and takes part: the mediator begins, everybody else waits to be let in."""
        person = await self.comes(role, browser=browser, line=line, camera=camera, scripts=scripts)
        await self.lets_in(person)
        return person

    async def lets_in(self, person: Person) -> None:
        """Whoever has the room open takes part."""
        if person.role == "mediator":
            await person.window.press("[data-part=lead] [data-part=start]")
        else:
            await person.press("join")
            await shows(person.window, "[data-part=stage-area][data-state=waiting]")
            await self.people["mediator"].window.press(
                f'[data-part=queue] [data-person="{person.id}"] button'
            )
        await shows(person.window, JOINED)

    async def leaves(self, person: Person) -> None:
        """Closes the window."""
        del self.people[person.role]
        await person.window.close()


@asynccontextmanager
async def a_meeting(folder: Path, opens: Opens) -> AsyncIterator[Meeting]:
    """A room of its own; at the end nobody's page may have had an error."""
    async with a_site_with_a_room(folder, **OUTSIDE) as (site, story):
        meeting = Meeting(site, story, opens)
        yield meeting
        troubles = {person.role: person.window.troubles for person in meeting.people.values()}
        for person in list(meeting.people.values()):
            await meeting.leaves(person)
        assert not {role: found for role, found in troubles.items() if found}


async def everyone_receives_everyone(people: Iterable[Person], *, within: float = PATIENCE) -> None:
    """Wait until pictures and voices flow from everybody to everybody."""
    present = list(people)
    flows = [
        one.receives(other, source, within=within)
        for one in present
        for other in present
        if one is not other
        for source in ("camera", "mic")
    ]
    await asyncio.gather(*flows)
