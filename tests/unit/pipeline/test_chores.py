"""A chore is done now and then by the worker that owns it, and no failure of it ends the worker."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from agents.chores import Chore
from agents.emerging import Lookout
from agents.learning import Learner
from agents.timekeeper import Timekeeper
from nightdesk.errors import ArchiveError


class Sweeping(Chore):
    """It fails as it is told, and its rounds are counted instead of waited for."""

    named = "sweeper"

    def __init__(self, every: float | None, owned: Iterable[int], *fails: Exception | None) -> None:
        canary: Any = SimpleNamespace(owned=lambda: frozenset(owned))
        super().__init__(SimpleNamespace(haste=1.0), canary)  # type: ignore[arg-type]
        self.seconds = every
        self.fails = list(fails)
        self.done = 0
        self.slept: list[float] = []

    def every(self) -> float | None:
        return self.seconds

    async def do(self) -> None:
        self.done += 1
        failure = self.fails.pop(0) if self.fails else None
        if failure is not None:
            raise failure

    async def sleep(self, n: Any, *, loop: Any = None) -> None:
        self.slept.append(n)
        if len(self.slept) > 4:
            self._stopped.set()

    async def live(self) -> Sweeping:
        for task in self._get_tasks():
            if task.fun.__name__ == "_keep_doing":
                await task(self)
        return self


async def test_the_owner_does_it_whatever_fails() -> None:
    away = ArchiveError("the archive is away", hint="wait")
    chore = await Sweeping(7.0, {0, 3}, away, ValueError("odd"), None).live()
    assert chore.done == 4
    assert chore.slept == [60.0, 7.0, 7.0, 7.0, 7.0]


async def test_others_only_look_whether_they_own_it() -> None:
    chore = await Sweeping(7.0, {1, 2}).live()
    assert chore.done == 0
    assert len(chore.slept) == 5


async def test_what_is_never_to_be_done_is_not_waited_for() -> None:
    chore = await Sweeping(None, {0}).live()
    assert (chore.done, chore.slept) == (0, [])


@pytest.mark.parametrize("kind", [Lookout, Learner, Timekeeper])
def test_every_chore_of_a_worker_is_kept(kind: type[Chore]) -> None:
    some: Any = SimpleNamespace()
    assert "_keep_doing" in {task.fun.__name__ for task in kind(some, some)._get_tasks()}
