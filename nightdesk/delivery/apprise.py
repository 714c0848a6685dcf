"""The Apprise channel: chat and push services by the hundred, each by an address that holds its token.

Comes in: a notice, the receiver as declared.  Goes out: a title and a text, handed to a process of its own
(`nightdesk.delivery.apprise_sender`), where Apprise can neither block nor leak nor grow here.  Neither the
address nor what Apprise says of it is ever logged or kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from typing import Any

from nightdesk.delivery.errors import (
    ReceiverBusy,
    ReceiverRefused,
    ReceiverTimedOut,
    ReceiverUnreachable,
)
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.reach import never_told, private
from nightdesk.delivery.secrets import Secrets, reveal
from nightdesk.delivery.templates import Templates
from schemas.receivers import AppriseReceiver

_LONGEST = 20_000
"""Characters of a text: what services take is far less, and Apprise parts it."""


class AppriseChannel:
    """Sends through one helper process, which is started with the first delivery."""

    def __init__(self, *, secrets: Secrets, templates: Templates) -> None:
        self._secrets, self._templates = secrets, templates
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._helper: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def close(self) -> None:
        """End the helper; what it has under way is abandoned."""
        if self._listening is not None:
            self._listening.cancel()
        if self._helper is not None and self._helper.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._helper.kill()
            await self._helper.wait()
        self._helper = None

    async def deliver(self, notice: Notice, receiver: AppriseReceiver) -> str:
        """Send once.  Raises the errors of `nightdesk.delivery.errors`."""
        address = reveal(self._secrets, receiver.address, f"apprise {receiver.name}")
        worded = await asyncio.to_thread(self._templates.word, notice, receiver.wording)
        seconds = receiver.timeout.total_seconds()
        request = {
            "address": address,
            "title": worded.subject,
            "body": worded.text[:_LONGEST],
            "seconds": seconds,
            "allow_private": receiver.allow_private,
        }
        try:
            # The helper's own timer goes off first; this one is for the helper itself.
            async with asyncio.timeout(seconds + 2):
                told = await self._ask(request)
        except TimeoutError:
            told = {"outcome": "late"}
        _judge(told, receiver, seconds)
        return worded.remark

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        helper = await self._running()
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            assert helper.stdin is not None
            helper.stdin.write(json.dumps({"id": number, **request}).encode() + b"\n")
            await helper.stdin.drain()
            return await answer
        except ConnectionError:
            return {"outcome": "broke"}
        finally:
            del self._waiting[number]

    async def _running(self) -> asyncio.subprocess.Process:
        async with self._starting:
            if self._helper is None or self._helper.returncode is not None:
                self._helper = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "nightdesk.delivery.apprise_sender",
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    # A Ctrl-C on the worker's terminal is the worker's to tell it of.
                    start_new_session=True,
                )
                self._listening = asyncio.create_task(self._listen(self._helper))
            return self._helper

    async def _listen(self, helper: asyncio.subprocess.Process) -> None:
        assert helper.stdout is not None
        async for line in helper.stdout:
            with contextlib.suppress(ValueError):
                told = json.loads(line)
                answer = self._waiting.get(told.pop("id"))
                if answer is not None and not answer.done():
                    answer.set_result(told)
        await helper.wait()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result({"outcome": "broke"})


def _judge(told: dict[str, Any], receiver: AppriseReceiver, seconds: float) -> None:
    """Raise what the helper's answer means.  No word of it names the address."""
    service = str(told.get("service") or "the service")
    match told["outcome"]:
        case "sent":
            return
        case "unknown":
            raise ReceiverRefused(
                f"Apprise knows no service of the address of receiver {receiver.name}",
                hint="its address must be one of Apprise's forms, as tgram://… or slack://…",
            )
        case "private":
            who = f"{service} of receiver {receiver.name}"
            raise never_told(who) if receiver.allow_private else private(who)
        case "late":
            raise ReceiverTimedOut(
                f"{service} did not take it within {seconds:g} s",
                hint="it is slow, or cannot be reached",
            )
        case "failed":
            code = f" (error {told['code']})" if told.get("code") else ""
            raise ReceiverBusy(
                f"{service} did not take it{code}",
                hint="check the token in the receiver's address, and that the service can be reached",
            )
    raise ReceiverUnreachable(
        "the process that speaks through Apprise broke off",
        hint="the service may have sent more than there is room for; it is tried again",
    )
