"""Settings: environment variables `BALAI_*` or a `.env` file in the working directory, with safe defaults.

A new setting never breaks an old deployment; an invalid value stops the start with one sentence, not a traceback.
This module is long because it is one list: a field for each setting, with its default and its reason.
"""

import contextlib
import difflib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.domain.beds.freshness import DAYS_LAPSED, Thresholds, hours
from app.domain.channels import Channel
from app.domain.display import DEFAULT_DISPLAY, PHONE_LENGTH_MAX, PHONES_MAX, Display, DutyDesk
from app.domain.registry.area import is_area_code
from app.domain.registry.facility import FacilityKind
from app.domain.reports.plausibility import DEFAULT_SIZES, PlausibleSizes
from app.domain.text import is_printable

PREFIX = "BALAI_"
ENV_FILE = ".env"
KEY_FILE = "secret.key"
SECRET_KEY_LENGTH_MIN = 32
# Names the file of the rate limits that the workers of one machine share.
RATE_TABLE = PREFIX + "RATE_TABLE"
# Variables that are not settings: of `balai replay`, compose.yaml, the workers of `balai serve`, and the tests.
_KNOWN_BESIDES = re.compile(
    r"BALAI_(KEY|URL|PUBLISH|SUBNET|(POSTGRES|OWNER|SERVICE)_PASSWORD|(POSTGRES|BASE)_IMAGE|(POSTGRES_)?MEMORY|LOG_SIZE"
    r"|RATE_TABLE|TEST_\w+)"
)


class SettingsError(Exception):
    """A setting is invalid. The message has one sentence for each, written for an operator."""


class Rate(NamedTuple):
    """A request rate: steady, and the burst after a pause."""

    per_second: float
    burst: int


def _hours(value: object) -> object:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)", value) if isinstance(value, str) else None
    if match is None:
        return value
    stale, silent = float(match[1]), float(match[2])
    if not 0 < stale < silent <= 24 * 366:
        raise ValueError("the second number must be larger than the first")
    return hours(stale, silent)


def _rate(value: object) -> object:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)/(\d+)", value) if isinstance(value, str) else None
    if match is None:
        return value
    rate = Rate(float(match[1]), int(match[2]))
    if rate.per_second <= 0 or rate.burst < 1:
        raise ValueError("both numbers must be above 0")
    return rate


def _comma_separated(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _networks(value: object) -> object:
    return [] if value == "none" else _comma_separated(value)


HoursPair = Annotated[Thresholds, NoDecode, BeforeValidator(_hours)]
RatePair = Annotated[Rate, NoDecode, BeforeValidator(_rate)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def _origin(text: str) -> str:
    """An origin as browsers write it: lower case, without a default port."""
    origin = text.strip().lower().removesuffix("/")
    if not _ORIGIN.fullmatch(origin):
        raise ValueError("no origin")
    usual = ":443" if origin.startswith("https") else ":80"
    return origin.removesuffix(usual)


_TIME_ZONE = re.compile(r"[A-Za-z][A-Za-z_-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}")


def _phones(value: object) -> object:
    return [part.strip() for part in re.split("[,;]", value) if part.strip()] if isinstance(value, str) else value


def _printable(text: str) -> str:
    if not text.strip() or not is_printable(text):
        raise ValueError("not printable")
    return text.strip()


def _share(value: float) -> float:
    if not 0 < value <= 1:
        raise ValueError("not between 0 and 1")
    return value


ShortText = Annotated[str, AfterValidator(_printable)]
Phones = Annotated[
    tuple[Annotated[ShortText, Field(max_length=PHONE_LENGTH_MAX)], ...],
    NoDecode,
    BeforeValidator(_phones),
    Field(max_length=PHONES_MAX),
]
Share = Annotated[float, AfterValidator(_share)]
Shares = Annotated[tuple[Share, ...], NoDecode, BeforeValidator(_comma_separated)]

Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_comma_separated)]

_LOOPBACK: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class Settings(BaseSettings):
    """The settings of an operator. The description of each field says when to change it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        # Compose files write an empty variable for "not set".
        env_ignore_empty=True,
        # `unknown_variables` warns of unknown names; they do not stop an old deployment.
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = Field(
        default=Path("data"),
        description="Where the embedded database lives. `balai backup` backs it up, not a copy of the folder.",
    )
    database_url: str | None = Field(
        default=None,
        repr=False,
        description="Another database, as postgresql://user:password@host/balai; else SQLite in data_dir. "
        "Behind PgBouncer it ends in ?pgbouncer=true.",
    )
    replica_url: str | None = Field(
        default=None,
        repr=False,
        description="A streaming replica of it, to read there; set alone, it makes a node that only reads.",
    )
    secret_key: str | None = Field(
        default=None,
        repr=False,
        description="Encrypts stored credentials; else a file in data_dir. New key first, old after a comma.",
    )
    public_read: bool = Field(
        default=True,
        description="Figures are public, as the ministry's own page is; false asks every reader for a key.",
    )
    cors_origins: Origins = Field(
        default=(),
        description="Origins whose pages may read and use keys, as https://dash.example.go.id, comma-separated.",
    )
    public_url: str | None = Field(
        default=None,
        description="Address for hospitals, as https://beds.example.go.id; printed with their credentials.",
    )
    trusted_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)] = Field(
        default=("localhost", "127.0.0.1", "::1"),
        description="Host names accepted in printed addresses where BALAI_PUBLIC_URL is not set.",
    )
    relay_sirs_url: str | None = Field(
        default=None,
        description="Upstream of SIRS Online, as https://sirs.kemkes.go.id; for facilities with the switch relay_sirs.",
    )
    relay_aplicares_url: str | None = Field(
        default=None, description="The same for Aplicares, as https://apijkn.bpjs-kesehatan.go.id."
    )
    relay_hours: int = Field(
        default=24,
        ge=1,
        le=24 * 31,
        description="How long a message waits for the upstream; at least so long after a start or a jump of the clock.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on; by default reachable from this machine only. Put a TLS proxy in front.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes that serve; more than one helps with more cores.",
    )
    log_format: Literal["json", "text"] = Field(
        default="json", description="One JSON object per line for a log store, or text to read."
    )
    log_level: Literal["info", "warning"] = Field(
        default="info", description="warning leaves out the line of each request that was answered as usual."
    )
    hours_hospital: HoursPair = Field(
        default=hours(6, 24),
        description="Hours until a hospital's figures are stale / silent; it should report every shift.",
    )
    hours_clinic: HoursPair = Field(
        default=hours(24, 72), description="The same for a puskesmas or klinik, which reports once a day."
    )
    hours_isolation_site: HoursPair = Field(
        default=hours(24, 72), description="The same for an isolation site, which reports once a day."
    )
    hours_rw_hall: HoursPair = Field(
        default=hours(24, 72), description="The same for an RW hall, where volunteers report once a day."
    )
    days_lapsed: int = Field(
        default=DAYS_LAPSED,
        ge=1,
        le=3_660,
        description="Days after which a line that nobody reports any more adds nothing to any sum.",
    )
    implausible_occupied_factor: float = Field(
        default=DEFAULT_SIZES.occupied_factor,
        ge=1,
        description="A line with more occupied beds than this many times its total, plus the next setting, is "
        "implausible: it adds nothing to any sum until an officer confirms it.",
    )
    implausible_occupied_extra: int = Field(
        default=DEFAULT_SIZES.occupied_extra, ge=0, description="Occupied beds that are plausible beyond that."
    )
    implausible_stated_factor: float = Field(
        default=DEFAULT_SIZES.stated_factor,
        ge=1,
        description="A line with more beds than this many times `beds_stated` of its facility is implausible.",
    )
    implausible_growth_factor: float = Field(
        default=DEFAULT_SIZES.growth_factor,
        ge=1,
        description="A line with more beds than this many times its last total, plus the next setting, is implausible.",
    )
    implausible_growth_extra: int = Field(
        default=DEFAULT_SIZES.growth_extra, ge=0, description="Beds that are plausible beyond that."
    )
    rate_facility_key: RatePair = Field(
        default=Rate(10, 50),
        description="Requests per second / burst of one facility's key; limits runaway loops.",
    )
    rate_area_key: RatePair = Field(
        default=Rate(200, 1000),
        description="The same for a key of an area or the nation, which reports for many facilities.",
    )
    rate_public: RatePair = Field(
        default=Rate(10, 100),
        description="The same for one address without a key (a /64 in IPv6). A page reads about ten documents.",
    )
    rate_door: RatePair = Field(
        default=Rate(10, 300),
        description="The same for a hospital's software in one protocol: it sends a request for each room at once.",
    )
    rate_exempt: Networks = Field(
        default=_LOOPBACK,
        description="Networks without a rate limit, comma-separated, or none; for callers without a proxy between.",
    )
    trusted_proxies: str = Field(
        default="127.0.0.1,::1",
        description="Proxies whose X-Forwarded-For names the real caller; add yours, never a network of clients.",
    )
    in_flight_max: int = Field(
        default=200,
        ge=1,
        description="Reads with a key at once in one process, as many without, and as many writes; the rest get 503, "
        "so that not all get slow.",
    )
    streams_max: int = Field(
        default=500,
        ge=1,
        description="Streams and long polls open at once in one process; each takes about 14 KiB.",
    )
    streams_per_key: int = Field(default=20, ge=1, description="The same for the holder of one key.")
    streams_per_address: int = Field(
        default=25,
        ge=1,
        description="The same for one address without a key, such as an office's; rate_exempt networks have no limit.",
    )
    fast_path: bool = Field(
        default=True,
        description="Send cached figures and receipts of plain reports before the framework; false turns it off.",
    )
    home_area: str | None = Field(
        default=None,
        description="Code of the area that the start page shows; else the first one with several children.",
    )
    time_zone: str = Field(
        default=DEFAULT_DISPLAY.time_zone,
        description="Time zone in which screens show times; Asia/Makassar for WITA, Asia/Jayapura for WIT.",
    )
    duty_desk_name: Annotated[ShortText, Field(max_length=200)] | None = Field(
        default=None, description="Whom readers of the screens may call, as Pusat kendali Dinas Kesehatan."
    )
    duty_desk_phones: Phones = Field(
        default=(), description="Its phone numbers, comma-separated, at most 5; shown to everybody."
    )
    simulated: bool = Field(
        default=False, description="Figures come from a simulation: every document and page says so."
    )
    occupancy_scale: Shares = Field(
        default=DEFAULT_DISPLAY.occupancy,
        description="Shares of beds in use at which the colour of a screen changes: two greys, tight, full.",
    )
    fresh_share_scale: Shares = Field(
        default=DEFAULT_DISPLAY.fresh_share,
        description="Shares of fresh facilities from which figures are well and fairly known.",
    )
    small_beds: int = Field(
        default=DEFAULT_DISPLAY.small_beds,
        ge=0,
        description="Figures about fewer beds get no colour on a screen: one patient would change it.",
    )
    stop_seconds: int = Field(
        default=10,
        ge=0,
        le=300,
        description="How long a stopping server waits for responses in progress.",
    )

    @field_validator("database_url", "replica_url")
    @classmethod
    def _with_driver(cls, url: str | None, info: ValidationInfo) -> str | None:
        """A bare address gets the driver that we bring; a bare `postgresql://` would mean another one."""
        if url is None:
            return None
        scheme, separator, rest = url.partition("://")
        driver = {
            "postgres": "postgresql+asyncpg",
            "postgresql": "postgresql+asyncpg",
            "sqlite": "sqlite+aiosqlite",
        }.get(scheme, scheme)
        if not separator or driver not in {"postgresql+asyncpg", "sqlite+aiosqlite"}:
            raise ValueError("it must begin with postgresql:// or sqlite:///")
        if info.field_name == "replica_url" and (
            driver.startswith("sqlite") or (info.data.get("database_url") or "").startswith("sqlite")
        ):
            raise ValueError("only PostgreSQL has replicas")
        return f"{driver}://{rest}"

    @field_validator("public_url")
    @classmethod
    def _is_address(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", address):
            raise ValueError("no address")
        return address and address.rstrip("/")

    @field_validator("relay_sirs_url", "relay_aplicares_url")
    @classmethod
    def _is_https(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?", address):
            raise ValueError("no https address")
        return address and address.rstrip("/")

    @field_validator("home_area")
    @classmethod
    def _is_code(cls, code: str | None) -> str | None:
        if code is not None and not is_area_code(code):
            raise ValueError("no area code")
        return code

    @field_validator("time_zone")
    @classmethod
    def _is_time_zone(cls, name: str) -> str:
        # The machine may have no time zones, or older ones than the browsers, so only the form is checked.
        if not _TIME_ZONE.fullmatch(name):
            raise ValueError("no time zone")
        return name

    @field_validator("occupancy_scale", "fresh_share_scale")
    @classmethod
    def _is_scale(cls, shares: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        is_occupancy = info.field_name == "occupancy_scale"
        if len(shares) != (4 if is_occupancy else 2) or list(shares) != sorted(set(shares), reverse=not is_occupancy):
            raise ValueError("no scale")
        return shares

    @property
    def display(self) -> Display:
        """What screens need to know."""
        desk = DutyDesk(self.duty_desk_name or "", self.duty_desk_phones)
        return Display(
            home_area=self.home_area,
            time_zone=self.time_zone,
            simulated=self.simulated,
            duty_desk=desk if desk.name or desk.phones else None,
            occupancy=self.occupancy_scale,
            fresh_share=self.fresh_share_scale,
            small_beds=self.small_beds,
        )

    @property
    def upstreams(self) -> Mapping[Channel, str]:
        """The upstream of each relayed channel."""
        given = {Channel.sirs: self.relay_sirs_url, Channel.aplicares: self.relay_aplicares_url}
        return {channel: address for channel, address in given.items() if address is not None}

    @field_validator("secret_key")
    @classmethod
    def _is_long(cls, keys: str | None) -> str | None:
        if keys is not None and any(len(key) < SECRET_KEY_LENGTH_MIN for key in _comma_separated_keys(keys)):
            raise ValueError("too short")
        return keys

    def secret_keys(self) -> tuple[str, ...]:
        """The keys that secrets are encrypted with, the current one first; empty where none was set or made yet.

        Raises: SettingsError, when the file cannot be read or holds no key.
        """
        if self.secret_key is not None:
            return _comma_separated_keys(self.secret_key)
        try:
            keys = _comma_separated_keys(self.secret_key_file.read_text())
        except FileNotFoundError:
            return ()
        except UnicodeDecodeError:
            keys = ()
        except OSError as error:
            raise self._unusable(error) from None
        if not keys:  # cut short, say by a full disk: neither a lost key nor one that was never made
            raise SettingsError(f"{self.secret_key_file} holds no key. Bring the key back, or delete the file.")
        return keys

    def make_secret_key(self) -> tuple[str, ...]:
        """Make a key file in the data folder, unless another process made one meanwhile; returns the keys.

        Raises: SettingsError, when the file can be neither read nor made.
        """
        try:
            _make_key(self.secret_key_file)
        except OSError as error:
            raise self._unusable(error) from None
        return self.secret_keys()

    @property
    def secret_key_file(self) -> Path:
        """The file of the secret key, where no setting gives one."""
        return self.data_dir.absolute() / KEY_FILE

    def _unusable(self, error: OSError) -> SettingsError:
        return SettingsError(f"{self.secret_key_file} cannot be used: {error.strerror}. Or set {PREFIX}SECRET_KEY.")

    @property
    def takes_fast_path(self) -> bool:
        """Whether responses are sent before the framework; those of a simulation pass through all layers."""
        return self.fast_path and not self.simulated

    @property
    def listen_url(self) -> str:
        """The address that this service listens on: its own address where `public_url` is not set."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def database(self) -> str:
        """The address of the database, set or embedded; of the replica where only that is set."""
        return self.database_url or self.replica_url or f"sqlite+aiosqlite:///{self.database_file}"

    @property
    def replica(self) -> str | None:
        """The address of a replica beside the database."""
        return self.replica_url if self.database_url else None

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the file in `data_dir`."""
        return self.database_url is None and self.replica_url is None

    @property
    def only_reads(self) -> bool:
        """Whether only a replica is set, and no database to write to."""
        return self.database_url is None and self.replica_url is not None

    @property
    def database_file(self) -> Path:
        """The file of the embedded database."""
        return self.data_dir.absolute() / "balai.db"

    @property
    def thresholds(self) -> Mapping[FacilityKind, Thresholds]:
        """After which time figures are stale, silent and lapsed, by kind of facility."""
        hours_of = {
            FacilityKind.hospital: self.hours_hospital,
            FacilityKind.clinic: self.hours_clinic,
            FacilityKind.isolation_site: self.hours_isolation_site,
            FacilityKind.rw_hall: self.hours_rw_hall,
        }
        lapsed_after = timedelta(days=self.days_lapsed)
        return {
            kind: replace(limits, lapsed_after=max(lapsed_after, limits.silent_after))
            for kind, limits in hours_of.items()
        }

    @property
    def sizes(self) -> PlausibleSizes:
        """The largest plausible counts of a line."""
        return PlausibleSizes(
            occupied_factor=self.implausible_occupied_factor,
            occupied_extra=self.implausible_occupied_extra,
            stated_factor=self.implausible_stated_factor,
            growth_factor=self.implausible_growth_factor,
            growth_extra=self.implausible_growth_extra,
        )


def _comma_separated_keys(keys: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, keys.split(","))))


def _make_key(file: Path) -> None:
    """Write a new key to this file unless it exists: completely or not at all, also beside other processes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)  # readable by its owner only
    draft = Path(name)
    try:
        with os.fdopen(handle, "w") as written:
            written.write(secrets.token_hex(32) + "\n")
            written.flush()
            os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink()


def load_settings(**given: Any) -> Settings:
    """The settings of this process; `given` (options of a command) overrides the environment.

    Raises: SettingsError, naming every invalid setting.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None
    except UnicodeDecodeError:
        raise SettingsError(f"The file {ENV_FILE} is not UTF-8 text.") from None
    except PermissionError:
        raise SettingsError(f"{Path.cwd() / ENV_FILE} cannot be read: its settings would be missing.") from None


def _sentences(error: ValidationError) -> Iterator[str]:
    # One sentence per setting: a list of networks may have several faults.
    reported = set()
    for fault in error.errors(include_url=False, include_context=False):
        name = str(fault["loc"][0])
        if name in reported:
            continue
        reported.add(name)
        # A database address contains a password, a key is a secret, and errors are logged.
        value = "" if name.endswith(("_url", "_key")) else f"={str(fault['input'])[:80]!s}"
        why = _expected(name) or fault["msg"]
        yield f"{PREFIX}{name.upper()}{value} cannot be used: {why}."


def _expected(name: str) -> str | None:
    if name.startswith("hours_"):
        return "write hours as stale/silent, such as 6/24, the second the larger"
    if Settings.model_fields[name].annotation is int and name != "port":
        return "write a whole number"
    if name.startswith("rate_") and name != "rate_exempt":
        return "write it as per second/burst, such as 10/50, both above 0"
    return {
        "port": "write a whole number from 0 to 65535",
        "database_url": "it must begin with postgresql:// or sqlite:///",
        "replica_url": "it must begin with postgresql://, and so must BALAI_DATABASE_URL where that is set",
        "relay_sirs_url": "write it as https://sirs.kemkes.go.id, without a path",
        "relay_aplicares_url": "write it as https://apijkn.bpjs-kesehatan.go.id, without a path",
        "cors_origins": "write origins separated by commas, such as https://dash.example.go.id, without a path",
        "home_area": "write the code of an area, such as 33.74",
        "time_zone": "write a name of the time zone database, such as Asia/Jakarta",
        "duty_desk_name": "write at most 200 printable characters",
        "duty_desk_phones": f"write at most {PHONES_MAX} numbers, separated by commas",
        "simulated": "write true or false",
        "occupancy_scale": "write four ascending shares, such as 0.6,0.75,0.85,0.95",
        "fresh_share_scale": "write two descending shares, such as 0.9,0.7",
        "public_url": "write it as https://beds.example.go.id",
        "secret_key": f"each key needs {SECRET_KEY_LENGTH_MIN} characters or more, as `openssl rand -hex 32` gives",
        "rate_exempt": "write networks separated by commas, such as 127.0.0.0/8,10.1.0.0/16, or none",
        "public_read": "write true or false",
        "fast_path": "write true or false",
        "log_format": "write json or text",
        "log_level": "write info or warning",
    }.get(name)


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """A warning for each `BALAI_*` variable that is not a setting: usually a typo, without effect."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    named = list(os.environ if environment is None else environment)
    if environment is None and Path(ENV_FILE).is_file():
        named += dotenv_values(ENV_FILE, encoding="utf-8")
    warnings = []
    for name in sorted({name.upper() for name in named}):
        if name.startswith(PREFIX) and name not in known and not _KNOWN_BESIDES.fullmatch(name):
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            warnings.append(f"{name} is not a setting and has no effect{hint}")
    return warnings
