"""A real Prometheus of our own, on a free port and in a folder that goes away; and promtool.

Both come with Debian's package `prometheus`; the system's own service is never touched.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.programs import free_port, running


def why_absent() -> str | None:
    """Return why Prometheus cannot be started here, or None."""
    for program in ("prometheus", "promtool"):
        if shutil.which(program) is None:
            return f"no {program}: install the package prometheus (its service need not run)"
    return None


def promtool(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run promtool; the caller looks at `returncode`."""
    return subprocess.run(
        ["promtool", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Prometheus:
    """A running Prometheus."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the samples of an instant query.  Raises AssertionError where it is refused."""
        answer = self._client.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", (expression, answer.get("error"))
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def alerts(self) -> dict[str, str]:
        """Return name -> health of all loaded rules."""
        groups = self._client.get("/api/v1/rules").json()["data"]["groups"]
        return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}

    def close(self) -> None:
        self._client.close()


@contextmanager
def running_prometheus(folder: Path, targets: list[str], rules: Path) -> Iterator[Prometheus]:
    """Run Prometheus in `folder`, scraping `targets` (host:port) as job `nightdesk` every second."""
    config = folder / "prometheus.yml"
    listed = ", ".join(targets)
    config.write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        f"rule_files: ['{rules}']\n"
        "scrape_configs:\n"
        f"  - {{job_name: nightdesk, static_configs: [{{targets: [{listed}]}}]}}\n",
        encoding="utf-8",
    )
    address = f"127.0.0.1:{free_port()}"
    server = Prometheus(f"http://{address}")
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with closing(server), running("Prometheus", command, server.url, folder):
        yield server
