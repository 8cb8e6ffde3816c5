"""The files that entries name, held against the bytes on disk: part of the verifier.

The bytes of a walled file carry their own seal, which finds any change when they are read; here it is seen that they are there.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mediation.record.reading import Reading, Row


def faults_of_files(database: Reading, data: Path) -> Iterator[str]:
    """Files that are gone, or are not what was sent."""
    query = (
        "SELECT f.id, f.blob, e.channel, e.seq, e.kind, e.id AS entry, t.body, t.sealed FROM files f "
        "JOIN entries e ON e.id = f.entry_id LEFT JOIN contents t ON t.entry = e.id ORDER BY e.at"
    )
    for row in database.rows(query):
        if row["body"] is None:
            continue  # erased, and the file with it
        where = f"channel {row['channel']}, entry {row['seq']} ({row['entry']}, {row['kind']})"
        folder, _, name = row["blob"].rpartition("/")
        file = data / "blobs" / folder / name[:2] / name
        if not file.is_file():
            yield f"{where}: the file {row['id']} is missing."
        elif not row["sealed"] and _digest(file) not in _named(row):
            yield f"{where}: the file {row['id']} was altered."


def faults_of_recordings(database: Reading, data: Path) -> Iterator[str]:
    """Recorded files and films that are gone, or are not what was kept; what was erased is not looked for."""
    query = (
        "SELECT t.id, t.recording_id, t.sha256, e.channel, e.seq, e.kind, e.id AS entry FROM recorded_tracks t "
        "JOIN entries e ON e.id = t.entry_id JOIN contents c ON c.entry = e.id ORDER BY e.at"
    )
    for row in database.rows(query):
        where = f"channel {row['channel']}, entry {row['seq']} ({row['entry']}, {row['kind']})"
        file = data / "recordings" / "tracks" / row["recording_id"] / f"{row['id']}.mkv"
        if not file.is_file():
            yield f"{where}: the recorded file {row['id']} is missing."
        elif _digest(file) != row["sha256"]:
            yield f"{where}: the recorded file {row['id']} was altered."
    films = "SELECT id, film, film_sha256 FROM recordings WHERE film IS NOT NULL"
    for row in database.rows(films):
        folder, _, name = row["film"].rpartition("/")
        file = data / "recordings" / "films" / folder / name[:2] / name
        if not file.is_file() or _digest(file) != row["film_sha256"]:
            yield f"the film of the recording {row['id']} is missing or was altered."


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _named(row: Row) -> set[str]:
    try:
        return set(_digests(json.loads(row["body"])))
    except ValueError:
        return set()  # the chain has named it already


def _digests(body: Any) -> Iterator[str]:
    if isinstance(body, Mapping):
        if isinstance(body.get("sha256"), str):
            yield body["sha256"]
        for one in body.values():
            yield from _digests(one)
    elif isinstance(body, list):
        for one in body:
            yield from _digests(one)
