"""Every refusal, as one tree. The docstring of a class is its default message.

    Refusal
    ├── Malformed               400  cannot be parsed
    │   └── InvalidReportId     400  the idempotency key has an invalid format
    ├── Unauthenticated         401  no credential, or an invalid one
    ├── NotPermitted            403  known object, outside the caller's scope
    ├── NotFound                404  unknown, or hidden from the caller
    ├── NotAcceptable           406  no such representation
    ├── Conflict                409  contradicts the registry
    ├── FacilityClosed          410  the facility is closed
    ├── Expired                 410  the position is not in the ledger's history
    ├── PreconditionFailed      412  If-Match names another version
    ├── TooLarge                413  over a limit
    ├── InvalidInput            422  parsed, but invalid; names every fault
    ├── ReportConflict          422  same report id, different content
    ├── PreconditionRequired    428  If-Match is missing
    ├── RateLimited             429  too many requests from one caller
    └── Unavailable             503  not now; the same request may succeed later
        ├── Uncertain           503  it is unknown whether it was stored
        ├── WriteRejected       503  a constraint of the tables rejects this write; others may succeed
        └── Overloaded          503  more work than this node accepts at once

The refusals of foreign rows are in `app.domain.reports.rows`, as Conflict, NotFound or Refusal.
The numbers are for orientation: `app/api/http/problems.py` alone maps a refusal to an HTTP response.
"""

from dataclasses import dataclass
from datetime import datetime

FAULTS_LISTED_MAX = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in an input: where (a JSON pointer such as `#/lines/0/bed_type`) and why."""

    pointer: str
    detail: str


class Refusal(Exception):
    """The request was refused."""

    code = "refused"
    language = "en"  # of `detail`; "id" for refusals that only foreign protocols raise, the language of their users

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip()
        super().__init__(self.detail)


class Malformed(Refusal):
    """The request could not be parsed."""

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
    """There is no such facility, area or key, or your key does not reach it. Check the id that you sent."""

    code = "not-found"


class NotAcceptable(Refusal):
    """This resource is not available in the requested format."""

    code = "not-acceptable"


class Conflict(Refusal):
    """This conflicts with what is already registered."""

    code = "conflict"


class FacilityClosed(Refusal):
    """This facility is closed and accepts only reports of when it was open. An officer can open it again."""

    code = "gone"
    opens_at: datetime | None = None  # by plan

    def __init__(self, detail: str | None = None, *, opens_at: datetime | None = None) -> None:
        self.opens_at = opens_at
        if opens_at is not None:
            detail = f"This facility opens on {opens_at:%Y-%m-%d at %H:%M} UTC and accepts no reports before."
        super().__init__(detail)


class Expired(Refusal):
    """This position is not in the ledger, which may have been restored from a backup. Read everything again."""

    code = "expired"


class PreconditionFailed(Refusal):
    """It was changed since you read it. Read it again, then repeat your change."""

    code = "precondition-failed"


class PreconditionRequired(Refusal):
    """Send the ETag of what you read as If-Match, so that you do not overwrite another change."""

    code = "precondition-required"


class TooLarge(Refusal):
    """The request is larger than allowed."""

    code = "too-large"


class InvalidInput(Refusal):
    """Some values are invalid. Nothing was stored."""

    code = "invalid"

    def __init__(self, *faults: Fault, detail: str | None = None) -> None:
        self.faults = faults[:FAULTS_LISTED_MAX]
        if detail is None and len(faults) > FAULTS_LISTED_MAX:
            detail = f"{len(faults)} faults; the first {FAULTS_LISTED_MAX} are listed. Nothing was stored."
        super().__init__(detail)


class ReportConflict(Refusal):
    """This report id was already used for a report with different content. Nothing was stored."""

    code = "idempotency-key-reused"


class RateLimited(Refusal):
    """Too many requests."""

    code = "rate-limited"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(detail)


class Unavailable(Refusal):
    """The service is not available now. Nothing was stored; send it again later."""

    code = "unavailable"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 2) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(detail)


class Uncertain(Unavailable):
    """This may have been stored. Send it again with the same report id or Idempotency-Key: it counts once."""

    code = "uncertain"


class WriteRejected(Unavailable):
    """The database rejected it. Nothing was stored; send it again later."""


class Overloaded(Unavailable):
    """This node has more requests than it accepts at once. Nothing was stored; send it again in a moment."""

    code = "overloaded"
