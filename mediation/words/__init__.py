"""Words: every sentence people read, in their language.

English sentences are their own ids; Chinese stands in `zh_CN/<area>.po`. A refusal is named by an id, so both languages have
a file for it. All files of a language are merged in memory at first use; nothing is compiled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

HERE = Path(__file__).parent
FOLDERS = {"zh-CN": "zh_CN", "en": "en"}
TAGS = tuple(FOLDERS)


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language; `tag` is what HTML calls it, `locale` what Babel does."""

    tag: str
    locale: str
    sentences: Mapping[str, tuple[str, ...]]

    def gettext(self, message: str) -> str:
        return self.sentences.get(message, (message,))[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        """One form in Chinese, two in English: no third language is here that would need more."""
        forms = self.sentences.get(one, (one, many) if self.tag == "en" else (many,))
        return forms[0] if len(forms) == 1 or count == 1 else forms[1]

    def refusal(self, message: str, **params: object) -> str:
        """The sentence of a refusal; one without a sentence is still an answer, never a crash."""
        sentence = self.sentences.get(message) or self.sentences.get("refused") or (message,)
        return fill(sentence[0], params)


def fill(sentence: str, params: Mapping[str, object]) -> str:
    """`{name}` in a sentence; a name that is not given stays as it is written."""
    for name, value in params.items():
        sentence = sentence.replace("{" + name + "}", str(value))
    return sentence


def nearest(wanted: str) -> str:
    """The tag of ours for a language tag or an Accept-Language header; Chinese when nothing fits."""
    for part in wanted.split(","):
        language = part.partition(";")[0].strip().lower()
        if language.startswith("zh"):
            return "zh-CN"
        if language.startswith("en"):
            return "en"
    return "zh-CN"


@cache
def words(tag: str) -> Words:
    """The sentences for a language tag; any form of a tag will do (`zh`, `zh_CN`, `en-GB`)."""
    own = nearest(tag)
    sentences: dict[str, tuple[str, ...]] = {}
    for file in sorted((HERE / FOLDERS[own]).glob("*.po")):
        sentences.update(read(file))
    return Words(tag=own, locale=FOLDERS[own], sentences=sentences)


def read(file: Path) -> dict[str, tuple[str, ...]]:
    """The translated sentences of one file; plural forms in their order."""
    with file.open("rb") as opened:
        catalogue = read_po(opened)
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if key and any(forms):
            found[key] = forms
    return found


def js_sentences(folder: Path, files: frozenset[str] | None = None) -> frozenset[str]:
    """The msgids that our scripts use, or these files of them."""
    return frozenset(found for file, found in _in_scripts(folder) if files is None or file in files)


@cache
def _in_scripts(folder: Path) -> tuple[tuple[str, str], ...]:
    """Each file with each of its msgids; what others wrote is left out."""
    found = extract_from_dir(
        folder,
        method_map=[("**.js", "javascript")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
        directory_filter=lambda name: Path(name).name != "vendor",
    )
    return tuple(
        (file, message if isinstance(message, str) else message[0])
        for file, _line, message, _comments, _context in found
    )


@cache
def js_catalogue(tag: str, folder: Path, files: frozenset[str] | None = None) -> dict[str, str | list[str]]:
    """What the scripts in `folder`, or these files of it, need of a language: a sentence, or its plural forms."""
    own = words(tag)
    return {
        sentence: list(forms) if len(forms) > 1 else forms[0]
        for sentence in sorted(js_sentences(folder, files))
        if (forms := own.sentences.get(sentence))
    }
