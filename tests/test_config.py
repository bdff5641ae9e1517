"""Settings: safe defaults, plain sentences for bad values, a word about typing mistakes."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.config import PREFIX, Rate, Settings, SettingsError, load_settings, unknown_variables
from app.domain.registry.facility import DEFAULT_THRESHOLDS, FacilityKind


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no .env of this machine."""
    import os

    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_every_setting_says_why_one_would_change_it() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert not field.is_required(), f"{name} has no safe default"


def test_without_any_setting_the_database_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert load_settings().database == f"sqlite+aiosqlite:///{tmp_path}/data/balai.db"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@db/balai", "postgresql+asyncpg://u:p@db/balai"),
        ("postgresql://u:p@db/balai?a=b", "postgresql+asyncpg://u:p@db/balai?a=b"),
        ("postgresql+asyncpg://u:p@db/balai", "postgresql+asyncpg://u:p@db/balai"),
        ("sqlite:////srv/balai.db", "sqlite+aiosqlite:////srv/balai.db"),
    ],
)
def test_a_database_address_gets_the_driver_that_we_bring(
    given: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BALAI_DATABASE_URL", given)
    assert load_settings().database == used


def test_a_replica_is_read_beside_the_database_or_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_REPLICA_URL", "postgres://u:p@replica/balai")
    alone = load_settings()
    assert (alone.database, alone.replica) == ("postgresql+asyncpg://u:p@replica/balai", None)
    assert alone.only_reads
    assert not alone.is_embedded
    monkeypatch.setenv("BALAI_DATABASE_URL", "postgres://u:p@db/balai")
    beside = load_settings()
    assert (beside.database, beside.replica) == (
        "postgresql+asyncpg://u:p@db/balai",
        "postgresql+asyncpg://u:p@replica/balai",
    )
    assert not beside.only_reads


@pytest.mark.parametrize(
    ("database", "replica"),
    [("", "sqlite:///x.db"), ("sqlite:///x.db", "postgres://u:hunter2@db/x"), ("", "mysql://u:hunter2@db/x")],
)
def test_only_postgresql_has_replicas(database: str, replica: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_DATABASE_URL", database)
    monkeypatch.setenv("BALAI_REPLICA_URL", replica)
    with pytest.raises(SettingsError, match="BALAI_REPLICA_URL cannot be used: it must begin with postgres") as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_an_option_wins_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("BALAI_PORT=1001\nBALAI_WORKERS=2\nBALAI_LOG_FORMAT=text\n")
    monkeypatch.setenv("BALAI_PORT", "1002")
    monkeypatch.setenv("BALAI_WORKERS", "3")
    found = load_settings(port=1003, workers=None)
    assert (found.port, found.workers, found.log_format) == (1003, 3, "text")


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_DATABASE_URL", "")
    assert load_settings().database_url is None


def test_hours_are_the_domains_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().thresholds == DEFAULT_THRESHOLDS
    monkeypatch.setenv("BALAI_HOURS_RW_HALL", "0.5/48")
    found = load_settings().thresholds[FacilityKind.rw_hall]
    assert (found.stale_after, found.silent_after) == (timedelta(minutes=30), timedelta(hours=48))


def test_rates_and_networks_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_RATE_PUBLIC", "0.5/5")
    monkeypatch.setenv("BALAI_RATE_EXEMPT", "10.0.0.0/8, fd00::/8")
    found = load_settings()
    assert found.rate_public == Rate(0.5, 5)
    assert [str(network) for network in found.rate_exempt] == ["10.0.0.0/8", "fd00::/8"]
    monkeypatch.setenv("BALAI_RATE_EXEMPT", ",")
    assert load_settings().rate_exempt == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BALAI_PORT", "eighty"),
        ("BALAI_PORT", "70000"),
        ("BALAI_WORKERS", "0"),
        ("BALAI_PUBLIC_READ", "perhaps"),
        ("BALAI_LOG_FORMAT", "xml"),
        ("BALAI_HOURS_HOSPITAL", "24/6"),
        ("BALAI_HOURS_HOSPITAL", "6"),
        ("BALAI_RATE_PUBLIC", "0/5"),
        ("BALAI_RATE_PUBLIC", "fast"),
        ("BALAI_RATE_EXEMPT", "10.0.0.1/8"),
        ("BALAI_IN_FLIGHT_MAX", "-1"),
    ],
)
def test_a_bad_value_is_one_sentence_with_its_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    sentence = str(refused.value)
    assert sentence.startswith(f"{name}={value} cannot be used: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Input should" not in sentence


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_PORT", "x")
    monkeypatch.setenv("BALAI_WORKERS", "y")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert len(str(refused.value).splitlines()) == 2


@pytest.mark.parametrize("url", ["mysql://u:hunter2@db/x", "hunter2", "postgresql+psycopg://u:hunter2@db/x"])
def test_a_bad_database_address_is_refused_without_repeating_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BALAI_DATABASE_URL", url)
    with pytest.raises(SettingsError, match="it must begin with postgresql:// or sqlite:///") as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_the_password_is_not_in_the_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_DATABASE_URL", "postgres://u:hunter2@db/x")
    assert "hunter2" not in repr(load_settings())


def test_a_file_that_is_no_text_is_a_sentence_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BALAI_HOST=\xff\n")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings()


def test_a_mistyped_name_is_told_with_the_nearest_one() -> None:
    told = unknown_variables({"BALAI_DATADIR": "x", "BALAI_PORT": "1", "PATH": "/bin"})
    assert told == ["BALAI_DATADIR is not a setting and has no effect; did you mean BALAI_DATA_DIR?"]


def test_a_mistyped_name_in_the_file_is_told_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BALAI_PUBLIC_RAED=false\n")
    (told,) = unknown_variables()
    assert told.endswith("did you mean BALAI_PUBLIC_READ?")


def test_names_that_others_read_are_no_mistake() -> None:
    assert unknown_variables({"BALAI_KEY": "", "BALAI_TEST_BROWSER": "", "BALAI_PUBLISH": ""}) == []


def test_without_a_secret_key_one_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    assert load_settings().secret_keys() == ()
    [made] = load_settings().make_secret_key()
    assert load_settings().secret_keys() == load_settings().make_secret_key() == (made,)
    file = tmp_path / "data" / "secret.key"
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in file.parent.iterdir()] == ["secret.key"]


def test_a_file_of_settings_that_may_not_be_read_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_path: Path) -> bool:
        raise PermissionError(13, "Permission denied", ".env")

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings()


@pytest.mark.parametrize("held", [b"", b" \n,", b"\xff\xfe\x00"], ids=["empty", "blank", "no text"])
def test_a_key_file_without_a_key_is_told_and_left_alone(tmp_path: Path, held: bytes) -> None:
    file = tmp_path / "data" / "secret.key"
    file.parent.mkdir()
    file.write_bytes(held)
    for read in (load_settings().secret_keys, load_settings().make_secret_key):
        with pytest.raises(SettingsError, match="holds no key"):
            read()
    assert file.read_bytes() == held


def test_secret_keys_of_the_environment_come_newest_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BALAI_SECRET_KEY", f"{'n' * 32}, {'o' * 32}")
    assert load_settings().secret_keys() == ("n" * 32, "o" * 32)
    assert not (tmp_path / "data").exists()


def test_a_short_secret_key_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_SECRET_KEY", "rahasia")
    with pytest.raises(SettingsError, match="32 characters") as refused:
        load_settings()
    assert "rahasia" not in str(refused.value)


def test_a_folder_that_takes_no_key_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SettingsError, match="BALAI_SECRET_KEY"):
        load_settings().make_secret_key()


def test_settings_of_screens_are_read_as_operators_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALAI_HOME_AREA", "33.74")
    monkeypatch.setenv("BALAI_DUTY_DESK_NAME", " Pusat kendali ")
    monkeypatch.setenv("BALAI_DUTY_DESK_PHONES", "024 3549446, 112; 119")
    monkeypatch.setenv("BALAI_OCCUPANCY_SCALE", "0.5,0.6,0.7,1")
    display = load_settings().display
    assert display.home_area == "33.74"
    assert display.duty_desk == ("Pusat kendali", ("024 3549446", "112", "119"))
    assert display.occupancy == (0.5, 0.6, 0.7, 1.0)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("HOME_AREA", "../x", "code of an area"),
        ("TIME_ZONE", "WIB 7", "Asia/Jakarta"),
        ("DUTY_DESK_NAME", "a\nb", "printable"),
        ("DUTY_DESK_PHONES", "1,2,3,4,5,6", "at most 5"),
        ("SIMULATED", "perhaps", "true or false"),
        ("OCCUPANCY_SCALE", "0.6,0.75,0.95,0.85", "four ascending"),
        ("OCCUPANCY_SCALE", "0.6,0.75,0.85", "four ascending"),
        ("OCCUPANCY_SCALE", "0.6,0.75,0.85,nan", "four ascending"),
        ("FRESH_SHARE_SCALE", "0.7,0.9", "two descending"),
        ("SMALL_BEDS", "-1", "whole number"),
    ],
)
def test_an_unusable_setting_of_screens_says_what_to_write(
    name: str, value: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError, match=hint):
        load_settings()
