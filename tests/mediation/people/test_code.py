"""One-time codes: good once, for a while, for one person and one purpose; and guessing ends quickly."""

import pytest

from mediation.errors import Invalid, TooMany
from mediation.jobs import Job
from mediation.people.code import Code, check_code, issue_code
from tests.conftest import House
from tests.stories import registered


@pytest.fixture
def person(house: House) -> str:
    return registered(house).people["claimant"]


def test_the_code_that_was_sent_is_good_once(house: House, person: str) -> None:
    code = _sent(house, person)

    house.do(check_code, person=person, purpose="sign_in", code=code)

    with pytest.raises(Invalid, match="expired"):
        house.do(check_code, person=person, purpose="sign_in", code=code)


def test_after_five_wrong_tries_the_right_code_is_no_longer_good(house: House, person: str) -> None:
    code = _sent(house, person)
    for left in (4, 3, 2, 1):
        with pytest.raises(Invalid) as refusal:
            house.do(check_code, person=person, purpose="sign_in", code=_other(code))
        assert refusal.value.params == {"left": left}

    with pytest.raises(TooMany):
        house.do(check_code, person=person, purpose="sign_in", code=_other(code))
    with pytest.raises(TooMany):
        house.do(check_code, person=person, purpose="sign_in", code=code)


def test_wrong_tries_at_the_same_time_all_count(house: House, person: str) -> None:
    code = _sent(house, person)

    tries = [
        house.store.write(check_code, person=person, purpose="sign_in", code=_other(code)) for _ in range(30)
    ]

    assert {type(each.exception(5)) for each in tries} == {Invalid, TooMany}
    assert house.ask(lambda session: session.query(Code).one().tries) == 5


def test_a_code_is_no_longer_good_after_ten_minutes(house: House, person: str) -> None:
    code = _sent(house, person)

    house.clock.pass_by(minutes=10)

    with pytest.raises(Invalid, match="expired"):
        house.do(check_code, person=person, purpose="sign_in", code=code)


def test_a_new_code_replaces_the_one_before(house: House, person: str) -> None:
    first, second = _sent(house, person), _sent(house, person)

    if first != second:
        with pytest.raises(Invalid, match="wrong"):
            house.do(check_code, person=person, purpose="sign_in", code=first)
    house.do(check_code, person=person, purpose="sign_in", code=second)


@pytest.mark.parametrize(("purpose", "bound"), [("sign_in", "other text"), ("sign_agreement", "this text")])
def test_a_code_is_good_for_its_purpose_and_its_text_alone(
    house: House, person: str, purpose: str, bound: str
) -> None:
    code = _sent(house, person, bound="this text")

    with pytest.raises(Invalid):
        house.do(check_code, person=person, purpose=purpose, code=code, bound=bound)


def test_a_code_is_good_for_its_person_alone(house: House, person: str) -> None:
    code = _sent(house, person)
    other = registered(house).people["respondent"]

    with pytest.raises(Invalid):
        house.do(check_code, person=other, purpose="sign_in", code=code)


def test_nobody_is_flooded_with_codes(house: House, person: str) -> None:
    for _ in range(10):
        _sent(house, person)

    with pytest.raises(TooMany):
        house.do(issue_code, person=person, purpose="sign_in")


def test_the_database_does_not_hold_the_code_once_it_was_sent(house: House, person: str) -> None:
    code = _sent(house, person)

    assert code not in house.ask(lambda session: session.query(Code).one().mac)


def _sent(house: House, person: str, *, bound: str = "") -> str:
    """The digits of a new code, read from the message that carries it."""
    house.clock.pass_by(seconds=1)
    house.do(issue_code, person=person, purpose="sign_in", bound=bound)
    notices = house.ask(
        lambda session: session.query(Job).filter_by(kind="notice").order_by(Job.run_at).all()
    )
    return str(notices[-1].payload["params"]["code"])


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"
