"""What is over by itself: a call that nobody answered, and the rooms that may outlive a meeting by two hours."""

from collections.abc import Mapping
from typing import Any

from mediation.rooms.call import end_call
from mediation.rooms.inside import shut_caucuses
from mediation.store import Store


def give_up_call(store: Store, payload: Mapping[str, Any]) -> None:
    """The job two minutes after a call."""
    store.write(end_call, channel=payload["channel"], person=payload["person"]).result()


def shut_rooms(store: Store, payload: Mapping[str, Any]) -> None:
    """The job two hours after a meeting."""
    store.write(shut_caucuses, room=payload["room"]).result()
