"""What is known of a recorded file, beside it on disk: whose it is, since when, how much; so that a kill loses no more than bytes."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One file of one track. `started_at` is this machine's clock, `sender_clock` the sender's at the same moment, both in seconds."""

    id: str
    recording: str
    room: str
    person: str
    source: str
    kind: str
    started_at: float
    sender_clock: float | None = None
    duration_ms: int = 0
    frames: int = 0
    lost: int = 0
    gaps: int = 0
    width: int = 0
    height: int = 0
    closed: bool = False

    @property
    def file(self) -> str:
        return f"{self.id}.mkv"


# msgspec looks at a type when it is first used; two threads that did so at once have crashed the process. So: here, once.
msgspec.json.Decoder(Manifest)


def tracks_folder(data: Path, recording: str) -> Path:
    """Where the files of a recording grow, and stay."""
    return data / "recordings" / "tracks" / recording


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Puts it in the place of the earlier one, whole or not at all."""
    temporary, final = folder / f"{manifest.id}.new", folder / f"{manifest.id}.json"
    with temporary.open("wb") as file:
        file.write(msgspec.json.encode(manifest))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(final)


def drop_track(data: Path, recording: str, track: str) -> None:
    """Removes a file and what is known of it; the folder goes with the last one."""
    folder = tracks_folder(data, recording)
    for ending in ("mkv", "json", "new"):
        (folder / f"{track}.{ending}").unlink(missing_ok=True)
    if folder.exists() and not any(folder.iterdir()):
        folder.rmdir()


def read_manifests(folder: Path) -> Iterator[Manifest]:
    """All that lie in a folder, in the order of their beginning."""
    found = [read_manifest(folder, file.stem) for file in folder.glob("*.json")]
    yield from sorted(found, key=lambda one: (one.started_at, one.id))


def read_manifest(folder: Path, track: str) -> Manifest:
    """One of them, as it is now."""
    return msgspec.json.decode((folder / f"{track}.json").read_bytes(), type=Manifest)


def is_being_written(file: Path) -> bool:
    """Whether a recorder holds the file; the kernel takes the hold from one that was killed."""
    with file.open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
