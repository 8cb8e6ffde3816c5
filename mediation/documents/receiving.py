"""What happens to the bytes of an upload between the last one's arrival and the unit of work that makes it a file.

Slow and outside of any transaction: to be called in a thread. Doing it again after a kill finds or makes the same blobs.
"""

from mediation.documents.content import Content
from mediation.documents.gate import Gate
from mediation.documents.upload import Arrived, UploadView
from mediation.errors import Invalid
from mediation.ports.blobs import Blobs, Reader


def receive(blobs: Blobs, gate: Gate, upload: UploadView) -> Arrived:
    """Passes a whole upload through the gate and stores it, sealed where its channel is walled; raises the gate's refusal."""
    part, passed = blobs.part(upload.id, wall=upload.wall), []

    def inspect(reader: Reader) -> None:
        if reader.size != upload.size:
            raise Invalid("documents.damaged", name=upload.name)
        content = Content(reader.size, reader.read)
        passed.append(gate.inspect(content, upload.name, claimed=upload.claimed, kind=upload.told.kind))

    stored = blobs.put(part.read(0, upload.size), wall=upload.wall, inspect=inspect)
    preview = blobs.put([passed[0].preview], wall=upload.wall) if passed[0].preview else None
    return Arrived(passed[0], stored, preview)
