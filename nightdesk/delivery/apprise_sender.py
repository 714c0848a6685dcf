"""The process in which Apprise sends, apart from the worker: `python -m nightdesk.delivery.apprise_sender`.

Comes in: one JSON object a line on standard input.  Goes out: one a line on standard output, by the same
`id`. Apprise is imported once; each message is sent by a fork, which ends with it, or is ended: by a
timer, or by a bound on its memory, so that a service that hangs or floods holds up and costs nobody else.
A fork connects to public addresses alone, unless it is allowed more: an audit hook sees each socket as it
connects, whatever a name said before or a redirect says now.  What Apprise logs (addresses, with their
tokens) stays here; of a failure only its number is told.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import resource
import signal
import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from nightdesk.feeds.addresses import why_refused

MAX_MEMORY = 256 * 1024 * 1024
"""What a fork may take beyond what Apprise takes by itself."""
_TALKS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOCAL = frozenset({"syslog.openlog", "syslog.syslog", "subprocess.Popen", "os.exec", "os.system"})
"""What services of this machine itself do, which no desk means that was not told so."""
_CODE = re.compile(r"error=(\d{1,3})\b")


class _Guard:
    """Refuses the process the way to addresses that are not public, and to services of this machine."""

    def __init__(self) -> None:
        self.refused = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _TALKS:
            address = arguments[1] if len(arguments) > 1 else None
            # A look-up of a name asks this machine's own resolver, by sockets that Python does not see.
            if address is None or _is_public(address):
                return
        elif event not in _LOCAL:
            return
        self.refused = True
        raise PermissionError("refused: not a public address")


def _is_public(address: Any) -> bool:
    if not isinstance(address, tuple) or not address:
        return False
    try:
        return why_refused(ip_address(str(address[0]))) is None
    except ValueError:
        return False


class _Codes(logging.Handler):
    """Keeps the numbers of what Apprise says has failed, and not a word of it."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(Exception):
            if found := _CODE.search(record.getMessage()):
                self.last = found[1]


def send(request: dict[str, Any]) -> dict[str, Any]:
    """Send one message; return how that ended."""
    import apprise

    codes, guard = _Codes(), _Guard()
    logging.getLogger("apprise").addHandler(codes)
    if not request["allow_private"]:
        sys.addaudithook(guard)
    service = apprise.Apprise.instantiate(request["address"], suppress_exceptions=True)
    if service is None:
        return {"outcome": "private" if guard.refused else "unknown"}
    service.overflow_mode = apprise.OverflowMode.SPLIT
    name = str(getattr(service, "service_name", "") or "")[:60]
    desk = apprise.Apprise()
    desk.add(service)
    sent = desk.notify(
        body=request["body"], title=request["title"], body_format=apprise.NotifyFormat.TEXT
    )
    if guard.refused:
        return {"outcome": "private", "service": name}
    return {"outcome": "sent" if sent else "failed", "service": name, "code": codes.last}


def _in_fork(request: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    signal.setitimer(signal.ITIMER_REAL, request["seconds"])
    socket.setdefaulttimeout(request["seconds"])
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MAX_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        told = send(request)
    except BaseException as error:
        told = {"outcome": "broke", "code": type(error).__name__}
    _tell(request["id"], told)


def _tell(id_: int, told: dict[str, Any]) -> None:
    # One write of less than a page: those of several forks never mix.
    os.write(1, json.dumps({"id": id_, **told}).encode() + b"\n")


def main() -> None:
    """Serve until standard input ends, as it does when the worker is gone."""
    import apprise  # noqa: F401 - once, for all forks

    quiet = logging.getLogger("apprise")
    quiet.propagate = False
    logging.getLogger().addHandler(logging.NullHandler())
    logging.disable(logging.INFO)
    under_way: dict[int, int] = {}

    def reap(*_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                id_ = under_way.pop(pid, None)
                if id_ is not None and status:
                    late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
                    _tell(id_, {"outcome": "late" if late else "broke"})

    signal.signal(signal.SIGCHLD, reap)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        request = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        pid = os.fork()
        if not pid:
            try:
                _in_fork(request)
            finally:
                os._exit(0)
        under_way[pid] = request["id"]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


if __name__ == "__main__":
    main()
