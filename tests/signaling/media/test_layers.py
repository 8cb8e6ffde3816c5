"""Which layer is worth sending: by the tile, and by the line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signaling.media.layers import OFF, Layer, Step, allocate, steps, with_sizes, worth

THREE = [Layer(100_000, 320, 180), Layer(300_000, 640, 360), Layer(1_100_000, 1280, 720)]


def test_a_tile_gets_the_lowest_layer_that_fills_it() -> None:
    assert [worth(THREE, *tile) for tile in ((160, 90), (320, 180), (640, 360), (1280, 720))] == [0, 0, 1, 2]


def test_a_picture_may_be_shown_a_little_larger_than_it_is() -> None:
    assert worth(THREE, 390, 220) == 0
    assert worth(THREE, 420, 240) == 1


def test_a_tile_larger_than_all_layers_gets_the_highest_that_flows() -> None:
    dry = [THREE[0], THREE[1], Layer(0, 1280, 720)]

    assert worth(THREE, 4000, 3000) == 2
    assert worth(dry, 4000, 3000) == 1


def test_where_sizes_are_not_known_the_highest_is_worth_it() -> None:
    assert worth([Layer(1), Layer(1)], 100, 100) == 1


def test_a_size_that_is_not_known_yet_follows_from_one_that_is() -> None:
    layers = [Layer(1), Layer(1, 640, 360), Layer(1)]

    assert [each[1:3] for each in with_sizes(layers)] == [(320, 180), (640, 360), (1280, 720)]
    assert with_sizes([Layer(1)]) == [Layer(1)]


def test_where_nothing_flows_nothing_is_worth_it() -> None:
    assert worth([Layer(0), Layer(0)], 100, 100) == -1
    assert steps([Layer(0), Layer(0)], 1) == [OFF]


def test_temporal_layers_come_before_spatial_ones() -> None:
    layers = [Layer(100_000, temporals=2), Layer(300_000, temporals=3)]

    assert steps(layers, 1) == [
        OFF,
        Step(0, 0, 60_000),
        Step(0, 1, 100_000),
        Step(1, 0, 120_000),
        Step(1, 1, 180_000),
        Step(1, 2, 300_000),
    ]


def test_everybody_gets_something_before_somebody_gets_more() -> None:
    ladder = steps(THREE, 2)

    assert [step.spatial for step in allocate([ladder] * 3, 310_000)] == [0, 0, 0]
    assert [step.spatial for step in allocate([ladder] * 3, 700_000)] == [1, 1, 0]


def test_what_does_not_fit_is_off_the_least_wanted_first() -> None:
    ladder = steps(THREE, 2)

    assert allocate([ladder] * 3, 250_000)[2] is OFF
    assert allocate([ladder] * 3, 50_000) == [OFF, OFF, OFF]
    assert allocate([ladder], -1) == [OFF]


@given(
    st.lists(st.lists(st.integers(1, 2_000_000), min_size=1, max_size=3), max_size=6),
    st.integers(0, 5_000_000),
)
def test_a_budget_is_never_exceeded(rates: list[list[int]], budget: int) -> None:
    ladders = [steps([Layer(rate) for rate in sorted(each)], 2) for each in rates]

    assert sum(step.cost for step in allocate(ladders, budget)) <= budget
