"""Time stamps of the seals: where a service is set, each root is stamped outside and the answer is kept beside the seal.

The answer lies in `stamps/ROOT.tsr`; `stamps.jsonl` notes each one as it comes, and the next daily seal holds a digest of that list.
A service that does not answer blocks nothing: the job waits, longer each time, until it does.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mediation.ids import new_id
from mediation.jobs import Postponed
from mediation.ports.blobs import sync_folder
from mediation.ports.stamps import NoStamp, stamper
from mediation.record.check_bundle import Fault, read_stamp
from mediation.record.vouching import distrust
from mediation.work import Work

if TYPE_CHECKING:
    from mediation.store import Store

FOLDER, NOTED = "stamps", "stamps.jsonl"
HEAD = "stamps"
"""What the list of the stamps is called among the heads of a daily seal."""
AT_ONCE = 5.0
"""Seconds for which an export waits for the stamp of its own seal."""
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(hours=1)


def plan_stamp(work: Work, *, root: str, at: str) -> None:
    """Leaves the stamp of a seal to be fetched, once; nothing where no service is set."""
    if work.settings.stamp_url:
        work.later("stamp", {"root": root, "at": at}, key=f"stamp:{root}")


def stamp_seal(store: "Store", payload: Mapping[str, Any]) -> None:
    """The job: fetches the stamp of a seal. Raises `Postponed` as long as there is none: it waits as long again as it has waited."""
    root, at = payload["root"], payload["at"]
    try:
        fetch_stamp(store, root=root, at=at)
    except NoStamp as error:
        waited = store.writer.clock() - datetime.fromisoformat(at)
        raise Postponed(str(error), wait=max(SHORTEST, min(waited, LONGEST))) from error


def stamp_at_once(store: "Store", *, root: str, at: str) -> None:
    """For a seal that goes out now: with its stamp if the service is quick, and else without; then it is fetched later."""
    try:
        fetch_stamp(store, root=root, at=at, seconds=AT_ONCE)
    except NoStamp:
        store.write(plan_stamp, root=root, at=at).result()


def fetch_stamp(store: "Store", *, root: str, at: str, seconds: float = 0.0) -> None:
    """Asks the service and keeps the answer, on disk when this returns; raises `NoStamp`. One that is there already is left alone."""
    settings = store.settings
    service = stamper(url=settings.stamp_url, policy=settings.stamp_policy)
    if service is None or kept_stamp(settings.data, root) is not None:
        return
    digest = bytes.fromhex(root)
    answer = service.stamp(digest, seconds=seconds) if seconds else service.stamp(digest)
    try:
        stamp = read_stamp(answer, digest, at)  # what a verifier would refuse is not kept
    except Fault as fault:
        raise NoStamp(str(fault)) from fault
    if settings.stamp_ca and (why := distrust(stamp, settings.stamp_ca)):
        raise NoStamp(why)
    _keep(settings.data, root, answer)


def kept_stamp(data: Path, root: str) -> bytes | None:
    """The stamp of the seal with this root, or None as long as there is none."""
    file = _file(data, root)
    return file.read_bytes() if root in _noted(data) and file.exists() else None


def stamps_head(data: Path) -> list[tuple[str, int, str]]:
    """How many stamps there are, and a digest of their list, for the daily seal: none can be taken away afterwards."""
    lines = _lines(data)
    return [(HEAD, len(lines), hashlib.sha256(b"".join(lines)).hexdigest())] if lines else []


def _keep(data: Path, root: str, answer: bytes) -> None:
    file = _file(data, root)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    part = file.with_name(f"{new_id()}.part")
    with part.open("wb") as opened:
        opened.write(answer)
        opened.flush()
        os.fsync(opened.fileno())
    with _noting(data) as noted:
        if root in _noted(data):
            part.unlink()  # another was quicker
            return
        part.replace(file)
        sync_folder(file.parent)  # nothing may be in the list that is not on the disk
        # over a line that a kill has cut off: all are of one length
        noted.seek(sum(len(line) for line in _lines(data)))
        told = {"root": root, "sha256": hashlib.sha256(answer).hexdigest()}
        noted.write(json.dumps(told, sort_keys=True, separators=(",", ":")).encode() + b"\n")
        noted.flush()
        os.fsync(noted.fileno())


@contextmanager
def _noting(data: Path) -> Iterator[IO[bytes]]:
    """The list, held for one writer at a time."""
    with os.fdopen(os.open(data / NOTED, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened


def _noted(data: Path) -> set[str]:
    return {json.loads(line)["root"] for line in _lines(data)}


def _lines(data: Path) -> list[bytes]:
    file = data / NOTED
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return [line for line in lines if line.endswith(b"\n")]


def _file(data: Path, root: str) -> Path:
    return data / FOLDER / f"{root}.tsr"
