"""A chore: what one worker of all does now and then, apart from the stages.

Comes in: how often, by the settings.  Goes out: what the chore itself does, with the archive.  It is done by
the owner of the first partition of `heartbeats`; in a rebalance two may do it at once, so it must come to
the same.  An archive that is away puts it off, and no failure of a chore ends the worker.
"""

from __future__ import annotations

from abc import abstractmethod

import structlog
from mode import Service

from agents.heartbeat import Canary
from agents.runtime import Runtime
from nightdesk.errors import ArchiveError

log = structlog.get_logger(__name__)

_OWNER = 0
_FIRST_AFTER = 60.0


class Chore(Service):
    """One for each worker; it is done while its worker owns the partition.  `named` is for the log."""

    abstract = True
    named: str

    def __init__(self, runtime: Runtime, canary: Canary) -> None:
        super().__init__()
        self._runtime = runtime
        self._canary = canary

    @abstractmethod
    def every(self) -> float | None:
        """Return the seconds from one time to the next; None where it is never to be done."""

    @abstractmethod
    async def do(self) -> None:
        """Do it once, if there is something to do."""

    @Service.task
    async def _keep_doing(self) -> None:
        every = self.every()
        if every is None:
            return
        haste = self._runtime.haste
        await self.sleep(_FIRST_AFTER / haste)
        while not self.should_stop:
            if _OWNER in self._canary.owned():
                try:
                    await self.do()
                except ArchiveError as error:
                    log.warning(
                        f"{self.named}_waits_for_archive", error=error.message, hint=error.hint
                    )
                except Exception:
                    # No stage waits for it: what fails here must never end the worker.
                    log.exception(f"{self.named}_failed")
            await self.sleep(every / haste)
