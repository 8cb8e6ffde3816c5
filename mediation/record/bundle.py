"""Bundles: the file of an export, as docs/record.md describes it; made by a job, one piece after the other, never whole in memory."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from mediation.clock import iso
from mediation.ids import new_id
from mediation.keys import Keys
from mediation.ports.sealed import SealedFile, seal_frames
from mediation.record.chain import canonical
from mediation.record.export import note_gone, note_ready
from mediation.record.gathering import Gathered, gather
from mediation.record.pieces import Piece, manifest_of, pieces_of
from mediation.record.seal import Seal, make_seal, seals_since
from mediation.record.stamp import kept_stamp, stamp_at_once
from mediation.store import Store


@dataclass(slots=True)
class Writing:
    """Writes a ZIP to nowhere in particular: what has been written is taken away again and again."""

    waiting: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes, /) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        data = bytes(self.waiting)
        self.waiting.clear()
        return data


def make_export(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: the file of an export, sealed at rest. Done again after a kill it is made anew."""
    export = payload["export"]
    file = export_file(store.settings.data, export)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    digest, size = hashlib.sha256(), 0

    def passing() -> Iterator[bytes]:
        nonlocal size
        for chunk in bundle(store, export):
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    part = file.with_name(f"{new_id()}.part")  # a second one, begun when the first took long, has its own
    with part.open("wb") as opened:
        for frame in seal_frames(passing(), _key(store.keys, export)):
            opened.write(frame)
    part.replace(file)
    store.write(note_ready, export=export, size=size, sha256=digest.hexdigest()).result()


def drop_export(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: a week later the file goes; whoever needs it takes it out again."""
    export_file(store.settings.data, payload["export"]).unlink(missing_ok=True)
    store.write(note_gone, export=payload["export"]).result()


def open_export(store: Store, export: str) -> SealedFile:
    """The file of an export, for reading."""
    return SealedFile(export_file(store.settings.data, export), _key(store.keys, export))


def export_file(data: Path, export: str) -> Path:
    return data / "exports" / f"{export}.zip"


def bundle(store: Store, export: str) -> Iterator[bytes]:
    """The bytes of a bundle. A fresh seal is made of exactly what goes out, and of the heads of all other channels."""
    gathered = store.read(gather, store.keys, export).result()
    seal = make_seal(store, gathered.heads, why="export")
    stamp_at_once(store, root=seal.root.hex(), at=seal.at)
    return _zipped(store, gathered, seal)


def _zipped(store: Store, gathered: Gathered, seal: Seal) -> Iterator[bytes]:
    writing, told = Writing(), {}
    made = (int(seal.at[:4]), int(seal.at[5:7]), int(seal.at[8:10]), 0, 0, 0)
    with zipfile.ZipFile(writing, "w") as archive:
        seals = [*_earlier(store, gathered), seal]
        for piece in chain(pieces_of(store.settings, gathered, seals), _stamps(store, seals)):
            digest, size = hashlib.sha256(), 0
            with archive.open(_info(piece, made), "w") as file:
                for chunk in piece.chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                    yield writing.take()
            told[piece.name] = {"sha256": digest.hexdigest(), "size": size}
        manifest = canonical(manifest_of(store.settings, gathered, seals) | {"files": told})
        signed = f"mediation:bundle:1\n{hashlib.sha256(manifest).hexdigest()}".encode()
        archive.writestr(_info(Piece("manifest.json", ()), made), manifest)
        archive.writestr(_info(Piece("manifest.sig", ()), made), store.keys.sign(signed).hex())
    yield writing.take()


def _info(piece: Piece, made: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(piece.name, made)
    info.compress_type = zipfile.ZIP_DEFLATED if piece.packed else zipfile.ZIP_STORED
    info.external_attr = 0o644 << 16
    info.file_size = piece.size
    return info


def _earlier(store: Store, gathered: Gathered) -> list[Seal]:
    """The daily seals since the case began: their roots are what people have in their mail."""
    since = iso(gathered.case.created_at)
    own = {copy.id for copy in gathered.channels}
    return [seal for seal in seals_since(store.settings.data, since, why="daily") if own & set(seal.heads)]


def _stamps(store: Store, seals: list[Seal]) -> Iterator[Piece]:
    """The time stamps of these seals, as far as they have come."""
    for root in (seal.root.hex() for seal in seals):
        if stamp := kept_stamp(store.settings.data, root):
            yield Piece(f"stamps/{root}.tsr", [stamp])


def _key(keys: Keys, export: str) -> bytes:
    return bytes.fromhex(keys.mac("export", export))
