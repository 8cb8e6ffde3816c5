"""Whether anybody is still at the other end of a connection.

Engine.IO closes a connection whose ping is not answered, but when the other side is cut off it first waits for it to say
goodbye: up to 23 s after the last word. Where the media has fallen silent as well there is nothing to wait for.
"""

import time

import socketio

ANSWERS_WITHIN = 4.0
"""Seconds for a pong. A ping goes out every five, so that one is due when media has been silent for twelve."""


async def close_if_dead(sio: socketio.AsyncServer, socket: str) -> None:
    """Ends a connection that owes an answer to a ping, as Engine.IO will; its owner may come back on a new one."""
    line = sio.eio.sockets.get(sio.manager.eio_sid_from_sid(socket, "/"))
    if line is None or not line.last_ping or time.time() - line.last_ping < ANSWERS_WITHIN:
        return
    await line.close(wait=False, reason=sio.eio.reason.PING_TIMEOUT)
