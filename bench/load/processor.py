"""One core for each side of a measurement, and what a process has used of it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


def cores() -> tuple[int | None, int | None]:
    """A core for the server and another for the clients; none where the machine has only one."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


def pin(pid: int, core: int | None) -> None:
    """Keep a process, with all its threads, on one core; before others who want it, where we may say so.

    A nice value says nothing between sessions where the kernel groups by session, so it is a policy.
    """
    for thread in Path(f"/proc/{pid or os.getpid()}/task").iterdir():
        if core is not None:
            os.sched_setaffinity(int(thread.name), {core})
        with suppress(PermissionError):
            os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(1))


@dataclass(frozen=True)
class Use:
    """Seconds of a processor until now: worked, and waited for while another process had it."""

    worked: float = 0.0
    waited: float = 0.0

    def __sub__(self, earlier: Use) -> Use:
        return Use(self.worked - earlier.worked, self.waited - earlier.waited)


def used(pid: int) -> Use:
    """To the nanosecond; /proc/PID/stat knows hundredths of a second and nothing of waiting."""
    worked = waited = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        working, waiting, _ = (thread / "schedstat").read_text().split()
        worked += int(working)
        waited += int(waiting)
    return Use(worked / 1e9, waited / 1e9)


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
