"""What follows a fact: the runner that does the jobs, and which function does which."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from mediation.agreements.certificate import issue_certificate
from mediation.documents.sounds import make_sound
from mediation.documents.wording import read_words
from mediation.duty import call_duty
from mediation.errors import Unavailable
from mediation.hearings.composing import compose_recording
from mediation.hearings.tracks import collect_tracks
from mediation.jobs import (
    Leased,
    Postponed,
    fail_job,
    finish_job,
    free_leases,
    lease_jobs,
    next_due,
    postpone_job,
)
from mediation.notices import send_notice
from mediation.record.bundle import drop_export, make_export
from mediation.record.clearing import clear_away, scrub
from mediation.record.retention import erase_class, keep_periods, plan_retention
from mediation.record.seal import catch_up_stamps, plan_seal, seal_heads
from mediation.record.stamp import stamp_seal
from mediation.rooms.overdue import give_up_call, shut_rooms
from mediation.store import Store

log = logging.getLogger(__name__)
Do = Callable[[Store, Mapping[str, Any]], None]

HANDLERS: dict[str, Do] = {
    "notice": send_notice,
    "duty": call_duty,
    "certificate": issue_certificate,
    "seal": seal_heads,
    "stamp": stamp_seal,
    "make_sound": make_sound,
    "read_words": read_words,
    "export": make_export,
    "drop_export": drop_export,
    "collect_tracks": collect_tracks,
    "compose_recording": compose_recording,
    "end_call": give_up_call,
    "shut_caucuses": shut_rooms,
    "retention": keep_periods,
    "erase": erase_class,
    "clear_away": clear_away,
    "scrub": scrub,
}

IDLE = 1.0
"""Seconds after which the runner looks for due jobs even when nobody woke it."""


class Runner:
    """Does the jobs of a store in threads of its own; a commit that leaves one wakes it."""

    def __init__(self, store: Store, *, handlers: Mapping[str, Do] = HANDLERS, threads: int = 2) -> None:
        self._store = store
        self._handlers = handlers
        self._woken = threading.Event()
        self._stopped = False
        self._leasing = threading.Lock()
        self._threads = [threading.Thread(target=self._run, name="jobs", daemon=True) for _ in range(threads)]

    def start(self) -> None:
        """Takes up what an earlier server left, and goes on from there."""
        self._store.write(free_leases).result()
        self._store.write(plan_seal, daily=True).result()
        self._store.write(plan_retention).result()
        catch_up_stamps(self._store)
        self._store.writer.job_left = self._woken.set
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finishes the job in hand and stops."""
        self._stopped = True
        self._woken.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def run_due(self) -> int:
        """Does one due job, if there is one; gives how many were done (for tests and for commands)."""
        with self._leasing:
            due = self._store.read(next_due).result()
            if due is None or due > self._store.writer.clock():
                return 0
            leased = self._store.write(lease_jobs, limit=1).result()
        for job in leased:
            self._do(job)
        return len(leased)

    def _run(self) -> None:
        while not self._stopped:
            if not self._try():
                self._woken.wait(IDLE)
                self._woken.clear()

    def _try(self) -> int:
        try:
            return self.run_due()
        except (
            Unavailable
        ):  # the database is away: a lease that was taken runs out, and the job is done again
            return 0

    def _do(self, job: Leased) -> None:
        try:
            self._handlers[job.kind](self._store, job.payload)
        except Postponed as postponed:
            log.warning("the job %s (%s) waits: %s", job.id, job.kind, postponed)
            self._store.write(postpone_job, job=job.id, why=str(postponed), wait=postponed.wait).result()
        except Exception as error:
            log.exception("the job %s (%s) failed", job.id, job.kind)
            self._store.write(fail_job, job=job.id, error=repr(error)).result()
        else:
            self._store.write(finish_job, job=job.id).result()
