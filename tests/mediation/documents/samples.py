"""Files made in memory: honest ones of each kind, and some that are not."""

import io
import struct
import zipfile
import zlib

from PIL import Image

XML = b'<?xml version="1.0" encoding="UTF-8"?>'
MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def a_pdf(inside: bytes = b"") -> bytes:
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + inside
    return (
        body
        + b"xref\n0 1\n0000000000 65535 f \ntrailer << /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    )


def a_picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **extra: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(written, kind, **extra)
    return written.getvalue()


def a_photo_with_a_place() -> bytes:
    """A JPEG that lies on its side and says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Canary Phone"
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 0.0), 3: "E", 4: (120.0, 10.0, 0.0)})
    return a_picture("JPEG", (400, 300), exif=exif)


def an_office_file(kind: str = "docx", **more: bytes) -> bytes:
    parts = {
        "[Content_Types].xml": XML + b"<Types/>",
        MAIN_PART[kind]: XML + b"<document>" + b"word " * 40 + b"</document>",
    }
    return a_zip({**parts, **{name.replace("__", "/"): data for name, data in more.items()}})


def an_odt() -> bytes:
    return a_zip({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": XML + b"<office/>"})


def a_zip(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return written.getvalue()


def a_box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def an_mp4(brand: bytes = b"isom") -> bytes:
    return a_box(b"ftyp", brand + b"\0\0\2\0mp41") + a_box(b"moov", bytes(64)) + a_box(b"mdat", bytes(500))


def a_heic() -> bytes:
    return a_box(b"ftyp", b"heic\0\0\0\0mif1heic") + a_box(b"meta", bytes(40)) + a_box(b"mdat", bytes(300))


def a_wav() -> bytes:
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", len(head) + 8 + 100)
        + head
        + b"data"
        + struct.pack("<I", 100)
        + bytes(100)
    )


def a_webm() -> bytes:
    return (
        b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"
        + bytes(200)
    )


def an_ogg() -> bytes:
    return b"OggS\0\2" + bytes(20) + b"\x01\x13OpusHead" + bytes(60)


def an_mp3() -> bytes:
    return b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + (b"\xff\xfb\x90\x64" + bytes(413)) * 3


HONEST = {
    "loan.pdf": a_pdf(),
    "receipt.png": a_picture("PNG"),
    "receipt.jpg": a_picture("JPEG"),
    "receipt.webp": a_picture("WEBP"),
    "receipt.gif": a_picture("GIF"),
    "phone.heic": a_heic(),
    "claim.docx": an_office_file("docx"),
    "sums.xlsx": an_office_file("xlsx"),
    "slides.pptx": an_office_file("pptx"),
    "claim.odt": an_odt(),
    "notes.txt": "借款八万六千元".encode(),
    "old notes.txt": "借款八万六千元".encode("gb18030"),
    "sums.csv": b"day,sum\n2026-01-02,86000\n",
    "call.mp3": an_mp3(),
    "voice.m4a": an_mp4(b"M4A "),
    "voice.wav": a_wav(),
    "voice.ogg": an_ogg(),
    "voice.webm": a_webm(),
    "site.mp4": an_mp4(),
}


def a_pdf_that_says(*pages: str) -> bytes:
    """Each page with its words, in any writing, in a font that every reader of PDF has."""
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo 5 0 R >>",
        "<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>",
    ]
    for n, words in enumerate(pages):
        lines = " T* ".join(f"<{line.encode('utf-16-be').hex()}> Tj" for line in words.split("\n"))
        drawn = f"BT /F 12 Tf 14 TL 50 700 Td {lines} ET"
        parts.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {7 + 2 * n} 0 R >>"
        )
        parts.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}trailer << /Root 1 0 R /Size {len(parts) + 1} >>\n"
    return body + f"{end}startxref\n{len(body)}\n%%EOF\n".encode()


def a_letter(kind: str, *paragraphs: str) -> bytes:
    """A document of Word or OpenDocument with these paragraphs."""
    if kind == "docx":
        space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        lines = "".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs)
        document = XML + f"<w:document {space}>{lines}</w:document>".encode()
        return a_zip({"[Content_Types].xml": XML + b"<Types/>", MAIN_PART["docx"]: document})
    space = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    lines = "".join(
        f"<text:p>{one[:1]}<text:span>{one[1:2]}</text:span>{one[2:]}</text:p>" for one in paragraphs
    )
    content = XML + f"<office {space}>{lines}</office>".encode()
    return a_zip({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content})


def a_pdf_that_bursts(megabytes: int) -> bytes:
    """Its one page is a short stream that unpacks to this much, packed twice."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(b" " * (1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = zlib.compress(b"\x78\xda" + piece * megabytes + packer.flush() + bytes(4), 9)
    stream = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream" % (
        len(packed),
        packed,
    )
    honest = a_pdf_that_says("x")
    start, end = honest.index(b"7 0 obj\n") + 8, honest.index(b"\nendobj", honest.index(b"7 0 obj\n"))
    return honest[:start] + stream + honest[end:]
