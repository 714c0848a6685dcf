"""Log lines of ours, of Faust and of all libraries in one form: readable on a terminal, JSON elsewhere.

Comes in: the settings.  Goes out: lines on standard error.  Event names are snake_case and fixed;
what varies stands in fields.  No field ever carries a secret or a URL's query.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from nightdesk.settings import Settings

_DISCREET = ("httpx", "httpcore", "hpack", "aiosmtplib", "apprise", "urllib3", "requests")
"""These tell whole addresses, and at DEBUG headers too, with the secrets of feeds and receivers: never
below WARNING."""

_QUIET = {
    # These speak of every connection or partition at INFO.
    "aiokafka": logging.WARNING,
    "faust": logging.WARNING,
    "mode": logging.WARNING,
    "uvicorn": logging.WARNING,
    "alembic": logging.WARNING,
}


def configure_logging(settings: Settings) -> None:
    """Send all logging through structlog; call it once, before anything is started."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    console = settings.log_format == "console" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    last: list[Any] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # The default shows the variables of each frame, and secrets are among them.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    if settings.log_level != "debug":
        handler.addFilter(_is_no_service_chatter)
        handler.addFilter(_without_traceback_where_a_hint_is)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    root.setLevel(level)
    for name in _DISCREET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    if level > logging.DEBUG:
        for name, quiet in _QUIET.items():
            logging.getLogger(name).setLevel(max(level, quiet))


def _is_no_service_chatter(record: logging.LogRecord) -> bool:
    """Leave out what each Faust service says of its own start and stop."""
    return record.levelno > logging.INFO or not str(record.msg).startswith("[^")


def _without_traceback_where_a_hint_is(record: logging.LogRecord) -> bool:
    """An error that carries a hint has said all; where it was raised helps nobody but us."""
    error = record.exc_info[1] if record.exc_info else None
    if getattr(error, "hint", ""):
        record.exc_info = record.exc_text = None
    return True
