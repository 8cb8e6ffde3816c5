"""The certificate: typeset, sealed, and refused when a sign could not be printed."""

import stat
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from mediation.agreements.printing import MissingCharacters, missing_characters, print_certificate
from mediation.agreements.seal import CERTIFICATE, KEY, ensure_seal
from mediation.agreements.sheet import Sheet, Signed, make_sheet
from mediation.agreements.terms import Money, Obligation, Terms
from mediation.agreements.text import Framing, Named, make_text, text_digest
from mediation.packs.pack import Words, load_pack

AT = datetime(2026, 11, 22, 8, 2, 3, tzinfo=UTC)
SLY = 'Bo #read("/etc/passwd") *bold* $x$'


def a_sheet(respondent: str = "薄海", pack_code: str = "cn") -> Sheet:
    pack = load_pack(pack_code)
    terms = Terms((Obligation("bo", "chen", Money(8_600_000, pack.currency), date(2026, 12, 1)),))
    parties = (Named("chen", "陈静", "claimant"), Named("bo", respondent, "respondent"))
    framing = Framing("2026-0007", "private_lending", parties, "林和", "清河区人民法院", date(2026, 11, 22))
    texts = Words(make_text(terms, framing, pack, "zh"), make_text(terms, framing, pack, "en"))
    return make_sheet(
        pack=pack,
        framing=framing,
        terms=terms,
        texts=texts,
        digest=text_digest(texts.zh),
        signatures=(Signed("陈静", pack.standings["claimant"], "2026-11-22 16:02:03 UTC+08:00", "ab" * 32),),
        effective_at=AT,
        effective_entry="ef" * 32,
        issued_at=AT,
        code="Q7mZ2r8LkPx0aVbN",
        check_url="http://localhost:8080/certificates/Q7mZ2r8LkPx0aVbN",
    )


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house") / "keys"
    ensure_seal(folder, "清河区人民法院")
    return folder


@pytest.fixture(scope="module")
def printed(keys: Path) -> bytes:
    """The certificate of the ordinary sheet: printing takes half a second, looking at it nothing."""
    return print_certificate(a_sheet(), keys)


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def red_pixels(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=0.5).to_pil().convert("RGB")
        return sum(n for n, colour in picture.getcolors(1 << 24) or [] if colour[0] > 150 and colour[1] < 90)
    finally:
        document.close()


def is_intact(pdf: bytes, keys: Path) -> bool:
    """Valid, trusted by whoever has the installation's certificate, and over the whole file."""
    root = load_cert_from_pemder(str(keys / CERTIFICATE))
    signature = PdfFileReader(BytesIO(pdf), strict=False).embedded_signatures[0]
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root]))
    return bool(status.intact and status.valid and status.trusted and status.docmdp_ok)


def test_the_certificate_says_who_what_when_and_which_text(printed: bytes) -> None:
    words = words_of(printed)
    for expected in (
        "在线调解结果证明书",
        "Certificate of Outcome",
        "陈静",
        "薄海",
        "CNY 86,000",
        a_sheet().digest,
        "ab" * 32,
        "ef" * 32,
    ):
        assert "".join(expected.split()) in "".join(
            words.split()
        )  # letters set apart are read as words of their own
    assert "捌万陆仟元整" in words and "二〇二六年十一月二十二日" in words
    assert red_pixels(printed) > 500


def test_the_seal_covers_the_whole_file_and_breaks_with_one_changed_byte(keys: Path, printed: bytes) -> None:
    assert is_intact(printed, keys)
    assert b"/ETSI.CAdES.detached" in printed

    at = printed.index(b"/MediaBox") + 12
    changed = printed[:at] + bytes([printed[at] ^ 1]) + printed[at + 1 :]
    assert not is_intact(changed, keys)


def test_markup_in_a_name_stays_text(keys: Path) -> None:
    words = words_of(print_certificate(a_sheet(SLY), keys))

    assert '#read("/etc/' in words and "*bold*" in words
    assert "root:" not in words


def test_the_neutral_pack_prints_with_english_as_the_binding_text(keys: Path) -> None:
    words = words_of(print_certificate(a_sheet(pack_code="neutral"), keys))

    assert words.index("Binding text") < words.index("供参考的文本")


def test_signs_without_a_glyph_are_found_out() -> None:
    assert missing_characters("陈静〇：，￥86,000\n") == set()
    assert missing_characters("𠮷野\u0378") == {"𠮷", "\u0378"}


def test_a_sign_that_no_font_has_is_named_instead_of_printed_as_a_box(keys: Path) -> None:
    with pytest.raises(MissingCharacters, match="\u0378"):
        print_certificate(a_sheet("薄\u0378"), keys)


def test_the_seal_s_key_is_for_its_owner_alone_and_made_only_once(keys: Path) -> None:
    before = (keys / KEY).read_bytes()

    ensure_seal(keys, "another name")

    assert stat.S_IMODE((keys / KEY).stat().st_mode) == 0o600
    assert (keys / KEY).read_bytes() == before and (keys / CERTIFICATE).exists()


def test_a_printer_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="printer failed"):
        print_certificate(a_sheet(), tmp_path / "no keys here")
