"""The film's plan: who begins when, and the command that lays them side by side."""

from pathlib import Path

import pytest

from mediation.hearings.grid import Piece, Timed, command, offsets


def test_without_senders_clocks_tracks_begin_as_they_came() -> None:
    tracks = [Timed("chen", 100.5, None), Timed("bo", 100.0, None)]

    assert offsets(tracks) == [0.5, 0.0]


def test_a_persons_own_clock_keeps_their_lips_in_step() -> None:
    # Chen's clock is an hour ahead; the picture came 300 ms late, the sound 40 ms.
    tracks = [Timed("bo", 100.0, None), Timed("chen", 100.3, 3700.0), Timed("chen", 100.34, 3700.3)]

    begins = offsets(tracks)

    assert begins[2] - begins[1] == pytest.approx(0.3)
    assert begins[0] == 0.0
    assert begins[2] == pytest.approx(0.34)


def test_nobody_recorded_is_nothing() -> None:
    assert offsets([]) == []


def test_each_person_has_a_field_of_their_own_and_a_screen_another() -> None:
    pieces = [
        Piece(Path("a"), "video", "chen", "camera", 0.0, 5.0),
        Piece(Path("b"), "video", "chen", "camera", 6.0, 5.0),
        Piece(Path("c"), "video", "chen", "screen", 2.0, 5.0),
        Piece(Path("d"), "video", "bo", "camera", 1.0, 5.0),
        Piece(Path("e"), "audio", "bo", "mic", 1.25, 9.0),
    ]

    graph = command("ffmpeg", pieces, Path("film.mp4"))
    text = graph[graph.index("-filter_complex") + 1]

    places = [part.split("overlay=")[1].split(":eof")[0] for part in text.split(";") if "overlay=" in part]
    assert places == ["0:0", "0:0", "640:0", "0:360"]
    assert "adelay=1250:all=1" in text
    assert graph[graph.index("-t") + 1] == "11.500"


def test_sound_alone_and_pictures_alone_are_films_too() -> None:
    sound = command("ffmpeg", [Piece(Path("e"), "audio", "bo", "mic", 0.0, 9.0)], Path("film.mp4"))
    picture = command("ffmpeg", [Piece(Path("a"), "video", "bo", "camera", 0.0, 9.0)], Path("film.mp4"))

    assert "[sound]" in sound
    assert "[sound]" not in picture
