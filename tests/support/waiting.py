"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

_LOOK_EVERY = 0.05

T = TypeVar("T")


async def until(condition: Callable[[], T], seconds: float = 30.0) -> T:
    """Return the first true value of `condition`; fail the test where there is none within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while not (value := condition()):
                await asyncio.sleep(0.002)
            return value
    except TimeoutError:
        raise AssertionError(f"did not come true within {seconds:g} s: {condition}") from None


def first_true(
    look: Callable[[], T], seconds: float, *, while_runs: subprocess.Popen[bytes] | None = None
) -> T | None:
    """Look again and again, blocking; return the first true value, or a false one once `seconds` are over or
    the process has ended."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while while_runs is None or while_runs.poll() is None:
        value = look()
        if value or time.monotonic() > deadline:
            return value
        pause.wait(_LOOK_EVERY)
    return None
