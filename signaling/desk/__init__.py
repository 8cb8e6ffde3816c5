"""The desk: what a browser or a program may ask, a file an area; importing it fills the table."""

from signaling.desk import (
    calls,
    caucus,
    concerns,
    disclosure,
    hearing,
    house_rules,
    kit,
    media,
    messages,
    order,
    played,
    recording,
    rooms,
    search,
    signing,
    stage,
)

__all__ = [
    "calls",
    "caucus",
    "concerns",
    "disclosure",
    "hearing",
    "house_rules",
    "kit",
    "media",
    "messages",
    "order",
    "played",
    "recording",
    "rooms",
    "search",
    "signing",
    "stage",
]
