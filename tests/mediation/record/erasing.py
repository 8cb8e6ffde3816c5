"""Erasing as the server does it, without its jobs."""

from mediation.record.clearing import scrub
from mediation.record.retention import erase_class, what_is_over
from tests.conftest import House


def erase_what_is_over(house: House) -> list[str]:
    """What the daily job and those that it leaves do, one after the other; gives the classes."""
    over = house.ask(what_is_over, house.clock())
    for case, rule in over:
        erase_class(house.store, {"case": case, "rule": rule})
    scrub(house.store, {})
    return [rule for _, rule in over]
