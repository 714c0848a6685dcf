"""One worker a file: an advisory lock beside the broker's file.

The embedded broker numbers messages in memory, so exactly one process may write. The lock is
`flock` on `<file>.lock`; the kernel frees it when its holder dies, by kill -9 too, so a stale
lock cannot exist and nobody ever has to delete one. The file's text is the holder's process id,
only to be able to name it. Readers (`Log(path, readonly=True)`) take no lock.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from .errors import BrokerInUse, NotWritable


class FileLock:
    """Hold the right to write the broker's file at `path`, from `acquire` to `release`."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(path.name + ".lock")
        self._broker_file = path
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock at once, or raise `BrokerInUse` naming the process that holds it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise NotWritable(
                f"cannot write {self.path}: {error.strerror}",
                hint="give this user the right to write the folder, or choose another path",
            ) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
            os.close(fd)
            pid = int(holder) if holder.isdigit() else None
            raise BrokerInUse(
                f"{self._broker_file} is in use by process {pid or 'unknown'}",
                hint="the embedded broker serves one worker: stop that one first, or use Kafka "
                "(kafka://host:9092) to run several",
                pid=pid,
            ) from error
        except OSError as error:
            os.close(fd)
            raise NotWritable(
                f"cannot lock {self.path}: {error.strerror}",
                hint="the file system offers no locks (some network mounts): keep the broker's "
                "file on a local disk",
            ) from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode("ascii"), 0)
        self._fd = fd

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        # The file stays: deleting it would let two later workers lock two different inodes.
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None
