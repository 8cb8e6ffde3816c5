"""Blobs: durable, found again by what they hold, and silent about what lies behind a wall."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from mediation.ports.blobs import Blobs, Wall
from mediation.ports.sealed import FRAME, SealedFile, seal_frames

CANARY = b"the canary sings in the caucus " * 5000
CAUCUS = Wall("ch-caucus", b"k" * 32)
OTHER = Wall("ch-other", b"o" * 32)


def files_below(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def read_all(blobs: Blobs, blob: str, wall: Wall | None = None) -> bytes:
    reader = blobs.open(blob, wall=wall)
    try:
        return b"".join(reader.read(0, reader.size))
    finally:
        reader.close()


@pytest.mark.parametrize("wall", [None, CAUCUS])
def test_what_was_put_is_read_back_from_any_position(tmp_path: Path, wall: Wall | None) -> None:
    blobs = Blobs(tmp_path)

    stored = blobs.put([CANARY[:100_000], CANARY[100_000:]], wall=wall)

    assert stored.sha256 == hashlib.sha256(CANARY).hexdigest()
    assert stored.size == len(CANARY)
    reader = blobs.open(stored.blob, wall=wall)
    assert reader.size == len(CANARY)
    for start, stop in (
        (0, 1),
        (65_535, 65_537),
        (70_000, 140_000),
        (len(CANARY) - 5, len(CANARY) + 50),
        (9, 9),
    ):
        assert b"".join(reader.read(start, stop)) == CANARY[start:stop]
    reader.close()


@pytest.mark.parametrize("wall", [None, CAUCUS])
def test_the_same_content_twice_is_one_blob(tmp_path: Path, wall: Wall | None) -> None:
    blobs = Blobs(tmp_path)

    first = blobs.put([b"same"], wall=wall)
    second = blobs.put([b"sa", b"me"], wall=wall)

    assert first == second
    assert len(files_below(tmp_path)) == 1
    assert read_all(blobs, first.blob, wall) == b"same"


def test_behind_a_wall_neither_content_nor_digest_is_on_the_disk(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)

    in_caucus = blobs.put([CANARY], wall=CAUCUS)
    elsewhere = blobs.put([CANARY], wall=OTHER)
    part = blobs.part("up1", wall=CAUCUS)
    part.write(CANARY, offset=0)
    part.sync()

    digest = hashlib.sha256(CANARY).hexdigest()
    assert in_caucus.blob.rsplit("/", 1)[1] != elsewhere.blob.rsplit("/", 1)[1]
    assert len(files_below(tmp_path)) == 3
    for path in files_below(tmp_path):
        assert digest not in str(path)
        assert b"canary" not in path.read_bytes()


def test_a_walled_blob_opens_with_its_own_key_only(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    stored = blobs.put([CANARY], wall=CAUCUS)

    with pytest.raises(ValueError, match="own channel"):
        blobs.open(stored.blob, wall=OTHER)
    with pytest.raises(ValueError, match="own channel"):
        blobs.open(stored.blob)
    with pytest.raises(InvalidTag):
        read_all(blobs, stored.blob, Wall(CAUCUS.channel, b"x" * 32))


@pytest.mark.parametrize(
    "blob", ["../../etc/passwd", "open/../../x", "/etc/passwd", "walled/../open/" + "0" * 64, ""]
)
def test_only_the_names_of_blobs_become_paths(tmp_path: Path, blob: str) -> None:
    with pytest.raises(ValueError, match="name of a blob"):
        Blobs(tmp_path).open(blob)
    with pytest.raises(ValueError, match="id of an upload"):
        Blobs(tmp_path).part(f"../{blob}")


def test_a_stream_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Blobs(tmp_path).put(broken())

    assert files_below(tmp_path) == []


@pytest.mark.parametrize("wall", [None, CAUCUS])
def test_an_upload_grows_over_what_was_not_acknowledged(tmp_path: Path, wall: Wall | None) -> None:
    part = Blobs(tmp_path).part("up1", wall=wall)
    part.write(CANARY[:1000], offset=0)
    part.write(b"lost" * 100, offset=1000)

    again = Blobs(tmp_path).part("up1", wall=wall)
    again.write(CANARY[1000:9999], offset=1000)
    again.sync()

    assert b"".join(again.read(0, 9999)) == CANARY[:9999]
    assert b"".join(again.read(17, 4000)) == CANARY[17:4000]
    again.remove()
    assert b"".join(again.read(0, 9999)) == b""


def test_only_what_nobody_refers_to_is_swept_after_a_day(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    used, orphan = blobs.put([b"used"]), blobs.put([b"orphan"], wall=CAUCUS)
    blobs.part("going-on").write(b"x", offset=0)
    blobs.part("given-up").write(b"x", offset=0)
    (tmp_path / "temp" / "left-by-a-kill").write_bytes(b"half")
    rows = {used.blob, "going-on"}

    assert blobs.sweep(used=rows, now=time.time() + 23 * 3600) == 0
    assert blobs.sweep(used=rows, now=time.time() + 25 * 3600) == 3

    assert blobs.has(used.blob)
    assert not blobs.has(orphan.blob)
    assert len(files_below(tmp_path)) == 2


def test_an_old_blob_that_is_put_again_is_young_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    stored = blobs.put([b"again"])
    os.utime(files_below(tmp_path)[0], (1, 1))

    blobs.put([b"again"])

    assert blobs.sweep(used=()) == 0
    assert blobs.has(stored.blob)


@given(
    size=st.sampled_from([0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 7]),
    cut=st.integers(1, 5000),
)
def test_frames_hold_every_length_and_break_with_every_cut(
    tmp_path_factory: pytest.TempPathFactory, size: int, cut: int
) -> None:
    path = tmp_path_factory.mktemp("sealed") / "file"
    plain = bytes(range(256)) * (size // 256) + bytes(size % 256)
    path.write_bytes(b"".join(seal_frames((plain[at : at + 1000] for at in range(0, size, 1000)), b"k" * 32)))
    sealed = SealedFile(path, b"k" * 32)
    assert sealed.size == size
    assert b"".join(sealed.read(0, size)) == plain
    sealed.close()

    path.write_bytes(path.read_bytes()[: -min(cut, size + 15)])

    shorter = SealedFile(path, b"k" * 32)
    with pytest.raises(InvalidTag):
        shorter.check()
    shorter.close()


def test_frames_that_changed_places_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"".join(seal_frames([bytes(3 * FRAME)], b"k" * 32)))
    data = path.read_bytes()
    frame = FRAME + 16
    path.write_bytes(
        data[:20] + data[20 + frame : 20 + 2 * frame] + data[20 : 20 + frame] + data[20 + 2 * frame :]
    )

    sealed = SealedFile(path, b"k" * 32)
    with pytest.raises(InvalidTag):
        b"".join(sealed.read(0, FRAME))
    sealed.close()


def test_a_sealed_file_cut_off_between_two_frames_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"".join(seal_frames([bytes(3 * FRAME)], b"k" * 32)))
    path.write_bytes(path.read_bytes()[: -(FRAME + 16)])

    sealed = SealedFile(path, b"k" * 32)
    with pytest.raises(InvalidTag):
        sealed.check()
    with pytest.raises(InvalidTag):
        b"".join(sealed.read(0, sealed.size))
    sealed.close()


def test_bytes_that_somebody_has_just_sent_again_are_left_until_later(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    stored = blobs.put([b"the same"])

    assert not blobs.erase(stored.blob, before=0.0)
    assert blobs.has(stored.blob)
    assert blobs.erase(stored.blob)
    assert not blobs.has(stored.blob)
