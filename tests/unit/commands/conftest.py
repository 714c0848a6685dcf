"""A desk of its own for each test: state folder, environment, and the command line run in process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agents.cli import run
from nightdesk.archive import Archive, open_archive
from tests.unit.commands.newsroom import FERRY, STRIKE, bundle, fill, lines, reports


@dataclass(frozen=True)
class Said:
    """What a command line ended with."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


def data_of(nightdesk: Run, *arguments: str | Path) -> dict[str, Any]:
    """Return what a command line says with --json."""
    said = nightdesk(*arguments, "--json")
    assert said.code == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    return found


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("NIGHTDESK_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NIGHTDESK_STATE_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("NIGHTDESK_WEB_PORT", "0")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nightdesk(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return call


@pytest.fixture
def archive(desk: Path) -> Iterator[Archive]:
    (desk / "var").mkdir()
    archive = open_archive(f"sqlite:///{desk}/var/archive.sqlite")
    archive.migrate()
    yield archive
    archive.close()


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """The archive with the reports, and both storylines in force."""
    fill(archive, reports(), STRIKE, FERRY)
    return archive


@pytest.fixture
def draft(desk: Path) -> Path:
    """A bundle of the strike alone."""
    path = desk / "draft.yaml"
    path.write_text(bundle())
    return path


@pytest.fixture
def jsonl(desk: Path) -> Path:
    """The reports as a file."""
    path = desk / "reports.jsonl"
    path.write_text(lines(reports()))
    return path
