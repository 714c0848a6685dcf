"""The composition root: everything that touches the world is built here, and replaced here.

Comes in: settings.  Goes out: a `Runtime` with the clocks, the archive, the encoder, the
metrics registry, the secrets and the one way to leave the event loop (`in_archive`).  Two runtimes can
live in one process.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from prometheus_client import CollectorRegistry

from nightdesk.archive.engine import Archive, open_archive
from nightdesk.clock import Clock, SystemClock, Ticks
from nightdesk.dense.loading import load_encoder
from nightdesk.errors import ConfigurationError
from nightdesk.metrics import Metrics
from nightdesk.pipeline.definitions import DefinitionsCache
from nightdesk.pipeline.push import Callbacks
from nightdesk.settings import Settings
from schemas import Secret

T = TypeVar("T")

_POSTGRESQL_THREADS = 4
_READING_THREADS = 2
_API_THREADS = 4
_SLOW = 3.0
"""Seconds after which one piece of work in the archive is worth a word."""


class Runtime:
    """What the agents and services of one worker share.

    With `haste` chores come so many times as often: for clocks that run so many times as fast.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        ticks: Ticks = time.monotonic,
        archive: Archive | None = None,
        haste: float = 1.0,
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.ticks = ticks
        self.haste = haste
        # Before anything is opened: a model that cannot be used ends the start.
        self.encoder = load_encoder(settings.dense_model) if settings.dense_model else None
        self.archive = archive or open_worker_archive(settings)
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.random = random.Random()
        self.definitions = DefinitionsCache()
        self.callbacks = (
            Callbacks(settings.public_url, self.clock.now(), lambda: secrets.token_urlsafe(32))
            if settings.public_url
            else None
        )
        threads = 1 if self.archive.dialect_name == "sqlite" else _POSTGRESQL_THREADS
        self._archive_threads = ThreadPoolExecutor(threads, thread_name_prefix="archive")
        self._reading_threads = ThreadPoolExecutor(_READING_THREADS, thread_name_prefix="reading")
        self._api_threads = ThreadPoolExecutor(_API_THREADS, thread_name_prefix="api")
        self._at_work: dict[object, float] = {}

    async def in_archive(self, work: Callable[[], T]) -> T:
        """Run `work` where the archive may be waited for, off the event loop.

        SQLite has one writer, so its work stands in one line; PostgreSQL's runs side by side.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._archive_threads, lambda: self._timed(work)
        )

    def _timed(self, work: Callable[[], T]) -> T:
        ticket = object()
        self._at_work[ticket] = self.ticks()
        try:
            return work()
        finally:
            del self._at_work[ticket]

    def archive_trouble(self) -> str:
        """Say that the archive holds its work up, or nothing while it does not.

        Told before the wait for a lock ends in an error, for that wait is long on purpose.
        """
        began = min(list(self._at_work.values()), default=None)
        seconds = 0.0 if began is None else self.ticks() - began
        if seconds < _SLOW:
            return ""
        return (
            f"the archive has been at one piece of work for {seconds:.0f} s: another program may "
            "hold it locked, or its disk is slow"
        )

    async def in_reading(self, work: Callable[[], T]) -> T:
        """Run `work`, which only reads, beside what writes: a page never waits behind a stage."""
        return await asyncio.get_running_loop().run_in_executor(self._reading_threads, work)

    async def in_api(self, work: Callable[[], T]) -> T:
        """Run an operation of the API, beside all else: who asks much of it waits for itself alone."""
        return await asyncio.get_running_loop().run_in_executor(self._api_threads, work)

    def close(self) -> None:
        """Let go of threads and database; what runs in a thread is finished first."""
        self._reading_threads.shutdown(wait=False, cancel_futures=True)
        self._api_threads.shutdown(wait=False, cancel_futures=True)
        self._archive_threads.shutdown(wait=True, cancel_futures=True)
        self.archive.close()


def read_secret(secret: Secret, of: str = "") -> str:
    """Return what a secret holds.  Raises ConfigurationError, which names `of` whom it is and where it
    stands.
    """
    whose = f"{of}: " if of else ""
    if secret.env is not None:
        value = os.environ.get(secret.env, "").strip()
        where = f"the environment variable {secret.env}"
    else:
        where = f"the file {secret.file}"
        try:
            value = Path(secret.file or "").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ConfigurationError(
                f"{whose}{where} cannot be read: {reason}",
                hint="create it, readable by the user that runs Nightdesk",
            ) from None
    if not value:
        raise ConfigurationError(
            f"{whose}{where} is empty", hint="put the secret there that the other side knows"
        )
    return value


def open_worker_archive(settings: Settings) -> Archive:
    """Open the archive of `settings` and bring its schema up to date.

    Raises ConfigurationError where the state folder cannot be made, and ArchiveError.
    """
    try:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"cannot make the state folder {settings.state_dir}: {error.strerror}",
            hint="set NIGHTDESK_STATE_DIR to a folder that you may write",
        ) from None
    archive = open_archive(
        settings.archive_url, synchronous="full" if settings.durability == "power" else "normal"
    )
    try:
        archive.migrate()
    except BaseException:
        archive.close()
        raise
    return archive
