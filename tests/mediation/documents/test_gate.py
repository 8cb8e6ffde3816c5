"""What the gate lets in, and what it says to the rest."""

import io
import resource
import struct
import time
import zipfile
import zlib

import pytest
from PIL import Image

from mediation.documents.content import Content
from mediation.documents.gate import Gate, Passed
from mediation.errors import Invalid, Refusal, TooLarge
from tests.mediation.documents import samples

LIMIT = 20 * 1024 * 1024


def inspect(data: bytes, name: str, *, claimed: str = "") -> Passed:
    return Gate(limit=LIMIT).inspect(Content.of(data), name, claimed=claimed)


def refused(data: bytes, name: str) -> str:
    with pytest.raises(Refusal) as caught:
        inspect(data, name)
    return caught.value.message


@pytest.mark.parametrize("name", samples.HONEST)
def test_an_honest_file_of_each_kind_is_let_in(name: str) -> None:
    passed = inspect(samples.HONEST[name], name)

    assert passed.name == name


@pytest.mark.parametrize("name", [name for name in samples.HONEST if not name.endswith((".txt", ".csv"))])
@pytest.mark.parametrize(
    "claims_to_be", ["x.pdf", "x.jpg", "x.docx", "x.txt", "x.mp4", "x.odt", "x.heic", "x.wav"]
)
def test_a_file_that_lies_about_its_type_is_refused(name: str, claims_to_be: str) -> None:
    if name.rsplit(".", 1)[1][:3] == claims_to_be.rsplit(".", 1)[1][:3] or {name, claims_to_be} == {
        "voice.m4a",
        "x.mp4",
    }:
        return

    assert refused(samples.HONEST[name], claims_to_be) in {"documents.other_type", "documents.damaged"}


@pytest.mark.parametrize(
    "name",
    ["page.html", "drawing.svg", "run.exe", "all.zip", "letter.docm", "noending", "letter.pdf.js", ".pdf"],
)
def test_an_ending_that_is_not_on_the_list_is_refused(name: str) -> None:
    assert refused(samples.a_pdf(), name) == "documents.type_not_allowed"


def test_an_empty_file_and_one_over_the_limit_get_their_own_answers() -> None:
    gate = Gate(limit=1024)

    with pytest.raises(Invalid, match=r"documents\.empty"):
        gate.announce("a.pdf", 0)
    with pytest.raises(TooLarge, match=r"documents\.too_large") as caught:
        gate.announce("a.pdf", 1025)
    assert caught.value.code == "too_large"


def test_a_sound_in_webm_keeps_its_type_and_anything_else_claimed_is_ignored() -> None:
    assert inspect(samples.a_webm(), "a.webm", claimed="audio/webm;codecs=opus").type == "audio/webm"
    assert inspect(samples.a_webm(), "a.webm", claimed="text/html").type == "video/webm"
    assert inspect(samples.a_picture(), "a.png", claimed="text/html").type == "image/png"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("a.txt", b"  <svg onload=alert(1)>"),
        ("a.csv", b"\xef\xbb\xbf<html>"),
        ("a.txt", b"MZ\x90\x00 program"),
        ("a.txt", b"words\x00words"),
        ("a.txt", b"\x7fELF"),
        ("a.pdf", samples.a_pdf() + samples.a_zip({"run.js": b"1"})),
        ("a.pdf", b"<html>" + samples.a_pdf()),
        ("a.pdf", b"%PDF-1.4 and nothing else"),
        ("a.jpg", samples.a_picture("JPEG") + samples.a_zip({"run.js": b"1"})),
        ("a.gif", b"GIF89a/*" + b"*/=1;alert(1)"),
        ("a.png", samples.a_picture("PNG")[:60]),
        ("a.png", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"),
        ("a.mp4", samples.an_mp4() + b"<script>alert(1)</script>"),
    ],
)
def test_polyglots_and_active_content_are_refused(name: str, data: bytes) -> None:
    assert refused(data, name) in {"documents.other_type", "documents.damaged"}


def test_a_page_inside_a_jpegs_comment_stays_a_picture_and_is_not_in_the_preview() -> None:
    passed = inspect(samples.a_picture("JPEG", comment=b"<script>alert(1)</script>"), "a.jpg")

    assert passed.type == "image/jpeg"
    assert passed.preview is not None
    assert b"script" not in passed.preview


def test_the_preview_stands_upright_and_tells_no_place() -> None:
    original = samples.a_photo_with_a_place()
    assert b"Canary Phone" in original

    passed = inspect(original, "holiday.jpg")

    assert (passed.width, passed.height) == (300, 400)
    assert passed.preview is not None
    assert b"Canary" not in passed.preview
    with Image.open(io.BytesIO(passed.preview)) as preview:
        assert preview.size == (300, 400)
        assert not preview.getexif()


def test_a_large_picture_has_a_preview_of_at_most_1600_pixels() -> None:
    passed = inspect(samples.a_picture("JPEG", (4000, 2000)), "wide.jpg")

    assert (passed.width, passed.height) == (4000, 2000)
    assert passed.preview is not None
    with Image.open(io.BytesIO(passed.preview)) as preview:
        assert preview.size == (1600, 800)


def test_a_picture_with_billions_of_pixels_is_refused_at_once() -> None:
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        png += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    began = time.monotonic()

    assert refused(png, "huge.png") == "documents.too_many_pixels"

    assert time.monotonic() - began < 5


def test_macros_programs_and_entities_are_refused() -> None:
    lol = samples.XML + b'<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'
    letter = {"[Content_Types].xml": b"<t/>", "word/document.xml": b"<d/>"}
    odt = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<d/>"}

    assert refused(samples.a_zip({**letter, "word/vbaProject.bin": b"x"}), "a.docx") == "documents.active"
    assert (
        refused(samples.a_zip({**letter, "[Content_Types].xml": b"macroEnabled"}), "a.docx")
        == "documents.active"
    )
    assert refused(samples.a_zip({**letter, "word/document.xml": lol}), "a.docx") == "documents.active"
    assert refused(samples.a_zip({**odt, "Basic/Standard/m.xml": b"<m/>"}), "a.odt") == "documents.active"


def test_a_workbook_called_a_letter_is_refused() -> None:
    assert refused(samples.an_office_file("xlsx"), "letter.docx") == "documents.other_type"
    assert refused(samples.a_zip({"word/document.xml": b"<d/>"}), "letter.docx") == "documents.other_type"


def a_bomb() -> bytes:
    """Under a megabyte that would unpack to 192."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", b"<t/>")
        for each in range(12):
            archive.writestr(f"word/media/{each}.bin", bytes(16 * 1024 * 1024))
    return written.getvalue()


def test_a_zip_that_bursts_is_refused_without_being_unpacked_here() -> None:
    bomb = a_bomb()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()

    assert refused(bomb, "a.docx") == "documents.bursts"

    assert time.monotonic() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    bomb = bytearray(samples.an_office_file(word__long__xml=b"<a/>" + b" " * 200_000))
    start = bomb.rfind(b"PK\x01\x02")
    bomb[start + 24 : start + 28] = struct.pack("<I", 1000)

    assert refused(bytes(bomb), "a.docx") in {"documents.bursts", "documents.damaged"}


def test_entries_that_share_their_bytes_are_refused() -> None:
    archive = bytearray(samples.an_office_file(word__a=b"x" * 500, word__b=b"y" * 500))
    last = archive.rfind(b"PK\x01\x02")
    before = archive.rfind(b"PK\x01\x02", 0, last)
    archive[last + 42 : last + 46] = archive[before + 42 : before + 46]

    assert refused(bytes(archive), "a.docx") in {"documents.bursts", "documents.damaged"}


def test_a_locked_or_cut_off_document_is_refused_as_damaged() -> None:
    locked = bytearray(samples.an_office_file())
    for at in (locked.rfind(b"PK\x01\x02") + 8, locked.rfind(b"PK\x03\x04") + 6):
        locked[at] |= 1

    assert refused(bytes(locked), "a.docx") == "documents.damaged"
    assert refused(samples.an_office_file()[:-30], "a.docx") == "documents.other_type"
