"""Makes PostgreSQL connections ours: zone, bounds of their waits, and an end to leaking socket errors."""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import cache
from typing import Any

_STATEMENT_SECONDS = 60
"""No statement of ours takes longer; one that does is cut short by the server."""


def connect(*arguments: Any, **named: Any) -> Any:
    """Return a new connection of pg8000 which tells of a broken socket as of any other error."""
    return _connection_class()(*arguments, **named)


@cache
def _connection_class() -> type[Any]:
    from pg8000.exceptions import InterfaceError  # type: ignore[import-untyped]
    from pg8000.legacy import Connection  # type: ignore[import-untyped]

    class GuardedConnection(Connection):  # type: ignore[misc]
        """pg8000 raises InterfaceError where writing fails, but lets OSError through where reading does."""

        def handle_messages(self, context: Any) -> Any:
            try:
                return super().handle_messages(context)
            except OSError as error:
                raise InterfaceError(f"network error: {error}") from error

        def close(self) -> None:
            with suppress(
                InterfaceError
            ):  # The server is gone already: there is no goodbye to say.
                super().close()

    return GuardedConnection


def prepare_server(connection: Any, lock_timeout: float) -> None:
    """Set what PostgreSQL keeps per session; `lock_timeout` in seconds.  Raises the driver's errors."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false), "
        "set_config('idle_in_transaction_session_timeout', '120s', false), "
        "set_config('timezone', 'UTC', false)",
        (f"{int(lock_timeout * 1000)}ms", f"{_STATEMENT_SECONDS}s"),
    )
    # Documents are compressed by lz4 where the server can: several times quicker than its default.
    cursor.execute(
        "SELECT set_config(name, 'lz4', false) FROM pg_settings "
        "WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
    )
    cursor.close()
    connection.commit()
    wire: socket.socket = connection._usock
    # Ten seconds bound the connecting; from here a silent network must outlast any honest statement.
    wire.settimeout(_STATEMENT_SECONDS + 15)
    if wire.family != socket.AF_UNIX:
        # The driver sends one statement in several packets: without this each waits 40 ms for the
        # server's delayed acknowledgement of the one before.
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
