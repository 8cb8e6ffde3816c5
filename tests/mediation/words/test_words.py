"""Words: nothing people read is missing in either language, and no placeholder is lost."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from mediation import words as words_module
from mediation.words import fill, js_catalogue, nearest, read, words

ROOT = Path(__file__).parents[3]
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
REFUSALS = {
    "Refusal",
    "NotSignedIn",
    "NotFound",
    "NotAllowed",
    "WrongState",
    "Invalid",
    "TooMany",
    "TooLarge",
}
METHODS = [
    ("static/vendor/**", "ignore"),
    ("static/js/vendor/**", "ignore"),
    ("templates/**.html", "jinja2"),
    ("record/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
    ("**.py", "python"),
    ("**.js", "javascript"),
]


def sentences_used() -> Iterator[tuple[str, str]]:
    for area in ("web", "signaling", "mediation"):
        for file, line, message, _comments, _context in extract_from_dir(
            ROOT / area,
            METHODS,
            {"templates/**.html": {"newstyle_gettext": "true"}},
            {"_": None, "gettext": None, "ngettext": (1, 2)},
        ):
            first = message if isinstance(message, str) else message[0]
            if first:
                yield first, f"{area}/{file}:{line}"


def refusals_raised() -> Iterator[tuple[str, str]]:
    for file in (file for area in ("web", "signaling", "mediation") for file in (ROOT / area).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in REFUSALS
                and node.args
            ):
                message = node.args[0]
                if isinstance(message, ast.Constant) and isinstance(message.value, str):
                    yield message.value, f"{file.relative_to(ROOT)}:{node.lineno}"


def test_every_sentence_has_its_chinese() -> None:
    chinese = words("zh-CN").sentences

    missing = sorted(
        {f"{place}: {sentence}" for sentence, place in sentences_used() if sentence not in chinese}
    )

    assert not missing, "\n".join(missing)


def test_every_refusal_is_said_in_both_languages() -> None:
    missing = sorted(
        {
            f"{tag} {place}: {message}"
            for message, place in refusals_raised()
            for tag in ("en", "zh-CN")
            if message not in words(tag).sentences
        }
    )

    assert not missing, "\n".join(missing)


def test_no_placeholder_is_lost_in_translation() -> None:
    english, chinese = words("en").sentences, words("zh-CN").sentences

    changed = [
        key
        for key, forms in chinese.items()
        for form in forms
        if set(PLACES.findall(form)) - set(PLACES.findall(" ".join(english.get(key, (key,)))))
        or ("%(" in key and set(PLACES.findall(key)) - set(PLACES.findall(form)) - {"%(num)d"})
    ]

    assert not changed


def test_no_sentence_stands_twice_with_different_words() -> None:
    seen: dict[tuple[str, str], tuple[str, ...]] = {}
    twice = []
    for file in sorted(Path(words_module.__file__).parent.glob("*/*.po")):
        for key, forms in read(file).items():
            if seen.setdefault((file.parent.name, key), forms) != forms:
                twice.append(f"{file.parent.name}/{file.name}: {key}")

    assert not twice


def test_nobody_is_shouted_at_or_blamed() -> None:
    loud = [
        key
        for tag in ("en", "zh-CN")
        for key, forms in words(tag).sentences.items()
        if re.search("[!！]", "".join(forms))
    ]
    familiar = [
        key for key, forms in words("zh-CN").sentences.items() if re.search("你(?!们)", "".join(forms))
    ]

    assert not loud
    assert not familiar


@pytest.mark.parametrize(
    ("wanted", "tag"),
    [("zh", "zh-CN"), ("zh_TW", "zh-CN"), ("en-GB,zh;q=0.5", "en"), ("fr, en;q=0.8", "en"), ("", "zh-CN")],
)
def test_the_nearest_language_is_chosen(wanted: str, tag: str) -> None:
    assert nearest(wanted) == tag
    assert words(wanted).tag == tag


def test_counting_has_one_form_in_chinese_and_two_in_english() -> None:
    one, many = "%(num)d waits for consent.", "%(num)d wait for consent."

    assert words("en").ngettext(one, many, 1) == one
    assert words("en").ngettext(one, many, 2) == many
    assert (
        words("zh-CN").ngettext(one, many, 1)
        == words("zh-CN").ngettext(one, many, 5)
        == "%(num)d件等待同意。"
    )


def test_a_refusal_without_a_sentence_is_still_an_answer() -> None:
    assert words("en").refusal("no.such_message")
    assert fill("at most {most} of {kind}", {"most": 3}) == "at most 3 of {kind}"


def test_a_name_with_braces_cannot_fill_another_place() -> None:
    assert fill("{name}", {"name": "{secret}"}) == "{secret}"


def test_the_scripts_get_only_what_they_use(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { _ } from "./words.js"\nshow(_("Sign in"), _("Sign in"))\n')

    assert js_catalogue("zh-CN", tmp_path) == {"Sign in": "登录"}
    assert js_catalogue("en", tmp_path) == {}
    assert js_catalogue("zh-CN", tmp_path, frozenset({"a.js"})) == {"Sign in": "登录"}
    assert js_catalogue("zh-CN", tmp_path, frozenset({"b.js"})) == {}


def test_the_terms_of_the_glossary_are_kept() -> None:
    terms = tomllib.loads((ROOT / "mediation" / "words" / "glossary.toml").read_text("utf-8"))["terms"]
    unwanted = ("caucus", "participant", "OTP", "password manager")

    loose = [
        f"{key}: {word}"
        for key, forms in words("en").sentences.items()
        for word in unwanted
        if word in " ".join(forms)
    ]

    assert not loose
    assert all(term["zh"] and term["en"] and term["source"] for term in terms)
