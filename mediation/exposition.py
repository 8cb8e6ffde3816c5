"""Figures as text that Prometheus reads (its text format, version 0.0.4).

All that is shown here is counted elsewhere already, by the worker, the writer and the desk: what is needed of a library is these
forty lines, and no second set of counters beside the first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]


@dataclass(slots=True)
class Figure:
    """One figure with its sentence; `kind` is `counter`, `gauge` or `summary`."""

    name: str
    kind: str
    means: str
    values: list[tuple[str, Labels, float]] = field(default_factory=list)


class Figures:
    """Figures in the order in which they were first named."""

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}

    def gauge(self, name: str, means: str, value: float, **labels: str) -> None:
        """What is now."""
        self._add(name, "gauge", means, "", value, labels)

    def counter(self, name: str, means: str, value: float, **labels: str) -> None:
        """What has been since the start; only ever rises."""
        self._add(name, "counter", means, "", value, labels)

    def summary(self, name: str, means: str, *, total: float, count: int, **labels: str) -> None:
        """How often, and how much in all: the mean over any time follows from both."""
        self._add(name, "summary", means, "_sum", total, labels)
        self._add(name, "summary", means, "_count", count, labels)

    def text(self) -> str:
        return "".join(line + "\n" for line in self._lines())

    def _add(self, name: str, kind: str, means: str, end: str, value: float, labels: Labels) -> None:
        figure = self._figures.setdefault(name, Figure(name, kind, means))
        figure.values.append((end, labels, value))

    def _lines(self) -> Iterator[str]:
        for figure in self._figures.values():
            yield f"# HELP {figure.name} {figure.means}"
            yield f"# TYPE {figure.name} {figure.kind}"
            for end, labels, value in figure.values:
                yield f"{figure.name}{end}{_labelled(labels)} {_number(value)}"


def _labelled(labels: Labels) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items()))
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
