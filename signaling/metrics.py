"""What runs, in figures: of each media worker, of the desk and of the writer. No room, seat or person is named in any of them."""

import asyncio
from datetime import datetime

from mediation.exposition import Figures
from mediation.jobs import waiting_jobs
from signaling.desk.desk import Desk
from signaling.media.errors import MediaError
from signaling.media.messages import Statistics


async def all_figures(desk: Desk) -> Figures:
    """Everything that is known now; a worker that does not answer is missing, and `mediation_worker_up` says so."""
    figures = Figures()
    try:
        workers = await desk.media.each_worker()
    except MediaError:
        workers = []
    figures.gauge("mediation_workers_up", "Media workers that answer.", len(workers))
    for number, worker in enumerate(workers):
        _of_worker(figures, str(number), worker)
    _of_desk(figures, desk)
    _of_writer(figures, desk)
    await _of_stamps(figures, desk)
    return figures


def _of_worker(figures: Figures, worker: str, now: Statistics) -> None:
    about = {"worker": worker}
    for name, means, value in (
        ("rooms", "Rooms with somebody on the stage.", now.rooms),
        ("seats", "People on a stage, in a waiting room or in a kit check.", now.seats),
        ("producers", "Tracks that are sent.", now.producers),
        ("consumers", "Tracks that are received.", now.consumers),
        ("loop_lag_seconds", "How late the forwarding loop ran at worst lately.", now.loop_lag_ms / 1000),
        ("resident_bytes", "Memory.", now.rss),
    ):
        figures.gauge(f"mediation_media_{name}", means, value, **about)
    states = {"new": 0, "connected": 0, "disconnected": 0}
    for transport in now.transports:
        states[transport.state] = states.get(transport.state, 0) + 1
    for state, count in states.items():
        figures.gauge("mediation_media_transports", "Transports by state.", count, state=state, **about)
    for way, packets, size in (
        ("in", now.packets_in, now.bytes_in),
        ("out", now.packets_out, now.bytes_out),
    ):
        figures.counter("mediation_media_packets_total", "Datagrams.", packets, way=way, **about)
        figures.counter("mediation_media_bytes_total", "Bytes of datagrams.", size, way=way, **about)
    for name, means, total in (
        ("nacks_sent", "Packets asked for again from publishers.", now.nacks_sent),
        ("nacks_received", "Packets that subscribers asked for again.", now.nacks_received),
        ("retransmitted", "Packets that subscribers got again.", now.retransmitted),
        ("keyframes_asked", "Keyframes asked for from publishers (PLI).", now.keyframes_asked),
        ("cpu_seconds", "Processor time.", now.cpu),
    ):
        figures.counter(f"mediation_media_{name}_total", means, total, **about)
    for reason, count in sorted(now.drops.items()):
        figures.counter(
            "mediation_media_drops_total", "Datagrams not used, by reason.", count, reason=reason, **about
        )


def _of_desk(figures: Figures, desk: Desk) -> None:
    figures.gauge("mediation_sockets", "Live connections of browsers and programs.", len(desk.connections))
    figures.gauge("mediation_people_online", "People with a live connection.", desk.people_online())
    figures.gauge("mediation_pushes_waiting", "Pushes that are not sent yet.", desk.announce.waiting)
    for outcome, count in sorted(desk.answered.items()):
        figures.counter("mediation_requests_total", "Requests at the desk, by answer.", count, answer=outcome)


def _of_writer(figures: Figures, desk: Desk) -> None:
    writer = desk.bridge.store.writer
    figures.gauge("mediation_writer_waiting", "Units of work that wait for the writer.", writer.waiting)
    figures.counter("mediation_writer_commits_total", "Commits.", writer.pace.commits)
    figures.counter("mediation_writer_failed_total", "Units that were refused or failed.", writer.pace.failed)
    figures.summary(
        "mediation_writer_seconds",
        "Seconds from handing a unit over to its answer, commit included.",
        total=writer.pace.seconds,
        count=writer.pace.units,
    )


async def _of_stamps(figures: Figures, desk: Desk) -> None:
    store = desk.bridge.store
    waiting = await asyncio.wrap_future(store.read(waiting_jobs, "stamp"))
    sealed = [datetime.fromisoformat(job.payload["at"]) for job in waiting]
    late = (store.writer.clock() - min(sealed)).total_seconds() if sealed else 0
    figures.gauge("mediation_stamps_waiting", "Seals whose time stamp has not come yet.", len(sealed))
    figures.gauge("mediation_stamps_late_seconds", "Since when the oldest of them waits.", late)
