"""A case with something of everything in it, bundles of it, and how somebody changes one: file by file, line by line."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediation.cases.invitation import invite
from mediation.documents.file import keep_file
from mediation.ids import new_id
from mediation.ports.blobs import Blobs, Stored
from mediation.record.bundle import bundle
from mediation.record.export import Wish, ask_for_export
from mediation.record.seal import seal_heads
from mediation.rooms.caucus import open_caucus
from mediation.rooms.message import mark_read, post_message, recall_message
from mediation.work import Work
from tests.conftest import House
from tests.mediation.agreements.scenes import settled
from tests.stories import Story, opened

Files = dict[str, bytes]
CONTRACT = b"%PDF-1.7 what was lent and when\n"


@dataclass(slots=True)
class Played:
    """The story, its caucus, and where the contract lies."""

    story: Story
    caucus: str

    def taken_out(self, role: str, wish: Wish) -> bytes:
        """The bundle that somebody takes out."""
        house = self.story.house
        by = self.story.people[role]
        asked = house.do(ask_for_export, by=by, case=self.story.case, wish=wish, client_id=new_id())
        return b"".join(bundle(house.store, asked.id))


def played(data: Path) -> Played:
    """A house of its own in which the case is played, from the beginning."""
    return play(House(data))


def play(house: House) -> Played:
    """Six messages, one with a file and one taken back, a caucus, a document, marks, a daily seal, and an agreement."""
    data = house.settings.data
    story = opened(house)
    chen, bo, lin = (story.people[role] for role in ("claimant", "respondent", "mediator"))
    house.do(invite, by=story.actor("mediator"), case=story.case, person=bo)
    for n in range(1, 5):
        house.do(post_message, by=chen, channel=story.talks, text=f"message {n}", client_id=f"k{n}")
    house.do(post_message, by=bo, channel=story.talks, text="<b>Not</b> so", client_id="r", reply_to=4)
    stored = Blobs(data / "blobs").put([CONTRACT])
    house.do(send_file, by=bo, channel=story.talks, stored=stored)
    house.do(submit, by=chen, channel=story.record, stored=stored)
    house.do(recall_message, by=chen, channel=story.talks, seq=2)
    for person, seq in ((chen, 3), (bo, 4), (lin, 5)):
        house.clock.pass_by(seconds=1)
        house.do(mark_read, by=person, channel=story.talks, seq=seq)
    caucus = house.do(open_caucus, by=lin, room=story.room, people=[chen], client_id="c")
    house.do(post_message, by=lin, channel=caucus, text="The lowest you would take?", client_id="q")
    seal_heads(house.store, {"daily": True})
    settled(story)
    return Played(story, caucus)


def send_file(work: Work, *, by: str, channel: str, stored: Stored) -> None:
    file = new_id()
    told = {
        "id": file,
        "name": "loan.pdf",
        "type": "application/pdf",
        "size": stored.size,
        "sha256": stored.sha256,
    }
    entry = post_message(work, by=by, channel=channel, text="", client_id="file", file=told)
    keep_file(work, file=file, entry=entry, purpose="message", stored=stored)


def submit(work: Work, *, by: str, channel: str, stored: Stored) -> str:
    file = new_id()
    told = {"id": file, "name": "loan.pdf", "title": "Loan", "type": "application/pdf", "size": stored.size}
    body = {"document": told | {"sha256": stored.sha256}}
    entry = work.happened("document_submitted", channel, by, public={"document": file}, body=body)
    keep_file(work, file=file, entry=entry, purpose="document", stored=stored)
    return file


def unzipped(bundle: Path) -> Files:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Files, bundle: Path) -> Path:
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return bundle


def lines_of(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.splitlines()]


def written(lines: list[Any]) -> bytes:
    """Written as the page asks for, so that it is what was changed in a line that is found, not its form."""
    return b"".join(
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        for line in lines
    )


def edit(files: Files, name: str, change: Callable[[list[Any]], None]) -> None:
    lines = lines_of(files[name])
    change(lines)
    files[name] = written(lines)
