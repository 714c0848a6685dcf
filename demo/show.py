"""The evening's programme: servers up, service up, wave after wave, account, end.

Each wave goes out when the one before has met its fate (and, on a terminal, has been seen for a
moment), and the service is ended when all accounts balance.  No step relies on time to pass;
deadlines only end what would not end by itself.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from rich.console import Console

from demo import summary
from demo.bundle import ATOM_SUBSCRIPTION, SECRET_VARIABLE, demo_bundle, to_yaml
from demo.receiver import WebhookReceiver
from demo.reports import Outlet, last_wave, load_outlets
from demo.screens import Screen, open_screen
from demo.servers import Newsstand
from demo.service import Service
from demo.snapshot import Progress, Snapshot
from demo.verdict import judge, wave_has_arrived
from demo.watch import Watcher
from nightdesk.access.scopes import feed_scope
from nightdesk.access.tokens import mint
from nightdesk.accounting import settled
from nightdesk.archive import tokens
from nightdesk.archive.engine import open_archive
from nightdesk.archive.tokens import Token
from nightdesk.clock import SystemClock
from nightdesk.errors import NightdeskError

WAVE_WITHIN = 60.0
"""Seconds for a wave to meet its fate.  On an idle machine it takes two or three."""
LOOK_EVERY = 0.2
"""Seconds between two looks at the archive."""


class DemoFailed(NightdeskError):
    """Something that should have happened did not."""


class Show:
    """One run of the demo on `console`."""

    def __init__(self, console: Console, *, keep: bool) -> None:
        self._console = console
        self._keep = keep
        self._clock = SystemClock()
        self._outlets: tuple[Outlet, ...] = load_outlets()
        self._began = time.monotonic()
        self._state = Path(tempfile.mkdtemp(prefix="nightdesk-demo-"))
        self._bundle = self._state / "bundle.yaml"

    def run(self) -> int:
        """Run the programme and return the exit code: 0 where all promises were kept."""
        needed = False
        try:
            with ExitStack() as stack:
                well = self._programme(stack)
            needed = not well
        except Exception:
            needed = True
            raise
        finally:
            if needed:
                self._console.print(f"state and log are kept in {self._state}", highlight=False)
            else:
                shutil.rmtree(self._state, ignore_errors=True)
        return 0 if well else 1

    def _programme(self, stack: ExitStack) -> bool:
        secret = secrets.token_hex(16)
        stand = stack.enter_context(Newsstand(self._outlets, self._clock))
        receiver = stack.enter_context(WebhookReceiver(secret, self._clock))
        self._bundle.write_text(to_yaml(demo_bundle(stand.servers, receiver.url)), "utf-8")
        screen = open_screen(self._console)
        service = Service(
            self._state,
            self._bundle,
            {SECRET_VARIABLE: secret},
            on_wait=lambda: screen.update(Snapshot(), self._progress(0, "starting the service")),
        )
        try:
            with screen:
                stack.enter_context(service)
                snapshot = self._waves(stand, service, screen)
            exit_code = None if self._keep else service.stop()
        except NightdeskError:
            self._tell_log(service)
            raise
        seconds = time.monotonic() - self._began
        findings = judge(self._outlets, snapshot, receiver.posts)
        summary.show(
            self._console,
            summary.told(snapshot, colour=self._console.color_system is not None),
            summary.accounts(snapshot),
            summary.promises(findings),
            summary.closing(snapshot, findings, receiver.posts, seconds),
        )
        well = settled(snapshot.totals) and all(finding.fault is None for finding in findings)
        if exit_code:
            self._console.print(f"The service ended with exit code {exit_code}, not 0", style="red")
            self._tell_log(service)
            return False
        if not self._keep:
            summary.show(self._console, summary.how_to_keep())
            return well
        token = _feed_token(service.archive_url)
        summary.show(
            self._console,
            summary.left_running(service.address, self._state, self._bundle, token),
        )
        _wait_for_ctrl_c(service)
        return well and service.stop() == 0

    def _waves(self, stand: Newsstand, service: Service, screen: Screen) -> Snapshot:
        """Release all waves, each once the one before has met its fate; return the last snapshot."""
        sources = {feed.id: outlet.name for outlet in self._outlets for feed in outlet.feeds}
        archive = open_archive(service.archive_url)
        try:
            watcher = Watcher(archive, sources)
            snapshot = Snapshot()
            for wave in range(last_wave(self._outlets) + 1):
                stand.release(wave)
                snapshot = self._until_arrived(wave, watcher, service, screen)
            return snapshot
        finally:
            archive.close()

    def _until_arrived(
        self, wave: int, watcher: Watcher, service: Service, screen: Screen
    ) -> Snapshot:
        phase = f"wave {wave} is out" if wave else "first fetch: the back catalogue"
        released = time.monotonic()
        while True:
            service.check_alive()
            snapshot = watcher.look()
            screen.update(snapshot, self._progress(wave, phase))
            awaited = wave_has_arrived(self._outlets, snapshot, wave)
            shown = time.monotonic() - released
            if awaited is None and shown >= screen.pace:
                return snapshot
            if awaited is not None and shown > WAVE_WITHIN:
                raise DemoFailed(
                    f"wave {wave} had not met its fate after {WAVE_WITHIN:g} s: {awaited}",
                    hint="the service's log above says what it was doing",
                )
            time.sleep(LOOK_EVERY)

    def _tell_log(self, service: Service) -> None:
        self._console.print("The service's log ends like this:", style="bold red")
        self._console.print(service.log_tail(), markup=False, highlight=False, soft_wrap=True)

    def _progress(self, wave: int, phase: str) -> Progress:
        seconds = time.monotonic() - self._began
        return Progress(wave, last_wave(self._outlets), seconds, phase)


def run_show(console: Console, *, keep: bool) -> int:
    """Run the demo and return its exit code.  Faults are told on `console`, with a hint."""
    stopping = _on_terminate(lambda: sys.exit(143))
    try:
        return Show(console, keep=keep).run()
    except NightdeskError as error:
        console.print(f"demo: {error}", markup=False, highlight=False, style="bold red")
        return 1
    except KeyboardInterrupt:
        console.print("demo: interrupted", highlight=False)
        return 130
    finally:
        stopping()


def _feed_token(archive_url: str) -> str:
    """Put a token that opens the demo's Atom feed into the archive, and return it."""
    minted = mint(secrets.token_bytes)
    scope = feed_scope(ATOM_SUBSCRIPTION)
    token = Token(minted.id, "demo", (scope,), "demo", SystemClock().now())
    archive = open_archive(archive_url)
    try:
        with archive.begin() as connection:
            tokens.add(connection, minted, token)
    finally:
        archive.close()
    return minted.secret


def _wait_for_ctrl_c(service: Service) -> None:
    """Return at Ctrl-C or SIGTERM.  Raises ServiceFailed where the service ends by itself."""
    stop = threading.Event()
    restore = _on_terminate(stop.set)
    try:
        while not stop.wait(LOOK_EVERY):
            service.check_alive()
    except KeyboardInterrupt:
        return
    finally:
        restore()


def _on_terminate(act: Callable[[], object]) -> Callable[[], None]:
    """Call `act` at SIGTERM; return what puts the former handler back."""

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        act()

    before = signal.signal(signal.SIGTERM, handle)

    def restore() -> None:
        signal.signal(signal.SIGTERM, before)

    return restore
