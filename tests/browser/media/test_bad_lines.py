"""A bad line is its owner's alone: the others lose nothing, and whoever has it hears and is heard to the last."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.media.flowing import Stretch, comes_to_flow, narrow
from tests.browser.media.meeting import Meeting, Opens, a_meeting, everyone_receives_everyone
from tests.proxy import Proxy, losing, never

pytestmark = pytest.mark.browser

CAMERA = (480, 270)
"""The smallest picture that is sent in two layers."""


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

    def wanting(stretch: Stretch) -> list[str]:
        return [
            *stretch.sees_too_little(respondent, mediator, least),
            *stretch.sees_too_little(mediator, claimant, 0.8),
            *stretch.sees_too_little(claimant, mediator, 0.8),
            *(
                lost
                for viewer in (mediator, claimant)
                for other in people
                if other is not viewer
                for lost in stretch.loses(viewer, other)
            ),
        ]

    line.down = losing(share)
    await comes_to_flow(people, wanting)
    line.down = never

    assert line.lost_down > 0


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

    def wanting(stretch: Stretch) -> list[str]:
        pictures = [
            stretch.sees_too_little(viewer, other, 0.85)
            for viewer, other in itertools.permutations(others, 2)
        ]
        voices = [
            stretch.does_not_hear(viewer, other)
            for viewer, other in itertools.permutations(people, 2)
            if respondent in (viewer, other)
        ]
        return list(itertools.chain(*pictures, *voices))

    with narrow(line):
        await comes_to_flow(people, wanting)
