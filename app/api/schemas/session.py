"""Sessions of browsers, and who the caller is."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from app.api.schemas.fields import Text, Wire
from app.domain.permissions import Actor, Role, Target, Verb, allows, has_verb
from app.domain.sessions import IDLE, Session

KEY_LENGTH_MAX = 200
ME_EXAMPLE: dict[str, JsonValue] = {
    "actor": {"principal": "k_5d0c1a9be2f47713", "name": "Dinas Kesehatan Kota Semarang", "role": "district"},
    "scope": "area:33.74",
    "may": ["read", "read_history", "report"],
    "session": {"idle_until": "2026-11-23T03:30:04Z", "ends_at": "2026-11-23T15:00:04Z"},
}


class SessionIn(Wire):
    """The key to sign in with."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"key": "balai_3f9a51c2f4f9_..."}]})

    key: Annotated[Text, Field(min_length=1, max_length=KEY_LENGTH_MAX, description="The whole key, as it was shown.")]


def _true_or_false(value: object) -> object:
    """A query parameter as a bool, where it is one: other spellings are refused by the field."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


class EndSessionQuery(Wire):
    """Which sessions to end."""

    all: Annotated[bool, BeforeValidator(_true_or_false)] = Field(
        default=False, description="All sessions of this key, in all browsers, not only this one."
    )


class ActorOut(BaseModel):
    """The holder of a key."""

    principal: str
    name: str
    role: Role


class SessionOut(BaseModel):
    """How long a session lasts."""

    idle_until: datetime = Field(description="It ends then if no request uses it before; each one moves this.")
    ends_at: datetime = Field(description="It ends then, however much it is used.")

    @classmethod
    def of(cls, session: Session, now: datetime) -> Self:
        """Convert from the domain's session, used now."""
        ends_at = datetime.fromtimestamp(session.ends_at / 1000, UTC)
        return cls(idle_until=min(now + IDLE, ends_at), ends_at=ends_at)


class MeOut(BaseModel):
    """Who the caller is, and what its key allows."""

    model_config = ConfigDict(json_schema_extra={"examples": [ME_EXAMPLE]})

    actor: ActorOut | None = Field(description="The holder of the key or session; null without one.")
    scope: str | None = Field(description="Where it may do that: facility:<id>, area:<code> or national.")
    may: list[Verb] = Field(description="What it may do inside its scope; `read` also elsewhere where that is public.")
    session: SessionOut | None = Field(description="The session that was used; null with a key.")

    @classmethod
    def of(cls, actor: Actor | None, session: Session | None, now: datetime, *, public_read: bool) -> Self:
        """Convert from the caller of a request."""
        if actor is None:
            may = [Verb.read] if allows(None, Verb.read, Target(), public_read=public_read) else []
            return cls(actor=None, scope=None, may=may, session=None)
        return cls(
            actor=ActorOut(principal=actor.principal, name=actor.name, role=actor.role),
            scope=str(actor.scope),
            may=[verb for verb in Verb if has_verb(actor, verb)],
            session=None if session is None else SessionOut.of(session, now),
        )
