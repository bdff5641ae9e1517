"""compose.yaml: who knows which password, and what each container may do."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_the_service_connects_as_a_role_of_its_own_and_knows_no_other_password() -> None:
    said = SERVICES["balai"]["environment"]
    assert "//balai_service:${BALAI_SERVICE_PASSWORD" in said["BALAI_DATABASE_URL"]
    assert said["BALAI_POSTGRES_PASSWORD"] == ""  # .env is read by the service too
    assert "--no-migrate" in SERVICES["balai"]["command"]
    assert "//balai_owner:" in SERVICES["migrate"]["environment"]["BALAI_DATABASE_URL"]
    assert SERVICES["migrate"]["command"][-2:] == ["--grant-to", "balai_service"]


def test_the_commands_of_backup_and_restore_fit_the_services() -> None:
    lines = (ROOT / "docs" / "backup.md").read_text().splitlines()
    commands = [line.split()[3:] for line in lines if line.strip().startswith("docker compose run")]
    assert [name for words in commands for name in words if name in SERVICES] == ["balai", "balai", "roles", "migrate"]
    assert [words[-2] for words in commands[::3]] == ["backup", "restore"]
    volumes = [volume for words in commands for option, volume in itertools.pairwise(words) if option == "--volume"]
    named = {volume.partition(":")[0] for volume in volumes} - {"/backups"}
    assert named == {f"{COMPOSE['name']}_{volume.partition(':')[0]}" for volume in SERVICES["balai"]["volumes"]}
    assert "USER 10001:0" in (ROOT / "Dockerfile").read_text()


def test_each_step_waits_for_the_one_before() -> None:
    waits = {name: list(each.get("depends_on", {}).items()) for name, each in SERVICES.items()}
    done = {"condition": "service_completed_successfully"}
    assert waits == {
        "balai": [("migrate", done)],
        "migrate": [("roles", done)],
        "roles": [("postgres", {"condition": "service_healthy"})],
        "postgres": [],
    }


@pytest.mark.parametrize("name", list(SERVICES))
def test_each_container_is_kept_small(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 512
    assert service["mem_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert ("cap_add" in service) is (name == "postgres")


def test_the_service_is_not_given_up_while_it_starts() -> None:
    assert SERVICES["balai"]["healthcheck"]["start_period"] == "5m"  # it reads a country in; tables are there by then
    assert "--start-period=15m" in (ROOT / "Dockerfile").read_text()  # there `serve` migrates, for up to 15 minutes
    assert "statement_timeout = '15min'" in (ROOT / "migrations" / "env.py").read_text()


def test_images_have_a_fixed_version_and_may_be_given_by_digest() -> None:
    assert SERVICES["postgres"]["image"].startswith("${BALAI_POSTGRES_IMAGE:-postgres:18.")
    base = SERVICES["balai"]["build"]["args"]["BASE_IMAGE"]
    assert (
        f"ARG BASE_IMAGE={base.removeprefix('${BALAI_BASE_IMAGE:-').removesuffix('}')}"
        in (ROOT / "Dockerfile").read_text()
    )
