"""A server that others wrote, as a process of our own: on loopback, its log in a folder that goes away."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.waiting import first_true

_STARTS_WITHIN = 30.0


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody listens on at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def free_port() -> int:
    """Return one of them."""
    return free_ports(1)[0]


def end(
    process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, *, within: float
) -> None:
    """Send `how` to a child of ours, and wait until it is gone; kill it where it is not `within` seconds."""
    process.send_signal(how)
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_by_pid(pid: int, how: signal.Signals, *, within: float) -> bool:
    """Send `how` to a process that need not be our child; return whether it is gone `within` seconds."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return True
    return bool(first_true(lambda: _is_gone(pid), within))


def _is_gone(pid: int) -> bool:
    try:
        # Ours is reaped by whoever holds it as a child; a stranger's just goes.
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return True
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@contextmanager
def running(name: str, command: Sequence[str], url: str, folder: Path) -> Iterator[None]:
    """Run `command` while the context lasts, which begins once `/-/ready` of `url` says yes."""
    log = folder / f"{name.lower()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _wait_until_ready(name, process, url, log)
            yield
        finally:
            end(process, within=10)


def _wait_until_ready(name: str, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    def is_ready() -> bool:
        try:
            return httpx.get(f"{url}/-/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    if not first_true(is_ready, _STARTS_WITHIN, while_runs=process):
        tail = log.read_text(errors="replace")[-2_000:]
        raise AssertionError(f"{name} did not start:\n{tail}")
