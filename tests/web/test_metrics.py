"""Figures for Prometheus: on their own port of this machine, complete, rising where they are counters, and naming nobody."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import unused_port

from mediation.clock import iso
from mediation.exposition import Figures
from mediation.settings import BadSettings
from mediation.work import Work
from tests.conftest import House
from tests.signaling.desk.test_order import meeting, produce
from tests.site import Site, running, site_settings
from tests.stories import opened
from web.app import make_app

ROOT = Path(__file__).parents[2]
LINE = re.compile(r'^(mediation_[a-z_]+)(\{(?:[a-z_]+="[^"\n]*",?)*\})? (-?[0-9.e+-]+)$')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def measured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Site, str]]:
    """A running server with the port of its figures."""
    port = unused_port()
    house = House(tmp_path_factory.mktemp("measured") / "data", **site_settings(), metrics_port=port)
    house.clock.follow_real_time()
    async with running(house) as site:
        yield site, f"http://127.0.0.1:{port}/metrics"
    house.store.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_the_figures_are_what_prometheus_reads_and_name_no_room_and_nobody(
    measured: tuple[Site, str],
) -> None:
    site, address = measured
    story = opened(site.house)
    sealed = site.house.clock() - timedelta(hours=1)
    site.house.do(wait_for_stamp, at=iso(sealed), run_at=site.house.clock() + timedelta(hours=1))
    _, bo = await meeting(site, story)
    await produce(bo, "mic")
    await site.visitor().get("/sign-in")

    async with site.http.get(address) as answer:
        text, kind = await answer.text(), answer.headers["Content-Type"]

    figures = parsed(text)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    assert figures['mediation_media_producers{worker="0"}'] == 1
    assert figures['mediation_media_seats{worker="0"}'] == 2
    assert figures["mediation_sockets"] == 2
    assert (figures["mediation_stamps_waiting"], figures["mediation_stamps_late_seconds"] >= 3600) == (
        1,
        True,
    )
    assert figures['mediation_requests_total{answer="ok"}'] > 5
    assert figures['mediation_http_requests_total{method="GET",status="2xx"}'] >= 1
    assert figures["mediation_writer_seconds_count"] >= figures["mediation_writer_commits_total"] > 3
    named = [*story.people.values(), story.room, story.case, story.record]
    assert [id for id in named if id in text] == []


def wait_for_stamp(work: Work, *, at: str, run_at: datetime) -> None:
    work.later("stamp", {"root": "00" * 32, "at": at}, run_at=run_at)


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_of_them_is_on_the_port_that_people_see(measured: tuple[Site, str]) -> None:
    site, _ = measured

    assert (await site.visitor().get("/metrics")).status == 404


@pytest.mark.asyncio(loop_scope="module")
async def test_every_figure_is_explained_to_the_operator(measured: tuple[Site, str]) -> None:
    site, address = measured
    explained = (ROOT / "docs" / "operator.md").read_text("utf-8")

    async with site.http.get(address) as answer:
        names = set(re.findall(r"^# TYPE (\w+)", await answer.text(), flags=re.MULTILINE))

    assert [name for name in names if f"`{name}`" not in explained] == []


async def test_without_a_setting_there_is_no_port(house: House) -> None:
    assert house.settings.metrics_port == 0
    assert len(make_app(house.store).cleanup_ctx) == 4


async def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path, measured: tuple[Site, str]) -> None:
    taken = int(measured[1].split(":")[2].split("/")[0])
    house = House(tmp_path / "data", **site_settings(), metrics_port=taken)

    with pytest.raises(BadSettings, match="metrics_port"):
        async with running(house):
            pass
    house.store.close()


def test_labels_are_escaped_and_a_summary_has_its_sum_and_count() -> None:
    figures = Figures()
    figures.counter("mediation_drops_total", "Drops.", 3, reason='a "quoted"\\\n')
    figures.summary("mediation_seconds", "Seconds.", total=0.25, count=4)

    assert figures.text().splitlines() == [
        "# HELP mediation_drops_total Drops.",
        "# TYPE mediation_drops_total counter",
        'mediation_drops_total{reason="a \\"quoted\\"\\\\\\n"} 3',
        "# HELP mediation_seconds Seconds.",
        "# TYPE mediation_seconds summary",
        "mediation_seconds_sum 0.25",
        "mediation_seconds_count 4",
    ]


def parsed(text: str) -> dict[str, float]:
    """Each line by its name and labels; a line that is none fails the test."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            read = LINE.match(line)
            assert read, line
            found[f"{read[1]}{read[2] or ''}"] = float(read[3])
    return found
