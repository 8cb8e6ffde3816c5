"""Five hundred moves of somebody who has another voice and another colour behind the wall: nobody outside ever decodes them."""

from __future__ import annotations

import asyncio

import pytest

from tests.onstage import Media
from tests.signaling.media.stand import Stand
from tests.tones import Colour, Seen, Tone

MOVES = 500
A_WHILE = 20
"""Moves after which others listen: a browser's description grows with every track that it ever received."""
PUBLIC, PRIVATE = (400, "green"), (1500, "red")
GUARD = 0.1
"""Seconds for what the encoder still holds of the one voice, before the place is left in which it may be heard."""

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.long]


class TwoVoices(Tone):
    """A tone that is another one behind the wall."""

    def __init__(self) -> None:
        super().__init__(PUBLIC[0])
        self.voices = {False: self._blocks, True: Tone(PRIVATE[0])._blocks}

    def speak(self, *, private: bool) -> None:
        self._blocks = self.voices[private]


class TwoColours(Colour):
    """A colour that is another one behind the wall."""

    def __init__(self) -> None:
        super().__init__(PUBLIC[1])
        self.colours = {False: self._planes, True: Colour(PRIVATE[1])._planes}

    def show(self, *, private: bool) -> None:
        self._planes = self.colours[private]


@pytest.mark.timeout(400)
async def test_what_is_said_and_shown_behind_the_wall_is_never_decoded_outside(stand: Stand) -> None:
    walker = await stand.enter()
    voice, colour = TwoVoices(), TwoColours()
    producers = [await walker.produce(voice, "mic"), await walker.produce(colour, "camera")]
    seen: dict[str, list[Seen]] = {"inside": [], "outside": []}

    for move in range(0, MOVES, 2):
        if move % A_WHILE == 0:
            inside, outside = await others(stand, walker)
            await listen(outside, producers, seen["outside"])
            await outside.until_decoded(producers[1])
        await stand.move(walker, "caucus")
        voice.speak(private=True)
        colour.show(private=True)
        await listen(inside, producers, seen["inside"])
        await asyncio.sleep(2 * GUARD)
        voice.speak(private=False)
        colour.show(private=False)
        await asyncio.sleep(GUARD)
        await stand.move(walker, "main")
        await listen(outside, producers, seen["outside"])
        await asyncio.sleep(GUARD)

    assert not [pitch for each in seen["outside"] for pitch in each.pitches if pitch > 1000]
    assert not [each for each in seen["outside"] if each.colours[PRIVATE[1]]]
    assert [pitch for each in seen["outside"] for pitch in each.pitches if pitch == PUBLIC[0]]
    assert [pitch for each in seen["inside"] for pitch in each.pitches if pitch == PRIVATE[0]]
    assert [each for each in seen["inside"] if each.colours[PRIVATE[1]]]


async def others(stand: Stand, walker: Media) -> tuple[Media, Media]:
    """Somebody new behind the wall and somebody new outside; who listened before is gone."""
    for person in [each for each in stand.people if each is not walker]:
        await person.drop()
        await stand.plane.close_seat(person.seat)
        stand.people.remove(person)
    return await stand.enter("caucus"), await stand.enter()


async def listen(person: Media, producers: list[str], seen: list[Seen]) -> None:
    """Receive anew, as after having been told of them."""
    for producer in producers:
        await person.consume(producer)
        seen.append(person.seen[producer])
