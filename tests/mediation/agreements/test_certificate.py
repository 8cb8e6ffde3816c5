"""The certificate follows the settlement: one, whatever is killed on the way."""

from io import BytesIO

import pypdfium2
import pytest

from mediation.agreements.certificate import (
    certificate_for,
    certificate_sheet,
    issue_certificate,
    keep_certificate,
    let_certificate_wait,
)
from mediation.agreements.outcome import Outcome, outcome_of
from mediation.agreements.printing import print_certificate
from mediation.agreements.seal import ensure_seal
from mediation.documents.file import file_for
from mediation.errors import NotFound
from mediation.jobs import finish_job, free_leases, lease_jobs, next_due
from mediation.ports.blobs import Blobs
from mediation.registry.genuine import genuine_by_number
from tests.cast import CHEN
from tests.conftest import House
from tests.mediation.agreements.scenes import kinds, settled, the_version
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    told = opened(house)
    settled(told)
    return told


def the_outcome(story: Story) -> Outcome:
    found = story.house.ask(outcome_of, story.case)
    assert found is not None
    return found


def run_certificate_jobs(house: House) -> int:
    """What the runner does for the jobs of this kind."""
    jobs = [job for job in house.do(lease_jobs) if job.kind == "certificate"]
    for job in jobs:
        issue_certificate(house.store, job.payload)
        house.do(finish_job, job=job.id)
    return len(jobs)


def pdf_of(story: Story) -> bytes:
    view = story.house.ask(
        file_for, story.house.store.keys, story.people["claimant"], the_outcome(story).certificate_id or ""
    )
    reader = Blobs(story.house.settings.data / "blobs").open(view.blob)
    content = b"".join(reader.read(0, reader.size))
    reader.close()
    return content


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    try:
        return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)
    finally:
        document.close()


def test_the_certificate_is_kept_told_and_says_what_was_signed(story: Story) -> None:
    assert run_certificate_jobs(story.house) == 1

    outcome, entry = the_outcome(story), story.house.published[-1]
    words = words_of(pdf_of(story))
    signatures = [entry.hash for entry in story.house.published if entry.kind == "agreement_signed"]
    assert entry.kind == "certificate_issued" and entry.body
    assert entry.body["document"]["sha256"] == outcome.certificate_sha256
    assert the_version(story, 1).digest in words
    assert all(hashed in words for hashed in signatures) and outcome.effective_hash in words
    assert "人民币86,000元" in words and "".join(CHEN.name.split()) in words


def test_a_job_done_twice_gives_one_certificate(story: Story) -> None:
    payload = {"outcome": the_outcome(story).id}

    issue_certificate(story.house.store, payload)
    issue_certificate(story.house.store, payload)

    assert kinds(story).count("certificate_issued") == 1


def test_a_kill_between_the_settlement_and_the_certificate_leaves_exactly_one(story: Story) -> None:
    story.house.do(lease_jobs)  # the runner had begun when it was killed
    story.house.open_again()
    story.house.do(free_leases)

    assert run_certificate_jobs(story.house) == 1
    assert kinds(story).count("certificate_issued") == 1


def test_a_kill_after_the_file_was_written_leaves_exactly_one(story: Story) -> None:
    house, outcome = story.house, the_outcome(story)
    sheet = house.ask(certificate_sheet, outcome.id, house.settings)
    assert sheet
    ensure_seal(house.settings.data / "keys", "court")
    pdf = print_certificate(sheet, house.settings.data / "keys")
    lost = Blobs(house.settings.data / "blobs").put([pdf])
    house.open_again()

    assert run_certificate_jobs(house) == 1
    house.do(keep_certificate, outcome=outcome.id, stored=lost)

    assert kinds(story).count("certificate_issued") == 1
    assert the_outcome(story).certificate_sha256 != lost.sha256


def test_a_certificate_that_lacks_a_font_says_so_and_is_tried_again(story: Story) -> None:
    outcome = the_outcome(story)
    story.house.do(lease_jobs)

    story.house.do(let_certificate_wait, outcome=outcome.id, missing="𠮷")

    assert the_outcome(story).waits_for == "𠮷"
    assert (due := story.house.ask(next_due)) and due > story.house.clock.now
    issue_certificate(story.house.store, {"outcome": outcome.id})
    assert the_outcome(story).waits_for is None


def test_everybody_in_the_case_gets_it_and_nobody_else(story: Story) -> None:
    with pytest.raises(NotFound):
        story.house.ask(certificate_for, story.people["claimant"], story.case)
    run_certificate_jobs(story.house)

    for role in ("claimant", "respondent", "agent", "mediator", "judge", "clerk"):
        assert story.house.ask(certificate_for, story.people[role], story.case).certificate_id
    with pytest.raises(NotFound):
        story.house.ask(certificate_for, story.people["stranger"], story.case)


def test_the_public_check_knows_the_code_and_tells_no_names(story: Story) -> None:
    outcome = the_outcome(story)

    assert story.house.ask(genuine_by_number, outcome.code) is None
    run_certificate_jobs(story.house)
    facts = story.house.ask(genuine_by_number, outcome.code)

    assert facts and outcome.digest in repr(facts) and CHEN.name not in repr(facts)
    assert story.house.ask(genuine_by_number, "no such code") is None
