"""Voice messages, clips and albums: what their senders tell is checked, what can be measured is measured."""

import contextlib
import io

import av
import pytest
from PIL import Image

from mediation.documents.content import Content
from mediation.documents.file import FileView, file_for, used_blobs
from mediation.documents.gate import Gate, Passed
from mediation.documents.sounds import keep_sound, make_sound
from mediation.documents.telling import Told
from mediation.errors import Invalid, NotFound, Refusal, TooLarge, WrongState
from mediation.ports.blobs import Blobs
from mediation.rooms.measures import slow_talk
from mediation.rooms.message import recall_message
from tests.conftest import House
from tests.mediation.documents import samples
from tests.mediation.documents.reels import a_clip, a_voice
from tests.mediation.documents.uploading import send
from tests.stories import Story, opened

VOICE = Told("voice", "3,40,100")


def opened_gate(data: bytes, name: str, kind: str, claimed: str = "") -> Passed:
    return Gate(limit=10**8).inspect(Content.of(data), name, claimed=claimed, kind=kind)


def why_not(data: bytes, name: str, kind: str, claimed: str = "") -> str:
    with pytest.raises(Refusal) as refused:
        opened_gate(data, name, kind, claimed)
    return refused.value.message


def look(story: Story, file: str) -> FileView:
    return story.house.ask(file_for, story.house.store.keys, story.people["mediator"], file)


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


@pytest.mark.parametrize(
    "told",
    [
        Told("music"),
        Told("voice"),
        Told("", "3,4"),
        Told("voice", "101"),
        Told("voice", "-1"),
        Told("voice", "3,,4"),
        Told("voice", ",".join(["1"] * 65)),
        Told("voice", "٣"),
        Told(album="k3f"),
        Told(album="k3f:100"),
        Told(album="a b:1"),
    ],
)
def test_what_no_page_of_ours_would_tell_is_refused(told: Told) -> None:
    with pytest.raises(Invalid):
        told.check("message")


def test_a_caption_has_its_limit_and_a_document_none_of_it() -> None:
    Told("voice", ",".join(["100"] * 64), "k3f:12", "借" * 1000).check("message")
    with pytest.raises(TooLarge):
        Told(caption="借" * 1001).check("message")
    with pytest.raises(Invalid):
        Told(caption="借").check("document")


def test_the_length_of_a_voice_message_is_counted_and_not_believed() -> None:
    passed = opened_gate(a_voice(), "voice.webm", "voice", "audio/webm")
    assert passed.type == "audio/webm"
    assert passed.ms in range(1000, 1011)
    assert why_not(a_voice(0.2), "voice.webm", "voice", "audio/webm") == "documents.voice_too_short"
    long = a_voice(1.0, pause=310.0)
    assert len(long) < 50_000
    assert why_not(long, "voice.webm", "voice", "audio/webm") == "documents.voice_too_long"


def test_what_is_no_voice_and_no_film_is_refused_as_one() -> None:
    assert why_not(a_clip("webm"), "voice.webm", "voice", "audio/webm") == "documents.not_a_voice"
    assert why_not(a_clip("webm"), "film.webm", "voice") == "documents.not_a_voice"
    assert why_not(samples.a_webm(), "voice.webm", "voice", "audio/webm") == "documents.damaged"
    assert why_not(a_voice(), "film.webm", "clip") == "documents.not_a_film"
    assert why_not(samples.an_mp4(), "film.mp4", "clip") == "documents.not_a_film"
    assert why_not(samples.a_pdf(), "loan.pdf", "clip") == "documents.not_a_film"


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm"])
def test_a_clip_is_measured_and_has_a_picture(kind: str) -> None:
    passed = opened_gate(a_clip(kind), f"site.{kind}", "clip")

    assert (passed.width, passed.height) == (64, 48)
    assert passed.ms is not None
    assert 400 <= passed.ms <= 600
    with Image.open(io.BytesIO(passed.preview or b"")) as still:
        red, _green, blue = still.convert("RGB").getpixel((32, 24))  # type: ignore[misc]
        assert (still.format, still.size, blue > 200 > 60 > red) == ("JPEG", (64, 48), True)


def test_the_entry_tells_lengths_levels_album_and_caption(story: Story) -> None:
    voice = send(story, story.talks, a_voice(), "voice.webm", VOICE)
    clip = send(story, story.talks, a_clip(), "site.mp4", Told("clip", caption="The gate."))
    picture = send(story, story.talks, samples.a_picture("PNG"), "a.png", Told(album="k3f:1"))

    said = [entry.body or {} for entry in (voice, clip, picture)]
    assert said[0]["file"]["voice"]["levels"] == [3, 40, 100]
    assert said[0]["file"]["voice"]["ms"] in range(1000, 1011)
    assert said[1]["file"]["clip"] == {"ms": 500, "width": 64, "height": 48}
    assert (said[0]["text"], said[1]["text"]) == ("", "The gate.")
    assert said[2]["file"]["album"] == {"id": "k3f", "place": 1}


def test_an_album_is_one_message_to_the_slow_mode_and_nothing_else_hides_in_it(story: Story) -> None:
    story.house.do(slow_talk, by=story.people["mediator"], room=story.room, seconds=30, client_id="slow")
    story.house.clock.pass_by(seconds=31)

    def sends(name: str, album: str) -> str:
        try:
            return send(story, story.talks, samples.a_picture("PNG"), name, Told(album=album)).kind
        except WrongState as refused:
            return refused.message

    assert [sends(f"{n}.png", f"k3f:{n}") for n in (1, 2, 4)] == ["message_posted"] * 3
    assert sends("again.png", "k3f:4") == "house.slow"
    assert sends("other.png", "k3g:5") == "house.slow"
    assert sends("alone.png", "") == "house.slow"
    story.house.clock.pass_by(seconds=31)
    assert sends("late.png", "k3f:5") == "message_posted"
    assert send(story, story.private["claimant"], samples.a_picture("PNG"), "p.png", Told()).seq  # type: ignore[index]


def test_a_voice_message_gets_a_form_that_every_telephone_plays_walled_like_itself(story: Story) -> None:
    assert story.private is not None
    house, blobs = story.house, Blobs(story.house.settings.data / "blobs")
    for channel in (story.talks, story.private["claimant"]):
        file = (send(story, channel, a_voice(), "voice.webm", VOICE).body or {})["file"]["id"]
        assert look(story, file).sound_state == "waiting"

        make_sound(house.store, {"file": file})

        view = look(story, file)
        assert view.sound is not None
        assert view.sound_state == "done"
        assert view.sound in house.ask(used_blobs)
        assert view.sound.startswith(view.blob.rpartition("/")[0])
        with contextlib.closing(blobs.open(view.sound, wall=view.wall)) as reader:
            plain = b"".join(reader.read(0, 10**6))
        with av.open(io.BytesIO(plain), "r") as sound:
            assert sound.streams.audio[0].codec.name == "aac"
            assert abs((sound.duration or 0) - 1_000_000) < 50_000
        assert plain.find(b"moov") < plain.find(b"mdat")
        on_disk = [
            path.read_bytes()
            for path in (house.settings.data / "blobs" / "walled").rglob("*")
            if path.is_file()
        ]
        assert not [body for body in on_disk if b"ftypM4A" in body or b"OpusHead" in body]


def test_what_cannot_be_made_is_not_tried_for_ever(story: Story) -> None:
    file = (send(story, story.talks, a_voice(), "voice.webm", VOICE).body or {})["file"]["id"]

    story.house.do(keep_sound, file=file, stored=None)
    make_sound(story.house.store, {"file": file})

    assert look(story, file).sound_state == "failed"


def test_a_voice_message_that_was_taken_back_is_neither_served_nor_prepared(story: Story) -> None:
    entry = send(story, story.talks, a_voice(), "voice.webm", VOICE)
    file = (entry.body or {})["file"]["id"]
    story.house.clock.pass_by(hours=2, minutes=59)
    before = story.house.ask(used_blobs)

    story.house.do(recall_message, by=story.people["claimant"], channel=story.talks, seq=entry.seq)
    make_sound(story.house.store, {"file": file})

    assert story.house.ask(used_blobs) == before
    with pytest.raises(NotFound):
        look(story, file)
