"""Forms: what was typed, kept as typed, with each refusal at its field."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from mediation.errors import Invalid, Refusal


class Form:
    """The fields of a posted form. `typed` goes back into the page when something is amiss."""

    def __init__(self, typed: dict[str, str], repeated: dict[str, list[str]]) -> None:
        self.typed = typed
        self.repeated = repeated

    def text(self, name: str, *, limit: int = 2_000) -> str:
        """A field without surrounding white space; raises `Invalid` when it is too long."""
        value = self.typed.get(name, "").strip()
        if len(value) > limit:
            raise Invalid("form.too_long", limit=limit)
        return value

    def number(self, name: str) -> int | None:
        """A whole number, or None when the field holds none."""
        value = self.typed.get(name, "").strip()
        return (
            int(value) if value.isascii() and value.removeprefix("-").isdigit() and len(value) < 16 else None
        )

    def time(self, day: str, clock: str, zone: ZoneInfo) -> datetime:
        """A time from a date field and a clock field, in the reader's zone; raises `Invalid`."""
        try:
            local = datetime.fromisoformat(f"{self.text(day)}T{self.text(clock)}")
        except ValueError as error:
            raise Invalid("form.time_malformed") from error
        return local.replace(tzinfo=zone).astimezone(UTC)

    def all(self, name: str) -> list[str]:
        """Every value of a field that may come several times."""
        return self.repeated.get(name, [])


async def read_form(request: web.Request) -> Form:
    """The posted fields; the middleware has checked that the form is our own."""
    posted = await request.post()
    repeated: dict[str, list[str]] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            repeated.setdefault(name, []).append(value.replace("\x00", ""))
    return Form({name: values[-1] for name, values in repeated.items()}, repeated)


def amiss(refusal: Refusal, field: str, sentence: str) -> dict[str, str]:
    """The `wrong` of a template: the sentence of a refusal, at its field."""
    return {str(refusal.params.get("field", field)): sentence}
