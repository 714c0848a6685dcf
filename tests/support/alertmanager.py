"""A real Alertmanager of our own, on a free port and in a folder that goes away.

It comes with Debian's package `prometheus-alertmanager`; the system's own service is never touched.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.programs import free_port, running

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
    address = f"127.0.0.1:{free_port()}"
    server = Alertmanager(f"http://{address}")
    command = [
        PROGRAM,
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with running("Alertmanager", command, server.url, folder):
        yield server
