"""A plain aiortc server: everybody's tracks through a `MediaRelay` to the others. `python -m bench.load.relay`.

It answers offers, one a line: JSON with `room`, `person`, `way` and `sdp`. `up` brings somebody's tracks; `down` asks for
those of the others in the room.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

# Room, then person: what they publish.
Tracks = defaultdict[str, dict[str, list[MediaStreamTrack]]]


class Relay:
    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._connections: list[RTCPeerConnection] = []
        self._tracks: Tracks = defaultdict(dict)

    async def answer(self, room: str, person: str, way: str, sdp: str) -> str:
        connection = RTCPeerConnection()
        self._connections.append(connection)
        if way == "up":
            connection.on("track", self._tracks[room].setdefault(person, []).append)
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        if way == "down":
            for other, tracks in self._tracks[room].items():
                for track in tracks if other != person else ():
                    connection.addTrack(self._relay.subscribe(track))
        await connection.setLocalDescription(await connection.createAnswer())
        return connection.localDescription.sdp


async def main() -> None:
    relay = Relay()
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        print(json.dumps(await relay.answer(**asked)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
