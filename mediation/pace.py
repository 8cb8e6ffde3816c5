"""The writer's pace: what it has done since the start, for whoever wants to know whether it keeps up."""

import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Pace:
    """`seconds` run from handing a unit over to its answer, of all units together."""

    units: int = 0
    failed: int = 0
    commits: int = 0
    seconds: float = 0.0

    def count(self, answered: "Future[Any]", asked_at: float) -> None:
        """Notes a unit that was answered."""
        self.units += 1
        self.failed += answered.exception() is not None
        self.seconds += time.monotonic() - asked_at
