"""Nearly valid packets of an admitted client against the whole way through: never an exception, never more out than may be."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signaling.media.world import Script, World


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=600))
def test_whatever_clients_do_nobody_else_is_harmed(script: bytes) -> None:
    Script(script).play(World())


def test_long_plays_of_chance_harm_nobody() -> None:
    dice = random.Random(11)
    for _ in range(30):
        Script(dice.randbytes(4000)).play(World())
