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
TO_TALK = 55_000
# Babel reads a template literal as text: a sentence inside one is never found, and never translated.
HIDDEN = re.compile(r"`[^`]*\$\{[^}`]*\b_\(")


async def test_the_room_weighs_less_than_a_phone_will_wait_for() -> None:
    static = StaticFiles()
    static.compress()
    tree = f"/static/{static.tree}/"
    paths = [address.removeprefix(tree) for address in static.modules("js/room.js")]

    later = [address.removeprefix(tree) for address in static.modules("js/later.js")]

    # The stage and its library come later, and count all the same.
    whole = {
        *paths,
        *later,
        "vendor/mediasoup-client.esm.min.js",
        "css/room.css",
        "css/room-more.css",
        "css/dark.css",
    }

    assert "vendor/socket.io.esm.min.js" in paths
    assert not {"js/stage.js", "js/uploads.js", "js/lead.js", "vendor/mediasoup-client.esm.min.js"} & {*paths}
    assert static.weight([*paths, "css/room.css", "css/dark.css"]) < TO_TALK
    assert static.weight([*whole]) < BUDGET
    assert len(paths) < 18


async def test_the_page_names_all_that_comes_later_so_that_it_comes_at_once(site: Site) -> None:
    story = opened(site.house)

    page = await (await site.visitor(story.people["claimant"]).get(f"/rooms/{story.room}")).text()

    hinted = set(re.findall(r'rel="modulepreload" href="([^"]+)"', page))
    named = re.search(r'data-later="([^"]+)"', page)
    assert named
    later = set(named[1].split())
    assert not hinted & later
    assert {address.rpartition("/js/")[2] for address in later} >= {"later.js", "stage.js", "stage/tiles.js"}


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
