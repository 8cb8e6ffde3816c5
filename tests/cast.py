"""The named people of tests, examples and the demo; all made up."""

from web.demo import CAST, Role

CHEN, BO, GU, LIN, ZHAO, WEN = (
    CAST[role] for role in ("claimant", "respondent", "agent", "mediator", "judge", "clerk")
)
STRANGER = Role("Tang Si", "tang.si@example.org", "+8613800000009", None, "en")
"""In no case."""

__all__ = ["BO", "CAST", "CHEN", "GU", "LIN", "STRANGER", "WEN", "ZHAO", "Role"]
