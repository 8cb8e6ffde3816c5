"""The page that checks documents: by number, by file, for everybody, and for strangers not without end."""

import hashlib

import pytest
import pytest_asyncio

from mediation.documents.file import StoredFile
from mediation.ports.blobs import Blobs
from tests.cast import CHEN, LIN
from tests.mediation.record.bundles import submit
from tests.site import Site, Visitor
from tests.stories import Story, opened
from web.pages.genuine import MOST, network_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
ORDER = b"%PDF-1.7 the mediator asks for the bank statement\n"
SHA = hashlib.sha256(ORDER).hexdigest()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(site: Site) -> Story:
    made = opened(site.house)
    stored = Blobs(site.house.settings.data / "blobs").put([ORDER])
    site.house.do(submit, by=made.people["mediator"], channel=made.record, stored=stored)
    return made


def number_of(story: Story) -> str:
    return str(story.house.ask(lambda session: session.query(StoredFile.id).scalar()))


async def read(visitor: Visitor, path: str) -> tuple[int, str]:
    answer = await visitor.get(path)
    return answer.status, await answer.text()


async def test_a_number_a_check_value_and_a_file_find_the_same_document(site: Site, story: Story) -> None:
    nobody, number = site.visitor(), number_of(story)

    typed = await read(nobody, f"/genuine?number=+{number}+")
    scanned = await read(nobody, f"/genuine/{number}")
    by_value = await read(nobody, f"/genuine?number={SHA.upper()}")
    dropped = await nobody.post("/genuine", {"sha256": SHA, "text": "0" * 64})
    said = [typed[1], scanned[1], by_value[1], await dropped.text()]

    assert [typed[0], scanned[0], by_value[0], dropped.status] == [200] * 4
    for page in said:
        assert "This document was issued here" in page
        assert number in page and SHA in page and site.house.settings.organisation in page
        assert "loan.pdf" not in page and LIN.name not in page and CHEN.name not in page


async def test_a_page_that_was_found_by_number_compares_a_file_without_sending_anything(
    site: Site, story: Story
) -> None:
    _, page = await read(site.visitor(), f"/genuine/{number_of(story)}")

    assert f'data-sha256="{SHA}"' in page
    assert "Is your file this document?" in page


async def test_what_is_not_known_says_so_for_numbers_and_for_files(site: Site) -> None:
    nobody = site.visitor()

    number = await read(nobody, "/genuine/n0body")
    odd = await read(nobody, "/genuine?number=%00%27%E8%AF%81")
    file = await nobody.post("/genuine", {"sha256": "0" * 64})

    assert (number[0], odd[0], file.status) == (404, 404, 404)
    assert "We know no document with this number" in number[1]
    assert "We have issued no such file" in await file.text()


async def test_a_form_without_a_check_value_shows_the_page_again(site: Site) -> None:
    answer = await site.visitor().post("/genuine", {"sha256": "what"})

    assert answer.status == 200
    assert "genuine here" not in await answer.text()


@pytest.mark.parametrize(
    ("path", "leads"), [("/certificates", "/genuine"), ("/certificates/Q7mZ", "/genuine/Q7mZ")]
)
async def test_papers_that_were_printed_earlier_lead_to_the_page(site: Site, path: str, leads: str) -> None:
    answer = await site.visitor().get(path)

    assert (answer.status, answer.headers["Location"]) == (303, leads)


async def test_a_stranger_who_asks_too_often_waits_and_others_do_not(site: Site, story: Story) -> None:
    nobody, chen = site.visitor(), site.visitor(story.people["claimant"])
    answers = [await nobody.get(f"/genuine/n0body{n}") for n in range(MOST + 1)]
    refused = answers[-1]

    assert 429 not in [answer.status for answer in answers[:5]]
    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    assert "Please wait a minute" in await refused.text()
    assert (await nobody.get("/genuine")).status == 200
    assert (await chen.get(f"/genuine/{number_of(story)}")).status == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::9%eth0", "2001:0db8:0001:0002"),
        ("", ""),
    ],
)
async def test_an_address_counts_with_the_network_of_its_household(address: str, network: str) -> None:
    assert network_of(address) == network


async def test_a_document_that_was_withdrawn_says_so_on_its_page_and_on_that_of_the_case(
    site: Site, story: Story
) -> None:
    number = number_of(story)
    lin, bo = site.visitor(story.people["mediator"]), site.visitor(story.people["respondent"])
    path = f"/files/{number}/withdrawal"

    asked = await read(lin, path)
    without = await lin.post(path, {"reason": ""})
    done = await lin.post(path, {"reason": "The date was wrong"})
    checked = await read(bo, f"/genuine/{number}")
    case, own = await read(bo, f"/cases/{story.case}"), await read(lin, f"/cases/{story.case}")

    assert (asked[0], without.status, done.status) == (200, 422, 303)
    assert "请写明撤回的原因" in await without.text()
    assert done.headers["Location"] == f"/cases/{story.case}#documents"
    assert "This document was withdrawn" in checked[1] and "The date was wrong" not in checked[1]
    assert "withdrew a document" in case[1] and f'href="{path}"' not in own[1]
