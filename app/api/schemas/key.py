"""API keys: what an officer issues, and what is stored."""

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
    """The holder and the scope of a new key."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"scope": "facility:rs-3374010", "name": "SIMRS RSUP Dr. Kariadi"}]},
    )

    scope: Annotated[str, Field(max_length=140, json_schema_extra={"pattern": rf"^(national|{_SCOPE.pattern})$"})] = (
        Field(description=f"What it gives access to: {_SCOPE_HELP}.")
    )
    role: Role | None = Field(
        default=None,
        description="Default: hospital for a facility, district for an area, command for the nation. "
        "`subscriber` only reads.",
    )
    name: Name = Field(description="Name of the holder.")
    expires_at: Moment | None = Field(default=None, description="When it expires; default: never, until it is revoked.")

    @field_validator("scope")
    @classmethod
    def _check_scope(cls, text: str) -> str:
        scope_of(text)
        return text


def scope_of(text: str) -> Scope:
    """Parse a scope. Raises: ValueError."""
    if text == ScopeKind.national:
        return NATIONAL
    match = _SCOPE.fullmatch(text)
    if match is None:
        raise ValueError(f"must be {_SCOPE_HELP}")
    return Scope(ScopeKind(match[1]), match[2])


class KeyOut(BaseModel):
    """A key without its secret, which is not stored."""

    prefix: str = Field(description="The public part; identifies the key in paths and logs.")
    name: str
    role: Role
    scope: str
    principal: str = Field(description="The holder; unchanged when the key is rotated.")
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    channel: Channel | None = Field(description="The foreign protocol that it is for; null: this API.")

    @classmethod
    def of(cls, kept: Credential) -> Self:
        """Convert from the stored credential."""
        return cls(**_key_fields(kept))


class NewKeyOut(KeyOut):
    """A new key."""

    key: str = Field(description="The complete key, shown only once. Pass it on safely.")

    @classmethod
    def shown(cls, kept: Credential, key: str) -> Self:
        """Convert from the stored credential and the key itself."""
        return cls(**_key_fields(kept), key=key)


def _key_fields(kept: Credential) -> dict[str, Any]:
    actor = kept.actor
    names = ("prefix", "created_at", "created_by", "expires_at", "revoked_at", "channel")
    return {name: getattr(kept, name) for name in names} | {
        "name": actor.name,
        "role": actor.role,
        "scope": str(actor.scope),
        "principal": actor.principal,
    }


class KeysQuery(Wire):
    """The page to read."""

    cursor: Cursor | None = None
    limit: Limit = 100


class KeysOut(BaseModel):
    """A page of the keys that you manage, sorted by prefix."""

    keys: list[KeyOut]
    next_cursor: str | None
