"""The real service as a process of its own: `nightdesk run` with the demo's bundle.

In come a state folder and a bundle file; out comes a running process whose address is known, and at
the end its exit code.  All that it prints goes into a log file, whose tail every failure shows.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from nightdesk.errors import NightdeskError

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 45.0
"""Seconds for the service to say that it is ready; a cold machine imports for several of them."""
STOP_WITHIN = 10.0
"""Seconds from SIGTERM to the end of the process."""
_LOOK_EVERY = 0.05


class ServiceFailed(NightdeskError):
    """The service did not start, ended by itself, or did not end when asked."""


class Service:
    """`nightdesk run`, as a context: started and ready on entry, gone on exit."""

    def __init__(
        self,
        state: Path,
        bundle: Path,
        environ: dict[str, str],
        *,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        """`environ` is added to the service's environment; `on_wait` is called while it starts."""
        self.log = state / "service.log"
        self.archive_url = f"sqlite:///{state}/archive.sqlite"
        self.address = ""
        self._state = state
        self._bundle = bundle
        self._on_wait = on_wait
        self._environ = _clean(os.environ) | environ | self._settings()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "agents.cli", "run", "--bundle", str(self._bundle)]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C is ours to handle, and the service ends when we say so.
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kill()

    def check_alive(self) -> None:
        """Raise ServiceFailed where the process has ended by itself."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise ServiceFailed(f"the service ended by itself, with exit code {code}")

    def stop(self) -> int:
        """Send SIGTERM and return the exit code.  Raises ServiceFailed where it does not end."""
        process = self._running()
        self.check_alive()
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            raise ServiceFailed(f"the service did not end within {STOP_WITHIN:g} s") from None

    def log_tail(self, lines: int = 30) -> str:
        """Return the last lines of what the service printed."""
        try:
            text = self.log.read_text("utf-8", "replace")
        except OSError as error:
            return f"(no log: {error})"
        return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"

    def _settings(self) -> dict[str, str]:
        return {
            "NIGHTDESK_STATE_DIR": str(self._state),
            "NIGHTDESK_BROKER_URL": f"sqlite:///{self._state}/broker.sqlite",
            "NIGHTDESK_ARCHIVE_URL": self.archive_url,
            "NIGHTDESK_WEB_PORT": "0",
            # All outlets share one loopback address, which is nobody's server to be polite to.
            "NIGHTDESK_HOST_SPACING": "0s",
            "NIGHTDESK_LOG_FORMAT": "console",
            "NO_PROXY": "127.0.0.1,localhost",
            "PYTHONUNBUFFERED": "1",
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        named = self._state / "web-address"
        last = "it has not written its address yet"
        with httpx.Client(trust_env=False, timeout=2.0) as client:
            while time.monotonic() < deadline:
                self.check_alive()
                if not self.address and named.exists():
                    self.address = named.read_text("utf-8").strip().rstrip("/")
                if self.address:
                    try:
                        answer = client.get(f"{self.address}/readyz")
                        if answer.status_code == 200:
                            return
                        last = f"/readyz answered {answer.status_code}: {answer.text[:200]}"
                    except httpx.HTTPError as error:
                        last = f"/readyz: {error}"
                self._on_wait()
                time.sleep(_LOOK_EVERY)
        raise ServiceFailed(f"the service was not ready within {READY_WITHIN:g} s: {last}")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServiceFailed("the service was never started")
        return self._process

    def _kill(self) -> None:
        """End the process, gently if it lets us.  Does nothing where it has ended."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _clean(environ: os._Environ[str]) -> dict[str, str]:
    """Return the environment without the user's own Nightdesk settings."""
    return {name: value for name, value in environ.items() if not name.startswith("NIGHTDESK_")}
