"""Reads an archive's URL: which database, how to connect to it, and how to name it in print.

In comes what a user wrote; out goes an `Address` for the engine, or a `ConfigurationError` that shows
the form it should have had.  A password is never part of what is printed.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from nightdesk.errors import ConfigurationError

_FORMS = "write sqlite:///path/to/archive.db or postgresql://user:password@host:5432/database"
_POSTGRESQL = {"postgresql", "postgres", "postgresql+pg8000"}
_SQLITE = {"sqlite", "sqlite+pysqlite"}


@dataclass(frozen=True)
class Address:
    """`shown` is safe to print; `path` is the SQLite file, if it is named plainly."""

    url: URL = field(repr=False)
    shown: str
    in_memory: bool = False
    path: Path | None = None
    connect_args: dict[str, Any] = field(default_factory=dict, repr=False)


def read_url(text: str) -> Address:
    """Return the address that `text` means.  Raises `ConfigurationError`."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigurationError("the archive's URL cannot be read", hint=_FORMS) from None
    if url.drivername in _SQLITE:
        return _sqlite(url)
    if url.drivername in _POSTGRESQL:
        return _postgresql(url)
    raise ConfigurationError(
        f"no archive can be kept in {url.drivername.split('+')[0]!r} by {url.drivername!r}",
        hint=_FORMS,
    )


def _sqlite(url: URL) -> Address:
    if url.host:
        raise ConfigurationError(
            f"a SQLite archive is a file, not a host: {url.host!r}",
            hint="write three slashes before a relative path (sqlite:///var/archive.db), four "
            "before an absolute one (sqlite:////srv/nightdesk/archive.db)",
        )
    name = url.database or ""
    if name in {"", ":memory:"}:
        return Address(URL.create("sqlite"), "sqlite:// (in memory)", in_memory=True)
    if not name.startswith("file:"):
        return Address(url, f"sqlite:///{name}", path=Path(name))
    if url.query.get("mode") == "memory" or name.startswith("file::memory:"):
        raise ConfigurationError("an archive in memory is written sqlite://", hint=_FORMS)
    return Address(url, f"sqlite:///{name}")


def _postgresql(url: URL) -> Address:
    if find_spec("pg8000") is None:
        raise ConfigurationError(
            "this archive's URL needs the PostgreSQL driver pg8000, which is not installed",
            hint="pip install 'nightdesk[postgresql]'",
        )
    query = dict(url.query)
    arguments: dict[str, Any] = {}
    if mode := query.pop("sslmode", None):
        arguments["ssl_context"] = _tls(str(mode), query.pop("sslrootcert", None))
    if socket := query.pop("unix_sock", None):
        arguments["unix_sock"] = str(socket)
    if query:
        raise ConfigurationError(
            f"unknown in the archive's URL: {', '.join(sorted(query))}",
            hint="PostgreSQL URLs take sslmode, sslrootcert and unix_sock",
        )
    host = f"{url.host or 'localhost'}:{url.port or 5432}"
    shown = f"postgresql://{host}/{url.database or ''}"
    url = url.set(drivername="postgresql+pg8000", query={})
    return Address(url, shown, connect_args=arguments)


def _tls(mode: str, root: Any) -> ssl.SSLContext | bool:
    """The driver's `ssl_context` for libpq's names of modes; False is a plain connection."""
    if mode == "disable":
        return False
    if mode not in {"require", "verify-ca", "verify-full"}:
        raise ConfigurationError(
            f"unknown sslmode {mode!r} in the archive's URL",
            hint="one of disable, require, verify-ca, verify-full",
        )
    try:
        context = ssl.create_default_context(cafile=None if root is None else str(root))
    except OSError as error:
        raise ConfigurationError(
            f"the certificates of sslrootcert cannot be read: {error.strerror or error}",
            hint="give the path of a PEM file",
        ) from None
    context.check_hostname = mode == "verify-full"
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context
