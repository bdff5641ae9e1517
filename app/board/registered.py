"""Look-ups of what is registered: areas, facilities with their channels, and keys."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from app.board.facility.state import FacilityState
from app.board.index import STEPS, FacilityIndex
from app.board.tree import Tree
from app.domain.channels import Channel, in_order
from app.domain.errors import NotFound
from app.domain.permissions import Credential, Target
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, split_identifier
from app.domain.registry.location import Location
from app.domain.registry.planned_changes import next_plan
from app.domain.reports.lines import ChannelState


class Registered:
    """The areas, facilities and keys of a board."""

    def __init__(self) -> None:
        self._tree = Tree()
        self._states: dict[str, FacilityState] = {}
        self._index = FacilityIndex(self._tree, self._states)
        self._by_identifier: dict[tuple[str, str], str] = {}
        self._next_plans: dict[str, datetime] = {}  # of each facility with planned changes, the time of the next one
        self._credentials: dict[str, Credential] = {}
        self._keys_of: dict[tuple[str, Channel], set[str]] = {}  # prefixes, by facility and channel

    def area(self, code: str) -> Area:
        """The area with this code. Raises: NotFound."""
        return self._tree.node(code).area

    def path(self, code: str) -> tuple[Area, ...]:
        """The area with its ancestors, root first. Raises: NotFound."""
        return tuple(node.area for node in self._tree.path(code))

    def home_area(self, wanted: str | None = None) -> str | None:
        """The code of the area that a screen shows first: `wanted` if it is registered, else where the tree branches.

        None without areas.
        """
        return wanted if wanted is not None and wanted in self._tree else self._tree.trunk()

    def find_areas(
        self,
        *,
        parent: str | None = None,
        level: AreaLevel | None = None,
        q: str | None = None,
        after: str | None = None,
        limit: int = 500,
    ) -> list[Area]:
        """Areas by code; `q` is part of a name or a prefix of a code. Raises: NotFound, for an unknown parent."""
        return self._tree.find(parent=parent, level=level, q=q, after=after, limit=limit)

    def level_below(self, code: str) -> AreaLevel:
        """The level of an area's children; its own, if it has none. Raises: NotFound."""
        node = self._tree.node(code)
        return self.area(node.children[0]).level if node.children else node.area.level

    def areas_among(self, codes: Iterable[str], code: str, level: AreaLevel) -> Iterator[Area | None]:
        """Those of `codes` that are of this level, and are the area `code` or lie in it; None where to pause."""
        for n, one in enumerate(codes):
            if n % STEPS == STEPS - 1:
                yield None
            if one in self._tree and (area := self.area(one)).level is level and self._tree.is_inside(one, code):
                yield area

    def facility(self, reference: str) -> Facility:
        """A facility by id or identifier (`sirs:3374010`), also a closed one. Raises: NotFound."""
        return self._state(reference).facility

    def has_facility(self, facility_id: str) -> bool:
        """Whether there is a facility with this id."""
        return facility_id in self._states

    def location(self, facility: Facility) -> Location | None:
        """Where to draw a facility: its own coordinates, else the point of the lowest area around it that has one."""
        return self._index.location(facility)

    def facilities(self) -> list[Facility]:
        """All facilities, also closed ones."""
        return [state.facility for state in self._states.values()]

    @property
    def facilities_known(self) -> int:
        """The number of facilities, open or closed."""
        return len(self._states)

    def planned_until(self, now: datetime) -> list[tuple[datetime, str]]:
        """The facilities with a planned change that is due at `now`, each with the time of the first one, by time."""
        return sorted((at, facility_id) for facility_id, at in self._next_plans.items() if at <= now)

    def copy_channel_state(self, facility_id: str, channel: Channel) -> ChannelState:
        """A copy of the current state of one channel; empty where it never reported. Raises: NotFound."""
        known = self._state(facility_id).channels.get(channel)
        return ChannelState() if known is None else known.copy()

    def channel_state(self, facility_id: str, channel: Channel) -> ChannelState:
        """The current state of one channel, read-only. Raises: NotFound."""
        return self._state(facility_id).channels.get(channel) or ChannelState()

    def channels(self, facility_id: str) -> list[Channel]:
        """The channels on which a facility ever reported, in their order. Raises: NotFound."""
        return in_order(self._state(facility_id).channels)

    def area_target(self, code: str) -> Target:
        """The area as a target of permissions. Raises: NotFound."""
        return Target(tuple(node.area.code for node in self._tree.path(code)))

    def target(self, facility: Facility) -> Target:
        """The facility as a target of permissions."""
        return Target(self.area_target(facility.area_code).path, facility.facility_id)

    def credential(self, prefix: str) -> Credential | None:
        """The key with this public prefix."""
        return self._credentials.get(prefix)

    def credentials(self) -> list[Credential]:
        """All keys, in order of issue."""
        return sorted(self._credentials.values(), key=lambda c: (c.seq, c.prefix))

    def keys_of_channel(self, facility_id: str, channel: Channel) -> list[Credential]:
        """The keys of this facility for this channel, in order of issue, also revoked and expired ones."""
        keys = [self._credentials[prefix] for prefix in self._keys_of.get((facility_id, channel), ())]
        return sorted(keys, key=lambda key: (key.seq, key.prefix))

    def channels_with_keys(self) -> list[tuple[str, Channel]]:
        """Every facility and channel that ever had a key."""
        return list(self._keys_of)

    def version(self, code: str) -> int:
        """A number that changes whenever the figures of this area do. Raises: NotFound."""
        return self._tree.node(code).version

    def settled(self, code: str) -> int:
        """The position since which the figures of this area are what they are now. Raises: NotFound."""
        return self._tree.node(code).settled

    def changed_rows(self, code: str, *, since: int = -1, after: int = -1) -> list[tuple[int, str | None]]:
        """The versions and codes of the children whose figures have another version than at the count `since`.

        Or which the entries after `after` changed. None stands for the area itself: the facilities in none of its
        children. No two have the same version. Raises: NotFound.
        """
        node = self._tree.node(code)
        children = [(child, self._tree.node(child)) for child in node.children]
        found: list[tuple[int, str | None]] = [
            (child.version, code) for code, child in children if child.version > since and child.settled > after
        ]
        if node.own_version > since and node.own_settled > after:
            found.append((node.own_version, None))
        return found

    def point_of(self, code: str) -> tuple[float, float] | None:
        """The registered point of an area, else of the lowest area around it that has one. Raises: NotFound."""
        around: str | None = code
        while around is not None:
            area = self._tree.node(around).area
            if area.lat is not None and area.lon is not None:
                return area.lat, area.lon
            around = area.parent
        return None

    def _put_plans(self, facility: Facility) -> None:
        plan = next_plan(facility.planned)
        if plan is not None:
            self._next_plans[facility.facility_id] = plan.effective_at
        else:
            self._next_plans.pop(facility.facility_id, None)

    def _state(self, reference: str) -> FacilityState:
        identifier = split_identifier(reference)
        facility_id = reference if identifier is None else self._by_identifier.get(identifier, "")
        try:
            return self._states[facility_id]
        except KeyError:
            raise NotFound(f"There is no facility {reference!r}.") from None

    def _put_credentials(self, credentials: Iterable[Credential], seq: int | None = None) -> None:
        """Store keys as they are from now on; `seq` is the entry that issues or changes them."""
        for credential in credentials:
            if seq is not None:
                known = self._credentials.get(credential.prefix)
                is_change = known is not None and known.is_same_key(credential)
                credential = replace(credential, seq=known.seq if known and is_change else seq)  # noqa: PLW2901
            self._credentials[credential.prefix] = credential
            if credential.channel is not None and (facility_id := credential.actor.scope.id) is not None:
                self._keys_of.setdefault((facility_id, credential.channel), set()).add(credential.prefix)
