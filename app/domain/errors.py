"""Every refusal, as one tree. The docstring of a class is its message where none is given.

    Refusal
    ├── Malformed               400  not readable
    │   └── InvalidReportId     400  the idempotency key has a wrong form
    ├── Unauthenticated         401  no credential, or not a valid one
    ├── NotPermitted            403  known object, outside the caller's scope
    ├── NotFound                404  unknown, or not for the caller
    ├── NotAcceptable           406  no such representation
    ├── Conflict                409  clashes with what the registry holds
    ├── FacilityClosed          410  the facility no longer reports
    ├── PreconditionFailed      412  If-Match names another version
    ├── TooLarge                413  over a limit
    ├── InvalidInput            422  read, but it cannot be true; names every fault
    ├── ReportConflict          422  same report id, other content
    ├── PreconditionRequired    428  If-Match is missing
    ├── RateLimited             429  too many requests of one caller
    └── Unavailable             503  not now; the same request may succeed later
        ├── NotTaken            503  a rule of the tables forbids it: it is not the outage of all
        └── Overloaded          503  more work than this node takes at once

Those of foreign rows stand with them (`app.domain.reports.rows`), as Conflict, NotFound or Refusal.
The numbers are a help for the reader: `api/problems.py` alone decides how a refusal is told over HTTP.
"""

from dataclasses import dataclass

FAULTS_TOLD_MAX = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input: where (a JSON pointer such as `#/lines/0/bed_type`) and why."""

    pointer: str
    detail: str


class Refusal(Exception):
    """The request was refused."""

    code = "refused"
    language = "en"  # of `detail`: those that only foreign protocols raise are in the language of their users, "id"

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip()
        super().__init__(self.detail)


class Malformed(Refusal):
    """The request could not be read."""

    code = "malformed"


class InvalidReportId(Malformed):
    """A report id has 1 to 128 characters of A-Z, a-z, 0-9, '_', '.', ':' and '-'."""

    code = "idempotency-key-invalid"


class Unauthenticated(Refusal):
    """A valid key is needed: send it as 'Authorization: Bearer <key>'."""

    code = "unauthenticated"


class NotPermitted(Refusal):
    """Your key does not allow this."""

    code = "forbidden"


class NotFound(Refusal):
    """There is no facility, area or key of this name, or it is not for you. Check the id that was sent."""

    code = "not-found"


class NotAcceptable(Refusal):
    """This can not be had in the format that was asked for."""

    code = "not-acceptable"


class Conflict(Refusal):
    """This clashes with what is already registered."""

    code = "conflict"


class FacilityClosed(Refusal):
    """This facility is closed and takes no more reports. An officer can open it again."""

    code = "gone"


class Expired(Refusal):
    """This position is not one of the ledger, which may have been restored from a backup. Read everything again."""

    code = "expired"


class PreconditionFailed(Refusal):
    """It was changed since you read it. Read it again, then repeat your change."""

    code = "precondition-failed"


class PreconditionRequired(Refusal):
    """Send the ETag of what you read as If-Match, so that nobody's change is overwritten."""

    code = "precondition-required"


class TooLarge(Refusal):
    """The request is larger than allowed."""

    code = "too-large"


class InvalidInput(Refusal):
    """Some of it cannot be true. Nothing was stored."""

    code = "invalid"

    def __init__(self, *faults: Fault, detail: str | None = None) -> None:
        self.faults = faults[:FAULTS_TOLD_MAX]
        if detail is None and len(faults) > FAULTS_TOLD_MAX:
            detail = f"{len(faults)} faults; the first {FAULTS_TOLD_MAX} are told. Nothing was stored."
        super().__init__(detail)


class ReportConflict(Refusal):
    """This report id was used before, for a report with other content. Nothing was stored."""

    code = "idempotency-key-reused"


class RateLimited(Refusal):
    """Too many requests."""

    code = "rate-limited"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(detail)


class Unavailable(Refusal):
    """The service cannot do this now. Nothing was stored; send it again later."""

    code = "unavailable"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 2) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(detail)


class Uncertain(Unavailable):
    """This may have been stored or not. Send it again under the same report id or Idempotency-Key: it counts once."""

    code = "uncertain"


class NotTaken(Unavailable):
    """The database did not take it. Nothing was stored; send it again later."""


class Overloaded(Unavailable):
    """More requests than this node takes at once. Nothing was stored; send it again in a moment."""

    code = "overloaded"
