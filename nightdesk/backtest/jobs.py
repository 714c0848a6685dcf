"""Back-tests as jobs: one at a time, a few waiting, the last results kept; all of it in memory.

Comes in: what to try, as a function that is told whether to go on.  Goes out: how far each job is, and what
came of it.  A job is lost with the process: it wrote nothing, and can be asked for again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from nightdesk.clock import Clock
from nightdesk.errors import NightdeskError
from nightdesk.ids import content_id

_WAITING, _KEPT = 4, 20


class JobState(StrEnum):
    """How a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True)
class Job:
    """A back-test: `read` of `total` reports are judged.  `trouble` says why it failed."""

    id: str
    storyline: str
    author: str
    state: JobState
    asked_at: datetime
    ended_at: datetime | None = None
    read: int = 0
    total: int = 0
    result: dict[str, Any] | None = field(default=None, repr=False)
    trouble: str = ""


class Cancelled(Exception):
    """Somebody does not want to know any more."""


class NoRoom(NightdeskError):
    """As many jobs wait as may."""


Progress = Callable[[int, int], None]
"""Is told how many reports of how many are judged.  Raises Cancelled."""


class Jobs:
    """The back-tests of one process.  Safe from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._asked = 0
        self._thread: ThreadPoolExecutor | None = None

    def start(self, storyline: str, author: str, work: Callable[[Progress], dict[str, Any]]) -> Job:
        """Have `work` done as soon as may be.  Raises NoRoom."""
        with self._lock:
            waiting = sum(not job.state.over for job in self._jobs.values())
            if waiting > _WAITING:
                raise NoRoom(
                    f"{waiting} back-tests are under way or wait",
                    hint="wait for one of them, or cancel one",
                )
            self._asked += 1
            now = self._clock.now()
            name = content_id("backtest", self._asked, now.isoformat(), storyline)
            job = Job(name, storyline, author, JobState.WAITING, now)
            self._jobs[name] = job
            self._forget()
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="backtest")
            self._thread.submit(self._run, name, work)
        return job

    def get(self, name: str) -> Job | None:
        """Return a job, None where there is none of that id (any more)."""
        with self._lock:
            return self._jobs.get(name)

    def every(self) -> list[Job]:
        """Return all jobs that are remembered, the one last asked for first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def cancel(self, name: str) -> bool:
        """End a job, or forget one that is over.  False where there is none."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None:
                return False
            if job.state.over:
                del self._jobs[name]
            else:
                self._set(name, state=JobState.CANCELLED, ended_at=self._clock.now())
            return True

    def close(self) -> None:
        """Cancel all that is under way, and wait for nothing."""
        for job in self.every():
            if not job.state.over:
                self.cancel(job.id)
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _run(self, name: str, work: Callable[[Progress], dict[str, Any]]) -> None:
        def progress(read: int, total: int) -> None:
            with self._lock:
                job = self._jobs.get(name)
                if job is None or job.state.over:
                    raise Cancelled
                self._set(name, read=read, total=total, state=JobState.RUNNING)

        try:
            progress(0, 0)
            result = work(progress)
        except Cancelled:
            return
        except NightdeskError as error:
            self._end(name, state=JobState.FAILED, trouble=error.message)
        except Exception as error:
            # A fault of ours must not take the thread, nor tell what it stumbled on.
            self._end(name, state=JobState.FAILED, trouble=f"a fault: {type(error).__name__}")
        else:
            self._end(name, state=JobState.DONE, result=result)

    def _end(self, name: str, **changes: Any) -> None:
        with self._lock:
            job = self._jobs.get(name)
            if job is not None and not job.state.over:
                self._set(name, ended_at=self._clock.now(), **changes)

    def _set(self, name: str, **changes: Any) -> None:
        self._jobs[name] = replace(self._jobs[name], **changes)

    def _forget(self) -> None:
        over = [name for name, job in self._jobs.items() if job.state.over]
        for name in over[: max(0, len(self._jobs) - _KEPT)]:
            del self._jobs[name]
