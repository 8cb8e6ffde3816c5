"""The font that goes with us draws what our documents are made of."""

import io
from pathlib import Path

import pytest
import typst
from fontTools.ttLib import TTFont
from PIL import Image

FONTS = Path(__file__).resolve().parents[2] / "mediation" / "fonts"
WEIGHTS = ["Regular"]


def the_font(weight: str) -> TTFont:
    return TTFont(FONTS / f"MediationSerifSC-{weight}.otf")


def ink_of(text: str, weight: str) -> int:
    """How many dark pixels Typst draws for this text, with no other font to help out."""
    page = "#set page(width: 3cm, height: 3cm, margin: 1cm)\n"
    style = (
        f'#set text(font: "Mediation Serif SC", weight: "{weight.lower()}", size: 20pt, fallback: false)\n'
    )
    source = (page + style + text).encode()
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
    png = typst.compile(source, font_paths=fonts, format="png", ppi=72)
    assert isinstance(png, bytes)
    return sum(Image.open(io.BytesIO(png)).convert("L").histogram()[:128])


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_font_holds_every_character_of_gb_2312(weight: str) -> None:
    rows = [bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    wanted = {ord(one) for row in rows for one in row.decode("gb2312", errors="ignore")}

    missing = wanted - set(the_font(weight).getBestCmap())

    assert len(wanted) == 6763
    assert not missing


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_font_keeps_the_layout_features_that_place_punctuation(weight: str) -> None:
    font = the_font(weight)

    substitutions = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    positions = {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}

    assert {"locl", "vert", "ccmp"} <= substitutions
    assert {"halt", "palt", "kern"} <= positions


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("text", ["：", "〇", "￥", "¥", "《", "捌", "“", "é"])
def test_typst_draws_what_agreements_are_written_with(text: str, weight: str) -> None:
    assert ink_of(text, weight) > 0


def test_an_unknown_character_is_not_in_the_font_and_can_be_found_out_beforehand() -> None:
    assert ord("𠮷") not in the_font("Regular").getBestCmap()


def test_the_changed_font_goes_by_a_name_of_its_own_and_with_its_licence() -> None:
    names = [
        record.toUnicode() for record in the_font("Regular")["name"].names if record.nameID in {1, 3, 4, 6}
    ]

    assert names
    assert not any("Noto" in name or "Source" in name for name in names)
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8").upper()
