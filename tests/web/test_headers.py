"""What every answer tells the browser."""

from tests.site import Site


async def test_a_browser_may_say_of_its_forms_that_they_come_from_us(site: Site) -> None:
    """With `no-referrer` it would send `Origin: null` (Fetch, 3.2), and every form would be turned away."""
    answer = await site.visitor().get("/sign-in")

    assert answer.headers["Referrer-Policy"] == "same-origin"
