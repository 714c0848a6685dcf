"""What the web application is given: it builds nothing itself and knows no globals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from prometheus_client import CollectorRegistry

from nightdesk.archive.engine import Archive
from nightdesk.clock import Clock

if TYPE_CHECKING:
    from nightdesk.web.websub import PushDoor

T = TypeVar("T")


class InThread(Protocol):
    """Runs blocking work off the event loop."""

    async def __call__(self, work: Callable[[], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the worker that must keep hearing or moving: the canary, a stage, the dispatcher.

    `silent_for` is how long it has not; beyond `bound` it is deaf.  `trouble` says why, if it is known.
    """

    name: str
    silent_for: timedelta
    bound: timedelta
    trouble: str = ""

    @property
    def deaf(self) -> bool:
        """Whether the silence is longer than it may be."""
        return self.silent_for > self.bound


@dataclass(frozen=True, slots=True)
class WebDependencies:
    """`parts` tells how each part of the worker does, `waits_for` in words what it still lacks before it
    can work (no partitions assigned, definitions not loaded); empty when ready.

    `hosts` are the names under which the application may be called, without port; empty for any.  On a
    loopback address they keep a foreign web page from reading ours by way of a name that resolves here.
    `pushes` is for the callbacks of hubs, which call us `public_host` too; None where no feed is pushed.
    """

    archive: Archive
    registry: CollectorRegistry
    clock: Clock
    in_thread: InThread
    parts: Callable[[], Sequence[Part]]
    waits_for: Callable[[], Sequence[str]]
    hosts: tuple[str, ...] = ()
    pushes: PushDoor | None = None
    public_host: str = ""
    archive_patience: timedelta = timedelta(seconds=2)
