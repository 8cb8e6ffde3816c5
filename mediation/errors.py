"""Refusals: the answers a person can do something about.

A refusal holds a code, a message id and parameters. It is turned into a sentence of the person's language in exactly two
places, the desk and the web middleware. Anything else that is raised is a bug.
"""


class Refusal(Exception):
    """`code` is for programs, `message` is looked up in the catalogue and filled with `params`.

    With `keeps`, what the unit of work wrote before is kept all the same (a wrong code still counts).
    """

    code = "refused"
    status = 400

    def __init__(
        self, message: str, *, keeps: bool = False, code: str | None = None, **params: object
    ) -> None:
        super().__init__(message)
        self.message = message
        self.params = params
        self.keeps = keeps
        self.code = code or self.code


class NotSignedIn(Refusal):
    """Nobody is signed in, or no longer."""

    code, status = "not_signed_in", 401


class NotFound(Refusal):
    """It does not exist, or not for this person: the answer is the same."""

    code, status = "not_found", 404

    def __init__(self, message: str = "not_found") -> None:
        super().__init__(message)


class NotAllowed(Refusal):
    """The person sees the thing, and may not do this with it."""

    code, status = "not_allowed", 403


class WrongState(Refusal):
    """It could be done by this person, but not now, or not any more."""

    code, status = "wrong_state", 409


class Invalid(Refusal):
    """What was sent cannot be taken as it is."""

    code, status = "invalid", 422


class TooMany(Refusal):
    """Too often, too fast."""

    code, status = "too_many", 429


class TooLarge(Refusal):
    """More than the settings allow."""

    code, status = "too_large", 413


class Unavailable(Refusal):
    """The database does not answer now; what was asked was perhaps not done, and may be asked again."""

    code, status = "unavailable", 503

    def __init__(self, message: str = "unavailable") -> None:
        super().__init__(message)
