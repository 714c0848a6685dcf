"""A real PostgreSQL of our own for tests: in a temporary folder, on a free port of 127.0.0.1.

    with PostgreSQL() as server:
        server.create_database()    # a URL; each test has a database to itself

By hand: `python -m tests.support.postgresql start` prints a URL and leaves the server running;
`… stop` ends it.  The system's own service is never touched.  As root the server runs as the user
`postgres`, since it refuses to run as root.  Nothing is written through to the disk: it is a test's.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.programs import end_by_pid, free_port
from tests.support.waiting import first_true

_NOTE = Path(tempfile.gettempdir()) / f"nightdesk-postgresql-{os.getuid()}.json"
_READY_SECONDS = 30.0
_ENDS_WITHIN = 20.0
_FAST = signal.SIGINT
"""Fast shutdown: open transactions are rolled back."""

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "autovacuum": "off",
    "logging_collector": "off",
}


class NoPostgreSQL(Exception):
    """There is no server to start here; the message says why."""


class PostgreSQL:
    """One server.  Starts on entering, and is stopped and removed on leaving."""

    def __init__(self) -> None:
        self.port = 0
        self.pid = 0
        self.folder = Path()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL of the server's first database."""
        return self._url("postgres")

    def _url(self, database: str) -> str:
        return f"postgresql://nightdesk:secret@127.0.0.1:{self.port}/{database}"

    def start(self) -> Self:
        """Start, and return once it answers.  Raises NoPostgreSQL."""
        programs = _programs()
        self.folder = Path(tempfile.mkdtemp(prefix="nightdesk-postgresql-"))
        password = self.folder / "password"
        password.write_text("secret\n")
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            for path in (self.folder, password):
                os.chown(path, user.pw_uid, user.pw_gid)
        data = self.folder / "data"
        _run(
            f"{programs}/initdb -D {data} -U nightdesk -E UTF8 --locale=C.UTF-8 --no-sync "
            f"-A scram-sha-256 --pwfile={password}".split()
        )
        self.port = free_port()
        options = [text for k, v in _SETTINGS.items() for text in ("-c", f"{k}={v}")]
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [
                    *_as_postgres(),
                    *f"{programs}/postgres -D {data} -p {self.port}".split(),
                    *options,
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )
        self._wait(data)
        return self

    def create_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self._url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database that `create_database` made, whoever is connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        """Run one statement in the server's first database."""
        import pg8000.native

        conn = pg8000.native.Connection(
            "nightdesk", host="127.0.0.1", port=self.port, password="secret", database="postgres"
        )
        try:
            conn.run(statement)
        finally:
            conn.close()

    def stop(self) -> None:
        """Stop the server, by its pid, and remove its folder."""
        if self.pid:
            end_by_pid(self.pid, _FAST, within=_ENDS_WITHIN)
        if self._server is not None:
            self._server.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self, data: Path) -> None:
        status = data / "postmaster.pid"
        assert self._server is not None

        def pid() -> int:
            lines = status.read_text().splitlines() if status.exists() else []
            return int(lines[0]) if len(lines) >= 8 and lines[7].strip() == "ready" else 0

        if found := first_true(pid, _READY_SECONDS, while_runs=self._server):
            self.pid = found
            return
        log = (self.folder / "log").read_text(errors="replace")[-2_000:]
        self._server.kill()
        self._server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        raise RuntimeError(f"PostgreSQL did not start:\n{log}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def why_absent() -> str | None:
    """Return why no server can be started here; None where one can."""
    try:
        import pg8000  # noqa: F401

        _programs()
        if os.getuid() == 0:
            pwd.getpwnam("postgres")
            _as_postgres()
    except ImportError:
        return "the driver is not installed: pip install 'nightdesk[postgresql]'"
    except KeyError:
        return "no user `postgres`, as whom root could run the server"
    except NoPostgreSQL as error:
        return str(error)
    return None


def _programs() -> Path:
    """The folder of the newest server's programs, as Debian lays them out, else from PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3])
    )
    if found:
        return found[-1].parent
    if there := shutil.which("postgres"):
        return Path(there).resolve().parent
    raise NoPostgreSQL("no PostgreSQL server is installed: apt-get install postgresql")


def _as_postgres() -> list[str]:
    if os.getuid() != 0:
        return []
    if setpriv := shutil.which("setpriv"):
        return [setpriv, "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    if runuser := shutil.which("runuser"):
        return [runuser, "-u", "postgres", "--"]
    raise NoPostgreSQL("neither setpriv nor runuser is here to run the server as `postgres`")


def _run(command: list[str]) -> None:
    done = subprocess.run([*_as_postgres(), *command], capture_output=True, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr.decode(errors='replace')}")


def _main(words: list[str]) -> int:
    if words == ["start"]:
        if reason := why_absent():
            print(reason, file=sys.stderr)
            return 1
        server = PostgreSQL().start()
        _NOTE.write_text(json.dumps({"pid": server.pid, "folder": str(server.folder)}))
        print(server.url)
        return 0
    if words == ["stop"]:
        if not _NOTE.exists():
            print("no server of ours runs", file=sys.stderr)
            return 1
        note = json.loads(_NOTE.read_text())
        end_by_pid(note["pid"], _FAST, within=_ENDS_WITHIN)
        shutil.rmtree(note["folder"], ignore_errors=True)
        _NOTE.unlink()
        return 0
    print("usage: python -m tests.support.postgresql start|stop", file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv[1:]))
