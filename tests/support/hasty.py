"""`nightdesk run` whose clock runs fast, as a process: hours of waiting pass in seconds.

    python -m tests.support.hasty HASTE --bundle FILE

All but the clock is the real worker; what sleeps for so many seconds of it sleeps so many times less.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from agents.commands.run import apply_bundle
from agents.logs import configure_logging
from agents.runtime import Runtime
from agents.worker import run_worker
from nightdesk.clock import SystemClock
from nightdesk.settings import load_settings


class HastyClock:
    """A clock that runs `haste` times as fast from the moment on at which it was made."""

    def __init__(self, haste: float) -> None:
        self._haste, self._real = haste, SystemClock()
        self._start = self._real.now()

    def now(self) -> datetime:
        """Return the moment that it shows."""
        return self._start + self._haste * (self._real.now() - self._start)


if __name__ == "__main__":
    haste, _, bundle = sys.argv[1:]
    settings = load_settings()
    configure_logging(settings)
    runtime = Runtime(settings, clock=HastyClock(float(haste)), haste=float(haste))
    apply_bundle(runtime, Path(bundle))
    raise SystemExit(run_worker(runtime))
