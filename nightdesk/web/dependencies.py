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
    from contextlib import ExitStack

    from nightdesk.dense.encoder import Encoder
    from nightdesk.metrics import Metrics
    from nightdesk.pipeline.definitions import DefinitionsCache
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
class ApiOptions:
    """How much the API takes: requests a minute of one token, of one address without a token, and wrong
    tokens of one address; from which web pages (`origins`) browsers may ask; bodies in bytes, and how long
    (seconds) one may take; readers of events in all and of one token, how many events may wait for a slow
    one, how often the archive is looked at for them, and how long they hear nothing.
    """

    requests_per_minute: int = 600
    strangers_per_minute: int = 60
    failures_per_minute: int = 20
    origins: tuple[str, ...] = ()
    largest_body: int = 1_000_000
    body_seconds: float = 20.0
    event_clients: int = 50
    event_clients_of_one: int = 10
    event_buffer: int = 200
    look_every: float = 1.0
    heartbeat_every: float = 15.0


@dataclass(frozen=True, slots=True)
class WebDependencies:
    """`parts` tells how each part of the worker does, `waits_for` in words what it still lacks before it
    can work (no partitions assigned, definitions not loaded); empty when ready.

    `hosts` are the names under which the application may be called, without port; empty for any.  On a
    loopback address they keep a foreign web page from reading ours by way of a name that resolves here.
    `pushes` is for the callbacks of hubs, which call us `public_host` too; None where no feed is pushed.

    `in_thread` runs what reads for the page and for health, `in_writing` what writes, `in_api` the operations
    of the API (all the same where they are None): who asks much of the API holds up neither of the others.
    `notes` says in words what is left out here, and is no fault.  `scratch` makes an empty archive that is
    gone with a stack, for back-tests; None where none are to be had.  `definitions` is where the process
    keeps what is in force; the API keeps its own where it is None.
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
    in_writing: InThread | None = None
    in_api: InThread | None = None
    api: ApiOptions = ApiOptions()
    notes: tuple[str, ...] = ()
    metrics: Metrics | None = None
    scratch: Callable[[ExitStack], Archive] | None = None
    encoder: Encoder | None = None
    definitions: DefinitionsCache | None = None

    async def writing(self, work: Callable[[], T]) -> T:
        """Run `work`, which writes to the archive, off the event loop."""
        return await (self.in_writing or self.in_thread)(work)

    async def working(self, work: Callable[[], T]) -> T:
        """Run an operation of the API, off the event loop."""
        return await (self.in_api or self.in_thread)(work)
