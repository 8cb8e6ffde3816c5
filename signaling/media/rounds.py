"""What the worker does by the clock: ask again, report, measure, hear who speaks, and let silent lines go."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from signaling.media import rtcp
from signaling.media.figures import Figures
from signaling.media.messages import ConsumerLayers, Network, Speaking, Statistics
from signaling.media.police import renew
from signaling.media.port import FAULTS_SHOWN, Port
from signaling.media.seat import Seat
from signaling.media.share import measure_layers, share_line
from signaling.media.speaking import Voices
from signaling.media.stage import Stage
from signaling.media.transport import Transport
from signaling.media.turns import Turns

log = logging.getLogger(__name__)

TICK = 0.02
# So many rounds are made at once while the port is at rest: what is done again at once costs a third of what is done after a sleep.
_TOGETHER = 5
_FEEDBACK = 5
_SPEAKING = 15
_LAYERS = 25
_REPORTS = 50
_NETWORK = 100
# Longer than anybody waits for the first other; a transport without its seat's owner costs little until then.
_NEVER_BEGUN = 6 * 3600.0
_LATE = 0.02
_WARN_EVERY = 30.0


class Rounds:
    """One timer for the whole worker; each round does what is due. An exception in one never ends the others."""

    def __init__(
        self,
        stage: Stage,
        port: Port,
        tell: Callable[[Network | Speaking | ConsumerLayers], None],
        *,
        silent_after: float,
        closed_after: float,
    ) -> None:
        self._stage = stage
        self._port = port
        self._tell = tell
        self._silent_after = silent_after
        self._closed_after = closed_after
        self._voices = Voices()
        self.figures = Figures(stage, port)
        self._turns = Turns(stage, second=_REPORTS, half=_LAYERS)
        self.loop_lag = 0.0
        self._count = 0
        self._warned_at = -_WARN_EVERY

    async def run(self) -> None:
        due = time.monotonic() + TICK
        while True:
            await asyncio.sleep(due - time.monotonic())
            now = time.monotonic()
            self._measure_lag(now - due, now)
            together = _TOGETHER if self._port.rest_or_wake(now) else 1
            due = max(due + together * TICK, now)
            for _ in range(together):
                self._count += 1
                try:
                    self._round(self._count, now)
                except Exception as error:  # noqa: BLE001 - the log has it
                    self._failed("a round of the media worker failed", error)

    def statistics(self, room: str | None) -> Statistics:
        return self.figures.statistics(room, loop_lag=self.loop_lag)

    def _round(self, count: int, now: float) -> None:
        feedback = count % _FEEDBACK == 0
        self._turns.arrange()
        due = [
            transport
            for transport in self._turns.busy
            if transport.needs_feedback or (feedback and transport.arrivals)
        ]
        for transport in self._turns.transports[count % _REPORTS]:
            try:
                self._each_second(transport, now)
            except Exception as error:  # noqa: BLE001 - the log has it
                self._failed("a round of one transport failed", error)
        for transport in due:
            try:
                self._attend(transport, count, now)
            except Exception as error:  # noqa: BLE001 - the log has it
                self._failed("a round of one transport failed", error)
        self._share_lines(count, now)
        if count % _SPEAKING == 0:
            for speaking in self._voices.listen(self._stage.seats.values()):
                self._tell(speaking)
        if count % _NETWORK == 0:
            for network in self.figures.networks(now):
                self._tell(network)

    def _share_lines(self, count: int, now: float) -> None:
        """Each seat in its own turn, twice a second: all at once would hold up everybody's packets."""
        for seat in self._turns.seats[count % _LAYERS]:
            if not seat.carries:
                continue
            for transport in seat.transports.values():
                # First, and whatever becomes of the rest: without it nothing is let in any more.
                renew(transport, _LAYERS * TICK)
            try:
                measure_layers([seat], now)
            except Exception as error:  # noqa: BLE001 - the log has it
                self._failed("the layers of one seat could not be measured", error)
            for transport in list(seat.transports.values()):
                try:
                    self._share_line(seat, transport, now)
                except Exception as error:  # noqa: BLE001 - the log has it
                    self._failed("a line could not be shared", error)

    def _share_line(self, seat: Seat, transport: Transport, now: float) -> None:
        consumers = [each for each in seat.consumers.values() if each.transport is transport]
        share_line(transport, consumers, now, self._tell)

    def _failed(self, what: str, error: Exception) -> None:
        """Say what our own bug was, some times: there are fifty rounds a second."""
        self._port.drops["fault"] += 1
        if self._port.drops["fault"] <= FAULTS_SHOWN:
            log.error(what, exc_info=error)

    def _attend(self, transport: Transport, count: int, now: float) -> None:
        if transport.needs_feedback:
            rtcp.ask_again(transport, now)
        if count % _FEEDBACK == 0 and transport.arrivals:
            rtcp.report_arrivals(transport)

    def _each_second(self, transport: Transport, now: float) -> None:
        if not transport.incoming and not transport.outgoing:
            renew(transport, _REPORTS * TICK)
        # Who has begun and does not come to an end is as good as gone. Who has not begun may only be alone in the room.
        stuck = transport.state == "new" and (
            now - transport.begun_at > self._closed_after or now - transport.opened_at > _NEVER_BEGUN
        )
        if transport.address is None and not stuck:
            return
        if stuck or now - transport.consent_at > self._closed_after:
            transport.address = None  # not even a goodbye goes where nobody wants it (RFC 7675, 5.1)
            self._stage.transport_changed(transport, "closed")
            return
        silent = now - transport.heard_at > self._silent_after
        if transport.state == "connected" and silent:
            self._stage.transport_changed(transport, "disconnected")
        elif transport.state == "disconnected" and not silent:
            self._stage.transport_changed(transport, "connected")
        if transport.live:
            rtcp.report_streams(transport, now)
            rtcp.report_times(transport, now)

    def _measure_lag(self, lag: float, now: float) -> None:
        self.loop_lag = max(lag, self.loop_lag * 0.99)
        if lag > _LATE and now - self._warned_at > _WARN_EVERY:
            self._warned_at = now
            log.warning("the media loop was held up for %.0f ms", lag * 1000)
