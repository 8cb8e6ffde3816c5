"""Takes the words out of a document, page by page where it has pages, to find it by them. Runs in a process of its own."""

import codecs
import re
import zipfile
from collections.abc import Iterator
from typing import IO, BinaryIO
from xml.etree import ElementTree as ET

from mediation.documents.office import MAIN_PART, Unacceptable, check_office
from mediation.record.findable import TOGETHER

ENDINGS = frozenset({"pdf", "txt", "docx", "odt"})
"""What is read: the rest is found by what it is called."""
MOST_PAGES = 1000
MOST_CHARACTERS = 1_000_000
"""Of all pages together; what is beyond is not looked for."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ODF = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_PARAGRAPHS = frozenset({f"{_W}p", f"{_ODF}p", f"{_ODF}h"})
_GAPS = frozenset({f"{_W}tab", f"{_W}br", f"{_ODF}tab", f"{_ODF}s", f"{_ODF}line-break"})
_BROKEN = re.compile(rf"(?<=[{TOGETHER}])\s*\n\s*(?=[{TOGETHER}])")
"""The end of a line in the middle of a Chinese sentence: a word may go on behind it."""


def read_text(file: BinaryIO, ending: str) -> list[str]:
    """The words of each page; a document without pages is one. Raises `Unacceptable` for what cannot be read, and for no words at all."""
    pages = list(_within(_pdf(file) if ending == "pdf" else iter([_text(file, ending)])))
    if not any(page.strip() for page in pages):
        raise Unacceptable("no_text")
    return [_BROKEN.sub("", page) for page in pages]


def _within(pages: Iterator[str]) -> Iterator[str]:
    left = MOST_CHARACTERS
    for number, page in enumerate(pages):
        if number == MOST_PAGES or left <= 0:
            return
        yield page[:left]
        left -= len(page)


def _pdf(file: BinaryIO) -> Iterator[str]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
        for page in document:
            yield page.get_textpage().get_text_range(count=-1).replace("\r", "")
    except pypdfium2.PdfiumError as error:  # damaged, or locked with a password
        raise Unacceptable("damaged") from error


def _text(file: BinaryIO, ending: str) -> str:
    if ending == "txt":
        return _decoded(file.read(4 * MOST_CHARACTERS))
    check_office(file, ending)  # no entities, nothing that unpacks to more than it says
    file.seek(0)
    with zipfile.ZipFile(file) as archive, archive.open(MAIN_PART[ending]) as part:
        return "".join(_paragraphs(part))


def _paragraphs(part: IO[bytes]) -> Iterator[str]:
    """A line for each paragraph, which is let go when it has been read."""
    left = MOST_CHARACTERS
    try:
        for _, element in ET.iterparse(part):  # noqa: S314 - it was looked through for entities
            if element.tag in _GAPS:
                element.text = " "
            elif element.tag in _PARAGRAPHS and left > 0:
                line = "".join(element.itertext())
                element.clear()
                left -= len(line)
                yield line + "\n"
    except ET.ParseError as error:
        raise Unacceptable("damaged") from error


def _decoded(data: bytes) -> str:
    """As the gate has let it in; a character that is cut at the end is left out."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="ignore")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(data)
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="ignore")
