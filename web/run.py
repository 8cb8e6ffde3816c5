"""Running the server: what must be in order before it starts, and a quiet end.

The server's own modules take a second to load, so whoever has to put something in order first is told before that.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import shutil
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mediation.settings import BadSettings, Settings

if TYPE_CHECKING:
    from mediation.store import Store
    from web.demo import Card

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def run_server(settings: Settings, *, ready: Callable[[Store], None] = lambda _: None) -> int:
    """Serves until it is told to stop; raises `BadSettings` when something has to be put in order first."""
    _check(settings)
    from mediation.store import Store, only_server

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    held = only_server(settings.data)
    try:
        store = Store(settings, alone=True)
        try:
            _loop_runner()(_serve(store, ready))
        finally:
            store.close()
    finally:
        held.close()
    return 0


def run_demo(settings: Settings, *, lan: bool, fresh: bool, as_json: bool, qr: bool) -> int:
    """The demo: prepares its folder, starts the server, and shows everybody's link once it answers."""
    begun = settings.data / "demo.begun"
    if settings.data.exists() and any(settings.data.iterdir()) and not (settings.is_demo or begun.exists()):
        raise BadSettings(
            f"{settings.data} holds something that is not a demo. Choose another folder with --data."
        )
    if settings.database and (fresh or (begun.exists() and not settings.is_demo)):
        raise BadSettings(
            "On PostgreSQL a demo starts over in a new database: make one, and choose another folder with --data."
        )
    # Six people fill no second worker.
    settings = replace(settings, media_workers=settings.media_workers or 1)
    _check(settings)
    from mediation.store import only_server
    from web.demo import prepare, send_invitations
    from web.lan import certificate_for, own_addresses

    # A demo whose making was broken off, by Ctrl+C say, was seen by nobody and is made again.
    if (fresh and settings.is_demo) or (begun.exists() and not settings.is_demo):
        only_server(settings.data).close()
        shutil.rmtree(settings.data)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun.touch()
    if lan:
        addresses = own_addresses()
        certificate, key = certificate_for(settings.data, addresses)
        public = f"https://{addresses[0]}:{settings.port}"
        host = "0.0.0.0"  # noqa: S104 - the whole network was asked for
        settings = replace(settings, host=host, public_url=public, tls_certificate=certificate, tls_key=key)

    def ready(store: Store) -> None:
        is_new = not settings.is_demo
        _show(prepare(store), store.settings, as_json=as_json, qr=qr)
        if is_new:
            send_invitations(store)

    return run_server(settings, ready=ready)


def _show(cards: list[Card], settings: Settings, *, as_json: bool, qr: bool) -> None:
    if as_json:
        for card in cards:
            print(
                json.dumps({"name": card.name, "role": card.role, "link": card.link, "token": card.token}),
                flush=True,
            )
        return
    print(f"\nThe mediation server is running at {settings.address}\n")
    print(
        "Open each link in a browser, profile or phone of its own: whoever opens it is signed in as that person.\n"
    )
    for card in cards:
        print(f"  {card.role:<11} {card.name:<8} {card.link}")
        if qr:
            _print_qr(card.link)
    if not qr:
        print("\nFor QR codes add --qr; for phones in your network add --lan. Stop with Ctrl+C.", flush=True)
    print(
        "Invitations and one-time codes, which would go out by mail and text message, appear below.\n",
        flush=True,
    )


def _print_qr(link: str) -> None:
    import segno

    segno.make(link, micro=False).terminal(out=sys.stdout, compact=True)


def _check(settings: Settings) -> None:
    """Says what has to be put in order, before anything is written."""
    has_tls = bool(settings.tls_certificate and settings.tls_key)
    if settings.host not in LOOPBACK and not has_tls and not settings.behind_proxy:
        raise BadSettings(
            f"Plain http on {settings.host} would send sign-ins in the clear, and browsers give it no camera. "
            "Set tls_certificate and tls_key, or put a TLS proxy in front and set behind_proxy, or listen on 127.0.0.1."
        )
    _is_free(settings.host, settings.port, socket.SOCK_STREAM, "--port", "web")
    kinds = [socket.SOCK_DGRAM, socket.SOCK_STREAM] if settings.media_tcp else [socket.SOCK_DGRAM]
    for port in settings.media_ports:
        for kind in kinds:
            _is_free(settings.media_host, port, kind, "--media-port", "media")


def _is_free(host: str, port: int, kind: socket.SocketKind, option: str, what: str) -> None:
    family = socket.AF_INET6 if _is_v6(host) else socket.AF_INET
    with contextlib.closing(socket.socket(family, kind)) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadSettings(
                f"Port {port} for {what} is in use ({error.strerror}). Stop the other program, or choose another port with {option}."
            ) from error


def _is_v6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


async def _serve(store: Store, ready: Callable[[Store], None]) -> None:
    from aiohttp import web

    from web.app import SIGNALING, make_app
    from web.cycles import Cycles

    settings = store.settings
    app = make_app(store)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=75, shutdown_timeout=5)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port, ssl_context=_tls(settings), reuse_address=True)
    await site.start()
    cycles = asyncio.create_task(Cycles(app[SIGNALING].desk.answered.total).run())
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    await asyncio.get_running_loop().run_in_executor(None, ready, store)
    await stopped.wait()
    cycles.cancel()
    await runner.cleanup()


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.tls_certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    return context


def _loop_runner() -> Callable[..., None]:
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run
