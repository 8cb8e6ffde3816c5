"""What flows between the people of a meeting, looked at until a stretch of it is as it has to be."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.browser.media.counting import Inbound, inbound, outbound
from tests.browser.media.meeting import Person
from tests.proxy import Narrow, Proxy, losing, never

STRETCH = 5
"""Seconds on end for which what is asked has to hold."""
WITHIN = 40
"""Seconds after which it has to have held: how long anything takes depends on the machine, that it comes does not."""
BITS = 200_000
MADE_UP = 0.15
"""The share of a voice that may be missing while every word is still understood."""

Flow = tuple[str, str]
"""Who gets it, by role, and what: `person:source`."""


@dataclass(frozen=True)
class Look:
    """What each person had got of each other one, and how many frames of a picture each had sent, by role."""

    at: float
    came: dict[Flow, Inbound]
    sent: dict[str, int]

    @classmethod
    async def at_all(cls, people: Iterable[Person]) -> Look:
        present = list(people)
        found = await asyncio.gather(*(inbound(each.window) for each in present))
        sends = await asyncio.gather(*(outbound(each.window) for each in present))
        roles = [each.role for each in present]
        came = {
            (viewer, name): counted
            for viewer, its in zip(roles, found, strict=True)
            for name, counted in its.items()
        }
        sent = [max((one.frames for one in its if one.kind == "video"), default=0) for its in sends]
        return cls(time.monotonic(), came, dict(zip(roles, sent, strict=True)))


@dataclass(frozen=True)
class Stretch:
    """What happened between two looks. The questions answer in words, and with nothing where all is well."""

    before: Look
    after: Look

    @property
    def seconds(self) -> float:
        return self.after.at - self.before.at

    def sent(self, person: Person) -> int:
        """Frames of a picture."""
        return self.after.sent[person.role] - self.before.sent[person.role]

    def frames(self, viewer: Person, other: Person) -> int:
        flow = (viewer.role, other.sends("camera"))
        return self.after.came[flow].frames - self.before.came[flow].frames

    def rate(self, viewer: Person, other: Person) -> float:
        """Frames a second that one sees of another."""
        return self.frames(viewer, other) / self.seconds

    def sees_too_little(self, viewer: Person, other: Person, part: float) -> list[str]:
        """Fewer than this part of the frames that were sent: how many a busy machine can make says nothing about a line."""
        sent, seen = self.sent(other), self.frames(viewer, other)
        # One frame is on its way at either end.
        few = seen < part * sent - 1 or not seen
        return [f"{viewer.role} sees {seen} of {sent} frames of {other.role}"] if few else []

    def loses(self, viewer: Person, other: Person, source: str = "camera") -> list[str]:
        """Packets that never came."""
        flow = (viewer.role, other.sends(source))
        lost = self.after.came[flow].lost - self.before.came[flow].lost
        return [f"{viewer.role} lost {lost} of the {source} of {other.role}"] if lost else []

    def does_not_hear(self, viewer: Person, other: Person) -> list[str]:
        """A voice that stands still, or of which too much has to be made up for what does not come in time."""
        flow = (viewer.role, other.sends("mic"))
        then, now = self.before.came.get(flow), self.after.came.get(flow)
        if then is None or now is None or now.energy <= then.energy:
            return [f"{viewer.role} hears nothing of {other.role}"]
        made_up = (now.concealed - then.concealed) / max(1, now.samples - then.samples)
        return [f"{made_up:.0%} of {other.role} is made up for {viewer.role}"] if made_up >= MADE_UP else []


async def stretch_of(people: Iterable[Person], seconds: float) -> Stretch:
    """What happens in the next so many seconds."""
    present = list(people)
    before = await Look.at_all(present)
    await asyncio.sleep(seconds)
    return Stretch(before, await Look.at_all(present))


async def comes_to_flow(
    people: Iterable[Person],
    wanting: Callable[[Stretch], list[str]],
    *,
    stretch: float = STRETCH,
    within: float = WITHIN,
) -> None:
    """Wait until nothing has been wanting for a stretch; in the end say what still was."""
    present = list(people)
    looks: deque[Look] = deque()
    began = time.monotonic()
    while True:
        looks.append(now := await Look.at_all(present))
        while len(looks) > 1 and now.at - looks[1].at >= stretch:
            looks.popleft()
        if now.at - looks[0].at >= stretch:
            found = wanting(Stretch(looks[0], now))
            if not found:
                return
            assert now.at - began < within, f"not within {within} s, at last: {found}"
        await asyncio.sleep(0.5)


@contextmanager
def narrow(line: Proxy) -> Iterator[None]:
    """200 kbit/s each way with 5 % loss and 50 ms of jitter."""
    line.up, line.down, line.jitter = losing(0.05, seed=2), losing(0.05), 0.05
    line.narrow_up, line.narrow_down = Narrow(BITS), Narrow(BITS)
    try:
        yield
    finally:
        line.up, line.down, line.jitter = never, never, 0.0
        line.narrow_up = line.narrow_down = None
