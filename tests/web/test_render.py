"""Times, amounts and sizes as their readers write them; and pages that hold together in both languages."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from mediation.words import words
from web.browsers import browser_name
from web.render import Pages, Reader, pages, size
from web.static_files import StaticFiles

AT = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made() -> Pages:
    return pages(StaticFiles())


def reader(tag: str = "en", zone: str = "Asia/Shanghai") -> Reader:
    return Reader(words=words(tag), zone=ZoneInfo(zone), court_zone=ZoneInfo("Asia/Shanghai"))


def said(made: Pages, template: str, who: Reader, **context: object) -> str:
    return made.templates.from_string(template).render(reader=who, **context)


def test_a_time_is_told_in_the_readers_zone(made: Pages) -> None:
    html = said(made, "{{ at|when }}", reader(), at=AT)

    assert html == '<time datetime="2026-11-27T10:00:00+00:00">Fri 27 November 2026, 18:00</time>'


def test_the_courts_time_stands_beside_where_the_clocks_differ(made: Pages) -> None:
    near = said(made, "{{ at|when }}", reader(zone="Europe/Berlin"), at=AT)
    far = said(made, "{{ at|when('short') }}", reader(zone="America/New_York"), at=AT.replace(hour=20))
    same = said(made, "{{ at|when }}", reader(zone="Asia/Singapore"), at=AT)

    assert "Fri 27 November 2026, 11:00" in near
    assert "(court time: 18:00)" in near
    assert "Fri 27 Nov, 15:00" in far
    assert "(court time: Sat 28 Nov, 04:00)" in far
    assert "court time" not in same


def test_chinese_readers_read_chinese_times(made: Pages) -> None:
    assert "2026年11月27日 周五 18:00" in said(made, "{{ at|when }}", reader("zh-CN"), at=AT.isoformat())


def test_a_day_of_an_agreement_is_the_same_day_everywhere(made: Pages) -> None:
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        assert "1 December 2026" in said(made, "{{ d|day }}", reader(zone=zone), d=date(2026, 12, 1))
        assert "1 December 2026" in said(made, "{{ d|day }}", reader(zone=zone), d="2026-12-01")


def test_amounts_are_grouped_and_in_capitals_for_documents(made: Pages) -> None:
    assert said(made, "{{ 8600000|money }}", reader("zh-CN")) == "86,000元"
    assert said(made, "{{ 8600050|money }}", reader("en")) == "CNY 86,000.50"
    assert said(made, "{{ 8600000|money_words }}", reader("zh-CN")) == "人民币捌万陆仟元整"


@pytest.mark.parametrize(
    ("length", "text"), [(0, "0 B"), (999, "999 B"), (1536, "1.5 kB"), (104_857_600, "105 MB")]
)
def test_sizes_are_rounded_for_people(length: int, text: str) -> None:
    assert size(length) == text


def test_a_name_in_a_sentence_is_escaped(made: Pages) -> None:
    html = said(made, '{{ _("Welcome, %(name)s", name=name) }}', reader(), name="<b>&")

    assert html == "Welcome, &lt;b&gt;&amp;"


def test_the_scripts_words_cannot_close_their_element(made: Pages) -> None:
    assert "<" not in said(made, "{{ words_json('js/room.js') }}", reader("zh-CN"))


def test_an_unknown_name_in_a_template_is_a_mistake_and_not_an_empty_place(made: Pages) -> None:
    with pytest.raises(Exception, match="undefined"):
        said(made, "{{ nothing_like_this }}", reader())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 507])
@pytest.mark.parametrize("tag", ["en", "zh-CN"])
def test_every_error_has_a_page_in_plain_words(made: Pages, tag: str, status: int) -> None:
    html = made.html("errors/error.html", reader(tag), status=status, sentence="", note="")

    assert f'<html lang="{tag}"' in html
    assert "<h1>" in html
    assert str(status) not in html.replace(
        made.static.tree, ""
    )  # the number in the address of a picture is no one's fault


def test_a_theme_that_was_chosen_is_linked_without_asking_the_system(made: Pages) -> None:
    context = {"status": 404, "sentence": "", "note": ""}
    by_system = made.html("errors/error.html", reader(), **context)
    light = made.html("errors/error.html", replace(reader(), theme="light"), **context)

    assert "prefers-color-scheme: dark" in by_system
    assert "dark.css" not in light


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "iPhone, Safari",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/130 Mobile Safari/537 MicroMessenger/8.0",
            "Android, WeChat",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537 Edg/130", "Windows, Edge"),
        ("court-bridge 2.1", "court-bridge 2.1"),
        ("", ""),
    ],
)
def test_a_browser_is_named_briefly(named: str, shown: str) -> None:
    assert browser_name(named) == shown
