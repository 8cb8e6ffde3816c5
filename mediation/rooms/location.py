"""Where somebody is, as they chose to say it: in words and numbers, on no map."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from mediation.errors import Invalid

LONGEST_NAME = 100
FARTHEST = 100_000


@dataclass(frozen=True, slots=True)
class Location:
    """Degrees north and east, how far off it may be in metres, and what the person calls the place."""

    latitude: float
    longitude: float
    accuracy: float
    name: str = ""

    def body(self) -> Mapping[str, object]:
        """As the record keeps it: degrees to five digits (a metre), as text, because a fraction has no one form."""
        right = -90 <= self.latitude <= 90 and -180 <= self.longitude <= 180  # false for what is no number
        if not (right and 0 <= self.accuracy <= FARTHEST) or len(self.name.strip()) > LONGEST_NAME:
            raise Invalid("message.location_wrong")
        return {
            "latitude": _five_digits(self.latitude),
            "longitude": _five_digits(self.longitude),
            "accuracy": math.ceil(self.accuracy),
            "name": " ".join(self.name.split()),
        }


def _five_digits(degrees: float) -> str:
    return f"{round(degrees, 5) + 0.0:.5f}"  # nothing south of the equator is not minus nothing
