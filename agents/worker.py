"""Runs one worker until a signal, a crash, or an error at the start; then stops it within bounds.

The first SIGINT or SIGTERM stops the worker cleanly; further ones change nothing, for a stop under way
is already as quick as it can be clean.  A stop that takes too long is cut short: what a kill -9 cannot
lose, this cannot lose either.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import threading
from typing import Any

import structlog

from agents.app import NightdeskApp
from agents.runtime import Runtime

log = structlog.get_logger(__name__)

STOP_WITHIN = 4.5
"""Seconds from the signal to the end of the process, at the most."""


def run_worker(runtime: Runtime) -> int:
    """Run a worker to its end and return its exit code.

    Raises NightdeskError and BrokerError, from the start or from what ended the worker later, for the
    caller to show.
    """
    _return_memory()
    try:
        return asyncio.run(_run(runtime))
    finally:
        runtime.close()


async def _run(runtime: Runtime) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal(name: str) -> None:
        if not stop.is_set():
            log.info("stopping", signal=name)
            _cut_short_after(STOP_WITHIN)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number.name)
    app = NightdeskApp(runtime)
    starting = asyncio.create_task(app.start())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            crashed = asyncio.create_task(app.wait_until_stopped())
            await asyncio.wait({crashed, stopping}, return_when=asyncio.FIRST_COMPLETED)
            crashed.cancel()
    finally:
        stopping.cancel()
        starting.cancel()
        await app.stop()
        _close_unused_loop(app)
    if app.crash_reason is not None:
        if getattr(app.crash_reason, "hint", ""):
            raise app.crash_reason
        log.error("crashed", exc_info=app.crash_reason)
        return 1
    log.info("stopped")
    return 0


def _close_unused_loop(app: NightdeskApp) -> None:
    """Close the event loop of a consumer's thread that never began.

    Mode makes the loop with the thread's object and closes it when the thread ends; a start that fails
    before then leaves it to the end of the process, where Python may tell of it in a traceback.
    """
    thread: Any = getattr(app._consumer, "_thread", None)
    loop = getattr(thread, "thread_loop", None)
    if loop is not None and not loop.is_running() and not thread._thread_started.is_set():
        loop.close()


def _cut_short_after(seconds: float) -> None:
    def leave() -> None:
        sys.stderr.write("nightdesk: not stopped in time; leaving now. Nothing is lost.\n")
        sys.stderr.flush()
        os._exit(0)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def _return_memory() -> None:
    """Have glibc give freed buffers back: a worker runs for months, and batches come in bursts.

    The constants are of `mallopt(3)`: few arenas, and a fixed threshold above which a buffer is mapped on
    its own, where the default grows with use.  Elsewhere than on glibc nothing is done.
    """
    arena_max, mmap_threshold, trim_threshold = -8, -3, -1
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for option, value in ((arena_max, 2), (mmap_threshold, 65_536), (trim_threshold, 131_072)):
        mallopt(option, value)
