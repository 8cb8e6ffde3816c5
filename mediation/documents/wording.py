"""The words of documents, to find them by: read after the upload by the checker's process, and kept as an index beside the entry.

Those of a document behind a wall are kept sealed, and in no index.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mediation.documents.asking import ask_checker
from mediation.documents.content import Content
from mediation.documents.file import StoredFile, standing_file
from mediation.documents.names import extension
from mediation.ports.blobs import Blobs
from mediation.record.findable import findable, rows_of_pages
from mediation.record.walled import keep_walled_words
from mediation.store import Store
from mediation.work import Work


def read_words(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: the words of one file, once; of one that was taken back or erased meanwhile, none."""
    view = store.read(standing_file, store.keys, payload["file"]).result()
    if view is None or view.text_state != "waiting" or not view.blob:
        return
    reader = Blobs(store.settings.data / "blobs").open(view.blob, wall=view.wall)
    try:
        answer, pages = ask_checker(Content(reader.size, reader.read), "text", extension(view.name))
    finally:
        reader.close()
    found = [] if "refused" in answer else json.loads(pages)
    store.write(keep_words, file=view.id, pages=found).result()


def keep_words(work: Work, *, file: str, pages: Sequence[str]) -> None:
    """From now on the file is found by them; without any, it says that it cannot be searched."""
    kept, view = work.get(StoredFile, file), standing_file(work.session, work.keys, file)
    if kept.text_state != "waiting" or view is None or not kept.blob:
        return
    rows = rows_of_pages(kept.channel_id, kept.seq, pages)
    kept.text_state = "done" if rows else "failed"
    if rows and view.wall is not None:
        keep_walled_words(work.connection, view.wall.key, kept.channel_id, kept.seq, pages)
    elif rows:
        work.session.execute(findable.insert(), rows)
