"""A bad line is its owner's alone: the others lose nothing, and whoever has it hears and is heard to the last."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.media.flowing import narrow, stretch_of
from tests.browser.media.meeting import Meeting, Opens, a_meeting, everyone_receives_everyone
from tests.proxy import Proxy, losing, never

pytestmark = pytest.mark.browser

FPS = 10
CAMERA = (480, 270)
"""The smallest picture that is sent in two layers."""
SETTLES = 6
"""Seconds in which a line that has become narrow may be noticed."""


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


@pytest.mark.parametrize(("share", "least"), [(0.05, 0.75), (0.2, 0.5)])
async def test_what_one_loses_is_sent_again_and_nobody_else_loses_anything(
    meeting: Meeting, line: Proxy, share: float, least: float
) -> None:
    mediator, claimant, respondent = people = list(meeting.people.values())
    await everyone_receives_everyone(people)

    line.down = losing(share)
    stretch = await stretch_of(people, 5)
    line.down = never

    assert line.lost_down > 0
    assert stretch.rate(respondent, mediator) >= least * FPS
    for viewer, other in itertools.permutations((mediator, claimant), 2):
        assert stretch.loses(viewer, other) == []
        assert stretch.rate(viewer, other) >= 0.8 * FPS
    for viewer in (mediator, claimant):
        assert stretch.loses(viewer, respondent) == []


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
    usual = await stretch_of(people, 3)

    with narrow(line):
        await asyncio.sleep(SETTLES)
        now = await stretch_of(people, 5)

    for viewer, other in itertools.permutations(others, 2):
        assert now.rate(viewer, other) >= 0.85 * usual.rate(viewer, other)
    for other in others:
        assert now.does_not_hear(respondent, other) == []
        assert now.does_not_hear(other, respondent) == []
