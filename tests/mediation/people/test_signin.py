"""Sign-ins: listed, revoked, and gone when their time is over."""

from datetime import timedelta

import pytest

from mediation.errors import NotFound
from mediation.people.signin import note_activity, open_sign_in, revoke_sign_in, sign_ins_of, signed_in
from tests.conftest import House
from tests.stories import Story, registered


@pytest.fixture
def story(house: House) -> Story:
    return registered(house)


def test_a_secret_names_its_person_and_is_not_kept_itself(house: House, story: Story) -> None:
    secret = _secret(house, story.people["claimant"])

    who = house.ask(signed_in, secret, house.clock())

    assert who is not None and who.person == story.people["claimant"]
    assert secret.encode() not in b"".join(
        file.read_bytes() for file in house.settings.data.glob("mediation.db*")
    )


def test_a_revoked_sign_in_is_no_sign_in(house: House, story: Story) -> None:
    person = story.people["claimant"]
    secret = _secret(house, person)
    (live,) = house.ask(sign_ins_of, person, house.clock())

    house.do(revoke_sign_in, person=person, sign_in=live.id)

    assert house.ask(signed_in, secret, house.clock()) is None
    assert house.ask(sign_ins_of, person, house.clock()) == []


def test_nobody_revokes_somebody_elses_sign_in(house: House, story: Story) -> None:
    _secret(house, story.people["claimant"])
    (live,) = house.ask(sign_ins_of, story.people["claimant"], house.clock())

    with pytest.raises(NotFound):
        house.do(revoke_sign_in, person=story.people["respondent"], sign_in=live.id)


@pytest.mark.parametrize(("role", "hours"), [("mediator", 12), ("claimant", 30 * 24)])
def test_staff_stay_signed_in_half_a_day_and_a_partys_device_a_month(
    house: House, story: Story, role: str, hours: int
) -> None:
    secret = _secret(house, story.people[role])
    lasting = house.clock() + timedelta(hours=hours)

    assert house.ask(signed_in, secret, lasting - timedelta(seconds=1)) is not None
    assert house.ask(signed_in, secret, lasting + timedelta(seconds=1)) is None


def test_using_it_makes_it_last_from_then_on(house: House, story: Story) -> None:
    secret = _secret(house, story.people["mediator"])
    (live,) = house.ask(sign_ins_of, story.people["mediator"], house.clock())
    house.clock.pass_by(hours=11)

    house.do(note_activity, sign_in=live.id)
    house.clock.pass_by(hours=11)

    assert house.ask(signed_in, secret, house.clock()) is not None


def _secret(house: House, person: str) -> str:
    return house.do(open_sign_in, person=person, kind="browser", way="code", device="Phone", ip="192.0.2.1")
