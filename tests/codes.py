"""The one-time code that a use case sends, read in the very transaction that sends it: a running server's jobs cannot be faster."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from mediation.jobs import Job
from mediation.work import Work
from tests.conftest import House


def code_sent_by(house: House, use_case: Callable[..., Any], **arguments: Any) -> str:
    """Carries the use case out; gives the six digits it sent."""

    def sent(work: Work) -> str:
        before = {job.id for job in work.session.scalars(_notices())}
        use_case(work, **arguments)
        work.session.flush()
        (job,) = (job for job in work.session.scalars(_notices()) if job.id not in before)
        return str(job.payload["params"]["code"])

    return house.do(sent)


def _notices() -> Any:
    return select(Job).where(Job.kind == "notice")
