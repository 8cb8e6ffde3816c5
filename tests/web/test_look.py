"""The colours: words can be read on every ground, in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "web" / "static" / "css"
RAW = re.compile(r"--raw-([\w-]+):\s*(#[0-9a-f]{6})")

GROUNDS = ("paper", "paper-high", "dusk-ground", "plum-ground")
READ_ON_EVERY_GROUND = ("ink", "ink-soft", "slate", "vermilion", "jade", "amber", "indigo", "ochre", "grey")
ON_ITS_WASH = ("vermilion", "jade", "slate", "amber", "indigo", "ochre", "grey")
FILLS = ("vermilion-deep", "jade-deep", "slate-deep")


def colours(theme: str) -> dict[str, str]:
    light = dict(RAW.findall((CSS / "tokens.css").read_text("utf-8")))
    return light | (dict(RAW.findall((CSS / "dark.css").read_text("utf-8"))) if theme == "dark" else {})


def luminance(colour: str) -> float:
    shares = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_colour_is_readable_on_every_ground(theme: str) -> None:
    raw = colours(theme)

    pale = {
        (ink, ground): round(contrast(raw[ink], raw[ground]), 2)
        for ink in READ_ON_EVERY_GROUND
        for ground in (*GROUNDS, "paper-low")
        if contrast(raw[ink], raw[ground]) < 4.5
    }

    assert not pale


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_badges_buttons_doors_and_hints_are_readable(theme: str) -> None:
    raw = colours(theme)
    pairs = [(name, f"{name}-wash") for name in ON_ITS_WASH]
    pairs += [("on-deep", fill) for fill in FILLS]
    pairs += [("dusk-ground", "dusk"), ("plum-ground", "plum"), ("on-stage", "stage")]
    pairs += [("ink-faint", ground) for ground in ("paper", "paper-high", "paper-low")]
    pairs += [
        ("ink", "slate-wash"),
        ("ink-soft", "slate-wash"),
        ("ink", "amber-wash"),
        ("ink", "jade-wash"),
        ("slate", "amber-wash"),
    ]

    pale = {
        pair: round(contrast(raw[pair[0]], raw[pair[1]]), 2)
        for pair in pairs
        if contrast(raw[pair[0]], raw[pair[1]]) < 4.5
    }

    assert not pale


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_edges_of_fields_and_the_focus_ring_stand_out(theme: str) -> None:
    raw = colours(theme)

    faint = [
        (line, ground)
        for line in ("line-strong", "slate", "dusk", "plum")
        for ground in GROUNDS
        if contrast(raw[line], raw[ground]) < 3
    ]

    assert not faint


def test_dark_redefines_raw_colours_and_no_meaning() -> None:
    names = re.findall(r"^\s*--([\w-]+):", (CSS / "dark.css").read_text("utf-8"), re.MULTILINE)

    assert names
    assert all(name.startswith("raw-") for name in names)


def test_components_name_no_colour_of_their_own() -> None:
    allowed = {
        "tokens.css",
        "dark.css",
        "print.css",
        "stage.css",
        "room-stage.css",
        "stage-view.css",
    }  # a stage is dark in both themes
    named = [
        file.name
        for file in CSS.glob("*.css")
        if file.name not in allowed and re.search(r"#[0-9a-f]{3,8}\b|\brgb\(", file.read_text("utf-8"))
    ]

    assert not named


def test_no_component_is_laid_out_by_left_and_right() -> None:
    physical = re.compile(
        r"(?:margin|padding|border)-(?:left|right)\b|(?<![\w-])(?:left|right|width|height)\s*:"
    )
    found = [
        file.name
        for file in CSS.glob("*.css")
        if physical.search(re.sub(r"@media[^{]*", "", file.read_text("utf-8")))
    ]

    assert not found
