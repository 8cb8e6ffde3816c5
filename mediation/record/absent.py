"""Which contents an entry of their channel says to be erased. Part of the verifier, so it shares no code with the writer."""

import json

from mediation.record.reading import Reading


def erased_in(database: Reading, channel: str) -> set[int]:
    """The seqs of a channel whose contents were erased, by what later entries say. An entry that says so is never erased itself."""
    query = "SELECT seq, kind, public FROM entries WHERE channel = ? AND kind = 'content_erased'"
    told = {row["seq"]: row["public"] for row in database.rows(query, channel)}
    return {seq for by, public in told.items() for seq in _named(public) if seq < by and seq not in told}


def _named(public: str) -> set[int]:
    try:
        return {seq for seq in json.loads(public)["seqs"] if isinstance(seq, int)}
    except (ValueError, KeyError, TypeError):
        return set()  # the chain names it
