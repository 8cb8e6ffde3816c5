"""Looks through a zip that says it is an office document, without trusting a number in it. Runs in a process of its own."""

import re
import zipfile
from typing import BinaryIO

MOST_ENTRIES = 10_000
MOST_UNPACKED = 512 * 1024 * 1024
HIGHEST_RATIO = 100

# What each kind must hold; a text document of OpenDocument says so in its first entry.
MAIN_PART = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "odt": "content.xml",
}

_ACTIVE = re.compile(
    r"(^|/)(vbaproject\.bin|vbadata\.xml|basic/|scripts/|activex/)|\.(exe|dll|js|vbs|scr|bat|cmd|ps1)$",
    re.IGNORECASE,
)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_PIECE = 64 * 1024


class Unacceptable(Exception):
    """Why a file is not let in: the end of a message id."""


def check_office(file: BinaryIO, ending: str) -> None:
    """Raises `Unacceptable` for what is no such document, holds macros, or would burst whoever opens it."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_list(entries, file)
            for entry in entries:
                _check_entry(archive, entry)
            _check_kind(archive, {entry.filename for entry in entries}, ending)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Unacceptable("damaged") from error


def _check_list(entries: list[zipfile.ZipInfo], file: BinaryIO) -> None:
    packed = file.seek(0, 2)
    declared = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or declared > min(MOST_UNPACKED, max(packed, 64 * 1024) * HIGHEST_RATIO):
        raise Unacceptable("bursts")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or any(
        name.startswith("/") or ".." in name.split("/") for name in names
    ):
        raise Unacceptable("damaged")
    if any(_ACTIVE.search(name) for name in names):
        raise Unacceptable("active")
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        # Entries that share their bytes are how small files unpack to petabytes.
        if entry.header_offset < end:
            raise Unacceptable("bursts")
        end = entry.header_offset + 30 + len(entry.filename.encode()) + entry.compress_size


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Unacceptable("damaged")
    is_xml = entry.filename.lower().endswith((".xml", ".rels"))
    size, before = 0, b""
    with archive.open(entry) as unpacked:
        while piece := unpacked.read(_PIECE):
            size += len(piece)
            if size > entry.file_size:
                raise Unacceptable("bursts")
            # Entities are how a few lines of XML grow to gigabytes; UTF-16 has a zero between the letters.
            if is_xml and _ENTITY.search((before + piece).replace(b"\x00", b"")):
                raise Unacceptable("active")
            before = piece[-32:]
    if size != entry.file_size:
        raise Unacceptable("damaged")


def _check_kind(archive: zipfile.ZipFile, names: set[str], ending: str) -> None:
    if MAIN_PART[ending] not in names:
        raise Unacceptable("other_type")
    if ending == "odt":
        if (
            "mimetype" not in names
            or archive.read("mimetype").strip() != b"application/vnd.oasis.opendocument.text"
        ):
            raise Unacceptable("other_type")
        return
    if "[Content_Types].xml" not in names:
        raise Unacceptable("other_type")
    if b"macroenabled" in archive.read("[Content_Types].xml").lower():
        raise Unacceptable("active")
