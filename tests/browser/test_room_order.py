"""Order in real browsers: two kinds of mute, a screen that is allowed, a meeting that stands still, and the statement afterwards."""

from pathlib import Path

import pytest

from mediation.hearings.connection import note_fact
from mediation.hearings.hearing import start_hearing
from mediation.hearings.line import Line, Stretch, keep_line
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, counts, goes_on, is_on_stage
from tests.browser.test_room_stage import begin
from tests.browser.visitor import Visitor, assert_accessible

pytestmark = pytest.mark.browser


async def choose(room: OpenRoom, lin: Visitor, role: str, which: int) -> None:
    """The mediator opens the menu of a person and takes one of the acts."""
    row = lin.page.locator(f".people__person{room.of(role)}")
    await row.locator(".people__acts > .button--round").click()
    menu = lin.page.locator(".people__menu:popover-open")
    await menu.locator("button").nth(which).click()


async def test_the_mediator_locks_lifts_mutes_all_and_allows_a_screen(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, bo = await begin(room)

        await choose(room, lin, "respondent", 1)  # mute and lock
        await bo.page.locator(".tile--own[data-mic=held]").wait_for()
        await lin.page.locator(
            f".people__person{room.of('respondent')} .people__acts > .button--round"
        ).click()
        await lin.picture("room-order-menu")
        await lin.page.keyboard.press("Escape")
        await choose(room, lin, "respondent", 0)  # let it on again
        await bo.page.locator(".tile--own[data-mic=on]").wait_for()

        await lin.page.locator("[data-part=lead] [data-part=mute-all]").click()
        for visitor in (chen, bo):
            await visitor.page.locator(".tile--own[data-mic=held]").wait_for()

        await choose(room, lin, "claimant", 5 - 1)  # allow to show the screen
        await chen.page.locator(".card, .line", has_text="屏幕").first.wait_for(state="attached")
        await lin.picture("room-order")


async def test_without_a_mediator_the_meeting_stands_still_until_one_is_back(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, bo = await begin(room)
        await goes_on(chen.page, f"{room.id('respondent')}:camera")
        room.site.signaling.desk.patience.lead = 1.0

        await lin.page.close()
        for visitor in (chen, bo):
            await is_on_stage(visitor.page, "waiting")
            assert await counts(visitor.page) == {}
        await bo.page.locator(".toast", has_text="Nobody leads the meeting").wait_for()
        await bo.picture("room-stands-still")
        back = await room.comes("mediator")
        await back.page.locator("[data-part=join]").click()

        for visitor in (chen, bo):
            await is_on_stage(visitor.page)
        await goes_on(chen.page, f"{room.id('respondent')}:camera")


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
