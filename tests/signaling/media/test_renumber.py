"""Numbers in, numbers out: nothing is missing on the other side, whatever was left out on this one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signaling.media.renumber import REMEMBERED, Renumbering


def test_what_is_left_out_leaves_no_gap() -> None:
    numbers = Renumbering()
    numbers.begin(100, 7)

    out = []
    for number in range(100, 110):
        if number in (102, 103, 107):
            numbers.drop(number)
        else:
            out.append(numbers.out(number))

    assert out == [7, 8, 9, 10, 11, 12, 13]


def test_a_late_number_takes_the_place_that_was_left_for_it() -> None:
    numbers = Renumbering()
    numbers.begin(10, 0)
    numbers.drop(12)
    numbers.drop(15)

    assert [numbers.out(number) for number in (11, 12, 13, 15, 16)] == [1, None, 2, None, 4]


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_each_number_is_found_again_by_the_one_it_went_out_under(
    left_out: list[bool], first: int, out: int
) -> None:
    numbers = Renumbering()
    numbers.begin(first, out)
    sent = {}
    for number, drops in enumerate(left_out, start=first):
        if drops:
            numbers.drop(number)
        else:
            went_out = numbers.out(number)
            assert went_out is not None
            sent[went_out] = number

    assert list(sent) == list(range(out, out + len(sent)))
    assert {each: numbers.back(each) for each in sent} == sent
    assert all(numbers.out(number) == each for each, number in sent.items())


def test_the_memory_of_what_was_left_out_is_bounded() -> None:
    numbers = Renumbering()
    numbers.begin(0, 0)
    for number in range(1, 20 * REMEMBERED, 2):
        numbers.drop(number)

    last = 20 * REMEMBERED
    assert len(numbers._dropped) <= 2 * REMEMBERED
    assert numbers.out(last) == last // 2
    assert numbers.back(last // 2) == last
