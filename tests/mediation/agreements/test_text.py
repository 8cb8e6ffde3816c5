"""The text that terms become."""

from datetime import date

from mediation.agreements.terms import Costs, Deed, Late, Money, Obligation, Terms, instalments
from mediation.agreements.text import Framing, Named, lay_out, make_text, text_digest
from mediation.packs.pack import Language, load_pack

FRAMING = Framing(
    number="（2026）清河调7号",
    cause="private_lending",
    parties=(Named("chen", "陈静", "claimant"), Named("bo", "薄海", "respondent", ("顾文",))),
    mediator="林和",
    organisation="清河区人民法院",
    made_on=date(2026, 11, 22),
)
ONE = Obligation("bo", "chen", Money(8_600_000, "CNY"), date(2026, 12, 1))


def text_of(terms: Terms, language: Language = "zh", framing: Framing = FRAMING) -> str:
    return make_text(terms, framing, load_pack("cn"), language)


def test_one_payment_reads_as_a_document_in_chinese() -> None:
    text = text_of(Terms((ONE,)))

    assert text.startswith(
        "调解协议书\n\n案号：（2026）清河调7号\n申请人：陈静\n被申请人：薄海（委托诉讼代理人：顾文）\n"
    )
    assert (
        "一、被申请人薄海应于2026年12月1日前（含当日）以银行转账方式向申请人陈静支付人民币86,000元"
        "（大写：人民币捌万陆仟元整）。" in text
    )
    assert text.endswith("文本日期：二〇二六年十一月二十二日")


def test_the_same_payment_reads_as_a_document_in_english() -> None:
    text = text_of(Terms((ONE,)), "en")

    assert (
        "1. 薄海 shall pay 陈静 CNY 86,000 (eighty-six thousand yuan) by bank transfer on or before 1 December 2026."
        in text
    )
    assert text.endswith("Date of this text: 22 November 2026")


def test_instalments_become_one_clause_with_parts() -> None:
    payments = instalments(
        payer="bo", payee="chen", total=Money(8_600_000, "CNY"), count=4, first=date(2026, 12, 1)
    )

    text = text_of(Terms(payments))

    assert "支付共计人民币86,000元（大写：人民币捌万陆仟元整），分4期支付：\n（1）2026年12月1日前" in text
    assert "（4）2027年3月1日前（含当日）支付人民币21,500元（大写：人民币贰万壹仟伍佰元整）。\n二、" in text


def test_equal_deeds_on_different_days_are_both_in_the_text() -> None:
    deeds = tuple(Obligation("chen", "bo", Deed("归还借条原件"), date(2027, 1, day)) for day in (1, 2))

    assert text_of(Terms(deeds)).count("归还借条原件。") == 2


def test_interest_costs_and_clauses_are_written_out() -> None:
    text = text_of(Terms((ONE,), Late(345, True), Costs("borne_by", "bo"), ("钥匙一并交还",)))

    assert "按年利率3.45%支付" in text and "全部未付款项立即到期。" in text
    assert "四、钥匙一并交还。" in text
    assert "本案费用由被申请人薄海承担。" in text


def test_the_binding_language_and_the_moment_of_effect_are_said() -> None:
    assert "本协议以中文文本为准" in text_of(Terms((ONE,)))
    assert "takes effect when the last party has signed it online" in text_of(Terms((ONE,)), "en")


def test_a_name_cannot_pass_for_a_clause_nor_hide_signs() -> None:
    sly = Named("bo", "薄海\n九、\u202e债务\u200b全免\n\n", "respondent")
    framing = Framing(
        FRAMING.number, FRAMING.cause, (FRAMING.parties[0], sly), "林和", "法院", FRAMING.made_on
    )

    text = text_of(Terms((ONE,), clauses=("一\n\n二",)), framing=framing)

    assert "薄海 九、债务全免" in text and "\u202e" not in text and "\u200b" not in text
    assert [line.kind for line in lay_out(text)].count("clause") == 6


def test_the_same_terms_give_the_same_digest_and_any_change_another() -> None:
    other = Obligation("bo", "chen", Money(8_600_001, "CNY"), date(2026, 12, 1))

    assert text_digest(text_of(Terms((ONE,)))) == text_digest(text_of(Terms((ONE,))))
    assert text_digest(text_of(Terms((ONE,)))) != text_digest(text_of(Terms((other,))))
    assert len(text_digest("")) == 64


def test_the_lines_of_a_text_are_the_text() -> None:
    payments = instalments(
        payer="bo", payee="chen", total=Money(8_600_000, "CNY"), count=2, first=date(2026, 12, 1)
    )
    for language in ("zh", "en"):
        lines = lay_out(text := text_of(Terms(payments), language))

        assert [line.text for line in lines] == [line for line in text.split("\n") if line]
        assert (lines[0].kind, lines[-1].kind) == ("title", "date")
        assert [line.kind for line in lines].count("part") == 2
