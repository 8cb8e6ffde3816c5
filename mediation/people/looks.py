"""Looks: that somebody opened what another person handed in, noted in that person's own channel, so that they read who did (Q1).

It is one entry for each viewer, thing and hour. The channel is the owner's alone, so that nothing of a walled channel leaves it.
"""

from collections.abc import Iterable

from mediation.people.person import acts_of
from mediation.work import Work

NOTED = frozenset({"document"})
"""The purposes of files whose opening is noted: pictures in the talk are shown to everybody who is in it."""


def note_looks(work: Work, *, by: str, kind: str, thing: str, owners: Iterable[str]) -> None:
    """Notes a look with everybody whose thing it is, but not with the viewer; the caller has made sure that they may look."""
    public = {"kind": kind, "id": thing}
    act = f"look:{thing}:{work.now:%Y%m%d%H}"
    for owner in sorted({*owners} - {by}):
        work.happened(
            "looked_at", acts_of(work.session, owner), by, public=public, body=public, client_id=act
        )
