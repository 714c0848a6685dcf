"""A real Alertmanager of our own, on a free port and in a folder that goes away.

It comes with Debian's package `prometheus-alertmanager`; the system's own service is never touched.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx

PROGRAM = "prometheus-alertmanager"


def why_absent() -> str | None:
    """Return why it cannot be started here, or None."""
    return None if shutil.which(PROGRAM) else f"no {PROGRAM}: install the package of that name"


class Alertmanager:
    """A running one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def alerts(self, **labels: str) -> list[dict[str, Any]]:
        """Return the alerts that bear all `labels`, resolved ones left out."""
        wanted = [("filter", f'{name}="{value}"') for name, value in labels.items()]
        answer = httpx.get(f"{self.url}/api/v2/alerts", params=wanted, trust_env=False)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found


@contextmanager
def running_alertmanager(folder: Path) -> Iterator[Alertmanager]:
    """Run one in `folder` while the context lasts."""
    config = folder / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(
            [
                PROGRAM,
                f"--config.file={config}",
                f"--storage.path={folder / 'data'}",
                f"--web.listen-address={address}",
                "--cluster.listen-address=",
            ],
            stdout=log,
            stderr=log,
        )
        server = Alertmanager(f"http://{address}")
        try:
            _wait_until_ready(server, process, folder)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(server: Alertmanager, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline, pause = time.monotonic() + 30, Event()
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{server.url}/-/ready", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        pause.wait(0.05)
    tail = (folder / "alertmanager.log").read_text(errors="replace")[-2_000:]
    raise AssertionError(f"Alertmanager did not start:\n{tail}")
