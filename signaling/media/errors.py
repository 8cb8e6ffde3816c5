"""What the media plane refuses, with a code that the desk can pass on."""


class MediaError(Exception):
    """A refusal: `not_found`, `cannot_consume`, `bad_parameters`, `too_many`, `worker_lost` …"""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message


def not_found(what: str) -> MediaError:
    return MediaError("not_found", f"there is no such {what}")
