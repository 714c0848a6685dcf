"""`nightdesk serve` as a process, and when a web server may be reached from other machines."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.support.service import Service, until
from tests.support.tokens import make_token


@pytest.fixture
def service(tmp_path: Path):
    service = Service(tmp_path / "var", LOG_LEVEL="debug")
    yield service
    if service.alive():
        service.kill()


def serving(service: Service, *arguments: str) -> str:
    service.start(*arguments, command="agents.cli serve")
    file = service.folder / "serve-address"
    return until(
        lambda: service.alive() and file.exists() and file.read_text().strip(), service.said()
    )


def get(url: str, token: str | None = None):
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urlopen(request) as answer:
        return json.loads(answer.read())


def test_it_serves_page_and_api_says_that_no_worker_runs_and_logs_no_token(
    service: Service,
) -> None:
    address = serving(service)
    with service.archive() as archive:
        token, own = make_token(archive, "admin"), make_token(archive, "feed:desk")
    ready = get(f"{address}/readyz")
    assert ready["ready"] is True
    assert ready["notes"] == [
        "no worker runs here: nothing is polled, decided or delivered by this process"
    ]
    assert get(f"{address}/healthz")["summary"] == "no worker runs here"
    with urlopen(f"{address}/") as page:
        assert page.headers["content-type"].startswith("text/html")
    assert get(f"{address}/api/v1/audit", token)["items"] == []
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{address}/subscriptions/desk.atom?token={own}")
    assert refused.value.code == 404
    refused.value.close()
    code, _ = service.stop(signal.SIGTERM)
    assert code == 0
    said = service.log.read_text()
    assert "listening" in said
    assert token not in said
    assert own not in said
    assert "nightdesk_" not in said
    assert not (service.folder / "serve-address").exists()


@pytest.mark.parametrize("command", ["serve", "run"])
def test_it_binds_no_wider_before_there_is_a_token(tmp_path: Path, command: str) -> None:
    service = Service(tmp_path / "var", WEB_HOST="0.0.0.0")
    service.start(command=f"agents.cli {command}")
    assert service.process is not None
    assert service.process.wait(timeout=60) == 1
    said = service.said()
    assert "no token is in force" in said
    assert "nightdesk tokens create" in said
    assert "Traceback" not in said


def test_an_address_in_use_is_told(service: Service) -> None:
    address = serving(service)
    port = address.rsplit(":", 1)[1]
    other = subprocess.run(
        [sys.executable, "-m", "agents.cli", "serve", "--port", port],
        env=service._env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert other.returncode == 1
    assert "cannot listen" in other.stderr
