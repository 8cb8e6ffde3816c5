"""The demo: a private lending dispute with made-up people, brought to the door of its first mediation by the use cases themselves."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from mediation.cases.case import register_case
from mediation.cases.invitation import invite
from mediation.cases.party import PartyDraft
from mediation.people.permission import Actor
from mediation.people.person import add_person
from mediation.people.signin import open_sign_in
from mediation.store import Store


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody made up."""

    name: str
    email: str
    phone: str
    office: str | None
    locale: str


CAST = {
    "claimant": Role("陈静", "chen.jing@example.org", "+8613800000001", None, "zh-CN"),
    "respondent": Role("Bo Lin", "bo.lin@example.org", "+8613800000002", None, "en"),
    "agent": Role("顾雅", "gu.ya@example.org", "+8613800000003", None, "zh-CN"),
    "mediator": Role("林悦", "lin.yue@example.org", "+8613800000004", "mediator", "zh-CN"),
    "judge": Role("赵敏", "zhao.min@example.org", "+8613800000005", "judge", "zh-CN"),
    "clerk": Role("温浩", "wen.hao@example.org", "+8613800000006", "clerk", "zh-CN"),
}
"""Chen lent Bo 86,000; Gu is Bo's lawyer, Lin mediates, Zhao may later judge, Wen keeps the file."""

TITLE = "陈静与 Bo Lin 民间借贷纠纷"
CAUSE = "民间借贷纠纷"
CLAIM = (
    "2024年3月，陈静以转账方式借给 Bo Lin 人民币 86,000 元，约定一年内归还。到期后未还。"
    "Bo Lin 现在外省工作，无法到场，希望在线调解。"
)


@dataclass(frozen=True, slots=True)
class Card:
    """How one person of the demo gets in: a link for a browser, a token for a program."""

    role: str
    name: str
    link: str
    token: str


def prepare(store: Store) -> list[Card]:
    """Fills a new data folder, or reads the cards of one that is a demo's already; links follow the server's address."""
    file = store.settings.data / "demo.json"
    kept: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else _play(store)
    if not file.exists():
        file.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
        file.chmod(0o600)
    address = store.settings.address
    return [
        Card(role, each["name"], f"{address}/demo/{each['link']}", each["token"])
        for role, each in kept["people"].items()
    ]


def person_of_link(store: Store, link: str) -> str | None:
    """Whom a one-click link signs in; None where it leads nowhere, as everywhere outside a demo's folder."""
    if not store.settings.is_demo:
        return None
    kept = json.loads((store.settings.data / "demo.json").read_text("utf-8"))
    for each in kept["people"].values():
        if secrets.compare_digest(each["link"], link):
            return str(each["person"])
    return None


def _play(store: Store) -> dict[str, Any]:
    people = {
        role: store.write(add_person, by=None, **_fields(who)).result().id for role, who in CAST.items()
    }
    clerk = Actor(people["clerk"], "clerk")
    case = store.write(
        register_case, by=clerk, title=TITLE, cause=CAUSE, claim=CLAIM, parties=parties_of(people)
    ).result()
    cards = {
        role: {
            "person": person,
            "name": CAST[role].name,
            "link": secrets.token_urlsafe(18),
            "token": store.write(
                open_sign_in, person=person, kind="program", way="demo", device="demo"
            ).result(),
        }
        for role, person in people.items()
    }
    return {"case": case.id, "people": cards}


def send_invitations(store: Store) -> None:
    """Invites both sides; the messages come out where mails and text messages do."""
    kept = json.loads((store.settings.data / "demo.json").read_text("utf-8"))
    people = {role: each["person"] for role, each in kept["people"].items()}
    mediator = Actor(people["mediator"], "mediator", "mediator", "bench")
    for role in ("claimant", "respondent", "agent"):
        store.write(invite, by=mediator, case=kept["case"], person=people[role]).result()


def parties_of(people: dict[str, str]) -> list[PartyDraft]:
    """The cast as parties of a case: the lawyer with special authority for the respondent."""
    standings = {role: role for role in people if role != "agent"}
    drafts = [PartyDraft(people[role], standing) for role, standing in standings.items()]
    return [
        *drafts,
        PartyDraft(people["agent"], "agent", authority="special", represents=people["respondent"]),
    ]


def _fields(who: Role) -> dict[str, Any]:
    return {
        "name": who.name,
        "email": who.email,
        "phone": who.phone,
        "office": who.office,
        "locale": who.locale,
    }
