"""A meeting is recorded in real browsers: asked, agreed to, the sign on both screens, and both voices and pictures in the files."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.hearings.manifest import read_manifests, tracks_folder
from mediation.hearings.recording import recording_view
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import tracks_of
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, goes_on, is_on_stage
from tests.browser.visitor import Visitor, assert_accessible, until
from tests.signaling.media.recording.decoding import decode_all

pytestmark = pytest.mark.browser

SIGN = "[data-part=taping]"
FPS = 10


async def two(room: OpenRoom) -> tuple[Visitor, Visitor]:
    """The mediator, and the respondent with a phone, on the stage."""
    lin = await room.comes("mediator")
    await lin.page.locator("[data-part=start]").click()
    await is_on_stage(lin.page)
    bo = await room.comes("respondent", device="phone")
    await bo.page.locator("[data-part=join]").click()
    await is_on_stage(bo.page, "waiting")
    await lin.page.locator(f"[data-part=queue] {room.of('respondent')} button").click()
    await is_on_stage(bo.page)
    for page, other in ((lin.page, "respondent"), (bo.page, "mediator")):
        await goes_on(page, f"{room.id(other)}:camera")
        await goes_on(page, f"{room.id(other)}:mic sound")
    return lin, bo


async def asked(lin: Visitor, bo: Visitor) -> None:
    await lin.page.locator("[data-part=record]").click()
    await bo.page.locator("dialog[open] button[value=given]").wait_for()


async def is_signed(page: Page, state: str) -> str:
    await page.locator(f"{SIGN}[data-state={state}]:visible").wait_for()
    return await page.locator(f"{SIGN} [data-part=word]").inner_text()


def the_tape(session: Session) -> Recording:
    return session.scalars(select(Recording).order_by(Recording.asked_at.desc()).limit(1)).one()


async def film_is_settled(room: OpenRoom) -> Recording:
    house = room.site.house

    async def settled() -> bool:
        house.clock.follow_real_time()
        return house.ask(the_tape).film_state in {"done", "failed", "no_ffmpeg"}

    async with asyncio.timeout(60):
        while not await settled():
            await asyncio.sleep(0.2)
    return house.ask(the_tape)


async def test_two_people_agree_and_are_recorded_with_voice_and_picture(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, bo = await two(room)
        await asked(lin, bo)
        await is_signed(lin.page, "consent_pending")
        assert "目前还没有录制" in await lin.page.locator(SIGN).inner_text()
        await assert_accessible(bo.page)
        await bo.picture("room-recording-question")

        await bo.page.locator("dialog[open] button[value=given]").click()
        assert await is_signed(lin.page, "on") == "正在录音录像"
        assert await is_signed(bo.page, "on") == "Recording is on"
        tape = room.site.house.ask(the_tape)
        folder = tracks_folder(room.site.house.settings.data, tape.id)
        async with asyncio.timeout(30):
            while sum(each.duration_ms > 6000 for each in read_manifests(folder)) < 4:
                await asyncio.sleep(0.2)
        await assert_accessible(bo.page)
        await assert_accessible(lin.page)
        await bo.picture("room-recording-on")
        await lin.picture("room-recording-on")

        await lin.page.get_by_role("button", name="结束录音录像").click()
        await lin.page.locator("dialog[open] button[value=yes]").click()
        await lin.page.locator(SIGN).wait_for(state="hidden")
        await bo.page.locator(SIGN).wait_for(state="hidden")
        tape = await film_is_settled(room)

        files = decode_all(folder)
        assert {(each.manifest.person, each.manifest.source) for each in files} == {
            (room.id(role), source) for role in ("mediator", "respondent") for source in ("mic", "camera")
        }
        for each in files:
            seconds = each.manifest.duration_ms / 1000
            assert seconds > 6
            assert (each.manifest.lost, each.seen.frames) == (0, each.manifest.frames)
            if each.manifest.kind == "video":
                assert each.seen.frames >= 0.9 * FPS * seconds, each.manifest
            else:  # between the tones there is silence, of which nothing is sent (DTX)
                assert each.seen.energy > 0
        assert len(room.site.house.ask(tracks_of, tape.id)) == 4
        if shutil.which("ffmpeg"):
            assert tape.film_state == "done"
        await lin.page.goto(f"{room.site.origin}/cases/{room.story.case}/recordings")
        await assert_accessible(lin.page)
        await lin.picture("recordings")
        if tape.film_state == "done":
            await until(lin.page, "document.querySelector('video').duration > 5")


async def test_who_does_not_agree_is_not_recorded_and_stays(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, bo = await two(room)
        await asked(lin, bo)

        await bo.page.keyboard.press("Tab")
        await bo.page.locator("dialog[open] button[value=refused]").focus()
        await bo.page.keyboard.press("Enter")

        await lin.page.locator(SIGN).wait_for(state="hidden")
        await lin.page.get_by_text("没有录制任何内容").first.wait_for()
        assert not (room.site.house.settings.data / "recordings" / "tracks").exists()
        await is_on_stage(bo.page)
        await goes_on(lin.page, f"{room.id('respondent')}:camera")


async def test_who_comes_later_is_asked_at_the_door_and_a_private_talk_says_that_it_is_not_recorded(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, bo = await two(room)
        await asked(lin, bo)
        await bo.page.locator("dialog[open] button[value=given]").click()
        await is_signed(lin.page, "on")

        chen = await room.comes("claimant", device="phone", theme="dark")
        await chen.page.locator("[data-part=join]").click()
        await is_on_stage(chen.page, "waiting")
        assert await is_signed(chen.page, "on") == "正在录音录像"
        await chen.page.locator("dialog[open] button[value=given]").wait_for()
        await chen.picture("room-recording-door")
        await chen.page.locator("dialog[open] button[value=given]").click()
        await until_agreed(room, "claimant")
        await lin.page.locator(f"[data-part=queue] {room.of('claimant')} button").click()
        await is_on_stage(chen.page)

        await lin.page.locator("[data-part=lead] [data-part=caucus]").click()
        await lin.page.locator("dialog[open] [data-part=respondent]").click()
        await lin.page.locator("dialog[open] button[value=yes]").click()
        await is_on_stage(bo.page, place="caucus")
        assert "This private talk is not recorded" in await bo.page.locator(SIGN).inner_text()

        await chen.page.get_by_role("button", name="撤回我的同意").click()
        await chen.page.locator("dialog[open] button[value=yes]").click()
        for page in (lin.page, bo.page, chen.page):
            await page.locator(SIGN).wait_for(state="hidden")


async def test_two_people_hear_of_a_judges_order_and_one_of_them_leaves(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, bo = await two(room)
        zhao = await room.comes("judge")
        await zhao.page.locator("[data-part=join]").click()
        await is_on_stage(zhao.page, "waiting")
        await lin.page.locator(f"[data-part=queue] {room.of('judge')} button").click()
        await is_on_stage(zhao.page)

        await zhao.page.locator(f"{SIGN} [data-part=tape-acts] button").click()
        await zhao.page.locator("dialog[open] [data-part=reason]").fill("Hearing of a witness")
        await zhao.page.locator("dialog[open] button[value=yes]").click()
        await is_signed(zhao.page, "on")
        await is_signed(lin.page, "on")

        sheet = bo.page.locator("dialog[open]")
        await sheet.locator("button[value=leave]").wait_for()
        assert "Hearing of a witness" in await sheet.inner_text()
        await assert_accessible(bo.page)
        await bo.picture("room-recording-order")
        await sheet.locator("button[value=leave]").click()
        await is_on_stage(bo.page, "off")
        assert room.site.house.ask(the_tape).basis == "order"


async def until_agreed(room: OpenRoom, role: str) -> None:
    async with asyncio.timeout(15):
        while True:
            view = room.site.house.ask(recording_view, room.story.room)
            if view is not None and view["answers"].get(room.id(role)) == "given":
                return
            await asyncio.sleep(0.05)
