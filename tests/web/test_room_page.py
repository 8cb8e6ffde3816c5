"""The room's page without a browser: its weight, its words, and who may have it."""

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2

from mediation.words import js_sentences, words
from tests.site import Site
from tests.stories import opened
from web.static_files import StaticFiles

WEB = Path(__file__).resolve().parents[2] / "web"
SCRIPTS = WEB / "static" / "js"
BUDGET = 150_000
# Babel reads a template literal as text: a sentence inside one is never found, and never translated.
HIDDEN = re.compile(r"`[^`]*\$\{[^}`]*\b_\(")


async def test_the_room_weighs_less_than_a_phone_will_wait_for() -> None:
    static = StaticFiles()
    static.compress()
    tree = f"/static/{static.tree}/"
    paths = [address.removeprefix(tree) for address in static.modules("js/room.js")]

    # The library of the stage comes later, and counts all the same.
    weight = static.weight([*paths, "vendor/mediasoup-client.esm.min.js", "css/room.css", "css/dark.css"])

    assert "vendor/socket.io.esm.min.js" in paths
    assert "vendor/mediasoup-client.esm.min.js" not in paths
    assert weight < BUDGET


def test_every_sentence_of_the_room_is_there_in_chinese() -> None:
    known = words("zh-CN").sentences

    assert not sorted(
        sentence for sentence in {*js_sentences(SCRIPTS), *_in_templates()} if sentence not in known
    )


def test_no_sentence_hides_in_a_template_literal() -> None:
    assert not [path.name for path in SCRIPTS.rglob("*.js") if HIDDEN.search(path.read_text("utf-8"))]


async def test_a_stranger_gets_neither_the_room_nor_its_check(site: Site) -> None:
    story = opened(site.house)

    for path in (f"/rooms/{story.room}", f"/rooms/{story.room}/check"):
        assert (await site.visitor(story.people["stranger"]).get(path)).status == 404
        assert (await site.visitor().get(path)).status == 303
        assert (await site.visitor(story.people["claimant"]).get(path)).status == 200


def _in_templates() -> Iterator[str]:
    reader = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for folder in ("rooms", "checks"):
        for template in (WEB / "templates" / folder).glob("*.html"):
            found = reader.extract_translations(template.read_text("utf-8"))  # type: ignore[attr-defined]
            for _, _, message in found:
                yield message if isinstance(message, str) else str(message[0])
