"""The packs hold what the law gives, whole and in both languages."""

import inspect
import re
from types import ModuleType

import msgspec
import pytest

from mediation.agreements import terms
from mediation.hearings import manifest
from mediation.packs import pack
from mediation.packs.pack import PACKS, Words, load_pack

THE_CLOSED_LIST = (
    "agreed",
    "settled_withdrawn",
    "unreachable",
    "unwilling",
    "too_far_apart",
    "period_over",
    "refuses_to_sign",
    "other",
)


@pytest.mark.parametrize("code", PACKS)
def test_every_pack_has_the_closed_list_of_end_reasons(code: str) -> None:
    assert tuple(reason.code for reason in load_pack(code).end_reasons) == THE_CLOSED_LIST


@pytest.mark.parametrize("code", PACKS)
def test_only_another_reason_needs_words_and_only_signatures_make_an_agreement(code: str) -> None:
    reasons = load_pack(code).end_reasons

    assert [reason.code for reason in reasons if reason.needs_text] == ["other"]
    assert [reason.code for reason in reasons if "signature" in reason.by] == ["agreed"]


def test_the_court_pack_holds_the_clocks_of_the_rules() -> None:
    clocks = load_pack("cn").clocks

    assert clocks.mediation_days == {"before_filing": 30, "ordinary": 15, "summary": 7}
    assert (clocks.invitation_days, clocks.code_minutes) == (3, 10)


def test_the_court_pack_takes_effect_with_the_last_party_and_the_neutral_one_with_the_mediator() -> None:
    assert load_pack("cn").effectivity.rule == "last_party_signature"
    assert load_pack("neutral").effectivity.rule == "with_mediator_and_seal"


@pytest.mark.parametrize("code", PACKS)
def test_every_source_that_a_text_cites_is_named(code: str) -> None:
    pack = load_pack(code)
    points = pack.consent.points + pack.rules.points
    cited = [source for point in points for source in point.sources]
    cited += [*pack.effectivity.sources, *pack.rules.declaration_sources, *pack.certificate.sources]

    for source in cited:
        assert pack.cite(source, "en")


def test_a_citation_names_the_rule_and_the_article_in_the_reader_s_language() -> None:
    pack = load_pack("cn")

    assert pack.cite("OMR 19", "zh-CN") == "《人民法院在线调解规则》（法释〔2021〕23号）第19条"
    assert pack.cite("OMR 19", "en").endswith(", article 19")


@pytest.mark.parametrize("code", PACKS)
def test_every_text_exists_in_both_languages_with_the_same_placeholders(code: str) -> None:
    for words in _all_words(msgspec.to_builtins(load_pack(code))):
        zh, en = words["zh"], words["en"]

        assert set(re.findall(r"{\w+}", zh)) == set(re.findall(r"{\w+}", en)), zh
        assert "!" not in zh + en and "！" not in zh


@pytest.mark.parametrize("code", PACKS)
def test_chinese_sentences_use_full_width_punctuation(code: str) -> None:
    for words in _all_words(msgspec.to_builtins(load_pack(code))):
        assert not re.search(r"[\u4e00-\u9fff][,;:?]", words["zh"]), words["zh"]


def test_words_choose_their_language_by_the_tag_and_leave_braces_in_names_alone() -> None:
    words = Words(zh="{mediator}主持", en="led by {mediator}")

    assert words.of("zh-CN", mediator="林") == "林主持"
    assert words.of("en-GB", mediator="{0.__class__}") == "led by {0.__class__}"


def test_a_pack_that_does_not_exist_is_named() -> None:
    with pytest.raises(LookupError, match="atlantis"):
        load_pack("atlantis")


@pytest.mark.parametrize("code", PACKS)
def test_every_class_says_why_and_what_the_law_obliges_us_to_keep_is_kept_longest(code: str) -> None:
    rules = load_pack(code)

    assert all(
        one.sources and [rules.cite(source, "zh") for source in one.sources] for one in rules.retention
    )
    assert next(one for one in rules.retention if one.code == "outcome").days is None
    for kind in ("record", "talks", "private", "caucus"):
        assert rules.retention_of(kind, "message_posted", has_file=False) is not None
    talk = max(one.days or 0 for one in rules.retention if not one.obliged)
    assert talk < min(one.days or 99_999 for one in rules.retention if one.obliged)


def _all_words(data: object) -> list[dict[str, str]]:
    if isinstance(data, dict):
        if set(data) == {"zh", "en"}:
            return [data]
        return [words for value in data.values() for words in _all_words(value)]
    if isinstance(data, list | tuple):
        return [words for value in data for words in _all_words(value)]
    return []


@pytest.mark.parametrize("module", [pack, terms, manifest], ids=lambda module: str(module.__name__))
def test_a_type_that_several_threads_read_is_looked_at_when_its_module_is_loaded(module: ModuleType) -> None:
    """msgspec looks at a type on its first use; readers who did so at the same moment have brought the server down."""
    source = inspect.getsource(module)
    read = re.findall(r"msgspec\.(?:convert|json\.decode)\(.*\b([A-Z]\w+)\)\n", source)

    assert read
    assert {f"\nmsgspec.json.Decoder({kind})\n" in source for kind in read} == {True}
