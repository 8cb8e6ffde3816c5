"""The figures' own port: on this machine only, off unless the settings name one, and apart from the pages people see."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from aiohttp import web as http

from mediation.exposition import CONTENT_TYPE, Figures
from mediation.settings import BadSettings

Handler = Callable[[http.Request], Awaitable[http.StreamResponse]]
LOCAL = "127.0.0.1"


class Counted(Protocol):
    """Whoever knows the figures of the live side."""

    async def figures(self) -> Figures: ...


class Answers:
    """How many pages were answered, by method and kind of answer."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}

    def note(self, method: str, status: int) -> None:
        known = method if method in {"GET", "HEAD", "POST", "PATCH"} else "other"
        key = known, f"{status // 100}xx"
        self.counts[key] = self.counts.get(key, 0) + 1


ANSWERS = http.AppKey("answers", Answers)


@http.middleware
async def count_answers(request: http.Request, handler: Handler) -> http.StreamResponse:
    """Counts what was answered; the sockets are counted by the desk."""
    response = await handler(request)
    request.app[ANSWERS].note(request.method, response.status)
    return response


def serve_figures(port: int, source: Counted) -> Callable[[http.Application], AsyncIterator[None]]:
    """Opens the port with the application and closes it with it; raises `BadSettings` when it is taken."""

    async def served(app: http.Application) -> AsyncIterator[None]:
        async def show(_: http.Request) -> http.Response:
            figures = await source.figures()
            for (method, status), count in sorted(app[ANSWERS].counts.items()):
                figures.counter(
                    "mediation_http_requests_total", "Pages and files, by answer.", count, method=method,
                    status=status,
                )  # fmt: skip
            return http.Response(text=figures.text(), headers={"Content-Type": CONTENT_TYPE})

        inner = http.Application()
        inner.router.add_get("/metrics", show)
        runner = http.AppRunner(inner, access_log=None)
        await runner.setup()
        try:
            await http.TCPSite(runner, LOCAL, port).start()
        except OSError as error:
            await runner.cleanup()
            raise BadSettings(
                f"The port {port} for figures is taken. Choose another with metrics_port."
            ) from error
        yield
        await runner.cleanup()

    return served
