"""The time stamps beside the seals, held against the seals and against the list of them: part of the verifier."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from mediation.record.check_bundle import Fault, read_stamp
from mediation.record.reading import Reading
from mediation.record.vouching import distrust

HEAD = "stamps"


def faults_of_stamps(data: Path, ca: str = "") -> Iterator[str]:
    """Stamps that were altered, added or taken away; with `ca`, a PEM file, also those that nobody in it vouches for."""
    sealed, noted = dict(_seals(data)), dict(_noted(data))
    found = sorted((data / "stamps").glob("*.tsr"))
    for file in found:
        root, answer = file.stem, file.read_bytes()
        if root not in sealed:
            yield f"The time stamp {root} was added: no seal has this root."
        elif noted.get(root, _sha(answer)) != _sha(answer):
            yield f"The time stamp {root} was altered: it is not the one that was kept."
        elif why := _fault(answer, root, sealed[root], ca):
            yield f"The time stamp {root}: {why}"
    for root in sorted(set(noted) - {file.stem for file in found}):
        yield f"The time stamp {root} is missing."


def faults_of_sealed_list(data: Path, count: int, digest: str, at: str) -> Iterator[str]:
    """The list of stamps as it was when it was sealed: what is in it then stays in it."""
    lines = _lines(data)[:count]
    if len(lines) < count or _sha(b"".join(lines)) != digest:
        yield f"The list of time stamps was altered: it was sealed on {at} and is no longer as it was."


def waiting(database: Reading) -> str:
    """A sentence on the seals whose stamp has not come yet, and why; empty when there are none. This is no fault of the record."""
    query = "SELECT error FROM jobs WHERE kind = ? AND done_at IS NULL ORDER BY run_at"
    rows = list(database.rows(query, "stamp"))
    why = next((row["error"] for row in rows if row["error"]), "it has not been asked yet")
    what = (
        "1 seal waits for its time stamp"
        if len(rows) == 1
        else f"{len(rows)} seals wait for their time stamps"
    )
    return f"{what}: {why}." if rows else ""


def _fault(answer: bytes, root: str, at: str, ca: str) -> str:
    try:
        stamp = read_stamp(answer, bytes.fromhex(root), at)
    except (Fault, ValueError) as fault:
        return str(fault)
    return distrust(stamp, ca) if ca else ""


def _seals(data: Path) -> Iterator[tuple[str, str]]:
    """Root and time of each seal that can be read; the others have been named already."""
    file = data / "seals.jsonl"
    for line in file.read_bytes().splitlines() if file.exists() else []:
        try:
            seal = json.loads(line)
            yield str(seal["root"]), str(seal["at"])
        except (ValueError, KeyError, TypeError):
            continue


def _noted(data: Path) -> Iterator[tuple[str, str]]:
    for line in _lines(data):
        try:
            told = json.loads(line)
            yield str(told["root"]), str(told["sha256"])
        except (ValueError, KeyError, TypeError):
            continue


def _lines(data: Path) -> list[bytes]:
    file = data / "stamps.jsonl"
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return [line for line in lines if line.endswith(b"\n")]


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
