"""The media worker: `python -m signaling.media.worker --commands FD`, one process, one port, one loop.

It lives as long as the socket it is commanded by: when that closes, for whatever reason, it is gone at once, and the
port is free for the next.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from signaling.media import messages as m
from signaling.media.addresses import announced
from signaling.media.errors import MediaError
from signaling.media.ice import candidates
from signaling.media.port import Port, bind
from signaling.media.rounds import Rounds
from signaling.media.stage import Stage
from signaling.media.tcp import Lines, listen

log = logging.getLogger(__name__)

# A server that was killed leaves its port to its worker for a moment.
_BIND_FOR = 8.0


class Worker:
    """Reads commands, carries them out in order, and writes answers and events in batches."""

    def __init__(self, commander: socket.socket) -> None:
        self._commander = commander
        self._frames = m.Frames()
        self._decode = msgspec.msgpack.Decoder(m.AnyCommand).decode
        self._encode = msgspec.msgpack.Encoder().encode
        self._out: list[msgspec.Struct] = []
        self._writer: asyncio.StreamWriter | None = None
        self.stage: Stage
        self.rounds: Rounds

    async def run(self, arguments: argparse.Namespace) -> None:
        reader, self._writer = await asyncio.open_connection(sock=self._commander)
        try:
            udp, tcp = await _bind(arguments.host, arguments.port, tcp=arguments.tcp)
        except OSError as error:
            await self._fail(error)
            return
        port = Port(udp)
        addresses = announced(arguments.host, port.number, tuple(arguments.announce), place=arguments.place)
        self.stage = Stage(port, candidates(addresses, tcp=tcp is not None), self.tell)
        self.rounds = Rounds(
            self.stage,
            port,
            self.tell,
            silent_after=arguments.silent_after,
            closed_after=arguments.closed_after,
        )
        port.open()
        if tcp is not None:
            Lines(tcp, port).open()
        clock = asyncio.get_running_loop().create_task(self.rounds.run())
        self.tell(m.Ready(port.number))
        gc.collect()
        gc.freeze()
        # Every packet that is kept looks like garbage that might hold a cycle: look for cycles seldom.
        gc.set_threshold(50_000, 50, 1000)
        while data := await reader.read(65536):
            for body in self._frames.feed(data):
                for said in msgspec.msgpack.decode(body, type=list[msgspec.Raw]):
                    self.tell(self._hear(said))
        clock.cancel()

    def tell(self, message: msgspec.Struct) -> None:
        """Send with what else is said in this turn of the loop."""
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(message)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(m.frame(out))

    def _hear(self, said: msgspec.Raw) -> m.Answer:
        try:
            command = self._decode(said)
        except msgspec.ValidationError as error:
            number = msgspec.msgpack.decode(said, type=m.Numbered).n
            return m.Answer(n=number, code="bad_parameters", message=str(error))
        return self._answer(command)

    def _answer(self, command: m.AnyCommand) -> m.Answer:
        try:
            result = msgspec.Raw(self._encode(ACTS[type(command)](self, command)))
        except MediaError as error:
            return m.Answer(n=command.n, code=error.code, message=error.message)
        except Exception:
            log.exception("a command failed: %s", type(command).__name__)
            return m.Answer(n=command.n, code="internal", message="the media worker could not do that")
        return m.Answer(n=command.n, result=result)

    async def _fail(self, error: OSError) -> None:
        assert self._writer is not None
        self._writer.write(m.frame([m.Failed("port_in_use", str(error))]))
        await self._writer.drain()


def _change_consumer(worker: Worker, command: m.ChangeConsumer) -> None:
    if command.act == "close":
        worker.stage.close_consumer(command.seat, command.consumer)
    else:
        worker.stage.set_consumer(command.seat, command.consumer, paused=command.act == "pause")


def _change_producer(worker: Worker, command: m.ChangeProducer) -> None:
    if command.act == "close":
        worker.stage.close_producer(command.seat, command.producer)
    else:
        worker.stage.set_producer(command.seat, command.producer, paused=command.act == "pause")


ACTS: dict[type, Callable[[Worker, Any], object]] = {
    m.OpenTransport: lambda w, c: w.stage.open_transport(c.room, c.seat, c.direction),
    m.ConnectTransport: lambda w, c: w.stage.connect_transport(c.seat, c.transport, c.dtls_parameters),
    m.RestartIce: lambda w, c: w.stage.restart_ice(c.seat, c.transport),
    m.Produce: lambda w, c: w.stage.produce(c.seat, c.transport, c.kind, c.source, c.rtp_parameters).id,
    m.Consume: lambda w, c: w.stage.consume(c.seat, c.transport, c.producer, c.rtp_capabilities),
    m.ChangeConsumer: _change_consumer,
    m.SetLayers: lambda w, c: w.stage.set_consumer(c.seat, c.consumer, tile=(c.width, c.height)),
    m.ChangeProducer: _change_producer,
    m.HoldProducer: lambda w, c: w.stage.hold_producer(c.producer, held=c.held),
    m.PlaceSeat: lambda w, c: w.stage.place_seat(c.room, c.seat, c.place, c.person),
    m.CloseSeat: lambda w, c: w.stage.close_seat(c.seat),
    m.AskStatistics: lambda w, c: w.rounds.statistics(c.room),
    m.StartRecording: lambda w, c: w.stage.taps.start(c.room, c.recording, c.folder, c.people),
    m.StopRecording: lambda w, c: w.stage.taps.stop(c.room),
}


async def _bind(host: str, number: int, *, tcp: bool) -> tuple[socket.socket, socket.socket | None]:
    until = time.monotonic() + _BIND_FOR
    while True:
        try:
            return _bind_now(host, number, tcp=tcp)
        except OSError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.05)


def _bind_now(host: str, number: int, *, tcp: bool) -> tuple[socket.socket, socket.socket | None]:
    """The same number for both; where any will do, it is one that is free on both."""
    udp = bind(host, number)
    try:
        return udp, listen(host, udp.getsockname()[1]) if tcp else None
    except OSError:
        udp.close()
        raise


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="signaling.media.worker", description=__doc__)
    parser.add_argument("--commands", type=int, required=True, help="file descriptor of the command socket")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tcp", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--place", type=int, default=0, help="which of several workers this is")
    parser.add_argument("--announce", action="append", default=[])
    parser.add_argument("--silent-after", type=float, default=13.5)
    parser.add_argument("--closed-after", type=float, default=30.0)
    return parser.parse_args()


def _play(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed: it takes a tenth of asyncio's time for a datagram."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def main() -> None:
    # Ctrl-C goes to the whole group; the server decides when its worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s media %(levelname)s %(message)s")
    commander = socket.socket(fileno=arguments.commands)
    commander.setblocking(False)
    try:
        _play(Worker(commander).run(arguments))
    except ConnectionError:
        log.info("the server is gone")
    # No goodbyes: the port has to be free at once.
    os._exit(0)


if __name__ == "__main__":
    main()
