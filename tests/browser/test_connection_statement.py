"""A connection statement in real browsers: on a phone and on a desk, in both languages, light and dark."""

from pathlib import Path

import pytest

from mediation.hearings.connection import note_fact
from mediation.hearings.hearing import start_hearing
from mediation.hearings.line import Line, Stretch, keep_line
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room
from tests.browser.visitor import assert_accessible

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_statement_is_read_on_a_phone_and_on_a_desk_by_everybody(
    tmp_path: Path, arrive: Arrive, theme: str
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        meeting = await connections(room)
        for role, device in (("respondent", "phone"), ("mediator", "desktop"), ("mediator", "phone")):
            visitor = await room.comes(role, device=device, theme=theme, path="/check")
            home = f"{room.site.origin}/hearings/{meeting}/connections"
            for page, what in (
                (home, "connections"),
                (f"{home}/{room.id('respondent')}", "connection-statement"),
            ):
                await visitor.page.goto(page)
                await visitor.picture(what)
                await assert_accessible(visitor.page)
        own = await room.comes("respondent", device="desktop", theme=theme, path="/check")
        await own.page.goto(f"{home}/{room.id('respondent')}")
        await own.page.locator("form[action$='/objection'] button").click()
        await own.page.get_by_text("does not agree with this statement").wait_for()
        await own.picture("connection-objection")


async def connections(room: OpenRoom) -> str:
    """A meeting in which the respondent's line failed and the claimant left."""
    house, story = room.site.house, room.story
    meeting = house.do(start_hearing, by=story.people["mediator"], room=story.room)
    told = {
        "respondent": [
            ("seat_taken", ""), ("admitted", ""), ("media_connected", "send"), ("media_silent", "send"),
            ("answer_missing", ""), ("time_given", "30"), ("seat_given_up", ""), ("seat_taken", ""),
        ],
        "claimant": [("seat_taken", ""), ("admitted", ""), ("warned", "leaving"), ("left", "")],
    }  # fmt: skip
    for role, facts in told.items():
        for kind, code in facts:
            house.clock.pass_by(seconds=9)
            house.do(note_fact, room=story.room, person=story.people[role], kind=kind, code=code)
    for quality, line in (
        ("good", Line(40, 0, 0.004, 480, 950, 1)),
        ("poor", Line(720, 0.125, 0.02, 60, 90, -1)),
    ):
        house.do(
            keep_line,
            room=story.room,
            person=story.people["respondent"],
            stretch=Stretch(quality, [line] * 9),
        )
    return meeting.id
