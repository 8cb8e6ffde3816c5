"""Uploads: what was acknowledged is kept, what was cut off goes on, and a file comes about once."""

import hashlib
from pathlib import Path

import pytest

from mediation.cases.case import end_case
from mediation.documents.file import FileView, documents_for, file_for
from mediation.documents.gate import Gate
from mediation.documents.receiving import receive
from mediation.documents.upload import (
    MOST_AT_ONCE,
    Finished,
    UploadView,
    advance_upload,
    begin_upload,
    drop_upload,
    finish_upload,
    forget_old_uploads,
    upload_for,
)
from mediation.errors import Invalid, NotAllowed, NotFound, Refusal, TooLarge, TooMany, WrongState
from mediation.ports.blobs import Blobs
from mediation.record.entry import read_entries
from mediation.rooms.caucus import close_caucus, open_caucus
from mediation.rooms.message import post_message, recall_message
from mediation.rooms.unsealing import ask_unsealing, look_at_message, order_unsealing, unseal_message
from tests.conftest import House
from tests.mediation.documents import samples
from tests.stories import Story, opened, registered

PDF = samples.a_pdf(b"% " + b"x" * 5000 + b"\n")
CANARY = "canary-4c1e-only-behind-the-wall"


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


@pytest.fixture
def blobs(house: House) -> Blobs:
    return Blobs(house.settings.data / "blobs")


def begin(story: Story, role: str, channel: str, **changed: object) -> UploadView:
    asked = {"purpose": "message", "name": "loan.pdf", "size": len(PDF), "client_id": "u1"} | changed
    return story.house.do(begin_upload, by=story.people[role], channel=channel, **asked)


def send(
    story: Story, blobs: Blobs, role: str, channel: str, data: bytes = PDF, **changed: object
) -> Finished:
    """All steps of an upload, as the page takes them."""
    upload = begin(story, role, channel, size=len(data), **changed)
    part = blobs.part(upload.id, wall=upload.wall)
    part.write(data, offset=0)
    part.sync()
    by = story.people[role]
    story.house.do(advance_upload, by=by, upload=upload.id, received=len(data))
    arrived = receive(blobs, Gate(limit=story.house.settings.upload_limit), upload)
    finished = story.house.do(finish_upload, by=by, upload=upload.id, arrived=arrived)
    assert finished is not None
    part.remove()
    return finished


def look(story: Story, role: str, file: str) -> FileView:
    return story.house.ask(file_for, story.house.store.keys, story.people[role], file)


def who_sees(story: Story, file: str) -> set[str]:
    seen = set()
    for role in story.people:
        try:
            look(story, role, file)
        except NotFound:
            continue
        seen.add(role)
    return seen


def blob_files(blobs_folder: Path) -> list[Path]:
    return sorted(path for path in blobs_folder.rglob("*") if path.is_file())


def test_a_file_in_the_talks_is_a_message_with_name_type_size_and_digest(story: Story, blobs: Blobs) -> None:
    sent = send(story, blobs, "claimant", story.talks)

    told = {
        "name": "loan.pdf",
        "type": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }
    assert sent.document is not None
    assert dict(sent.document) == {"id": sent.document["id"], **told}
    assert sent.entry.kind == "message_posted"
    assert sent.entry.body == {"text": "", "file": sent.document}
    assert story.house.published[-1] == sent.entry
    assert who_sees(story, sent.document["id"]) == {"claimant", "respondent", "agent", "mediator"}


def test_a_document_for_everybody_is_in_the_record_with_its_title(story: Story, blobs: Blobs) -> None:
    sent = send(story, blobs, "agent", story.record, purpose="document", title=" Loan\n agreement ")

    assert sent.entry.kind == "document_submitted"
    assert sent.entry.body is not None
    assert sent.entry.body["document"]["title"] == "Loan agreement"
    assert sent.entry.public == {"document": sent.entry.body["document"]["id"]}
    assert who_sees(story, sent.entry.body["document"]["id"]) == set(story.people) - {"stranger"}


def test_a_document_for_the_mediator_alone_is_seen_by_that_side_and_the_mediator(
    story: Story, blobs: Blobs
) -> None:
    assert story.private is not None
    sent = send(story, blobs, "respondent", story.private["respondent"], purpose="document")

    assert sent.document is not None
    assert who_sees(story, sent.document["id"]) == {"respondent", "agent", "mediator"}
    lists = {
        role: len(story.house.ask(documents_for, story.house.store.keys, story.people[role], story.room))
        for role in story.people
        if role != "stranger"
    }
    assert lists == {"claimant": 0, "respondent": 1, "agent": 1, "mediator": 1, "judge": 0, "clerk": 0}
    with pytest.raises(NotFound):
        story.house.ask(documents_for, story.house.store.keys, story.people["stranger"], story.room)


@pytest.mark.parametrize("role", ["claimant", "respondent", "agent", "mediator", "judge", "clerk"])
def test_everybody_in_the_case_may_submit_to_the_record(story: Story, blobs: Blobs, role: str) -> None:
    assert send(story, blobs, role, story.record, purpose="document").entry.actor == story.people[role]


@pytest.mark.parametrize(
    ("role", "where", "purpose", "refusal"),
    [
        ("stranger", "record", "document", NotFound),
        ("stranger", "talks", "message", NotFound),
        ("judge", "talks", "message", NotFound),
        ("clerk", "talks", "message", NotFound),
        ("claimant", "respondent", "document", NotFound),
        ("claimant", "respondent", "message", NotFound),
        ("judge", "respondent", "document", NotFound),
        ("claimant", "record", "message", NotAllowed),
        ("claimant", "talks", "document", Invalid),
        ("claimant", "talks", "poison", Invalid),
    ],
)
def test_who_may_not_send_there_is_refused_before_the_first_byte(
    story: Story, role: str, where: str, purpose: str, refusal: type[Refusal]
) -> None:
    channels = {"record": story.record, "talks": story.talks, **(story.private or {})}

    with pytest.raises(refusal):
        begin(story, role, channels[where], purpose=purpose)


def test_nothing_is_submitted_before_the_room_opens_and_after_the_case_has_ended(
    house: House, blobs: Blobs
) -> None:
    early = registered(house)
    with pytest.raises(WrongState):
        begin(early, "claimant", early.record, purpose="document")


def test_who_began_before_the_end_is_refused_at_the_end(story: Story, blobs: Blobs) -> None:
    upload = begin(story, "claimant", story.record, purpose="document")
    blobs.part(upload.id).write(PDF, offset=0)
    arrived = receive(blobs, Gate(limit=1_000_000), upload)
    story.house.do(end_case, by=story.actor("mediator"), case=story.case, reason="unwilling")

    with pytest.raises(WrongState):
        story.house.do(finish_upload, by=story.people["claimant"], upload=upload.id, arrived=arrived)
    with pytest.raises(WrongState):
        begin(story, "claimant", story.record, purpose="document", client_id="u2")


def test_a_file_in_a_caucus_leaves_no_trace_outside(story: Story, blobs: Blobs) -> None:
    people = [story.people["respondent"]]
    channel = story.house.do(
        open_caucus, by=story.people["mediator"], room=story.room, people=people, client_id="k1"
    )
    pdf = samples.a_pdf(f"% {CANARY}\n".encode())
    begun = begin(story, "respondent", channel, name=f"{CANARY}.pdf", client_id="not finished")
    blobs.part(begun.id, wall=begun.wall).write(pdf, offset=0)

    sent = send(
        story, blobs, "respondent", channel, pdf, name=f"{CANARY}.pdf", title=CANARY, purpose="document"
    )

    assert sent.document is not None
    assert sent.document["name"] == f"{CANARY}.pdf"
    assert who_sees(story, sent.document["id"]) == {"respondent", "mediator"}
    data = b"".join(path.read_bytes() for path in story.house.settings.data.rglob("*") if path.is_file())
    assert CANARY.encode() not in data
    assert sent.document["sha256"].encode() not in data
    paths = [str(path) for path in story.house.settings.data.rglob("*")]
    assert not [path for path in paths if CANARY in path or sent.document["sha256"] in path]
    story.house.do(close_caucus, by=story.people["mediator"], channel=channel)
    with pytest.raises(WrongState):
        begin(story, "respondent", channel, client_id="u9")


def test_an_upload_announced_twice_is_one_and_another_file_under_its_id_is_refused(story: Story) -> None:
    first = begin(story, "claimant", story.talks)
    story.house.do(advance_upload, by=story.people["claimant"], upload=first.id, received=1000)

    again = begin(story, "claimant", story.talks)

    assert (again.id, again.received) == (first.id, 1000)
    with pytest.raises(WrongState):
        begin(story, "claimant", story.talks, size=7)
    assert begin(story, "respondent", story.talks).id != first.id


def test_an_upload_is_nobody_elses(story: Story) -> None:
    upload = begin(story, "claimant", story.talks)

    for role in ("respondent", "mediator", "stranger"):
        with pytest.raises(NotFound):
            story.house.ask(upload_for, story.house.store.keys, story.people[role], upload.id)
        for use_case, more in ((advance_upload, {"received": 1}), (finish_upload, {}), (drop_upload, {})):
            with pytest.raises(NotFound):
                story.house.do(use_case, by=story.people[role], upload=upload.id, **more)


def test_the_offset_never_moves_back_nor_past_the_end(story: Story) -> None:
    upload, by = begin(story, "claimant", story.talks), story.people["claimant"]

    assert story.house.do(advance_upload, by=by, upload=upload.id, received=2000) == 2000
    assert story.house.do(advance_upload, by=by, upload=upload.id, received=500) == 2000
    with pytest.raises(WrongState):
        story.house.do(advance_upload, by=by, upload=upload.id, received=len(PDF) + 1)


@pytest.mark.parametrize("killed_after", ["writing", "syncing", "advancing", "storing", "finishing"])
def test_a_kill_between_any_two_steps_loses_nothing_and_doubles_nothing(
    story: Story, blobs: Blobs, killed_after: str
) -> None:
    by, gate = story.people["claimant"], Gate(limit=1_000_000)
    upload = begin(story, "claimant", story.talks)
    part = blobs.part(upload.id, wall=upload.wall)
    part.write(PDF[:3000], offset=0)
    if killed_after != "writing":
        part.sync()
    if killed_after in {"advancing", "storing", "finishing"}:
        part.write(PDF[3000:], offset=3000)
        story.house.do(advance_upload, by=by, upload=upload.id, received=len(PDF))
    if killed_after in {"storing", "finishing"}:
        arrived = receive(blobs, gate, upload)
    if killed_after == "finishing":
        story.house.do(finish_upload, by=by, upload=upload.id, arrived=arrived)
    story.house.open_again()

    after = story.house.ask(upload_for, story.house.store.keys, by, upload.id)
    part = Blobs(story.house.settings.data / "blobs").part(upload.id, wall=after.wall)
    part.write(PDF[after.received :], offset=after.received)
    part.sync()
    story.house.do(advance_upload, by=by, upload=upload.id, received=len(PDF))
    finished = story.house.do(finish_upload, by=by, upload=upload.id)
    assert (finished is not None) == (killed_after == "finishing")
    finished = story.house.do(finish_upload, by=by, upload=upload.id, arrived=receive(blobs, gate, upload))
    part.remove()

    assert finished is not None
    assert finished.document is not None
    assert finished.document["sha256"] == hashlib.sha256(PDF).hexdigest()
    entries = story.house.ask(read_entries, story.house.store.keys, story.talks)
    assert [entry.kind for entry in entries] == ["message_posted"]
    assert len(blob_files(story.house.settings.data / "blobs")) == 1
    view = look(story, "respondent", finished.document["id"])
    assert blob_files(story.house.settings.data / "blobs")[0].name in view.blob


def test_a_finished_upload_gives_its_first_answer_again(story: Story, blobs: Blobs) -> None:
    first = send(story, blobs, "claimant", story.talks)
    again = begin(story, "claimant", story.talks)

    asked = story.house.do(finish_upload, by=story.people["claimant"], upload=again.id)

    assert again.received == again.size
    assert asked is not None
    assert (asked.entry.id, asked.document) == (first.entry.id, first.document)


def test_a_file_taken_back_is_gone_for_everybody(story: Story, blobs: Blobs) -> None:
    sent = send(story, blobs, "claimant", story.talks)
    assert sent.document is not None
    story.house.clock.pass_by(hours=2)

    story.house.do(recall_message, by=story.people["claimant"], channel=story.talks, seq=sent.entry.seq)

    assert who_sees(story, sent.document["id"]) == set()
    again = story.house.do(
        finish_upload, by=story.people["claimant"], upload=begin(story, "claimant", story.talks).id
    )
    assert again is not None
    assert again.document is None


def test_what_the_gate_refuses_is_stored_nowhere(story: Story, blobs: Blobs) -> None:
    upload = begin(story, "claimant", story.talks, size=9)
    part = blobs.part(upload.id, wall=upload.wall)
    part.write(b"<script>x", offset=0)

    with pytest.raises(Invalid, match=r"documents\.other_type"):
        receive(blobs, Gate(limit=1000), upload)
    part.remove()
    story.house.do(drop_upload, by=story.people["claimant"], upload=upload.id)

    assert blob_files(story.house.settings.data / "blobs") == []
    with pytest.raises(NotFound):
        story.house.ask(upload_for, story.house.store.keys, story.people["claimant"], upload.id)


def test_bytes_that_are_missing_are_noticed_before_anything_is_told(story: Story, blobs: Blobs) -> None:
    upload = begin(story, "claimant", story.talks)
    blobs.part(upload.id, wall=upload.wall).write(PDF[:-1], offset=0)

    with pytest.raises(Invalid, match=r"documents\.damaged"):
        receive(blobs, Gate(limit=1_000_000), upload)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"size": 0}, Invalid),
        ({"size": 200 * 1024 * 1024}, TooLarge),
        ({"name": "run.exe"}, Invalid),
        ({"title": "x" * 201}, Invalid),
        ({"client_id": ""}, Invalid),
        ({"client_id": "x" * 65}, Invalid),
    ],
)
def test_a_bad_announcement_is_refused_before_the_first_byte(
    story: Story, changed: dict[str, object], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        begin(story, "claimant", story.record, **{"purpose": "document"} | changed)


def test_only_so_many_uploads_are_on_their_way_at_once(story: Story) -> None:
    for each in range(MOST_AT_ONCE):
        begin(story, "claimant", story.talks, client_id=f"u{each}")

    with pytest.raises(TooMany):
        begin(story, "claimant", story.talks, client_id="one too many")
    story.house.clock.pass_by(hours=25)
    begin(story, "claimant", story.talks, client_id="the next day")


def test_an_upload_given_up_is_forgotten_after_a_day_and_its_bytes_with_it(
    story: Story, blobs: Blobs
) -> None:
    sent = send(story, blobs, "claimant", story.talks)
    given_up = begin(story, "claimant", story.talks, client_id="given up")
    blobs.part(given_up.id).write(b"x", offset=0)
    story.house.clock.pass_by(hours=25)

    used = story.house.do(forget_old_uploads)

    assert sent.document is not None
    assert used == {look(story, "claimant", sent.document["id"]).blob}
    with pytest.raises(NotFound):
        story.house.ask(upload_for, story.house.store.keys, story.people["claimant"], given_up.id)
    with pytest.raises(WrongState):
        begin(story, "claimant", story.talks)


def test_a_message_under_the_same_client_id_is_not_taken_for_the_file(story: Story) -> None:
    story.house.do(
        post_message, by=story.people["claimant"], channel=story.talks, text="hello", client_id="u1"
    )

    with pytest.raises(WrongState):
        begin(story, "claimant", story.talks)


def test_a_file_that_was_opened_by_order_is_had_by_who_was_noted_to_look(story: Story, blobs: Blobs) -> None:
    sent, people = send(story, blobs, "claimant", story.talks), story.people
    assert sent.document is not None
    what = {"channel": story.talks, "seq": sent.entry.seq}
    story.house.do(recall_message, by=people["claimant"], **what)
    story.house.do(ask_unsealing, by=people["respondent"], reason="It matters.", **what)
    story.house.do(order_unsealing, by=people["judge"], reason="It matters.", **what)
    story.house.do(unseal_message, by=people["clerk"], **what)
    assert who_sees(story, sent.document["id"]) == set()

    told = story.house.do(look_at_message, by=people["agent"], client_id="look", **what)

    assert told["file"]["id"] == sent.document["id"]
    assert who_sees(story, sent.document["id"]) == {"agent"}


def test_a_file_that_was_submitted_as_well_is_not_taken_back(story: Story, blobs: Blobs) -> None:
    sent = send(story, blobs, "claimant", story.talks)
    send(story, blobs, "respondent", story.record, purpose="document")

    with pytest.raises(WrongState, match="file_submitted"):
        story.house.do(recall_message, by=story.people["claimant"], channel=story.talks, seq=sent.entry.seq)


def test_a_picture_tells_its_size_and_has_a_preview_behind_the_same_wall(story: Story, blobs: Blobs) -> None:
    assert story.private is not None
    photo = samples.a_photo_with_a_place()
    sent = send(story, blobs, "claimant", story.private["claimant"], photo, name="holiday.jpg")

    assert sent.document is not None
    assert (sent.document["width"], sent.document["height"]) == (300, 400)
    view = look(story, "mediator", sent.document["id"])
    assert view.preview is not None
    assert view.preview.startswith(f"walled/{story.private['claimant']}/")
    reader = blobs.open(view.preview, wall=view.wall)
    assert b"".join(reader.read(0, 2)) == b"\xff\xd8"
    reader.close()
