"""The process in which Apprise sends, apart from the worker: `python -m nightdesk.delivery.apprise_sender`.

Comes in: one JSON object a line on standard input.  Goes out: one a line on standard output, by the same
`id`. Apprise is imported once; each message is sent by a fork, which ends with it, or is ended: by a
timer, or by a bound on its memory, so that a service that hangs or floods holds up and costs nobody else.
A fork connects to public addresses alone, or to private ones too where that is allowed, and never to where
clouds keep their metadata: an audit hook sees each socket as it connects, whatever a name said before or a
redirect says now.  What Apprise logs (addresses, with their
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

from nightdesk.feeds.addresses import IpAddress, why_never, why_refused

MAX_MEMORY = 256 * 1024 * 1024
"""What a fork may take beyond what Apprise takes by itself."""
_TALKS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOCAL = frozenset({"syslog.openlog", "syslog.syslog", "subprocess.Popen", "os.exec", "os.system"})
"""What services of this machine itself do, which no desk means that was not told so."""
_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})
_CODE = re.compile(r"error=(\d{1,3})\b")


class _Guard:
    """Refuses the process the way to addresses that are not public, and to services of this machine; where it
    is `allowed` those, only to addresses that nothing is ever sent to."""

    def __init__(self, *, allowed: bool) -> None:
        self.refused = False
        self._allowed = allowed

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _TALKS:
            sock, address = (*arguments, None)[:2]
            # A look-up of a name asks this machine's own resolver, by sockets that Python does not see.
            if address is None or self._passes(sock, address):
                return
        elif self._allowed or event not in _LOCAL:
            return
        self.refused = True
        raise PermissionError("refused: not an address that may be told")

    def _passes(self, sock: socket.socket, address: Any) -> bool:
        if not self._allowed:
            return _is_public(address)
        if sock.family not in _INTERNET:
            return True
        return not any(why_never(one) for one in _addresses(sock, address[0]))


def _is_public(address: Any) -> bool:
    if not isinstance(address, tuple) or not address:
        return False
    try:
        return why_refused(ip_address(str(address[0]))) is None
    except ValueError:
        return False


def _addresses(sock: socket.socket, host: str | bytes) -> list[IpAddress]:
    """Return where `host` leads: services of this machine are called by name too.  Raises OSError."""
    name = host if isinstance(host, str) else bytes(host).decode("ascii", "replace")
    try:
        return [ip_address(name)]
    except ValueError:
        found = socket.getaddrinfo(name, None, sock.family, sock.type)
        return [ip_address(str(item[4][0])) for item in found]


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

    codes, guard = _Codes(), _Guard(allowed=request["allow_private"])
    logging.getLogger("apprise").addHandler(codes)
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
    # A name may lead to several addresses, and one that is refused leaves the others.
    outcome = "sent" if sent else "private" if guard.refused else "failed"
    return {"outcome": outcome, "service": name, "code": codes.last}


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
