"""Blobs: the bytes of files, in a folder, named by what they hold.

The files of a walled channel (private, caucus) lie in a folder of their channel, sealed with the channel's key, under a name that
only the key's holder can derive from the content: nobody finds out from the disk whether a known document was shared there.

Whoever calls `put` may tell others about the blob as soon as it returns: the bytes and their name are on disk by then.
"""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mediation.ports.sealed import SealedFile, derive, seal_frames, veil

PIECE = 256 * 1024
KEPT_UNFINISHED = 24 * 3600.0

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BLOB = re.compile(r"(open|walled/[A-Za-z0-9_-]{1,64})/[0-9a-f]{64}")


@dataclass(frozen=True)
class Wall:
    """The channel that a file must not leave, and its key."""

    channel: str
    key: bytes

    def __repr__(self) -> str:
        return f"Wall({self.channel!r})"


@dataclass(frozen=True)
class Stored:
    """A blob that is on disk: its name there, and what its plain bytes are."""

    blob: str
    sha256: str
    size: int


class Reader(Protocol):
    """An open file that can be read from any position."""

    size: int

    def read(self, start: int, stop: int) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class Blobs:
    """All blobs of an installation, and the uploads that are still growing, below `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._temp = root / "temp"
        self._parts = root / "uploads"
        for folder in (self._temp, self._parts, root / "open", root / "walled"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(
        self,
        chunks: Iterable[bytes],
        *,
        wall: Wall | None = None,
        inspect: Callable[[Reader], None] | None = None,
    ) -> Stored:
        """Store a stream. The same content, in the same channel if that is walled, is stored once.

        `inspect` is shown exactly what will be stored; when it raises, nothing is.
        """
        temp = self._temp / secrets.token_hex(16)
        digest = _Digest()
        plain = digest.passing(chunks)
        try:
            with temp.open("xb") as file:
                for piece in seal_frames(plain, wall.key) if wall else plain:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if inspect:
                with contextlib.closing(_open(temp, wall)) as reader:
                    inspect(reader)
            blob = blob_name(digest.sha256, wall)
            self._settle(temp, self._path(blob))
        finally:
            temp.unlink(missing_ok=True)
        return Stored(blob, digest.sha256, digest.size)

    def open(self, blob: str, *, wall: Wall | None = None) -> Reader:
        """A stored blob, for reading; a walled one needs its wall."""
        path = self._path(blob)
        if blob.startswith("walled/"):
            if wall is None or blob.split("/")[1] != wall.channel:
                raise ValueError("a walled blob is read with its own channel's key")
            return _open(path, wall)
        return _open(path, None)

    def has(self, blob: str) -> bool:
        return self._path(blob).exists()

    def erase(self, blob: str, *, before: float | None = None) -> bool:
        """Remove a blob for good, durably; not one that was touched after `before`, which gives False."""
        path = self._path(blob)
        if not path.exists():
            return True
        if before is not None and path.stat().st_mtime > before:
            return False
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
        return True

    def part(self, upload: str, *, wall: Wall | None = None) -> "Part":
        """The file of an upload that still grows."""
        if not _ID.fullmatch(upload):
            raise ValueError("not the id of an upload")
        return Part(self._parts / upload, derive(wall.key, upload.encode(), b"upload") if wall else None)

    def sweep(self, *, used: Collection[str], now: float | None = None) -> int:
        """Remove what nobody refers to and nobody touched for a day; returns how many files went.

        `used` are the names of blobs and the ids of uploads that rows refer to.
        """
        oldest = (time.time() if now is None else now) - KEPT_UNFINISHED
        gone = 0
        for path in self._root.rglob("*"):
            if path.is_file() and self._name_of(path) not in used and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _path(self, blob: str) -> Path:
        if not _BLOB.fullmatch(blob):
            raise ValueError("not the name of a blob")
        folder, name = blob.rsplit("/", 1)
        return self._root / folder / name[:2] / name

    def _name_of(self, path: Path) -> str:
        """The blob, or the upload, that a file is."""
        if path.parent in {self._temp, self._parts}:
            return path.name
        return f"{path.parent.parent.relative_to(self._root).as_posix()}/{path.name}"

    def _settle(self, temp: Path, final: Path) -> None:
        """Give a finished file its name, durably; what is there already has the same content."""
        if final.exists():
            os.utime(final)  # young again: `sweep` must not take it before the row that refers to it is there
            return
        self._make_folder(final.parent)
        temp.chmod(0o600)
        temp.replace(final)
        sync_folder(final.parent)

    def _make_folder(self, folder: Path) -> None:
        if folder.exists():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)
        sync_folder(folder.parent)


def read_plain(path: Path) -> Reader:
    """A file that lies open, for reading like a blob."""
    return _PlainFile(path)


class Part:
    """A file that grows piece by piece; what was written before `sync` returned is on disk."""

    def __init__(self, path: Path, key: bytes | None) -> None:
        self._path = path
        self._key = key

    def write(self, data: bytes, *, offset: int) -> None:
        """Write a piece at its place; with no bytes missing before it."""
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            view = memoryview(veil(data, offset=offset, key=self._key) if self._key else data)
            while view:
                written = os.pwrite(fd, view, offset)
                view, offset = view[written:], offset + written
        finally:
            os.close(fd)

    def sync(self) -> None:
        """Return when everything written, and the file's name, is on disk."""
        if not self._path.exists():
            return
        fd = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        sync_folder(self._path.parent)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, or to the end of what is there."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(start)
            while start < stop and (data := file.read(min(PIECE, stop - start))):
                yield veil(data, offset=start, key=self._key) if self._key else data
                start += len(data)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


class _PlainFile:
    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        self._file.seek(start)
        while start < stop and (data := self._file.read(min(PIECE, stop - start))):
            yield data
            start += len(data)

    def close(self) -> None:
        self._file.close()


class _Digest:
    """Counts and hashes what passes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size = 0

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._hash.update(chunk)
            self.size += len(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def _open(path: Path, wall: Wall | None) -> Reader:
    return SealedFile(path, wall.key) if wall else _PlainFile(path)


def blob_name(sha256: str, wall: Wall | None) -> str:
    """What a content is called among the blobs."""
    if wall is None:
        return f"open/{sha256}"
    named = hmac.new(derive(wall.key, wall.channel.encode(), b"blob name"), sha256.encode(), hashlib.sha256)
    return f"walled/{wall.channel}/{named.hexdigest()}"


def sync_folder(folder: Path) -> None:
    """After this the names in a folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
