"""Keys: what an officer issues, and what is kept of it."""

import re
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.api.schemas.fields import Cursor, Limit, Moment, Name, Wire
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, Credential, Role, Scope, ScopeKind

_SCOPE = re.compile(r"(facility|area):([A-Za-z0-9][A-Za-z0-9._:/-]{0,127})")
_SCOPE_HELP = "`national`, `area:33.74` (with all below) or `facility:rs-3374010` (also `facility:sirs:3374010`)"


class KeyIn(Wire):
    """For whom a key is to be made, and how far it reaches."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"scope": "facility:rs-3374010", "name": "SIMRS RSUP Dr. Kariadi"}]},
    )

    scope: Annotated[str, Field(max_length=140, json_schema_extra={"pattern": rf"^(national|{_SCOPE.pattern})$"})] = (
        Field(description=f"How far it reaches: {_SCOPE_HELP}.")
    )
    role: Role | None = Field(
        default=None,
        description="Left out: hospital for a facility, district for an area, command for the nation. "
        "`subscriber` only reads.",
    )
    name: Name = Field(description="Who holds it, in words.")
    expires_at: Moment | None = Field(default=None, description="When it ends; left out: when it is revoked.")

    @field_validator("scope")
    @classmethod
    def _has_the_form(cls, text: str) -> str:
        scope_of(text)
        return text


def scope_of(text: str) -> Scope:
    """The scope that a text names. Raises: ValueError."""
    if text == ScopeKind.national:
        return NATIONAL
    match = _SCOPE.fullmatch(text)
    if match is None:
        raise ValueError(f"must be {_SCOPE_HELP}")
    return Scope(ScopeKind(match[1]), match[2])


class KeyOut(BaseModel):
    """What is known of a key. The secret is not kept."""

    prefix: str = Field(description="The public part; it names the key in paths and logs.")
    name: str
    role: Role
    scope: str
    principal: str = Field(description="The holder; stays the same when the key is rotated.")
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    channel: Channel | None = Field(description="The door of foreign software that it opens; null: this API.")

    @classmethod
    def of(cls, kept: Credential) -> Self:
        """What is kept of it."""
        return cls(**_fields(kept))


class NewKeyOut(KeyOut):
    """A key that was just made."""

    key: str = Field(description="The whole key, shown this once. Hand it over safely.")

    @classmethod
    def shown(cls, kept: Credential, key: str) -> Self:
        """What is kept of it, and the key itself."""
        return cls(**_fields(kept), key=key)


def _fields(kept: Credential) -> dict[str, Any]:
    actor = kept.actor
    names = ("prefix", "created_at", "created_by", "expires_at", "revoked_at", "channel")
    return {name: getattr(kept, name) for name in names} | {
        "name": actor.name,
        "role": actor.role,
        "scope": str(actor.scope),
        "principal": actor.principal,
    }


class KeysQuery(Wire):
    """Which page."""

    cursor: Cursor | None = None
    limit: Limit = 100


class KeysOut(BaseModel):
    """The keys that you manage, by prefix."""

    keys: list[KeyOut]
    next_cursor: str | None
