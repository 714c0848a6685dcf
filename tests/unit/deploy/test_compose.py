"""docker-compose.yml keeps to the compose specification's structure, and to our own rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightdesk.settings import Settings, variable
from tests.support.deployed import ROOT, read_yaml

COMPOSE = read_yaml(ROOT / "docker-compose.yml")
SERVICES = COMPOSE["services"]
TOP_LEVEL = {"name", "services", "volumes", "networks", "configs", "secrets", "include"}
OF_A_SERVICE = {
    "image", "build", "command", "entrypoint", "environment", "env_file", "ports", "volumes",
    "depends_on", "healthcheck", "restart", "logging", "stop_grace_period", "read_only", "tmpfs",
    "cap_drop", "security_opt", "user", "networks", "secrets", "configs", "deploy", "labels",
}  # fmt: skip
OF_A_HEALTHCHECK = {
    "test",
    "interval",
    "timeout",
    "retries",
    "start_period",
    "start_interval",
    "disable",
}
DURATION = re.compile(r"(\d+(us|ms|s|m|h))+")
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(:?[-?][^}]*)?\}")

each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_only_what_the_specification_knows_stands_at_the_top():
    assert {key for key in COMPOSE if not key.startswith("x-")} <= TOP_LEVEL
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", COMPOSE["name"])


@each_service
def test_a_service_has_known_keys_an_image_and_a_health_check(name):
    service = SERVICES[name]
    assert set(service) <= OF_A_SERVICE
    assert "image" in service or "build" in service
    check = service["healthcheck"]
    assert set(check) <= OF_A_HEALTHCHECK
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert len(check["test"]) >= 2
    assert check["test"][0] == "CMD" or len(check["test"]) == 2
    for key in ("interval", "timeout", "start_period"):
        assert DURATION.fullmatch(check[key]), (name, key)
    assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"]["max-size"]


@each_service
def test_images_are_pinned_and_builds_exist(name):
    service = SERVICES[name]
    if "build" in service:
        context = ROOT / service["build"]["context"]
        assert (context / service["build"]["dockerfile"]).is_file()
        return
    _, _, tag = service["image"].rpartition(":")
    assert tag
    assert tag != "latest"


@each_service
def test_ports_are_bound_to_this_machine_only(name):
    for port in SERVICES[name].get("ports", []):
        assert isinstance(port, str)
        assert re.fullmatch(r"127\.0\.0\.1:(\$\{[A-Z0-9_]+:-\d+\}|\d+):\d+", port), port


def test_no_two_services_want_one_port():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    hosts = [re.search(r"(\d+)\}?:\d+$", port).group(1) for port in ports]
    assert len(set(hosts)) == len(hosts) == 4


@each_service
def test_what_a_service_depends_on_exists_and_can_be_healthy(name):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert how == {"condition": "service_healthy"}


@each_service
def test_volumes_are_declared_and_files_exist(name):
    for volume in SERVICES[name].get("volumes", []):
        given = VARIABLE.sub(lambda found: found.group(2).removeprefix(":-"), volume)
        source = given.split(":")[0]
        if source.startswith("."):
            assert (ROOT / source).exists(), source
            assert given.endswith(":ro"), given
        else:
            assert source in COMPOSE["volumes"], source


def test_every_declared_volume_is_used():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert set(COMPOSE["volumes"]) <= used


def test_no_secret_stands_in_clear():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if re.search(r"(PASSWORD|SECRET|TOKEN)\w*:\s", line):
            assert re.search(r":\s+\$\{[A-Z_]+:[-?]", line), line
    for url in re.findall(r"\w+://\w+:([^@\s]+)@", text):
        assert url.startswith("${"), url
    example = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
    assert re.findall(r"^(\w*(?:PASSWORD|SECRET)\w*)=(.+)$", example, re.MULTILINE) == []


def test_every_variable_is_explained_with_its_default():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
    used = {name: default or "" for name, default in VARIABLE.findall(text)}
    told = dict(re.findall(r"^(?:# )?([A-Z0-9_]+)=(.*)$", example, re.MULTILINE))
    assert set(used) == set(told)
    for name, default in used.items():
        if default.startswith(":-"):
            assert told[name] == default.removeprefix(":-")


def test_the_workers_environment_is_made_of_settings():
    known = {variable(name) for name in Settings.model_fields} | {"NIGHTDESK_DESK_SECRET"}
    for name in ("worker-1", "worker-2"):
        assert set(SERVICES[name]["environment"]) <= known
    names = [
        SERVICES[name]["environment"]["NIGHTDESK_WORKER_NAME"]
        for name in SERVICES
        if name.startswith("worker")
    ]
    assert names == ["worker-1", "worker-2"]


def test_the_image_is_small_unprivileged_and_watched():
    lines = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    froms = [line for line in lines if line.startswith("FROM ")]
    assert "slim" in froms[-1], "what runs needs no compiler"
    last = lines[lines.index(froms[-1]) :]
    assert any(re.fullmatch(r"USER (?!root)\w+", line) for line in last)
    assert any("HEALTHCHECK" in line for line in last)
    assert any("/healthz" in line for line in last)
    variables = set(re.findall(r"\b(NIGHTDESK_[A-Z_]+)=", "\n".join(last)))
    assert variables <= {variable(name) for name in Settings.model_fields}
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source


def test_what_the_image_is_made_of_is_sent_to_the_engine():
    ignored = Path(ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        source
        for line in (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }
    assert copied == let_through
