"""A world that turns bad while the service runs: files that others lock, a disk that fills up.

The worker waits, says why on /readyz, and goes on by itself; whatever was polled is accounted for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.badworld import disk, fill, locked, readyz
from tests.support.newswire import SECRET, SECRET_NAME, Newswire
from tests.support.service import Service, until

ENVIRONMENT = {SECRET_NAME: SECRET}
WAVE = 21


@pytest.fixture
def services() -> Iterator[list[Service]]:
    services: list[Service] = []
    yield services
    for service in services:
        if service.alive():
            service.kill()


def start(services: list[Service], folder: Path, wire: Newswire, **settings: str) -> Service:
    """Start a service that follows the wire, and wait until it has taken a first wave in."""
    wire.publish(WAVE)
    service = Service(folder / "var", **settings)
    services.append(service)
    service.start("--bundle", str(wire.write_bundle(folder / "bundle.yaml")), extra=ENVIRONMENT)
    service.settled(lambda totals: totals.get("normalise", {}).get("new") == WAVE)
    assert readyz(service.web_address()) == (200, "")
    return service


def says(service: Service, *words: str) -> str:
    """Wait until /readyz answers 503 with all these words; return its reasons."""

    def look() -> str:
        assert service.alive(), service.said()
        status, reasons = readyz(service.web_address())
        return reasons if status == 503 and all(word in reasons for word in words) else ""

    try:
        return str(until(look, f"/readyz to say {words}"))
    except AssertionError as error:
        raise AssertionError(f"{error}; it says {readyz(service.web_address())}") from None


def all_is_well_again(service: Service, wire: Newswire) -> None:
    """Wait until every report is accounted for, told once, and the service says that it is ready."""
    totals = service.settled(lambda totals: totals.get("poll", {}).get("new", 0) == wire.published)
    assert totals["normalise"]["new"] == wire.published
    fitting = wire.fitting(first=WAVE)
    until(lambda: len(set(wire.posted)) == fitting, "each alert to reach its receiver")
    assert len(wire.posted) == fitting, "nobody is told twice"
    until(lambda: readyz(service.web_address()) == (200, ""), "ready again")
    assert service.alive()
    assert "Traceback" not in service.log.read_text(), service.said()
    assert "never retrieved" not in service.log.read_text()


def test_files_locked_by_others_are_waited_for(
    services: list[Service], wire: Newswire, tmp_path: Path
) -> None:
    service = start(services, tmp_path, wire)
    with locked(service.folder / "archive.sqlite"):
        wire.publish(WAVE)
        says(service, "the archive has been at one piece of work for")
        assert service.totals()["poll"]["new"] == WAVE
    all_is_well_again(service, wire)
    with locked(service.folder / "broker.sqlite"):
        wire.publish(WAVE)
        says(service, "no heartbeat has come round for", "the broker")
    all_is_well_again(service, wire)


@pytest.mark.slow
def test_locks_that_outlast_every_patience_are_waited_for(
    services: list[Service], wire: Newswire, tmp_path: Path
) -> None:
    service = start(services, tmp_path, wire)
    with locked(service.folder / "archive.sqlite"):
        wire.publish(WAVE)
        says(service, "archive.sqlite is locked by another writer")
    all_is_well_again(service, wire)
    with locked(service.folder / "broker.sqlite"):
        wire.publish(WAVE)
        says(service, "broker.sqlite is locked by another program")
    all_is_well_again(service, wire)


@pytest.mark.parametrize(
    ("on_it", "words"),
    [
        (("ARCHIVE", "BROKER"), "archive.sqlite is full"),
        pytest.param(("BROKER",), "no room left for", marks=pytest.mark.slow),
    ],
)
def test_a_full_disk_is_waited_for(
    services: list[Service], wire: Newswire, tmp_path: Path, on_it: tuple[str, ...], words: str
) -> None:
    with disk(tmp_path / "disk", "size=64m") as small:
        service = start(
            services,
            tmp_path,
            wire,
            **{f"{name}_URL": f"sqlite:///{small}/{name.lower()}.sqlite" for name in on_it},
        )
        wire.publish(10 * WAVE)
        until(
            lambda: service.totals().get("normalise", {}).get("new", 0) > WAVE,
            "the stream to be in full flow",
        )
        filler = fill(small)
        wire.publish(10 * WAVE)
        says(service, words)
        filler.unlink()
        all_is_well_again(service, wire)
        code, seconds = service.stop()
        assert code == 0, service.said()
        assert seconds < 5
