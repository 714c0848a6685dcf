"""A world that is unkind to the service: locked files, small and read-only disks, commands that are refused.

Nothing is faked: files are locked by another process's transaction, disks are real file systems.  What
needs rights that this machine does not give is skipped, with the reason.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Both outputs."""
        return self.out + self.err


class Command:
    """One `nightdesk …` under way, on the state folder `state`; `settings` are without prefix."""

    def __init__(self, state: Path, *arguments: str, **settings: str) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("NIGHTDESK_")}
        ours = {"STATE_DIR": str(state), "WEB_PORT": "0"} | settings
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agents.cli", *arguments],
            env=clean | {f"NIGHTDESK_{name}": value for name, value in ours.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self, seconds: float = 30.0) -> Said:
        """Wait for the end; a command that hangs is killed and fails the test."""
        try:
            out, err = self._process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {seconds:g} s") from None
        return Said(self._process.returncode, out, err)

    def kill(self) -> None:
        """End it if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def nightdesk(state: Path, *arguments: str, **settings: str) -> Said:
    """Run one command to its end."""
    return Command(state, *arguments, **settings).end()


def web(address: str, path: str) -> tuple[int, str]:
    """Return status and body of a page, whatever the status."""
    try:
        with urlopen(f"{address}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def readyz(address: str) -> tuple[int, str]:
    """Return the status of /readyz and its reasons on one line."""
    status, body = web(address, "/readyz")
    data: dict[str, Any] = json.loads(body)
    return status, "; ".join(data["reasons"])


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an SQLite file as a writer does, from this process."""
    other = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        with suppress(sqlite3.Error):
            other.execute("ROLLBACK")
        other.close()


@contextmanager
def disk(path: Path, *options: str) -> Iterator[Path]:
    """Mount a file system in memory at `path`, with mount options such as `size=2m` or `ro`; skip the
    test where mounting is refused."""
    path.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError as error:
        pytest.skip(f"no mount here: {error}")
    if done.returncode:
        pytest.skip(f"mounting is refused here: {done.stderr.strip()}")
    try:
        yield path
    finally:
        # Lazily: what still holds a file there must not keep the test from ending.
        subprocess.run(["umount", "-l", str(path)], check=False, timeout=10)


def remount(path: Path, *options: str) -> None:
    """Change the options of a mounted disk."""
    joined = ",".join(["remount", *options])
    subprocess.run(["mount", "-o", joined, str(path)], check=True, timeout=10)


def fill(path: Path) -> Path:
    """Write a file into the folder `path` until its disk is full, and return the file."""
    filler = path / "filler"
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        for size in (65_536, 4_096, 512):
            with suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass
    return filler
