"""The file channel: one JSON line a change at the end of a file, or one page an alert in a folder.

Comes in: a notice, the receiver as declared.  Goes out: `lines`: the event that a webhook gets, as one
line, appended with one write and synced; a delivery that stands near the end of the file already is not
written twice.  `pages`: a text for each alert, written beside and moved into place, so that readers see
the old page or the new one.  Links are not followed: where one stands in the way, somebody set a trap or a
mistake.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from nightdesk.delivery.errors import ReceiverUnreachable
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.templates import Templates
from nightdesk.delivery.webhook import event
from nightdesk.delivery.wording import one_line
from schemas.receivers import FileReceiver

TAIL = 1024 * 1024
"""Bytes at the end of a file in which a delivery is looked for: what a crash repeats is seconds old."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class FileChannel:
    """Writes to files of the machine that the worker runs on."""

    def __init__(self, *, templates: Templates) -> None:
        self._templates = templates
        self._turns: dict[str, asyncio.Lock] = {}

    async def deliver(self, notice: Notice, receiver: FileReceiver) -> str:
        """Write once.  Raises ReceiverUnreachable where it cannot: somebody may mend that."""
        # Of one file one at a time: each looks for its own id before it writes.
        turn = self._turns.setdefault(receiver.path, asyncio.Lock())
        async with turn:
            return await asyncio.to_thread(self._write, notice, receiver)

    def _write(self, notice: Notice, receiver: FileReceiver) -> str:
        try:
            if receiver.form == "lines":
                _append(Path(receiver.path), notice)
                return ""
            return self._pages(Path(receiver.path), notice, receiver)
        except OSError as error:
            raise _explain(error, receiver) from error

    def _pages(self, folder: Path, notice: Notice, receiver: FileReceiver) -> str:
        remark = ""
        # A page tells of its alert alone; why several came together is told on each.
        delivery = notice.delivery.model_copy(update={"also": ()})
        for alert in notice.alerts:
            alone = Notice(delivery, alert, title=notice.title)
            worded = self._templates.word(alone, receiver.wording)
            remark = worded.remark or remark
            _replace(folder, page_name(alert.id), f"{worded.subject}\n\n{worded.text}".encode())
        return remark


def page_name(alert: str) -> str:
    """Return the file's name of an alert: nothing in it leads anywhere."""
    return f"{_UNSAFE.sub('_', alert).lstrip('.')[:120] or 'alert'}.txt"


def _append(path: Path, notice: Notice) -> None:
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(path, flags, 0o640)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        size = found.st_size
        tail = os.pread(descriptor, TAIL, max(0, size - TAIL))
        # An id is ours, and stands at this place of a line of ours alone.
        if b'"id":"%b","source"' % notice.delivery.id.encode() in tail:
            return
        # A line that a full disk cut short is closed first, or it would spoil ours too.
        start = b"\n" if tail and not tail.endswith(b"\n") else b""
        _write_all(descriptor, start + event(notice) + b"\n", size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes, size: int) -> None:
    written = os.write(descriptor, data)
    if written < len(data):
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _replace(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / name).is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    beside = folder / f".{name}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with _removed_unless_moved(beside):
        descriptor = os.open(beside, flags, 0o640)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(folder / name)


@contextlib.contextmanager
def _removed_unless_moved(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _explain(error: OSError, receiver: FileReceiver) -> ReceiverUnreachable:
    said = error.strerror or str(error)
    hint = {
        errno.ELOOP: "a symbolic link stands there, and none is followed: give the real path",
        errno.EACCES: "let the user that runs Nightdesk write there",
        errno.EPERM: "let the user that runs Nightdesk write there",
        errno.ENOENT: "make the folder that it is to stand in",
        errno.ENOSPC: "make room on the disk",
    }.get(error.errno or 0, "correct the receiver's `path`")
    return ReceiverUnreachable(
        f"cannot write to {one_line(receiver.path, 200)}: {one_line(said, 200)}", hint=hint
    )
