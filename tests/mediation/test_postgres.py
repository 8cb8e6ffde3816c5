"""PostgreSQL beneath: entries stay as they are, connections are lost and come back, and a server that could not keep our promises is refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mediation.errors import Invalid, Unavailable
from mediation.record.entry import read_entries
from mediation.record.verify import verify
from mediation.rooms.message import post_message
from mediation.settings import BadSettings, Settings
from mediation.store import Store
from mediation.work import Work
from tests.conftest import House, a_house
from tests.postgres import cut_off, in_server, migrated_database, new_database
from tests.stories import Story, opened
from web.cli import main

both = pytest.mark.both_databases


@pytest.fixture
def postgres(tmp_path: Path) -> Any:
    house = a_house(tmp_path / "data", "postgres")
    yield house
    house.store.close()


def says(story: Story, words: str) -> Any:
    """Chen says something, and is answered."""
    return story.house.do(
        post_message, by=story.people["claimant"], channel=story.talks, text=words, client_id=words
    )


def said_in(story: Story) -> list[int]:
    house = story.house
    return [entry.seq for entry in house.ask(read_entries, house.store.keys, story.talks)]


@both
@pytest.mark.parametrize(
    "act",
    ["UPDATE entries SET kind = 'x'", "DELETE FROM entries", "UPDATE entries SET seq = 9 WHERE seq = 1"],
)
def test_the_database_forbids_to_change_entries(house: House, act: str) -> None:
    story = opened(house)
    says(story, "one")

    with pytest.raises(DBAPIError, match="entries are never changed"):
        house.do(lambda work: work.session.execute(text(act)))

    assert said_in(story) == [1]


def test_postgres_forbids_to_empty_the_table_too(postgres: House) -> None:
    with pytest.raises(DBAPIError, match="entries are never changed"):
        postgres.do(lambda work: work.session.execute(text("TRUNCATE entries")))


@both
def test_a_reader_can_change_nothing(house: House) -> None:
    with pytest.raises(DBAPIError):
        house.ask(lambda session: session.execute(text("DELETE FROM contents")))


def test_what_is_committed_is_on_the_disk(postgres: House) -> None:
    durable = postgres.do(
        lambda work: work.session.scalar(text("SELECT current_setting('synchronous_commit')"))
    )

    assert durable == "on"


def test_a_server_that_cannot_keep_our_promises_is_refused() -> None:
    pytest.importorskip("psycopg")
    from mediation.postgres import check_promises

    check_promises(fsync="on", encoding="UTF8", version=130000)

    with pytest.raises(BadSettings, match="fsync = off"):
        check_promises(fsync="off", encoding="UTF8", version=150018)
    with pytest.raises(BadSettings, match="kept in LATIN1"):
        check_promises(fsync="on", encoding="LATIN1", version=150018)
    with pytest.raises(BadSettings, match="13 or newer"):
        check_promises(fsync="on", encoding="UTF8", version=120022)


def test_a_connection_lost_amid_a_unit_refuses_its_batch_and_the_next_unit_has_a_new_one(
    postgres: House,
) -> None:
    story = opened(postgres)
    says(story, "one")

    def is_cut_off(work: Work) -> None:
        work.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable):
        postgres.do(is_cut_off)

    assert says(story, "two").seq == 2
    assert says(story, "one").seq == 1
    assert said_in(story) == [1, 2]


def test_connections_lost_between_two_questions_are_made_again(postgres: House) -> None:
    story = opened(postgres)
    says(story, "one")
    assert said_in(story) == [1]

    cut_off(postgres.settings.database)

    assert said_in(story) == [1]
    with pytest.raises(Unavailable):
        says(story, "two")
    assert says(story, "two").seq == 2


def test_what_another_process_committed_while_the_connection_was_lost_is_followed(postgres: House) -> None:
    story = opened(postgres)
    says(story, "one")
    cut_off(postgres.settings.database)
    other = House(postgres.settings.data, database=postgres.settings.database)
    other.do(post_message, by=story.people["respondent"], channel=story.talks, text="two", client_id="k")
    other.store.close()

    with pytest.raises(Unavailable):
        says(story, "three")

    assert says(story, "three").seq == 3
    assert verify(postgres.settings.data, say=print, database=postgres.settings.database) == 0


def test_a_unit_that_hides_a_failure_of_the_database_is_not_taken_for_done(postgres: House) -> None:
    def hides(work: Work) -> str:
        try:
            work.session.connection().exec_driver_sql("SELECT no_such_thing")
        except DBAPIError:
            return "done"
        return "never"

    with pytest.raises(Exception, match="failed"):
        postgres.do(hides)


def test_what_no_column_can_hold_is_refused_and_harms_no_other(postgres: House) -> None:
    story = opened(postgres)

    with pytest.raises(Invalid):
        says(story, "\0")
    with pytest.raises(Invalid):
        postgres.ask(read_entries, postgres.store.keys, "\0")

    assert says(story, "one").seq == 1


def test_two_servers_on_one_database_are_one_too_many(tmp_path: Path) -> None:
    url = migrated_database()
    first = Store(Settings(data=tmp_path / "one", database=url), alone=True)

    with pytest.raises(BadSettings, match=r"Another server is already running on the database t\w+\."):
        Store(Settings(data=tmp_path / "two", database=url), alone=True)

    Store(Settings(data=tmp_path / "three", database=url)).close()  # a command beside the server
    first.close()
    Store(Settings(data=tmp_path / "two", database=url), alone=True).close()


def test_a_command_tells_in_one_sentence_that_the_database_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MEDIATION_DATABASE", in_server(new_database(), "nowhere"))

    statuses = [main([command, "--data", str(tmp_path)]) for command in ("migrate", "verify")]

    told = capsys.readouterr()
    assert statuses == [1, 1]
    assert told.err.startswith("The PostgreSQL that the setting database names does not answer: ")
    assert re.search("cannot be read: .*nowhere", told.out, re.DOTALL)
    assert "Traceback" not in told.err


def test_the_verifier_reads_postgres_and_names_what_was_altered(postgres: House) -> None:
    story = opened(postgres)
    for words in ("one", "two", "three"):
        says(story, words)
    assert verdict(postgres).startswith("Whole: ")

    def alter(work: Work) -> None:
        work.session.execute(text("DROP TRIGGER entries_no_update ON entries"))
        changed = text("UPDATE entries SET actor = 'somebody' WHERE channel = :talks AND seq = 2")
        work.session.execute(changed, {"talks": story.talks})

    postgres.do(alter)

    assert verdict(postgres).startswith(f"channel {story.talks}, entry 2 ")


def verdict(house: House) -> str:
    """The first sentence of the verifier."""
    said: list[str] = []
    verify(house.settings.data, say=said.append, database=house.settings.database)
    return said[0]
