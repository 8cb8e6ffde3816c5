"""One address: a browser that came by another name goes on under the one its cookies and links are for."""

from tests.site import Site


async def test_a_page_asked_for_under_another_name_leads_to_the_same_page_at_home(site: Site) -> None:
    answer = await site.visitor().get("/sign-in?next=/acts", Host="evil.example.org")

    assert (answer.status, answer.headers["Location"]) == (307, f"{site.origin}/sign-in?next=/acts")


async def test_a_program_is_answered_under_any_name(site: Site) -> None:
    answer = await site.visitor().get("/health", Host="10.0.0.1:1", Accept="*/*")

    assert answer.status == 200
