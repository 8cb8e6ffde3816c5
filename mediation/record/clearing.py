"""What is left of an erased content elsewhere: rows that repeat its words, and the bytes of files, films and exports on the disk.

All of it follows from which contents are gone, so it can be done again at any time: after a kill it finds what is left.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mediation.hearings.composing import films
from mediation.hearings.manifest import drop_track
from mediation.jobs import keep_lease
from mediation.ports.blobs import Blobs
from mediation.record.bundle import drop_export
from mediation.record.findable import fold_index
from mediation.record.leftovers import (
    exports_ready,
    files_left,
    films_left,
    forget_repeated,
    forget_uploads,
    is_shared,
    note_files_gone,
    note_film_gone,
    tracks_left,
    uploads_left,
)
from mediation.store import Store
from mediation.work import Work

YOUNG = timedelta(minutes=10)
"""A file that was touched in this time may belong to somebody who is just sending the same bytes; it is looked at again."""


def clear_away(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: whatever a case still holds of what was erased goes; then the database is made to forget it too."""
    case = payload["case"]
    store.write(forget_repeated, case=case).result()
    for export in store.read(exports_ready, case).result():
        drop_export(store, {"export": export})
    _drop_uploads(store, case)
    young = _drop_files(store, case)
    _drop_recordings(store, case)
    store.write(plan_scrub).result()
    if young:
        store.write(plan_clearing, case=case).result()


def scrub(store: Store, _payload: Mapping[str, Any]) -> None:
    """The job: the search index and the database keep no bytes of what was deleted in them. While somebody is in the way, it comes again."""
    while store.write(fold_a_little).result():
        store.write(keep_lease, kind="scrub", payload={}).result()
    if not store.scrub():
        store.write(plan_scrub).result()


def plan_scrub(work: Work) -> None:
    """Once for all that is erased within a minute: it runs after the minute is over."""
    at = work.now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    work.later("scrub", {}, run_at=at, key=f"scrub:{at.isoformat()}")


def plan_clearing(work: Work, *, case: str) -> None:
    at = work.now + YOUNG
    work.later("clear_away", {"case": case}, run_at=at, key=f"clear_away:{case}:{at:%Y-%m-%dT%H:%M}")


def fold_a_little(work: Work) -> bool:
    return fold_index(work.connection)


def _drop_files(store: Store, case: str) -> bool:
    """Whether some are too young to go."""
    blobs, before = Blobs(store.settings.data / "blobs"), (store.writer.clock() - YOUNG).timestamp()
    gone: list[str] = []
    left = store.read(files_left, case).result()
    for file, names in left.items():
        kept = [name for name in names if not store.read(is_shared, name).result()]
        if all(blobs.erase(name, before=before) for name in kept):
            gone.append(file)
    store.write(note_files_gone, files=gone).result()
    return len(gone) < len(left)


def _drop_uploads(store: Store, case: str) -> None:
    blobs = Blobs(store.settings.data / "blobs")
    uploads = store.read(uploads_left, case, store.writer.clock()).result()
    for upload in uploads:
        blobs.part(upload).remove()
    store.write(forget_uploads, uploads=uploads).result()


def _drop_recordings(store: Store, case: str) -> None:
    data = store.settings.data
    for recording, track in store.read(tracks_left, case).result():
        drop_track(data, recording, track)
    for recording, film in store.read(films_left, case).result().items():
        if film:
            films(data).erase(film)
        store.write(note_film_gone, recording=recording).result()
