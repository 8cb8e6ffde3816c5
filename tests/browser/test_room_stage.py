"""The meeting in real browsers: waiting, let in, seen and heard, muted, in private, back again, and after a reload."""

from pathlib import Path

import pytest
from playwright.async_api import WebSocketRoute

from tests.browser.conftest import Arrive
from tests.browser.onstage import MODULE, begin, stage_now
from tests.browser.rooms import an_open_room, counts, goes_on, is_in, is_on_stage
from tests.browser.visitor import until

pytestmark = pytest.mark.browser


async def test_nobody_is_seen_before_being_let_in_and_then_everybody_by_everybody(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator")
        await lin.page.locator("[data-part=start]").click()
        await is_on_stage(lin.page)
        chen = await room.comes("claimant", device="phone")
        await chen.page.locator("[data-part=join]").click()
        await is_on_stage(chen.page, "waiting")

        await lin.page.locator("[data-part=queue] [data-person]").wait_for()
        assert await counts(chen.page) == {}
        await lin.page.locator("[data-part=queue] button").click()
        await is_on_stage(chen.page)

        for page, other in ((lin.page, "claimant"), (chen.page, "mediator")):
            await goes_on(page, f"{room.id(other)}:camera")
            await goes_on(page, f"{room.id(other)}:mic sound")
        await chen.picture("room-meeting")
        await lin.picture("room-meeting")


async def test_a_private_talk_takes_one_side_away_and_everybody_comes_back_without_being_asked_again(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, bo = await begin(room, devices=("phone", "phone"))
        asked = "() => { const ask = MediaDevices.prototype.getUserMedia; window.asked = 0; MediaDevices.prototype.getUserMedia = function (...all) { window.asked++; return ask.apply(this, all) } }"
        await bo.page.evaluate(asked)

        await lin.page.locator("[data-part=lead] [data-part=caucus]").click()
        await lin.page.locator("dialog[open] [data-part=respondent]").click()
        await lin.page.locator("dialog[open] button[value=yes]").click()
        await is_on_stage(bo.page, place="caucus")
        await goes_on(bo.page, f"{room.id('mediator')}:camera")

        assert set(await counts(chen.page)) == {f"{room.id('claimant')}:camera"}
        assert room.id("claimant") not in "".join(await counts(bo.page))
        sign = bo.page.locator("[data-part=stage] [data-part=door]")
        assert "The other side sees and hears nothing" in await sign.inner_text()
        await bo.page.locator(".place--caucus[aria-selected=true]").wait_for()
        await bo.picture("room-private-talk")

        await lin.page.locator("[data-part=end-caucus]").click()
        for visitor in (bo, chen, lin):
            await is_on_stage(visitor.page)
        await goes_on(chen.page, f"{room.id('respondent')}:camera")
        await goes_on(bo.page, f"{room.id('claimant')}:mic sound")
        assert await bo.page.evaluate("window.asked") == 0
        await bo.page.locator(".place--everyone[aria-selected=true]").wait_for()


async def test_a_reload_and_a_lost_connection_bring_a_person_back_to_the_seat(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, bo = await begin(room, devices=("phone", "phone"))
        seat = (
            "() => sessionStorage.getItem(Object.keys(sessionStorage).find((key) => key.startsWith('seat:')))"
        )
        before = await chen.page.evaluate(seat)

        await chen.page.reload()
        await is_in(chen.page)
        await is_on_stage(chen.page)
        assert await chen.page.evaluate(seat) == before
        await goes_on(bo.page, f"{room.id('claimant')}:camera")

        kept = await bo.page.evaluate(seat)
        await bo.context.set_offline(True)
        await until(bo.page, "document.querySelector('[data-part=room]').dataset.line !== 'online'")
        await goes_on(lin.page, f"{room.id('respondent')}:camera")
        await bo.context.set_offline(False)
        await until(bo.page, "document.querySelector('[data-part=room]').dataset.line === 'online'")
        await goes_on(lin.page, f"{room.id('respondent')}:camera")
        await goes_on(bo.page, f"{room.id('mediator')}:mic sound")
        assert await bo.page.evaluate(seat) == kept


@pytest.mark.parametrize(("request_name", "arrives"), [("consume", True), ("resume_consumer", False)])
async def test_a_line_that_breaks_as_somebody_comes_into_sight_leaves_nobody_out(
    tmp_path: Path, arrive: Arrive, request_name: str, arrives: bool
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, bo = await room.comes("mediator"), await room.comes("respondent", device="phone")
        broken: list[str] = []

        def pass_on(page: WebSocketRoute) -> None:
            desk = page.connect_to_server()

            async def ask(said: str | bytes) -> None:
                breaks = f'["{request_name}"' in str(said) and not broken
                if arrives or not breaks:
                    desk.send(said)
                if breaks:
                    broken.append(str(said))
                    await page.close()
                    await desk.close()

            page.on_message(ask)

        await bo.page.route_web_socket("**/socket.io/*", pass_on)
        await bo.page.reload()
        await is_in(bo.page)
        await lin.page.locator("[data-part=start]").click()
        await bo.page.locator("[data-part=join]").click()
        await lin.page.locator(f"[data-part=queue] {room.of('respondent')} button").click()

        await goes_on(bo.page, f"{room.id('mediator')}:camera")
        await goes_on(bo.page, f"{room.id('mediator')}:mic sound")
        assert broken


async def test_the_mediator_mutes_removes_and_closes(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, bo = await begin(room, devices=("phone", "phone"))
        row = lin.page.locator(f".people__person{room.of('respondent')}")

        await row.locator(".people__acts > .button--round").click()
        await lin.page.locator(".people__menu:popover-open button").first.click()
        await bo.page.locator(".tile--own[data-mic=held]").wait_for()
        await chen.page.locator(f".tile{room.of('respondent')}[data-mic=held]").wait_for()

        await bo.page.locator("[data-part=hand]").click()
        await lin.page.locator(".people__mark").first.wait_for()

        await row.locator(".people__acts > .button--round").click()
        await lin.page.locator(".people__menu:popover-open button").last.click()
        await lin.page.locator("dialog[open] [data-part=reason]").fill("The witness speaks")
        await lin.page.locator("dialog[open] button[value=yes]").click()
        await is_on_stage(bo.page, "waiting")
        assert await counts(bo.page) == {}
        await chen.page.locator(f".tile{room.of('respondent')}").first.wait_for(state="detached")

        await lin.page.locator("[data-part=lead] [data-part=close]").click()
        await lin.page.locator("dialog[open] button[value=yes]").click()
        for visitor in (lin, chen):
            await is_on_stage(visitor.page, "off")


async def test_a_mute_is_lifted_by_the_muted_and_a_lock_by_the_mediator_only(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, _, bo = await begin(room, devices=("phone", "phone"))
        row = lin.page.locator(f".people__person{room.of('respondent')}")
        seen = lin.page.locator(f".tile{room.of('respondent')}")

        async def choose(words: str) -> None:
            await row.locator(".people__acts > .button--round").click()
            await (
                lin.page.locator(".people__menu:popover-open")
                .get_by_role("button", name=words, exact=True)
                .click()
            )

        await choose("关闭麦克风")
        await bo.page.locator(".tile--own[data-mic=held]").wait_for()
        await bo.page.locator(".tool[data-part=mic]").click()
        await bo.page.locator(".tile--own[data-mic=on]").wait_for()
        await goes_on(lin.page, f"{room.id('respondent')}:mic sound")

        await choose("关闭并锁定麦克风")
        await bo.page.locator(".tile--own[data-mic=held]").wait_for()
        await bo.page.locator(".tool[data-part=mic]").click()
        await bo.page.locator(".toast", has_text="Raise your hand to ask for it").wait_for()
        refused = await stage_now(
            bo.page,
            f"""now.locked.clear()
            return ({MODULE})("connection.js").then(({{ ask }}) => ask("resume_producer", {{ producerId: now.line.producers.get("mic").id }}))
              .then(() => "done", (refusal) => refusal.code)""",
        )
        assert refused == "not_allowed"
        assert await seen.and_(lin.page.locator("[data-mic=held], [data-mic=off]")).count() == 1

        await choose("恢复麦克风")
        await bo.page.locator(".toast", has_text="You may speak again").wait_for()
        await goes_on(lin.page, f"{room.id('respondent')}:mic sound")


async def test_a_screen_is_shown_and_a_refused_camera_leaves_sound_and_words(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator")
        bo = await room.comes("respondent")
        await bo.page.evaluate(
            """() => {
              const ask = MediaDevices.prototype.getUserMedia
              MediaDevices.prototype.getUserMedia = function (wanted) {
                return wanted.video ? Promise.reject(new DOMException("no", "NotAllowedError")) : ask.call(this, wanted)
              }
            }"""
        )
        await lin.page.locator("[data-part=start]").click()
        await bo.page.locator("[data-part=join]").click()
        await is_on_stage(bo.page, "waiting")
        await bo.page.locator(".toast", has_text="does not let this page use the camera").wait_for()
        await lin.page.locator("[data-part=queue] button").click()
        await is_on_stage(bo.page)
        await goes_on(lin.page, f"{room.id('respondent')}:mic sound")

        await lin.page.locator("[data-part=screen]").click()
        await goes_on(bo.page, f"{room.id('mediator')}:screen")
        await bo.picture("room-shared-screen")
        await lin.page.locator("[data-part=screen]").click()
        await bo.page.locator(".tile[data-source=screen]").wait_for(state="detached")
