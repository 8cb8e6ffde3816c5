"""A file sent as the page sends it, step by step."""

from mediation.documents.gate import Gate
from mediation.documents.receiving import receive
from mediation.documents.telling import Told
from mediation.documents.upload import advance_upload, begin_upload, finish_upload
from mediation.ports.blobs import Blobs
from mediation.record.entry import Entry
from tests.stories import Story

NOTHING_MORE = Told()


def send(
    story: Story, channel: str, data: bytes, name: str, told: Told = NOTHING_MORE, *, by: str = "claimant"
) -> Entry:
    """All steps of an upload, as the page takes them."""
    house, person, blobs = story.house, story.people[by], Blobs(story.house.settings.data / "blobs")
    upload = house.do(
        begin_upload, by=person, channel=channel, client_id=f"{name}-{channel}", purpose="message", name=name,
        size=len(data), claimed="audio/webm" if told.kind == "voice" else "", told=told,
    )  # fmt: skip
    blobs.part(upload.id, wall=upload.wall).write(data, offset=0)
    house.do(advance_upload, by=person, upload=upload.id, received=len(data))
    arrived = receive(blobs, Gate(limit=10**8), upload)
    finished = house.do(finish_upload, by=person, upload=upload.id, arrived=arrived)
    assert finished is not None
    return finished.entry
