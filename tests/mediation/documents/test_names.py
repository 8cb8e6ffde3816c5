"""Names of files: harmless to show and to save, and the same at the other end."""

import pytest
from aiohttp.multipart import content_disposition_filename, parse_content_disposition
from hypothesis import given
from hypothesis import strategies as st

from mediation.documents.names import clean_name, content_disposition, extension


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("借条 (1).pdf", "借条 (1).pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\chen\\loan.pdf", "loan.pdf"),
        ("%2e%2e%2fpasswd.txt", "%2e%2e%2fpasswd.txt"),
        ("a\x00b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie: x=1.pdf"),
        ("loan\u202efdp.exe", "loanfdp.exe"),
        ("\u2066loan\u2069.pdf", "loan.pdf"),
        ("CON", "_CON"),
        ("con.pdf", "_con.pdf"),
        ("-rf.pdf", "-rf.pdf"),
        (".pdf", "pdf"),
        ("..", "file"),
        ("", "file"),
        ("\ud800.pdf", "pdf"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
    ],
)
def test_an_odd_name_becomes_a_harmless_one(raw: str, shown: str) -> None:
    assert clean_name(raw) == shown


def test_a_long_name_keeps_its_ending_and_whole_characters() -> None:
    name = clean_name("借" * 200 + ".pdf")

    assert len(name.encode()) <= 255
    assert name == "借" * 83 + ".pdf"
    assert clean_name("x" * 255) == "x" * 255
    assert extension(name) == "pdf"


@given(st.text(max_size=300))
def test_any_name_comes_back_from_its_header(raw: str) -> None:
    name = clean_name(raw)
    header = content_disposition(name)

    kind, params = parse_content_disposition(header)

    assert header.isascii()
    assert header.isprintable()
    assert kind == "attachment"
    assert content_disposition_filename(params) == name
    assert clean_name(name) == name
    assert 1 <= len(name.encode()) <= 255
    assert "/" not in name


def test_what_may_be_shown_is_named_too() -> None:
    assert (
        content_disposition("a b.png", inline=True)
        == "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png"
    )
