"""The real service as a process: started as a user starts it, watched through its archive, killed.

Nothing sleeps for a fixed time: `until` looks again and again, and says what it waited for in vain.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from nightdesk import accounting
from nightdesk.archive import accounts
from nightdesk.archive.engine import Archive, open_archive
from tests.support.waiting import first_true

Totals = dict[str, dict[str, int]]
Condition = Callable[[Totals], bool]


def until(condition: Callable[[], Any], what: str, *, seconds: float = 30.0) -> Any:
    """Return the first true value of `condition`; fail with `what` after `seconds`."""
    value = first_true(condition, seconds)
    if not value:
        raise AssertionError(f"waited {seconds:g} s in vain for: {what}")
    return value


class Service:
    """One worker process on the state folder `folder`; `settings` are NIGHTDESK_… without prefix."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.archive_url = settings.get("ARCHIVE_URL", f"sqlite:///{folder}/archive.sqlite")
        ours = {
            "STATE_DIR": str(folder),
            "WEB_PORT": "0",
            "LOG_FORMAT": "json",
            "HEARTBEAT_INTERVAL": "1s",
            "DEFINITIONS_REFRESH": "1s",
            "HOST_SPACING": "0s",
        } | settings
        clean = {k: v for k, v in os.environ.items() if not k.startswith("NIGHTDESK_")}
        self._env = clean | {f"NIGHTDESK_{name}": value for name, value in ours.items()}
        self.process: subprocess.Popen[bytes] | None = None

    def start(
        self, *arguments: str, extra: Mapping[str, str] | None = None, command: str | None = None
    ) -> Self:
        """Start `nightdesk run ARGUMENTS` (or the module `command`); output goes to `log`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        module = command.split() if command else ["agents.cli", "run"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *module, *arguments],
                env=self._env | dict(extra or {}),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    @property
    def log(self) -> Path:
        """What the process said, over all its lives."""
        return self.folder / "service.log"

    def said(self) -> str:
        """The end of the log, for messages of failing tests."""
        return self.log.read_text(errors="replace")[-4_000:] if self.log.exists() else ""

    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self, number: signal.Signals = signal.SIGTERM, *, times: int = 1) -> tuple[int, float]:
        """Send the signal, return the exit code and the seconds that it took."""
        assert self.process is not None
        began = time.monotonic()
        for _ in range(times):
            self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        return code, time.monotonic() - began

    def web_address(self) -> str:
        """Where the page listens, once it does."""
        file = self.folder / "web-address"

        def address() -> str:
            assert self.alive(), f"the service ended:\n{self.said()}"
            return file.read_text().strip() if file.exists() else ""

        return str(until(address, "the web address"))

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """The archive of the service, opened beside it."""
        archive = open_archive(self.archive_url)
        try:
            yield archive
        finally:
            archive.close()

    def totals(self) -> dict[str, dict[str, int]]:
        """The account as the archive has it now; empty before there is one."""
        try:
            with self.archive() as archive, archive.read() as connection:
                return accounts.totals(connection)
        except Exception:
            # Asked before the service has made its archive.
            return {}

    def settled(self, condition: Condition) -> Totals:
        """Wait until `condition` holds of the totals and every identity balances; return them."""
        return self.settled_as(lambda totals: condition(totals) and accounting.settled(totals))

    def settled_as(self, condition: Condition) -> Totals:
        """Wait until `condition` holds of the totals; return them, or fail with what is known."""

        def look() -> Totals | None:
            totals = self.totals()
            return totals if condition(totals) else None

        try:
            totals: Totals = until(look, "the account to settle", seconds=60)
        except AssertionError as error:
            unbalanced = [str(b) for b in accounting.check(self.totals()) if not b.holds]
            raise AssertionError(f"{error}\n{unbalanced}\n{self.totals()}\n{self.said()}") from None
        return totals
