"""What surely is a number that could be misused is masked; everything else stays as it was written."""

import pytest

from mediation.masking import mask


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("我的身份证是11010519491231002X。", "我的身份证是110*************2X。"),
        ("ID 11010519491231002x, please", "ID 110*************2x, please"),
        ("卡号:6222 0212 3456 7890 128，工行", "卡号:***************0128，工行"),
        ("4111-1111-1111-1111", "************1111"),
        ("card 4111111111111111.", "card ************1111."),
        ("四一：4111　1111　1111　1111", "四一：************1111"),
        ("打我电话13800000001吧", "打我电话138****0001吧"),
        ("138-0000-0001", "138****0001"),
        ("+86 138 0000 0001", "+861******0001"),
        ("+44 20 7946 0958", "+442*******58"),
        ("护照号码：E12345678", "护照号码：E******78"),
        ("passport no. G12345678", "passport no. G******78"),
    ],
)
def test_numbers_of_people_and_accounts_are_hidden_but_for_their_ends(written: str, shown: str) -> None:
    assert mask(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002Y",
        "110105194912310021",
        "4111111111111112",
        "0000000000000000",
        "86,000 by 2026-03-31, 2026-04-30 and 2026-05-31",
        "2026-11-22 08:00:00.123456",
        "（2026）京0105民初12345号",
        "Your code is 482913.",
        "Order E12345678",
        "3.1415926535897",
        "https://example.org/invitations/4111111111111111?n=13800000001",
        "r7Qm4111111111111111",
        "lin@13800000001.example.org",
        "",
    ],
)
def test_what_is_no_such_number_stays_as_it_was_written(written: str) -> None:
    assert mask(written) == written


def test_several_numbers_in_one_text_are_each_masked_and_links_between_them_kept() -> None:
    text = "13800000001 https://example.org/13800000002 13800000003"

    assert mask(text) == "138****0001 https://example.org/13800000002 138****0003"


def test_what_was_masked_once_is_not_changed_again() -> None:
    once = mask("11010519491231002X, 4111 1111 1111 1111, +86 13800000001")

    assert mask(once) == once
