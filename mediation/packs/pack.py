"""Rule packs: the legal clocks, effects, reasons and texts of one kind of mediation, read from TOML."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import msgspec

Language = Literal["zh", "en"]


def language_of(tag: str) -> Language:
    """The language of our texts for a browser's or a person's language tag: zh-CN and zh_TW read Chinese."""
    return "zh" if tag.lower().startswith("zh") else "en"


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: str
    en: str

    def of(self, language: str, **names: object) -> str:
        text = self.zh if language_of(language) == "zh" else self.en
        return text.format_map(names) if names else text


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One point of a text that people read: a heading, a plain sentence or three, and the law behind it."""

    code: str
    title: Words
    text: Words
    sources: tuple[str, ...] = ()


class Consent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    title: Words
    lead: Words
    accept: Words
    decline: Words
    withdraw: Words
    points: tuple[Point, ...]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of the room and the declaration that nobody records."""

    version: str
    title: Words
    declaration: Words
    points: tuple[Point, ...]
    declaration_sources: tuple[str, ...] = ()


class Clocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mediation_days: dict[Literal["before_filing", "ordinary", "summary"], int]
    invitation_days: int
    code_minutes: int
    code_attempts: int
    signing_hours: int
    join_before_minutes: int
    rooms_shut_minutes: int
    pause_minutes: int
    pauses_a_day: int


class Effectivity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a signed text takes effect."""

    rule: Literal["last_party_signature", "with_mediator_and_seal"]
    text: Words
    sources: tuple[str, ...] = ()


class Absence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What it means that somebody was not there, by why."""

    line_fault: Words
    own_act: Words
    unclear: Words
    sources: tuple[str, ...] = ()

    def effect(self, verdict: str, language: str) -> str:
        """The text for a verdict; nothing for one that means nothing."""
        text = {"line_fault": self.line_fault, "own_act": self.own_act, "unclear": self.unclear}.get(verdict)
        return text.of(language) if text else ""


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stage of the talk, and who writes in it unless the mediator says otherwise."""

    code: str
    name: Words
    writers: tuple[Literal["claimant", "claimant_agent", "respondent", "respondent_agent"], ...]


class Safety(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody reads who has quietly said that they are not safe."""

    now: Words
    number: str
    call: Words


class Care(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words over which one is asked to think again before sending; nothing is ever held back for them."""

    text: Words
    words: tuple[str, ...]


class EndReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the closed list of reasons for which a mediation ends, and who may give it."""

    code: str
    text: Words
    by: tuple[Literal["signature", "mediator", "party", "clock"], ...]
    settled: bool = False
    needs_text: bool = False


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class of contents, and how many days after the end of a case they are kept; without `days` for good.

    It covers the channels of these kinds, or of their entries only those of `kinds`, or those that have a file; of somebody's own
    channel (`person`) what they quietly told the mediator and the clerk in the case. What is kept
    `on_request` may be erased before its time when its writer asks for it; never what the law has `obliged` us to keep.
    """

    code: str
    name: Words
    text: Words
    channels: tuple[Literal["record", "talks", "private", "caucus", "person"], ...]
    kinds: tuple[str, ...] = ()
    with_file: bool = False
    days: Annotated[int, msgspec.Meta(gt=0)] | None = None
    obliged: bool = False
    on_request: bool = False
    sources: tuple[str, ...] = ()

    def covers(self, channel: str, kind: str, *, has_file: bool) -> bool:
        """Whether an entry of this kind, in a channel of this kind, belongs here."""
        return (
            channel in self.channels
            and (not self.kinds or kind in self.kinds)
            and (has_file or not self.with_file)
        )


class Currency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prefix: Words
    unit: Words
    parts: Words
    capital: bool = False


class CertificateTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Words
    statement: Words
    effect: Words
    verify: Words
    sealed: Words
    seal: Words
    labels: dict[str, Words]
    sources: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: Words


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    version: str
    name: Words
    currency: str
    time_zone: str
    binding_language: Language
    clocks: Clocks
    effectivity: Effectivity
    consent: Consent
    rules: Rules
    absence: Absence
    stages: tuple[Stage, ...]
    safety: Safety
    care: Care
    end_reasons: tuple[EndReason, ...]
    retention: tuple[Retention, ...]
    agreement: dict[str, Words]
    standings: dict[str, Words]
    causes: dict[str, Words]
    currencies: dict[str, Currency]
    certificate: CertificateTexts
    sources: tuple[Source, ...]

    def end_reason(self, code: str) -> EndReason | None:
        return next((reason for reason in self.end_reasons if reason.code == code), None)

    def stage(self, code: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.code == code), None)

    def retention_of(self, channel: str, kind: str, *, has_file: bool) -> Retention | None:
        """The class of an entry's content: the first that covers it; what none covers is kept for good."""
        return next((one for one in self.retention if one.covers(channel, kind, has_file=has_file)), None)

    def retention_class(self, code: str) -> Retention | None:
        return next((one for one in self.retention if one.code == code), None)

    def standing(self, standing: str, language: str) -> str:
        """The word for a standing; a standing that the pack has no word for is shown as it is."""
        return self.standings[standing].of(language) if standing in self.standings else standing

    def cause(self, cause: str, language: str) -> str:
        """What the dispute is about; a cause that is not a code of the pack is shown as it was written."""
        known = self.causes.get("_".join(cause.lower().split()))
        return known.of(language) if known else cause

    def cite(self, source: str, language: str) -> str:
        """A source in full: "OMR 19" is the rule's name and its article."""
        code, _, article = source.partition(" ")
        name = next(source.name for source in self.sources if source.code == code).of(language)
        if not article:
            return name
        return f"{name}第{article}条" if language_of(language) == "zh" else f"{name}, article {article}"


# msgspec looks at a type when it is first used; two threads that did so at once have crashed the process. So: here, once.
msgspec.json.Decoder(Pack)

PACKS = ("cn", "neutral")


@cache
def load_pack(code: str) -> Pack:
    """The pack of this code, with the shared sentences of forms.toml under its own."""
    if code not in PACKS:
        raise LookupError(f"no rule pack named {code!r}; there are {', '.join(PACKS)}")
    return msgspec.convert(_over(_read("forms"), _read(code)), Pack)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("mediation.packs").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = dict(below)
    for key, value in above.items():
        old = both.get(key)
        both[key] = _over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both
