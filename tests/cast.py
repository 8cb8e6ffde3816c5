"""The named people of tests, examples and the demo; all made up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody of the cast."""

    name: str
    email: str
    phone: str
    office: str | None
    locale: str


CHEN = Role("Chen Jing", "chen.jing@example.org", "+8613800000001", None, "zh-CN")
BO = Role("Bo Lin", "bo.lin@example.org", "+8613800000002", None, "en")
GU = Role("Gu Ya", "gu.ya@example.org", "+8613800000003", None, "zh-CN")
LIN = Role("Lin Yue", "lin.yue@example.org", "+8613800000004", "mediator", "zh-CN")
ZHAO = Role("Zhao Min", "zhao.min@example.org", "+8613800000005", "judge", "zh-CN")
WEN = Role("Wen Hao", "wen.hao@example.org", "+8613800000006", "clerk", "zh-CN")
STRANGER = Role("Tang Si", "tang.si@example.org", "+8613800000009", None, "en")
"""In no case."""

CAST = {"claimant": CHEN, "respondent": BO, "agent": GU, "mediator": LIN, "judge": ZHAO, "clerk": WEN}
"""The private lending dispute: Chen lent Bo 86,000; Gu is Bo's lawyer, Lin mediates, Zhao may later judge, Wen keeps the file."""
