"""The recorder process: killed, cut off, held up or out of disk, it never loses more than it says."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mediation.hearings.manifest import Manifest, is_being_written, read_manifests
from signaling.media.incoming import Kept
from signaling.media.recording import link as link_module
from signaling.media.recording.link import Link
from signaling.media.recording.pipe import Broken, Close, FileClosed, News, Open, Ready, Taken
from tests.signaling.media.recording.decoding import decode
from tests.signaling.media.recording.packets import pictures, sounds

PICTURES, SOUNDS = 1, 2
SPEED = 4
"""Media are played to the recorder so many times faster than they were made."""


class Line:
    """A link whose news are kept."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.ends = asyncio.Event()
        self._came = asyncio.Event()
        self.link = Link(self._hear, lambda _: self.ends.set())

    def _hear(self, _: Link, news: News) -> None:
        self.news.append(news)
        self._came.set()

    async def until(self, kind: type[News], times: int = 1) -> None:
        async with asyncio.timeout(20):
            while sum(isinstance(each, kind) for each in self.news) < times:
                self._came.clear()
                await self._came.wait()

    def open(self, folder: Path) -> None:
        for track, kind, rate in ((PICTURES, "video", 90000), (SOUNDS, "audio", 48000)):
            self.link.order(
                Open(
                    track=track, id=kind, folder=str(folder), recording="rec", room="room", person="pChen",
                    source="mic", kind=kind, clock_rate=rate, epoch=time.time() - time.monotonic(),
                )
            )  # fmt: skip

    async def play(self, packets: list[Taken], *, until: float = 1e9) -> float:
        """At the pace at which they were made, but faster; the last time that was played."""
        began, last = time.monotonic(), 0.0
        for each in packets:
            if each.at > until:
                break
            await asyncio.sleep(max(0.0, began + each.at / SPEED - time.monotonic()))
            kept = Kept(each.number, each.timestamp, each.marker, each.payload, b"", b"")
            self.link.packet(each.track, kept, time.monotonic())
            last = each.at
        return last


def mixed(seconds: int) -> list[Taken]:
    both = [*pictures(seconds * 10, size=160), *sounds(seconds * 50)]
    return sorted(both, key=lambda each: each.at)


async def settled(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


def manifests(folder: Path) -> dict[str, Manifest]:
    return {each.kind: each for each in read_manifests(folder)}


@pytest.mark.parametrize("seed", range(3))
async def test_a_kill_costs_no_more_than_two_seconds(tmp_path: Path, seed: int) -> None:
    line = Line()
    await line.until(Ready)
    line.open(tmp_path)

    played = await line.play(mixed(12), until=random.Random(seed).uniform(4, 11))
    await asyncio.sleep(link_module.BATCH)
    line.link.kill()
    await asyncio.wait_for(line.ends.wait(), 5)

    found = manifests(tmp_path)
    assert set(found) == {"video", "audio"}
    await settled(lambda: not any(is_being_written(tmp_path / each.file) for each in found.values()))
    for manifest in found.values():
        assert not manifest.closed
        made = decode(tmp_path, manifest)
        assert made.seconds >= played - 2
        assert made.seen.frames >= (played - 2) * (10 if manifest.kind == "video" else 50) * 0.95


async def test_when_its_line_ends_it_finishes_its_files(tmp_path: Path) -> None:
    line = Line()
    await line.until(Ready)
    line.open(tmp_path)
    await line.play(mixed(3))

    line.link.finish()
    await line.until(FileClosed, times=2)

    found = manifests(tmp_path)
    assert [found[kind].frames for kind in ("video", "audio")] == [30, 150]
    assert all(manifest.closed and not manifest.lost for manifest in found.values())
    await settled(lambda: not Path(f"/proc/{line.link.pid}").exists())
    assert not line.ends.is_set()


async def test_what_a_recorder_that_stands_still_cannot_take_is_dropped_and_is_a_gap(tmp_path: Path) -> None:
    line = Line()
    await line.until(Ready)
    line.open(tmp_path)
    packets = list(sounds(100))
    await line.play(packets[:50])
    await asyncio.sleep(0.2)
    os.kill(line.link.pid, signal.SIGSTOP)
    much = Kept(0, 0, 0, bytes(100_000), b"", b"")
    while not line.link.dropped:
        line.link.packet(99, much, time.monotonic())  # of a track that nobody opened

    before, dropped = time.monotonic(), line.link.dropped
    await line.play([each._replace(at=0.0) for each in packets[50:75]])
    assert time.monotonic() - before < 0.5
    assert line.link.dropped - dropped == 25
    os.kill(line.link.pid, signal.SIGCONT)
    await settled(lambda: line.link.waiting == 0)
    await line.play([each._replace(at=0.0) for each in packets[75:]])
    line.link.order(Close(SOUNDS))
    await line.until(FileClosed)
    line.link.finish()

    manifest = manifests(tmp_path)["audio"]
    assert (manifest.lost, manifest.gaps, manifest.frames) == (25, 1, 75)
    assert decode(tmp_path, manifest).seconds == pytest.approx(1.98, abs=0.05)


async def test_a_full_disk_is_told(tmp_path: Path) -> None:
    line = Line()
    await line.until(Ready)
    resource.prlimit(line.link.pid, resource.RLIMIT_FSIZE, (4096, 4096))
    line.open(tmp_path)

    await line.play(mixed(6))

    await line.until(Broken)
    assert [each.reason for each in line.news if isinstance(each, Broken)] == ["disk_full"]
    await asyncio.wait_for(line.ends.wait(), 5)


@pytest.mark.parametrize("seed", range(4))
async def test_packets_that_hold_anything_cost_the_recorder_at_most_itself(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    line = Line()
    await line.until(Ready)
    line.open(tmp_path)

    for number in range(2000):
        payload = dice.randbytes(dice.randrange(60))
        if dice.random() < 0.2:  # as near to a key frame as noise gets
            payload = b"\x10\x10\x00\x00\x9d\x01\x2a" + dice.randbytes(30)
        kept = Kept(
            number + dice.randrange(3), dice.getrandbits(32), dice.choice((0, 0x80)), payload, b"", b""
        )
        line.link.packet(dice.choice((PICTURES, SOUNDS)), kept, time.monotonic())
    line.link.finish()

    await settled(lambda: not Path(f"/proc/{line.link.pid}").exists())
