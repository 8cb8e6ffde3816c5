"""Every refusal of an agreement has its sentence in both languages."""

import re
from pathlib import Path

import pytest

import mediation.agreements
from mediation.words import words

SOURCES = Path(mediation.agreements.__file__).parent.glob("*.py")
MESSAGES = sorted(
    {
        found
        for file in SOURCES
        for found in re.findall(
            r'(?:Invalid|WrongState|NotAllowed)\("(agreements\.\w+)"', file.read_text("utf-8")
        )
    }
)


@pytest.mark.parametrize("tag", ["zh-CN", "en"])
def test_every_refusal_has_a_sentence(tag: str) -> None:
    own = words(tag)

    assert len(MESSAGES) > 25
    for message in MESSAGES:
        sentence = own.refusal(message)
        assert sentence != message and sentence[-1] in ".。", message
        assert "!" not in sentence and "！" not in sentence


def test_both_languages_fill_in_the_same_names() -> None:
    for message in MESSAGES:
        zh, en = (set(re.findall(r"{\w+}", words(tag).refusal(message))) for tag in ("zh-CN", "en"))
        assert zh == en, message
