"""The files of a bundle, one after the other, and the manifest that names them all: docs/record.md, section 6."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mediation.documents.names import extension
from mediation.ports.blobs import Blobs, Wall, blob_name
from mediation.record.chain import FIRST, canonical, facts_digest
from mediation.record.copying import ChannelCopy, Copied, Mark
from mediation.record.gathering import Gathered
from mediation.record.leaflet import Leaflet, leaflet
from mediation.record.seal import Seal
from mediation.settings import Settings

VERIFIER = Path(__file__).with_name("check_bundle.py")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the bundle: its name, its bytes, and whether it is packed."""

    name: str
    chunks: Iterable[bytes]
    packed: bool = True
    size: int = 0


def pieces_of(settings: Settings, gathered: Gathered, seals: list[Seal]) -> Iterator[Piece]:
    """All files but the manifest and its signature; the last of the seals is the one made for this bundle."""
    for copy in gathered.channels:
        folder = f"channels/{copy.id}"
        yield Piece(f"{folder}/entries.jsonl", _lines(_entry(one) for one in copy.entries))
        yield Piece(f"{folder}/contents.jsonl", _lines(_content(one) for one in copy.shown))
        yield Piece(f"{folder}/marks.jsonl", _lines(_chained(copy.marks)))
    yield from _files(settings, gathered)
    for text in sorted(gathered.texts, key=lambda one: one.number):
        yield Piece(f"texts/{text.digest}.txt", [text.text().encode()])
    own = [copy.id for copy in gathered.channels]
    yield Piece("seals.jsonl", _lines(seal.shown(own) for seal in seals))
    shown = _leaflet(settings, gathered, seals[-1])
    for tag in ("zh", "en"):
        yield Piece(f"page-{tag}.html", [leaflet(shown, tag).encode()])
    yield Piece("verify.py", [VERIFIER.read_bytes()])


def _leaflet(settings: Settings, gathered: Gathered, seal: Seal) -> Leaflet:
    return Leaflet(
        case=gathered.case,
        scope=gathered.export.scope,
        export=gathered.export.id,
        asked_by=gathered.names.get(gathered.export.person_id, ""),
        people=gathered.people,
        names=gathered.names,
        channels=gathered.channels,
        seal=seal,
        organisation=settings.organisation,
        zone=settings.zone,
        files={one["sha256"]: file_name(one) for copy in gathered.channels for one in named_files(copy)},
        texts=gathered.texts,
    )


def _files(settings: Settings, gathered: Gathered) -> Iterator[Piece]:
    blobs, done = Blobs(settings.data / "blobs"), set()
    for copy in gathered.channels:
        wall = gathered.walls.get(copy.id)
        for one in named_files(copy):
            if one["sha256"] in done:
                continue
            done.add(one["sha256"])
            name, size = file_name(one), int(one["size"])
            reader = _reading(blobs, blob_name(one["sha256"], wall), wall)
            yield Piece(name, reader(), packed=False, size=size)


def _reading(blobs: Blobs, blob: str, wall: Wall | None) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        with closing(blobs.open(blob, wall=wall)) as reader:
            yield from reader.read(0, reader.size)

    return chunks


def named_files(copy: ChannelCopy) -> Iterator[Mapping[str, Any]]:
    """The files that shown contents name."""
    for one in copy.shown:
        yield from _named(one.body or {})


def _named(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if {"name", "sha256", "size"} <= set(value):
            yield value
        for one in value.values():
            yield from _named(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _named(one)


def file_name(file: Mapping[str, Any]) -> str:
    """Where a file lies in the bundle."""
    ending = extension(str(file["name"]))
    plain = ending if ending.isascii() and ending.isalnum() and len(ending) <= 8 else ""
    return f"files/{file['sha256']}" + (f".{plain}" if plain else "")


def _lines(values: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    for value in values:
        yield canonical(value) + b"\n"


def _entry(one: Copied) -> Mapping[str, Any]:
    if one.shown:
        return {"facts": one.facts, "hash": one.hash}
    return {"facts_digest": facts_digest(one.facts), "hash": one.hash}


def _content(one: Copied) -> Mapping[str, Any]:
    return {"seq": one.seq} | (dict(one.gone) if one.gone else {"salt": one.salt.hex(), "body": one.body})


def _chained(marks: Iterable[Mark]) -> Iterator[Mapping[str, Any]]:
    before = FIRST
    for mark in marks:
        own = {"person": mark.person, "seq": mark.seq, "at": mark.at}
        before = hashlib.sha256(f"mediation:mark:1\n{before}\n".encode() + canonical(own)).hexdigest()
        yield own | {"chain": before}


def manifest_of(settings: Settings, gathered: Gathered, seals: list[Seal]) -> dict[str, Any]:
    """Everything that the manifest says but the list of files."""
    case, export = gathered.case, gathered.export
    standing = {one.person: one for one in gathered.people}
    people = {
        person: {"name": name}
        | (
            {"standing": standing[person].standing, "side": standing[person].side}
            if person in standing
            else {}
        )
        for person, name in gathered.names.items()
    }
    return {
        "format": "mediation-bundle",
        "version": 1,
        "export": export.id,
        "scope": export.scope,
        "made_at": seals[-1].at,
        "organisation": settings.organisation,
        "software": f"mediation {_software()}",
        "asked_by": export.person_id,
        "case": {"id": case.id, "number": case.number, "title": case.title, "cause": case.cause},
        "people": people,
        "key": seals[-1].key.hex(),
        "channels": [_channel(copy) for copy in gathered.channels],
        "seals": [seal.root.hex() for seal in seals],
    }


def _channel(copy: ChannelCopy) -> dict[str, Any]:
    marks = list(_chained(copy.marks))
    return {
        "id": copy.id,
        "kind": copy.kind,
        "name": copy.name,
        "side": copy.side,
        "entries": len(copy.entries),
        "head": copy.entries[-1].hash if copy.entries else FIRST,
        "marks": len(marks),
        "last_mark": marks[-1]["chain"] if marks else FIRST,
    }


def _software() -> str:
    try:
        return version("mediation")
    except PackageNotFoundError:
        return "from source"
