"""A track becomes a file: what is in it, what is known of it, and what is left when its writer is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediation.hearings.manifest import is_being_written, read_manifests
from signaling.media.recording.pipe import Open, Reference, Taken
from signaling.media.recording.track import Track
from tests.signaling.media.recording.decoding import decode
from tests.signaling.media.recording.packets import pictures, sounds

EDGE = 2**32 - 20_000


def opened(folder: Path, kind: str) -> Open:
    return Open(
        track=1,
        id=f"{kind}1",
        folder=str(folder),
        recording="rec",
        room="room",
        person="pChen",
        source="camera" if kind == "video" else "mic",
        kind=kind,
        clock_rate=90000 if kind == "video" else 48000,
        epoch=1_000_000.0,
    )


def taken(folder: Path, kind: str, packets: list[Taken]) -> tuple[Track, list[int]]:
    wanted: list[int] = []
    track = Track(opened(folder, kind), wanted.append)
    for packet in packets:
        track.take(packet)
    return track, wanted


@pytest.mark.parametrize("first", [0, EDGE], ids=["from zero", "over the edge of 32 bits"])
def test_pictures_keep_their_times(tmp_path: Path, first: int) -> None:
    track, wanted = taken(tmp_path, "video", list(pictures(30, first=first)))
    track.close()

    (manifest,) = read_manifests(tmp_path)
    made = decode(tmp_path, manifest)
    assert (manifest.frames, manifest.lost, manifest.duration_ms) == (30, 0, 2900)
    assert (manifest.width, manifest.height, manifest.closed) == (320, 240, True)
    assert (made.seen.frames, round(made.seconds, 2)) == (30, 2.9)
    assert wanted == []


@pytest.mark.parametrize("first", [0, EDGE], ids=["from zero", "over the edge of 32 bits"])
def test_a_silence_stays_as_long_as_it_was(tmp_path: Path, first: int) -> None:
    packets = sounds(100, first=first)
    spoken = [*packets[:25], *(each._replace(number=each.number - 50) for each in packets[75:])]  # DTX
    track, _ = taken(tmp_path, "audio", spoken)
    track.close()

    (manifest,) = read_manifests(tmp_path)
    made = decode(tmp_path, manifest)
    assert (manifest.frames, manifest.lost, manifest.duration_ms) == (50, 0, 1980)
    assert made.seconds == pytest.approx(1.98, abs=0.02)


def test_after_a_loss_it_asks_for_a_key_frame_and_goes_on_with_the_next(tmp_path: Path) -> None:
    packets = list(pictures(40))
    later = [each._replace(number=each.number + 500, timestamp=each.timestamp + 400_000) for each in packets]
    lost = [each for each in packets if each.number != 0x10000 + 5]

    track, wanted = taken(tmp_path, "video", lost + later)
    track.close()

    (manifest,) = read_manifests(tmp_path)
    made = decode(tmp_path, manifest)
    assert wanted
    assert manifest.gaps == 2
    assert manifest.lost == 1 + 500 - len(packets)
    assert made.seen.frames == manifest.frames >= 40


def test_a_track_of_which_nothing_can_be_shown_leaves_nothing_behind(tmp_path: Path) -> None:
    never_a_key_frame = [each for each in pictures(5) if each.timestamp]
    track, _ = taken(tmp_path, "video", never_a_key_frame)

    assert track.close() is False
    assert list(tmp_path.iterdir()) == []


def test_the_senders_clock_is_told_for_the_first_frame(tmp_path: Path) -> None:
    track, _ = taken(tmp_path, "audio", list(sounds(50, first=EDGE)))
    track.refer(Reference(1, 5000.0, (EDGE + 48_000) & 0xFFFFFFFF))
    track.close()

    (manifest,) = read_manifests(tmp_path)
    assert manifest.sender_clock == pytest.approx(4999.0)
    assert manifest.started_at == 1_000_000.0


def test_a_file_is_held_while_it_grows(tmp_path: Path) -> None:
    track, _ = taken(tmp_path, "audio", list(sounds(50)))
    file = tmp_path / "audio1.mkv"

    assert is_being_written(file)
    track.close()
    assert not is_being_written(file)
