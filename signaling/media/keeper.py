"""Keeps the media worker's process: starts it, speaks to it, starts it again when it dies."""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from signaling.media import messages as m
from signaling.media.errors import MediaError
from signaling.media.messages import MediaEvent

log = logging.getLogger(__name__)

# A command takes milliseconds; a worker that does not answer for so long is as good as dead.
PATIENCE = 10.0
WORKER = (sys.executable, "-m", "signaling.media.worker")


@dataclass(frozen=True)
class MediaSettings:
    """Where media arrives: on `port` and, with several workers, on those after it (0: on any).

    Announced are addresses, or address:port; without any, of each family the first that can be reached from elsewhere.
    The worker looks at its lines once a second, so that a silent line is told of before 15 s have gone by.
    """

    host: str
    port: int
    announced: tuple[str, ...] = ()
    tcp: bool = True
    workers: int = 1
    silent_after: float = 13.5
    closed_after: float = 30.0


class Keeper:
    """One worker after the other, on the port of its place. Whoever asks while there is none waits for the next."""

    def __init__(
        self,
        settings: MediaSettings,
        on_event: Callable[[MediaEvent], None],
        worker: Sequence[str],
        place: int = 0,
    ) -> None:
        self.port = settings.port + place if settings.port else 0
        self._settings = settings
        self._place = place
        self._on_event = on_event
        self._worker = worker
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._began = False
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[m.Answer]] = {}
        self._out: list[msgspec.Raw] = []

    @property
    def ready(self) -> bool:
        """Whether a worker is there to answer now."""
        return self._ready.done() and not self._ready.cancelled() and self._ready.exception() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the first worker and wait until it has its port."""
        self._task = asyncio.get_running_loop().create_task(self._keep())
        await self._ready
        self._began = True

    async def close(self) -> None:
        """Let go of the worker, which ends at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._ready = asyncio.get_running_loop().create_future()
        self._ready.cancel()

    async def ask(self, command: m.Command) -> m.Answer:
        """Say a command and wait for its answer; `worker_lost` when there is none."""
        command.n = next(self._numbers)
        try:
            said = msgspec.Raw(msgspec.msgpack.encode(command))
        except (OverflowError, RecursionError, TypeError, ValueError):
            # Encoded one by one, so that a number no machine can hold spoils nobody else's command.
            raise MediaError("bad_parameters", "this cannot be said to the media worker") from None
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._answer_to(command.n, said)
        except TimeoutError:
            raise MediaError("worker_lost", "the media worker does not answer") from None
        finally:
            self._asked.pop(command.n, None)

    async def _answer_to(self, number: int, said: msgspec.Raw) -> m.Answer:
        if self._ready.cancelled():
            raise MediaError("worker_lost", "the media plane is closed")
        if not self._ready.done():
            await asyncio.shield(self._ready)
        future: asyncio.Future[m.Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(said)
        return await future

    def _flush(self) -> None:
        """All commands of this turn of the loop go in one batch."""
        out, self._out = self._out, []
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(m.frame(out))

    async def _keep(self) -> None:
        while True:
            lived = await self._one_worker()
            if not self._began and not lived:
                if not self._ready.done():
                    self._ready.set_exception(MediaError("worker_lost", "the media worker did not start"))
                return
            log.error("the media worker died; starting another")
            if lived:
                self._tell(m.WorkerLost())
            else:
                await asyncio.sleep(1)

    async def _one_worker(self) -> bool:
        """Start a worker and listen to it until it ends; whether it ever had its port."""
        ours, theirs = socket.socketpair()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command(theirs.fileno()), pass_fds=[theirs.fileno()]
            )
        except OSError:
            ours.close()
            log.exception("the media worker could not be started")
            return False
        finally:
            theirs.close()
        reader, self._writer = await asyncio.open_connection(sock=ours)
        lived = False
        try:
            lived = await self._listen(reader)
        finally:
            self._lose()
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
        return lived

    def _lose(self) -> None:
        """Whatever was asked of a worker that is gone stays without an answer."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._ready.done() and not self._ready.exception():
            self._ready = asyncio.get_running_loop().create_future()
        self._out = []
        for future in self._asked.values():
            if not future.done():
                future.set_exception(MediaError("worker_lost", "the media worker died"))

    def _command(self, descriptor: int) -> list[str]:
        settings = self._settings
        told = {
            "--commands": descriptor,
            "--host": settings.host,
            "--port": self.port,
            "--place": self._place,
            "--silent-after": settings.silent_after,
            "--closed-after": settings.closed_after,
        }
        command = [*self._worker, *(str(each) for pair in told.items() for each in pair)]
        command.append("--tcp" if settings.tcp else "--no-tcp")
        for address in settings.announced:
            command += ["--announce", address]
        return command

    async def _listen(self, reader: asyncio.StreamReader) -> bool:
        frames = m.Frames()
        decode = msgspec.msgpack.Decoder(list[m.Report]).decode
        lived = False
        try:
            while data := await reader.read(65536):
                for body in frames.feed(data):
                    for report in decode(body):
                        lived = lived or isinstance(report, m.Ready)
                        self._heard(report)
        except ConnectionError:
            pass
        return lived

    def _heard(self, report: m.Report) -> None:
        if isinstance(report, m.Answer):
            future = self._asked.get(report.n)
            if future is not None and not future.done():
                future.set_result(report)
        elif isinstance(report, m.Ready):
            self.port = report.port
            if not self._ready.done():
                self._ready.set_result(report.port)
        elif isinstance(report, m.Failed):
            log.error("the media worker could not start: %s", report.message)
            if not self._began and not self._ready.done():
                self._ready.set_exception(MediaError(report.code, report.message))
        else:
            self._tell(report)

    def _tell(self, event: MediaEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            log.exception("a listener failed on %s", type(event).__name__)
