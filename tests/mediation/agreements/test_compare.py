"""What changed between two versions."""

from datetime import date

from mediation.agreements.compare import Change, Piece, compare_terms, compare_text
from mediation.agreements.terms import Deed, Late, Money, Obligation, Terms

EIGHTY = Obligation("bo", "chen", Money(8_000_000, "CNY"), date(2026, 12, 1))
EIGHTY_SIX = Obligation("bo", "chen", Money(8_600_000, "CNY"), date(2027, 1, 1))
DEED = Obligation("chen", "bo", Deed("归还借条"), date(2027, 4, 1))


def test_an_amount_in_a_text_changes_as_a_whole_number() -> None:
    assert compare_text("支付80,000元。", "支付86,000元。") == (
        Piece("same", "支付"),
        Piece("removed", "80,000"),
        Piece("added", "86,000"),
        Piece("same", "元。"),
    )


def test_chinese_is_compared_by_character() -> None:
    assert compare_text("双方自愿达成如下协议", "双方一致达成如下协议") == (
        Piece("same", "双方"),
        Piece("removed", "自愿"),
        Piece("added", "一致"),
        Piece("same", "达成如下协议"),
    )


def test_latin_is_compared_by_word() -> None:
    assert compare_text("to pay within ten days of today", "to pay within twelve days of today") == (
        Piece("same", "to pay within "),
        Piece("removed", "ten"),
        Piece("added", "twelve"),
        Piece("same", " days of today"),
    )


def test_small_islands_between_two_changes_are_read_as_one_change() -> None:
    assert compare_text("甲方的款项", "乙人的钱物") == (
        Piece("removed", "甲方的款项"),
        Piece("added", "乙人的钱物"),
    )


def test_the_pieces_give_back_both_texts() -> None:
    old, new = "一、甲付乙80,000元。\n二、乙还条。\n", "一、甲付乙86,000元，分两期。\n三、乙交还借条。\n"
    pieces = compare_text(old, new)

    assert "".join(piece.text for piece in pieces if piece.kind != "added") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new


def test_amounts_and_dates_are_compared_as_fields() -> None:
    assert compare_terms(Terms((EIGHTY, DEED)), Terms((EIGHTY_SIX, DEED))) == (
        Change("changed", "amount", Money(8_000_000, "CNY"), Money(8_600_000, "CNY"), 1),
        Change("changed", "due", date(2026, 12, 1), date(2027, 1, 1), 1),
    )


def test_an_obligation_put_in_front_does_not_make_the_others_look_changed() -> None:
    assert compare_terms(Terms((DEED,)), Terms((EIGHTY, DEED))) == (
        Change("added", "obligation", None, EIGHTY, 1),
    )


def test_a_removed_obligation_keeps_its_old_number() -> None:
    assert compare_terms(Terms((EIGHTY, DEED)), Terms((EIGHTY,))) == (
        Change("removed", "obligation", DEED, None, 2),
    )


def test_the_rest_of_the_terms_is_compared_too() -> None:
    old = Terms((EIGHTY,), clauses=("甲", "乙"))
    new = Terms((EIGHTY,), Late(100), clauses=("甲", "丙", "丁"), final=False)

    assert [(change.kind, change.field, change.after) for change in compare_terms(old, new)] == [
        ("changed", "late", {"rate": 100, "whole_due": False}),
        ("changed", "final", False),
        ("changed", "clause", "丙"),
        ("added", "clause", "丁"),
    ]


def test_equal_versions_have_no_changes() -> None:
    assert compare_terms(Terms((EIGHTY,)), Terms((EIGHTY,))) == ()
    assert compare_text("same", "same") == (Piece("same", "same"),)
