"""What the bytes of each kind look like: the beginning, the end, and the frame that holds them together.

Each check is cheap and reads a few stretches only; what has to be unpacked or decoded to be judged is left to `checker`.
"""

import codecs
import re
from collections.abc import Callable, Iterator

from mediation.documents.content import Content

# Programs, archives, pages and drawings that could act: never a text, whatever they are called.
_NOT_TEXT = (
    b"%PDF-",
    b"PK\x03\x04",
    b"MZ",
    b"\x7fELF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"GIF8",
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|svg|script|\?xml|head|body|iframe)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_XREF = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF")


def is_pdf(content: Content) -> bool:
    """A header at the very start, and an end that points to a table of objects inside the file."""
    if not re.match(rb"(\xef\xbb\xbf)?\s*%PDF-[12]\.\d", content.piece(0, 64)):
        return False
    ends = _START.findall(content.piece(content.size - 4096, content.size))
    if not ends:
        return False
    table = int(ends[-1]) if len(ends[-1]) < 12 else content.size
    return _XREF.search(content.piece(table, table + 64)) is not None and not is_archive(content)


def is_archive(content: Content) -> bool:
    """Whether the file's end is that of a zip, so that an unpacker would open what looks like something else."""
    tail = content.piece(content.size - 65_557, content.size)
    at = tail.rfind(b"PK\x05\x06")
    return (
        at >= 0
        and len(tail) - at >= 22
        and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)
    )


def is_picture(content: Content, ending: str) -> bool:
    head = content.piece(0, 16)
    begins = {
        "png": head.startswith(b"\x89PNG\r\n\x1a\n"),
        "gif": head[:6] in {b"GIF87a", b"GIF89a"},
        "webp": head[:4] == b"RIFF" and head[8:12] == b"WEBP",
        "jpg": head.startswith(b"\xff\xd8\xff"),
        "jpeg": head.startswith(b"\xff\xd8\xff"),
    }
    return begins[ending] and not is_archive(content)


def is_photo(content: Content) -> bool:
    """HEIC or HEIF, as telephones write them: kept and handed out, never decoded here."""
    brands = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
    return content.piece(8, 12) in brands and b"meta" in _boxes(content)


def is_office(content: Content) -> bool:
    return content.piece(0, 4) == b"PK\x03\x04" and is_archive(content)


def is_text(content: Content) -> bool:
    """Text in UTF-8, UTF-16 with its mark, or GB 18030, without control characters and not a page or a program."""
    head = content.piece(0, 512)
    if head.startswith(_NOT_TEXT) or _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        return False
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decodes(content, "utf-16")
    return _decodes(content, "utf-8-sig") or _decodes(content, "gb18030")


def is_mp3(content: Content) -> bool:
    """Behind an ID3 tag, if there is one, a frame of MPEG sound."""
    head = content.piece(0, 10)
    start = 0
    if head.startswith(b"ID3"):
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        start = 10 + size
    frame = content.piece(start, start + 4096).lstrip(b"\x00")[:4]
    return (
        len(frame) == 4
        and frame[0] == 0xFF
        and frame[1] & 0xE6 in {0xE2, 0xE4, 0xE6}
        and frame[2] >> 4 != 0xF
    )


def is_wav(content: Content) -> bool:
    head = content.piece(0, 4096)
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE" and b"fmt " in head


def is_ogg(content: Content) -> bool:
    head = content.piece(0, 256)
    codecs_of_sound = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
    return head[:5] == b"OggS\x00" and any(each in head for each in codecs_of_sound)


def is_webm(content: Content) -> bool:
    head = content.piece(0, 64)
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head


def is_mp4(content: Content) -> bool:
    """A tree of boxes with a film or a sound in it (ISO 14496-12); an iPhone's M4A is one too."""
    boxes = _boxes(content)
    return (
        boxes[:1] == [b"ftyp"]
        and not {b"moov", b"moof"}.isdisjoint(boxes)
        and content.piece(8, 12) != b"qt  "
    )


def is_mov(content: Content) -> bool:
    """The same tree with Apple's own brand, as older cameras and telephones write it."""
    boxes = _boxes(content)
    return boxes[:1] == [b"ftyp"] and b"moov" in boxes and content.piece(8, 12) == b"qt  "


SOUNDS_AND_FILMS: dict[str, Callable[[Content], bool]] = {
    "mp3": is_mp3,
    "m4a": is_mp4,
    "wav": is_wav,
    "ogg": is_ogg,
    "webm": is_webm,
    "mp4": is_mp4,
    "mov": is_mov,
}


def _boxes(content: Content) -> list[bytes]:
    """The names of the outermost boxes; empty when they do not fill the file exactly."""
    names: list[bytes] = []
    at = 0
    while at < content.size and len(names) < 100_000:
        head = content.piece(at, at + 16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:
            size = content.size - at
        if size < 8:
            return []
        names.append(head[4:8])
        at += size
    return names if at == content.size else []


def _decodes(content: Content, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        pieces: Iterator[str] = (decoder.decode(piece) for piece in content.all())
        return not any(_CONTROLS.search(piece) for piece in pieces) and not decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
