"""Lanes: one for each receiver, so that a slow one delays nobody but itself.

In come claimed deliveries; each is run as a task of its own, at most so many of a lane at once, and the
changes of one alert in their order.  A lane that is full is `busy`: nothing more is claimed for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from nightdesk.archive.dispatch import ReceiverName
from nightdesk.delivery.outcome import Claimed

_FEW = 2
"""What a lane holds where the whole is half full."""


@dataclass
class _Lane:
    slots: asyncio.Semaphore
    held: int = 0
    alerts: dict[str, asyncio.Lock] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)


class Lanes:
    """Runs `work` on what is added.  `at_once` bounds tries under way in a lane, `room` those and the
    ones that wait, `most` all that are held.  `on_room` is called whenever a lane is half empty again: to
    claim one by one would cost a transaction each."""

    def __init__(
        self,
        work: Callable[[Claimed], Awaitable[None]],
        *,
        at_once: int,
        room: int,
        most: int,
        on_room: Callable[[], None],
    ) -> None:
        self._work = work
        self._at_once, self._room, self._most = at_once, room, most
        self._on_room = on_room
        self._lanes: dict[ReceiverName, _Lane] = {}
        self._tasks: dict[asyncio.Task[None], Claimed] = {}

    def __len__(self) -> int:
        """How many deliveries are held, over all lanes."""
        return len(self._tasks)

    def busy(self) -> list[ReceiverName]:
        """Return the receivers for which nothing is to be claimed yet: whose lane is more than half full."""
        half = self._space() // 2
        return [name for name, lane in self._lanes.items() if lane.held > half]

    def _space(self) -> int:
        """Return how many a lane holds: few once half of all that may be held is, so that a crowd of slow
        receivers leaves something to the others."""
        return self._room if 2 * len(self._tasks) < self._most else min(self._room, _FEW)

    def add(self, claimed: Claimed) -> bool:
        """Take `claimed` into its lane and return True; return False where the lane is full."""
        name = claimed.lane
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Lane(asyncio.Semaphore(self._at_once))
        if lane.held >= self._space():
            return False
        lane.held += 1
        alert = claimed.delivery.alert
        lane.waiting[alert] = lane.waiting.get(alert, 0) + 1
        order = lane.alerts.setdefault(alert, asyncio.Lock())
        task = asyncio.create_task(self._run(lane, order, claimed), name=f"deliver-{name[1]}")
        self._tasks[task] = claimed
        task.add_done_callback(lambda done: self._leave(done, name, lane))
        return True

    async def cancel(self) -> list[Claimed]:
        """Cancel everything; return what was held, tried or not."""
        tasks = dict(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            # A channel that catches its cancellation must not hold up the end of the worker.
            await asyncio.wait(tasks, timeout=0.2)
        return list(tasks.values())

    async def _run(self, lane: _Lane, order: asyncio.Lock, claimed: Claimed) -> None:
        # Both are first come, first served, and in this order: a change that waits for the one
        # before it takes no slot.
        async with order, lane.slots:
            await self._work(claimed)

    def _leave(self, task: asyncio.Task[None], name: ReceiverName, lane: _Lane) -> None:
        claimed = self._tasks.pop(task)
        alert = claimed.delivery.alert
        lane.waiting[alert] -= 1
        if not lane.waiting[alert]:
            del lane.waiting[alert], lane.alerts[alert]
        lane.held -= 1
        if not lane.held:
            self._lanes.pop(name, None)
        if lane.held == self._space() // 2:
            self._on_room()
