"""Checks of the machine: Python, settings, the state folder, the web port."""

from __future__ import annotations

import errno
import ipaddress
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agents.commands.checkup import Finding, fail, ok, warn
from agents.commands.terminal import human_bytes

if TYPE_CHECKING:
    from nightdesk.settings import Settings

LITTLE_SPACE = 1_000_000_000
NO_SPACE = 100_000_000
_OLDEST_SQLITE = (3, 35)
_PATIENCE = 3.0

_FULL = "free some space, or set NIGHTDESK_STATE_DIR to a folder on a larger disk"
_READ_ONLY = "mount its disk for writing, or set NIGHTDESK_STATE_DIR to a folder on another"
_NO_RIGHT = "give this user the right to write it, or set NIGHTDESK_STATE_DIR to another folder"
_CURES = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EROFS: _READ_ONLY}
"""What helps where the state folder cannot be written, by the error; else the right to write is missing."""


def check_python() -> Iterator[Finding]:
    """Python and SQLite are of versions that Nightdesk runs on."""
    from nightdesk import __version__

    version = ".".join(map(str, sys.version_info[:3]))
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        yield fail(
            "python", f"SQLite {sqlite3.sqlite_version} is too old", "use a Python with SQLite 3.35"
        )
    else:
        yield ok(
            "python", f"Nightdesk {__version__}, Python {version}, SQLite {sqlite3.sqlite_version}"
        )


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Settings are valid (they were loaded); names that look misspelt, and an open page, are told."""
    from nightdesk.settings import PREFIX, misspelt, without_password

    wrong = misspelt(os.environ)
    for name, meant in wrong:
        yield warn("settings", f"{name} is no setting and has no effect", f"did you mean {meant}?")
    if not _is_loopback(settings.web_host):
        yield warn(
            "settings",
            f"the page listens on {settings.web_host}, and has no login",
            "set NIGHTDESK_WEB_HOST=127.0.0.1, or put a proxy with a login in front of it",
        )
    set_here = sum(name.startswith(PREFIX) for name in os.environ) - len(wrong)
    yield ok(
        "settings",
        f"valid ({set_here} in the environment); broker {without_password(settings.broker_url)}, "
        f"archive {without_password(settings.archive_url)}",
    )


def check_state_dir(settings: Settings) -> Iterator[Finding]:
    """The state folder can be written, and has room."""
    folder = settings.state_dir.absolute()
    there = folder
    while not there.exists():
        there = there.parent
    try:
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"nightdesk")
            file.flush()
    except OSError as error:
        yield fail(
            "state folder",
            f"cannot write into {there}: {error.strerror}",
            _CURES.get(error.errno or 0, _NO_RIGHT),
        )
        return
    free = shutil.disk_usage(there).free
    words = f"{folder}{'' if there == folder else ' (will be made)'}, {human_bytes(free)} free"
    if free < NO_SPACE:
        yield fail("state folder", words, _FULL)
    elif free < LITTLE_SPACE:
        yield warn("state folder", words, _FULL)
    else:
        yield ok("state folder", words)


def check_web_port(settings: Settings) -> Iterator[Finding]:
    """The page's port is free, or a worker of ours answers on it."""
    host, port = settings.web_host, settings.web_port
    if port == 0:
        yield ok("web port", "any free one (NIGHTDESK_WEB_PORT=0)")
        return
    if _is_free(host, port):
        yield ok("web port", f"{host}:{port} is free: no worker runs here")
        return
    yield _who_answers("127.0.0.1" if host in {"0.0.0.0", "::", ""} else host, port)


def _who_answers(host: str, port: int) -> Finding:
    import httpx

    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}"
    try:
        # Never through a proxy: it is this machine that is asked.
        with httpx.Client(timeout=_PATIENCE, trust_env=False) as client:
            health = client.get(f"{url}/healthz").json()
            ready = client.get(f"{url}/readyz").json() if "alive" in health else {}
    except (httpx.HTTPError, ValueError, TypeError):
        health = {}
    if not isinstance(health, dict) or "alive" not in health:
        return fail(
            "web port",
            f"{host}:{port} is taken by another program",
            "stop it, or set NIGHTDESK_WEB_PORT to another port (0 takes a free one)",
        )
    if not health["alive"]:
        return fail(
            "web port",
            f"the worker at {url} is not well: {health.get('summary')}",
            "look at its log, and start it again",
        )
    if not ready.get("ready"):
        return warn(
            "web port",
            f"the worker at {url} is not ready: {'; '.join(ready.get('reasons', ()))}",
            "give it a moment; if it stays so, look at its log",
        )
    return ok("web port", f"a worker answers at {url}: alive and ready")


def _is_free(host: str, port: int) -> bool:
    try:
        family, kind, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise _unusable(host, port, error) from None
    return True


def _unusable(host: str, port: int, error: OSError) -> Exception:
    from nightdesk.errors import ConfigurationError

    return ConfigurationError(
        f"cannot listen on {host}:{port}: {error.strerror or error}",
        hint="set NIGHTDESK_WEB_HOST to an address of this machine, and a port above 1023",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def database_size(path: Path) -> int:
    """Return the bytes of an SQLite file and its log."""
    both = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in both if file.exists())
