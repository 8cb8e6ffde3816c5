"""Lines: what a person's connection carried in a meeting, in a word and in figures, kept compactly for a while (H10).

A figure comes every two seconds; a row is written once a minute, and when the word for it changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Integer, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, IsoTime, Key
from mediation.hearings.hearing import hearing_on
from mediation.ids import new_id
from mediation.work import Work

EVERY = 2
"""Seconds between two figures."""
A_ROW = 30
"""Figures in a row of which the word did not change: a minute."""


class LineSample(Base):
    """What one person's line was like for some seconds up to `at`; rates in kbit/s, losses in thousandths."""

    __tablename__ = "line_samples"
    __table_args__ = (Index("ix_line_samples_of", "hearing_id", "person_id", "at"),)

    id: Mapped[Key]
    hearing_id: Mapped[str] = mapped_column(ForeignKey("hearings.id"))
    person_id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(IsoTime, index=True)
    seconds: Mapped[int] = mapped_column(Integer)
    quality: Mapped[str] = mapped_column(String(8))
    rtt_ms: Mapped[int] = mapped_column(Integer)
    loss_up: Mapped[int] = mapped_column(Integer)
    loss_down: Mapped[int] = mapped_column(Integer)
    kbit_up: Mapped[int] = mapped_column(Integer)
    kbit_down: Mapped[int] = mapped_column(Integer)
    layer: Mapped[int | None] = mapped_column(Integer)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. `layer` is the smallest picture this person gets of those they look at: 0 the smallest, -1 none, None: looks at none."""

    rtt_ms: float = 0.0
    loss_up: float = 0.0
    loss_down: float = 0.0
    kbit_up: int = 0
    kbit_down: int = 0
    layer: int | None = None

    def in_a_word(self) -> tuple[str, str]:
        """`good`, `fair` (one notices) or `poor` (one has to ask again), and what is to be said about it."""
        loss = max(self.loss_up, self.loss_down)
        where = "loss_up" if self.loss_up >= self.loss_down else "loss_down"
        if loss > 0.1:
            return "poor", where
        if self.rtt_ms > 600:
            return "poor", "delay"
        if loss > 0.03:
            return "fair", where
        if self.rtt_ms > 250:
            return "fair", "delay"
        return ("fair", "narrow") if self.layer == -1 else ("good", "")


@dataclass(slots=True)
class Stretch:
    """The figures since the last row, all of one word."""

    quality: str = ""
    lines: list[Line] = field(default_factory=list)

    def take(self, quality: str, line: Line | None) -> "Stretch | None":
        """Adds a figure (None: nothing came any more); gives the stretch that is over with it, to be kept."""
        over = None
        if self.lines and (quality != self.quality or len(self.lines) >= A_ROW):
            over = Stretch(self.quality, self.lines)
            self.lines = []
        self.quality = quality
        self.lines = [*self.lines, line or Line()]
        return over

    def seconds(self) -> int:
        return len(self.lines) * EVERY

    def mean(self) -> Line:
        """Delay and rates on average, loss and layer at their worst."""
        count = max(1, len(self.lines))
        layers = [line.layer for line in self.lines if line.layer is not None]
        return Line(
            rtt_ms=sum(line.rtt_ms for line in self.lines) / count,
            loss_up=max((line.loss_up for line in self.lines), default=0.0),
            loss_down=max((line.loss_down for line in self.lines), default=0.0),
            kbit_up=sum(line.kbit_up for line in self.lines) // count,
            kbit_down=sum(line.kbit_down for line in self.lines) // count,
            layer=min(layers, default=None),
        )


def keep_line(work: Work, *, room: str, person: str, stretch: Stretch) -> None:
    """A row for the meeting that is on; what comes before or after a meeting is not kept."""
    hearing = hearing_on(work.session, room)
    if hearing is None:
        return
    mean = stretch.mean()
    work.add(
        LineSample(
            id=new_id(),
            hearing_id=hearing.id,
            person_id=person,
            at=work.now,
            seconds=stretch.seconds(),
            quality=stretch.quality,
            rtt_ms=round(mean.rtt_ms),
            loss_up=round(mean.loss_up * 1000),
            loss_down=round(mean.loss_down * 1000),
            kbit_up=mean.kbit_up,
            kbit_down=mean.kbit_down,
            layer=mean.layer,
        )
    )


def lines_of(session: Session, hearing: str, person: str) -> Sequence[LineSample]:
    """What a person's line was like in a meeting, by time."""
    query = select(LineSample).where(LineSample.hearing_id == hearing, LineSample.person_id == person)
    return list(session.scalars(query.order_by(LineSample.at)))


def forget_lines(work: Work) -> None:
    """Deletes the rows that are older than the settings say."""
    until = work.now - timedelta(days=work.settings.line_days)
    work.session.execute(delete(LineSample).where(LineSample.at < until))
