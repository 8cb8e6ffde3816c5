"""Erasing as the server does it, without its jobs."""

from mediation.record.clearing import scrub
from mediation.record.retention import ended_cases, erase_class, over_in
from tests.conftest import House


def what_is_over(house: House) -> list[tuple[str, str]]:
    """Case and class of all that is to be erased by now."""
    now = house.clock()
    return [(case, rule) for case in house.ask(ended_cases) for rule in house.ask(over_in, case, now)]


def erase_what_is_over(house: House) -> list[str]:
    """What the daily job and those that it leaves do, one after the other; gives the classes."""
    over = what_is_over(house)
    for case, rule in over:
        erase_class(house.store, {"case": case, "rule": rule})
    scrub(house.store, {})
    return [rule for _, rule in over]
