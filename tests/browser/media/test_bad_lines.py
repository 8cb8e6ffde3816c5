"""A bad line is its owner's alone: the others lose nothing, and whoever has it hears and is heard to the last."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio

from tests.browser.media.counting import Inbound, inbound
from tests.browser.media.meeting import Meeting, Opens, Person, a_meeting, everyone_receives_everyone
from tests.proxy import Narrow, Proxy, losing, never

pytestmark = pytest.mark.browser

FPS = 10
CAMERA = (480, 270)
"""The smallest picture that is sent in two layers."""
BITS = 200_000
SETTLES = 6
"""Seconds in which a line that has become narrow may be noticed."""
MADE_UP = 0.15
"""The share of a voice that may be missing while every word is still understood."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def meeting(tmp_path_factory: pytest.TempPathFactory, opens: Opens) -> AsyncIterator[Meeting]:
    async with a_meeting(tmp_path_factory.mktemp("meeting"), opens) as made:
        for role in ("mediator", "claimant"):
            await made.joins(role, camera=CAMERA)
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(meeting: Meeting) -> AsyncIterator[Proxy]:
    """The respondent's."""
    opened = await Proxy(("127.0.0.1", meeting.site.signaling.desk.media.port)).open("127.0.0.1")
    await meeting.joins("respondent", line=opened, camera=CAMERA)
    yield opened
    await opened.close()


Flows = dict[tuple[str, str], Inbound]
"""What each person gets of each other one, by viewer's role and `person:source`."""


async def flows(people: list[Person]) -> Flows:
    found = await asyncio.gather(*(inbound(each.window) for each in people))
    return {
        (viewer.role, name): counted
        for viewer, its in zip(people, found, strict=True)
        for name, counted in its.items()
    }


async def during(people: list[Person], seconds: float) -> tuple[Flows, Flows, float]:
    before = await flows(people)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    return before, await flows(people), time.monotonic() - began


@pytest.mark.parametrize(("share", "least"), [(0.05, 0.75), (0.2, 0.5)])
async def test_what_one_loses_is_sent_again_and_nobody_else_loses_anything(
    meeting: Meeting, line: Proxy, share: float, least: float
) -> None:
    mediator, claimant, respondent = people = list(meeting.people.values())
    await everyone_receives_everyone(people)

    line.down = losing(share)
    before, after, seconds = await during(people, 5)
    line.down = never

    lossy = ("respondent", mediator.sends("camera"))
    assert line.lost_down > 0
    assert after[lossy].frames - before[lossy].frames >= least * FPS * seconds
    for viewer, other in itertools.permutations((mediator, claimant), 2):
        clean = (viewer.role, other.sends("camera"))
        assert after[clean].lost == before[clean].lost
        assert after[clean].frames - before[clean].frames >= 0.8 * FPS * seconds
    for viewer in (mediator, claimant):
        flow = (viewer.role, respondent.sends("camera"))
        assert after[flow].lost == before[flow].lost


async def test_who_has_a_narrow_line_hears_and_is_heard_and_no_other_picture_suffers(
    meeting: Meeting, line: Proxy
) -> None:
    people = list(meeting.people.values())
    respondent = meeting.people["respondent"]
    others = [each for each in people if each is not respondent]
    await everyone_receives_everyone(others)
    for other in others:  # pictures may still be off for the line's sake, voices never
        await respondent.receives(other, "mic")
        await other.receives(respondent, "mic")
    usual = shown(others, *await during(people, 3))

    with narrow(line):
        await asyncio.sleep(SETTLES)
        before, after, seconds = await during(people, 5)

    now = shown(others, before, after, seconds)
    assert all(rate >= 0.85 * usual[pair] for pair, rate in now.items()), (usual, now)
    for other in others:
        for flow in (("respondent", other.sends("mic")), (other.role, respondent.sends("mic"))):
            assert after[flow].energy > before[flow].energy
            assert made_up(before[flow], after[flow]) < MADE_UP, flow


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


def shown(people: list[Person], before: Flows, after: Flows, seconds: float) -> dict[tuple[str, str], float]:
    """Frames a second that each of these sees of each other one."""
    return {
        (viewer.role, other.role): (
            after[viewer.role, other.sends("camera")].frames
            - before[viewer.role, other.sends("camera")].frames
        )
        / seconds
        for viewer, other in itertools.permutations(people, 2)
    }


def made_up(before: Inbound, after: Inbound) -> float:
    """The share of a voice that had to be made up for what did not come in time."""
    return (after.concealed - before.concealed) / max(1, after.samples - before.samples)
