"""The worker as a process: it ends with its server, comes back when it dies, and never touches a codec."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from signaling.media.errors import MediaError
from signaling.media.messages import WorkerLost
from signaling.media.payloads import CodecCapability, IceParameters, RtpCapabilities
from signaling.media.plane import MediaPlane, MediaSettings
from tests.signaling.media.stand import ROOM, Stand, free_ports

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMMANDER = """
import asyncio, sys
from signaling.media.payloads import CodecCapability, IceParameters, RtpCapabilities
from signaling.media.plane import MediaPlane, MediaSettings

async def main():
    plane = await MediaPlane.start(MediaSettings("127.0.0.1", int(sys.argv[1])), print)
    print(plane.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_when_the_server_is_killed_its_worker_frees_the_port_for_the_next() -> None:
    port = free_ports(1)
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COMMANDER, str(port), stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    worker = int(await server.stdout.readline())

    server.kill()
    await server.wait()
    plane = await MediaPlane.start(MediaSettings("127.0.0.1", port), lambda _: None)

    assert plane.pid not in (None, worker)
    assert plane.port == port
    await plane.close()


async def test_a_worker_that_dies_is_replaced_on_the_same_port_and_that_is_told(alone: Stand) -> None:
    stand = alone
    port, first = stand.plane.port, stand.plane.pid
    await stand.plane.open_transport(ROOM, "seat", "send")
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await stand.until(WorkerLost)
    opened = await stand.plane.open_transport(ROOM, "seat", "send")

    assert opened.ice_candidates[0].port == port
    assert stand.plane.pid != first
    assert (await stand.statistics()).seats == 1


async def test_what_cannot_be_said_or_read_is_refused_and_spoils_nobody_elses_command(stand: Stand) -> None:
    opened = await stand.plane.open_transport(stand.room, "seat", "recv")
    huge = RtpCapabilities(codecs=[CodecCapability(kind="audio", mime_type="a/b", clock_rate=2**70)])
    wrong = RtpCapabilities(codecs=[CodecCapability(kind="smell", mime_type="a/b", clock_rate=1)])  # type: ignore[arg-type]

    answers = await asyncio.gather(
        stand.plane.consume("seat", opened.id, "nothing", huge),
        stand.plane.consume("seat", opened.id, "nothing", wrong),
        stand.plane.restart_ice("seat", opened.id),
        return_exceptions=True,
    )

    assert [each.code for each in answers[:2] if isinstance(each, MediaError)] == ["bad_parameters"] * 2
    assert isinstance(answers[2], IceParameters)
    await stand.plane.close_seat("seat")


async def test_closing_the_plane_ends_the_worker() -> None:
    plane = await MediaPlane.start(MediaSettings("127.0.0.1", 0), lambda _: None)
    pid = plane.pid

    await plane.close()

    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(MediaError, match="worker_lost"):
        await plane.statistics()


async def test_the_worker_forwards_where_codecs_cannot_be_made() -> None:
    stand = await Stand().open(worker=(sys.executable, "-m", "tests.signaling.media.worker_without_codecs"))
    speaker, viewer = await stand.enter(), await stand.enter()
    sent = await speaker.publish(pitch=400, colour="green")
    threads = set(Path(f"/proc/{stand.plane.pid}/task").iterdir())

    for producer in sent:
        await viewer.consume(producer)
    await asyncio.gather(*(viewer.until_decoded(producer) for producer in sent))

    assert set(Path(f"/proc/{stand.plane.pid}/task").iterdir()) == threads
    await stand.close()


async def test_coming_and_going_leaves_nothing_behind(alone: Stand) -> None:
    stand = alone
    descriptors = Path(f"/proc/{stand.plane.pid}/fd")
    before = len(list(descriptors.iterdir()))

    for _ in range(3):
        speaker, viewer = await stand.enter(), await stand.enter()
        (sound,) = await speaker.publish(pitch=400)
        await viewer.consume(sound)
        await viewer.until_decoded(sound)
        await stand.clear()

    figures = await stand.statistics()
    assert (figures.seats, figures.producers, figures.consumers, figures.transports) == (0, 0, 0, [])
    assert len(list(descriptors.iterdir())) == before
