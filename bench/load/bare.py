"""The floor in Python: each datagram is received and sent twice, without any protocol. `python -m bench.load.bare`."""

from __future__ import annotations

import socket

from bench.load.plan import Address

_BUFFER = 4 * 1024 * 1024

# Of a room: who has which address for what way.
Room = dict[tuple[str, str], Address]


def main() -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    sock.bind(("127.0.0.1", 0))
    print(sock.getsockname()[1], flush=True)
    receive, send = sock.recvfrom, sock.sendto
    routes: dict[Address, list[Address]] = {}
    rooms: dict[str, Room] = {}
    while True:
        data, address = receive(2048)
        if data[0] > 127:
            for other in routes.get(address, ()):
                send(data, other)
            continue
        # A greeting, `room/person/up` or `room/person/down`: what one sends up goes down to the others of the room.
        name, person, way = data.decode().strip().split("/")
        room = rooms.setdefault(name, {})
        if room.get((person, way)) != address:
            room[person, way] = address
            routes |= _routes(room)
        send(data, address)


def _routes(room: Room) -> dict[Address, list[Address]]:
    return {
        address: [other for (who, where), other in room.items() if where == "down" and who != person]
        for (person, way), address in room.items()
        if way == "up"
    }


if __name__ == "__main__":
    main()
