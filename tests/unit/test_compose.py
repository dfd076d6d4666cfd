"""docker-compose.yml against the compose specification's schema and against the settings that the code reads."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import AliasChoices
from ruamel.yaml import YAML

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
OURS = ("gateway", "worker", "beat", "streamlit")
SERVERS = {"DATAMIND_STORE_URL", "DATAMIND_POSTGRES_URL", "DATAMIND_CLICKHOUSE_URL", "DATAMIND_REDIS_URL", "DATAMIND_SECRET_KEY"}
REQUIRED = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")


def load() -> dict[str, Any]:
    yaml = YAML(typ="safe", pure=True)
    return json.loads(json.dumps(yaml.load(TEXT)))


COMPOSE = load()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def accepted() -> set[str]:
    """Every name under which an environment variable is a setting."""
    names: set[str] = set()
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        names |= set(map(str, alias.choices)) if isinstance(alias, AliasChoices) else {str(alias)}
    return {name.upper() for name in names}


def test_it_follows_the_compose_specification():
    schema = json.loads((resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(COMPOSE)


def test_the_whole_set_is_there():
    assert set(SERVICES) == {*OURS, "store", "warehouse", "clickhouse", "redis", "superset", "flower"}
    images = {name: SERVICES[name]["image"] for name in SERVICES}
    assert images["store"].startswith("postgres:16.")
    assert images["warehouse"] == images["store"]
    assert int(images["clickhouse"].rpartition(":")[2].split(".")[0]) >= 24
    assert images["redis"].startswith("redis:7.")


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_and_watched(name):
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+(\.\d+)*(-[a-z]+)?", SERVICES[name]["image"])
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_only(name):
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", [*OURS, "superset", "flower"])
def test_what_needs_no_root_has_none(name):
    assert SERVICES[name]["user"] not in ("", "0", "root", "0:0")


@pytest.mark.parametrize("name", OURS)
def test_ours_set_nothing_that_the_code_does_not_read(name):
    assert set(SERVICES[name]["environment"]) <= accepted()


@pytest.mark.parametrize("name", ["gateway", "worker", "beat"])
def test_no_server_is_left_to_be_embedded(name):
    environment = SERVICES[name]["environment"]
    assert set(environment) >= SERVERS
    assert {condition["condition"] for condition in SERVICES[name]["depends_on"].values()} == {"service_healthy"}


def test_the_code_accepts_what_is_set(monkeypatch):
    for name, value in SERVICES["gateway"]["environment"].items():
        filled = REQUIRED.sub("x" * 40, value)
        monkeypatch.setenv(name, re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", filled))
    settings = Settings()
    assert settings.cors_origins == ()
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value().startswith("redis://:xxx")


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_has_a_default(name):
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|_AUTH$", variable) or re.search(r"://[^/\s]*:[^/\s]*@", str(value)):
            without = REQUIRED.sub("", str(value))
            assert REQUIRED.search(str(value)), variable
            assert "${" not in without, variable
            assert not re.search(r"://[^/@:]*:[^@$]+@", without), variable


def test_every_secret_is_named_in_the_head():
    head = TEXT.partition("name: datamind")[0]
    assert {name for name in re.findall(r"\$\{([A-Z_]+):\?", TEXT) if name not in head} == set()


def test_what_is_mounted_or_built_lies_in_the_repository():
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
            elif not source.startswith("$"):
                assert source in COMPOSE["volumes"], source
        if "build" in service:
            assert (ROOT / service["build"] / "Dockerfile").is_file()


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "docker/superset/Dockerfile"])
def test_images_are_built_from_pinned_ones_and_do_not_run_as_root(dockerfile):
    lines = (ROOT / dockerfile).read_text(encoding="utf-8").splitlines()
    assert all(re.search(r":\d+\.\d+", line) for line in lines if line.startswith("FROM "))
    assert [line.split()[1] for line in lines if line.startswith("USER ")][-1] != "root"
