"""What the benchmarks share: a program started on free ports, its first answer, its memory, and a table of results."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
MEDIATION = ROOT / ".venv" / "bin" / "mediation"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Started:
    """A program that has answered for the first time."""

    process: subprocess.Popen[str]
    address: str
    seconds: float


@contextmanager
def started(command: list[str | Path], port: int, *, prints: str = "") -> Iterator[Started]:
    """Runs a server until it is no longer needed.

    `seconds` is the time from the command to its first answer, or to the first line that begins with `prints`.
    """
    address = f"http://localhost:{port}"
    began = time.perf_counter()
    out = subprocess.PIPE if prints else subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, start_new_session=True, text=True)
    try:
        if process.stdout:
            wait_for_line(process, prints)
        else:
            wait_for_answer(process, address)
        yield Started(process, address, time.perf_counter() - began)
    finally:
        stop(process)


def wait_for_line(process: subprocess.Popen[str], beginning: str) -> None:
    for line in process.stdout or ():
        if line.startswith(beginning):
            return
    _stopped(process)


def wait_for_answer(process: subprocess.Popen[str], address: str, *, patience: float = 60) -> None:
    end = time.perf_counter() + patience
    while time.perf_counter() < end:
        if process.poll() is not None:
            _stopped(process)
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit(f"No answer from {address} within {patience:.0f} s.")


def _stopped(process: subprocess.Popen[str]) -> NoReturn:
    said = process.communicate()[1]
    raise SystemExit(f"The server stopped with status {process.returncode}.\n{said}")


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass
class Weight:
    """What a process holds: its share of memory (PSS), and the processor time it has used."""

    name: str
    megabytes: float
    cpu_seconds: float


def family(pid: int) -> list[Weight]:
    """A process and all that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [weigh(pid)] + [weight for child in children for weight in family(int(child))]


def weigh(pid: int) -> Weight:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kilobytes = int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0])
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Weight(_name(pid), kilobytes / 1024, ticks / os.sysconf("SC_CLK_TCK"))


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    told = [Path(word).name for word in words[:4] if word and not word.startswith("-")]
    return " ".join(told[1:3] or told)[:40]


@dataclass
class Result:
    """A line of the table; `limit` is what must not be passed, `least` what must be reached."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    least: float | None = None

    @property
    def is_within(self) -> bool:
        return (self.limit is None or self.value <= self.limit) and (
            self.least is None or self.value >= self.least
        )

    @property
    def told(self) -> str:
        """The limit in words."""
        if self.limit is not None:
            return f"{self.limit:,g} {self.unit}"
        return "" if self.least is None else f"from {self.least:,g} {self.unit}"


def show(title: str, results: list[Result]) -> int:
    """Prints the table; the exit status is 1 where a limit is passed."""
    width = max(len(result.what) for result in results)
    print(f"\n{title}\n")
    print(f"{'':{width}}  {'measured':>14}  {'limit':>14}")
    for result in results:
        missed = "  UNDER" if result.limit is None else "  OVER"
        verdict = "" if result.is_within else missed
        print(
            f"{result.what:{width}}  {result.value:>10,.2f} {result.unit:<3}  {result.told:>14}{verdict}",
            flush=True,
        )
    return 0 if all(result.is_within for result in results) else 1


def need_the_environment() -> None:
    """The benchmarks run in the project's own environment, whichever Python started them."""
    if not PYTHON.exists():
        raise SystemExit("First set up the environment: sh scripts/demo, or sh scripts/test.")
    if Path(sys.prefix) != ROOT / ".venv":
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
