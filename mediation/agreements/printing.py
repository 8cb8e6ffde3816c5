"""Prints and seals a certificate, as a process of its own: `python -m mediation.agreements.printing` takes JSON, gives a PDF.

What it reads on stdin is an `Order`. Typst and pyHanko are imported inside, because whoever only asks for
`missing_characters` must not pay for them.
"""

import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from shutil import which
from threading import Thread

import msgspec

from mediation.agreements.seal import load_signer, seal_pdf
from mediation.agreements.sheet import Sheet

FONTS = Path(__file__).parent.parent / "fonts"
TEMPLATE = Path(__file__).with_name("certificate.typ")
SECONDS = 30


class Order(msgspec.Struct, frozen=True):
    """What is to be printed, the folder with the seal's key, and whether the machine's own fonts must help out."""

    sheet: Sheet
    keys: str
    system_fonts: bool = False


class MissingCharacters(Exception):
    """No font here has these signs; the certificate waits until one does."""


def print_certificate(sheet: Sheet, keys: Path) -> bytes:
    """The sealed PDF, made in a short-lived process: what goes wrong in there cannot harm the server."""
    if nowhere := unprintable(sheet.characters()):
        raise MissingCharacters("".join(sorted(nowhere)))
    missing = missing_characters(sheet.characters())
    order = msgspec.json.encode(Order(sheet, str(keys), bool(missing)))
    command = [sys.executable, "-m", "mediation.agreements.printing"]
    printed = subprocess.run(command, input=order, capture_output=True, timeout=SECONDS, check=False)
    if printed.returncode:
        raise RuntimeError(f"the printer failed: {printed.stderr.decode()[-2000:]}")
    return printed.stdout


def missing_characters(text: str) -> set[str]:
    """The signs of a text that our fonts do not have."""
    return {sign for sign in set(text) if sign != "\n" and ord(sign) not in _covered()}


@cache
def _covered() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    codes: set[int] = set()
    for file in sorted(FONTS.glob("*.otf")):
        with TTFont(file, lazy=True) as font:
            codes.update(font.getBestCmap())
    return frozenset(codes)


def unprintable(text: str) -> set[str]:
    """The signs that neither our fonts nor those of this machine have. Slow where there are any: for a thread."""
    fontconfig = which("fc-list")
    return {sign for sign in missing_characters(text) if not (fontconfig and _knows(fontconfig, sign))}


def _knows(fontconfig: str, sign: str) -> bool:
    command = [fontconfig, f":charset={ord(sign):x}", "family"]
    return bool(subprocess.run(command, capture_output=True, check=False, timeout=SECONDS).stdout.strip())


def typeset(order: Order) -> bytes:
    """The PDF before it is sealed."""
    import segno
    import typst

    qr = BytesIO()
    segno.make(order.sheet.check_url, error="m").save(qr, kind="svg", border=0, dark="#26231f")
    pdf = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=[FONTS],
        ignore_system_fonts=not order.system_fonts,
        sys_inputs={"sheet": msgspec.json.encode(order.sheet).decode(), "qr": qr.getvalue().decode()},
        pdf_standards="a-3b",
    )
    assert isinstance(pdf, bytes)
    return pdf


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    warming = Thread(
        target=load_signer
    )  # pyHanko takes half a second to load, while Typst holds no lock of Python's
    warming.start()
    pdf = typeset(order)
    warming.join()
    sys.stdout.buffer.write(seal_pdf(pdf, Path(order.keys), reason=order.sheet.title.of(order.sheet.binding)))


if __name__ == "__main__":
    main()
