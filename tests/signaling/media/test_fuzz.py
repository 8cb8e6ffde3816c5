"""Nearly valid packets of an admitted client against the whole way through: never an exception, never more out than may be."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signaling.media.hall import picture
from tests.signaling.media.plays import Script
from tests.signaling.media.world import World


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=600))
def test_whatever_clients_do_nobody_else_is_harmed(script: bytes) -> None:
    Script(script).play(World())


def test_long_plays_of_chance_harm_nobody() -> None:
    dice = random.Random(11)
    for _ in range(30):
        Script(dice.randbytes(4000)).play(World())


@pytest.mark.parametrize("size", range(1, 12))
def test_a_picture_that_is_cut_off_anywhere_harms_nobody(size: int) -> None:
    """Both sizes of picture number mixed in one stream, and each cut off at each byte."""
    world = World()
    for number in range(200):
        whole = picture(number, number & 3, key=number == 0)
        if number % 3 == 1:
            whole = b"\x90\xe0" + bytes((number & 0x7F,)) + whole[4:]
        body = whole if number % 2 == 0 else whole[:size]
        world.come("dora", struct.pack("!BBHII", 0x80, 96, number + 65_400 & 0xFFFF, number, 40) + body)
    world.turn(0.5)

    world.check()
    assert world.nonces["bert"].count >= 100
