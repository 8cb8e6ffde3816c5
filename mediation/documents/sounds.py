"""Voice messages in a second form, AAC: what a browser recorded is kept as it came, and older telephones cannot play it.

The form is made after the upload, by the checker's process, and sealed like the original.
"""

from collections.abc import Mapping
from typing import Any

from mediation.documents.asking import ask_checker
from mediation.documents.content import Content
from mediation.documents.file import StoredFile, standing_file
from mediation.documents.names import extension
from mediation.errors import WrongState
from mediation.ports.blobs import Blobs, Stored
from mediation.store import Store
from mediation.work import Work

SECONDS = 90


def make_sound(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: the form of one voice message, once; of one that was taken back meanwhile, none."""
    view = store.read(standing_file, store.keys, payload["file"]).result()
    if view is None or view.sound_state != "waiting":
        return
    blobs = Blobs(store.settings.data / "blobs")
    reader = blobs.open(view.blob, wall=view.wall)
    try:
        content = Content(reader.size, reader.read)
        answer, sound = ask_checker(content, "sound", extension(view.name), seconds=SECONDS)
    finally:
        reader.close()
    if "refused" in answer or not sound:
        store.write(keep_sound, file=view.id, stored=None).result()
        return
    store.write(keep_sound, file=view.id, stored=blobs.put([sound], wall=view.wall)).result()


def keep_sound(work: Work, *, file: str, stored: Stored | None) -> None:
    """The form is on disk; or, without it, it could not be made and will not be."""
    kept = work.get(StoredFile, file)
    if kept.sound_state != "waiting":
        return
    kept.sound, kept.sound_state = (stored.blob, "done") if stored else (None, "failed")


def sound_of(state: str | None, sound: str | None) -> str:
    """The blob to be played; raises `WrongState` while it is being made, or when it could not be."""
    if state == "waiting":
        raise WrongState("documents.being_prepared", code="being_prepared")
    if sound is None:
        raise WrongState("documents.sound_not_made")
    return sound
