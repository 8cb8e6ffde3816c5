"""Amounts and dates in the forms that documents use."""

from datetime import date

import pytest

from mediation.agreements.numerals import (
    capital,
    chinese_date,
    english_date,
    formal_date,
    grouped,
    in_words,
    ordinal,
)


@pytest.mark.parametrize(
    ("minor", "written"),
    [
        (8_600_000, "捌万陆仟元整"),
        (10_000_000, "壹拾万元整"),
        (1_001_000, "壹万零壹拾元整"),
        (10_000_000_100, "壹亿零壹元整"),
        (12_000_300_000, "壹亿贰仟万叁仟元整"),
        (100_500, "壹仟零伍元整"),
        (10_050_000, "壹拾万零伍佰元整"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (5, "伍分"),
        (50, "伍角整"),
        (0, "零元整"),
        (10**13, "壹仟亿元整"),
    ],
)
def test_the_capital_form_follows_the_rules_for_zeros(minor: int, written: str) -> None:
    assert capital(minor) == written


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (86_000, "eighty-six thousand"),
        (0, "zero"),
        (115, "one hundred and fifteen"),
        (1_000_020, "one million twenty"),
        (21_500, "twenty-one thousand five hundred"),
    ],
)
def test_english_amounts_in_words(number: int, words: str) -> None:
    assert in_words(number) == words


def test_amounts_are_grouped_and_show_cents_only_where_there_are_some() -> None:
    assert (grouped(8_600_000), grouped(8_600_050), grouped(99)) == ("86,000", "86,000.50", "0.99")


def test_deadlines_are_written_in_figures_and_documents_dated_in_characters() -> None:
    day = date(2030, 12, 20)

    assert chinese_date(day) == "2030年12月20日"
    assert formal_date(day) == "二〇三〇年十二月二十日"
    assert formal_date(date(2026, 10, 11)) == "二〇二六年十月十一日"
    assert english_date(day) == "20 December 2030"


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (31, "三十一"), (105, "一百零五"), (110, "一百一十")],
)
def test_clauses_are_numbered_in_characters(number: int, written: str) -> None:
    assert ordinal(number) == written
