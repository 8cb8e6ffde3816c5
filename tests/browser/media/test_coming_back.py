"""Coming and going: signalling that is lost, a tab that is killed, a camera that is pulled out, and ten times out and in."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.media.counting import asked, frames
from tests.browser.media.meeting import Meeting, Opens, Person, a_meeting
from tests.browser.media.window import ChromiumWindow, comes_true, shows, shows_no
from tests.site import Site

pytestmark = pytest.mark.browser

ROUNDS = 10
WITHOUT_LINE = 10
GONE = 15
FREEZE = 1000
GROWTH = 2_000_000
"""Bytes that a worker may have grown by in ten rounds; what a person takes is a seventh of this."""
SEAT = "() => Object.entries(sessionStorage).find(([key]) => key.startsWith('seat:'))[1]"
ONLINE = "() => document.querySelector('[data-part=room]').dataset.line === 'online'"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def meeting(tmp_path_factory: pytest.TempPathFactory, opens: Opens) -> AsyncIterator[Meeting]:
    async with a_meeting(tmp_path_factory.mktemp("meeting"), opens) as made:
        for role in ("mediator", "claimant", "respondent"):
            await made.joins(role)
        yield made


async def test_media_flows_on_while_signalling_is_gone_and_the_seat_is_taken_again(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()
    seat, permissions = await claimant.window.run(SEAT), await asked(claimant.window)
    before = await frames(claimant.window), await frames(mediator.window)
    both = ((claimant, mediator), (mediator, claimant))
    for viewer, other in both:
        await viewer.window.run("(name) => counting.watch(name)", other.sends("camera"))

    # A phone says that its network is gone, so that nobody has to wait for an answer that does not come.
    await claimant.window.run("() => { dispatchEvent(new Event('offline')) }")
    await at_chromium(claimant).set_signalling(on=False)
    await shows(mediator.window, f'.tile[data-person="{claimant.id}"][data-state=away]')
    await asyncio.sleep(WITHOUT_LINE)
    assert not await claimant.window.run(ONLINE)
    during = await frames(claimant.window), await frames(mediator.window)
    await at_chromium(claimant).set_signalling(on=True)
    await comes_true(claimant.window, ONLINE)
    await shows(mediator.window, f'.tile[data-person="{claimant.id}"][data-state=on]')

    await asyncio.sleep(1)
    assert during[0][mediator.sends("camera")] - before[0][mediator.sends("camera")] >= 7 * WITHOUT_LINE
    assert during[1][claimant.sends("camera")] - before[1][claimant.sends("camera")] >= 7 * WITHOUT_LINE
    for viewer, other in both:
        assert await viewer.window.run("(name) => counting.longest(name)", other.sends("camera")) < FREEZE
    assert await claimant.window.run(SEAT) == seat
    assert await claimant.window.run("() => counting.states()") == ["connected", "connected"]
    assert await asked(claimant.window) == permissions
    await respondent.receives(claimant)
    await claimant.receives(respondent, "mic")


async def test_a_camera_that_is_pulled_out_gives_way_to_the_next(meeting: Meeting) -> None:
    mediator, claimant, _ = meeting.people.values()

    await claimant.window.run("() => counting.unplug('video')")

    await mediator.receives(claimant, "mic")
    await mediator.receives(claimant)


@dataclass(frozen=True)
class Held:
    """What the server holds: the worker's objects, and both processes' sockets, threads and tasks."""

    transports: int
    seats: int
    producers: int
    consumers: int
    sockets: int
    threads: int
    files: int
    tasks: int

    @classmethod
    async def by(cls, site: Site) -> Held:
        plane = site.signaling.desk.media
        figures = await plane.statistics()
        worker = Path(f"/proc/{plane.pid}")
        gc.collect()
        return cls(
            transports=len(figures.transports),
            seats=figures.seats,
            producers=figures.producers,
            consumers=figures.consumers,
            sockets=len(list((worker / "fd").iterdir())),
            threads=len(list((worker / "task").iterdir())),
            files=sum(is_kept(each) for each in Path("/proc/self/fd").iterdir()),
            tasks=len(asyncio.all_tasks()),
        )


def is_kept(descriptor: Path) -> bool:
    """All but the database's: one of its few readers opens its two files when it is first needed, which may be late."""
    with suppress(FileNotFoundError):  # the listing itself
        return ".db" not in descriptor.readlink().name
    return False


async def test_ten_times_out_and_in_leave_nothing_behind(meeting: Meeting) -> None:
    mediator, claimant, _ = meeting.people.values()
    site = meeting.site
    await once_out_and_in(claimant, mediator)
    before = await settled(site)
    memory = (await site.signaling.desk.media.statistics()).rss

    waits = [await once_out_and_in(claimant, mediator) for _ in range(ROUNDS)]

    assert max(waits) < 3
    assert await settled(site, wanted=before) == before
    assert (await site.signaling.desk.media.statistics()).rss - memory < GROWTH


async def once_out_and_in(person: Person, other: Person) -> float:
    """Leaves and joins with the buttons of the page; seconds from the press to pictures on both sides."""
    await person.leave()
    await shows_no(other.window, f'.tile[data-person="{person.id}"]')
    began = time.monotonic()
    await person.join()
    await asyncio.gather(person.receives(other, more=1), other.receives(person, more=1))
    return time.monotonic() - began


async def settled(site: Site, *, wanted: Held | None = None) -> Held:
    """What is held once that is as wanted, or has stopped changing."""
    last = None
    for _ in range(100):
        held = await Held.by(site)
        if wanted is not None:  # a browser may let go of a connection that it has kept
            held = replace(held, files=max(held.files, wanted.files))
        if held == (wanted or last):
            return held
        last = held
        await asyncio.sleep(0.2)
    assert last is not None
    return last


async def test_a_killed_tab_is_told_to_the_others_at_once(meeting: Meeting) -> None:
    mediator, claimant, respondent = meeting.people.values()

    await kill(respondent)

    for viewer in (mediator, claimant):
        words = f'.tile[data-person="{respondent.id}"][data-state=away] [data-part=away]:not([hidden])'
        await shows(viewer.window, words, within=2)


@pytest.mark.long
async def test_a_tab_that_falls_silent_without_a_word_is_gone_for_the_others_within_15_seconds(
    meeting: Meeting,
) -> None:
    mediator, claimant, _ = meeting.people.values()
    others = set(renderers())
    agent = await meeting.joins("agent")
    began = time.monotonic()
    hers = set(renderers()) - others
    for renderer in hers:
        os.kill(renderer, signal.SIGSTOP)

    try:
        for viewer in (mediator, claimant):
            left = GONE - (time.monotonic() - began)
            await shows_no(viewer.window, f'.tile[data-person="{agent.id}"]', within=left)
    finally:
        for renderer in hers:
            os.kill(renderer, signal.SIGCONT)


def renderers() -> Iterator[int]:
    """The processes in which our Chromium's pages live."""
    mine = {os.getpid()}
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
        with suppress(OSError):
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if parent in mine:
                mine.add(int(process.name))
                if b"--type=renderer" in (process / "cmdline").read_bytes():
                    yield int(process.name)


async def kill(person: Person) -> None:
    """Ends the process behind a page, as a crash or a phone that is short of memory does."""
    page = at_chromium(person).visitor.page
    inspector = await page.context.new_cdp_session(page)
    crashed = asyncio.get_running_loop().create_future()
    page.on("crash", lambda _: crashed.set_result(None))
    ending = asyncio.create_task(inspector.send("Page.crash"))
    await crashed
    ending.cancel()
    await asyncio.gather(ending, return_exceptions=True)


def at_chromium(person: Person) -> ChromiumWindow:
    assert isinstance(person.window, ChromiumWindow)
    return person.window
