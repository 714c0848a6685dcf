"""The Faust transport `sqlite://`: where the URL becomes a file, and the parts meet.

In comes `broker="sqlite:///path"` of a Faust app (`sqlite:////path` for an absolute one); out go
its producer and its consumer, which share one engine, as do all apps of the process on that file.
The one option is `?synchronous=full`: every group commit waits for the disk, so that a power cut,
too, loses nothing acknowledged. The default, `normal`, loses nothing when the process dies.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from faust.transport import base
from faust.types.transports import ConsumerT, ProducerT
from yarl import URL

from .consumer import Consumer
from .engine import Engine, open_engine, release
from .errors import BadBrokerURL
from .producer import Producer

SCHEME = "sqlite"


class Location(NamedTuple):
    """What a broker URL says."""

    path: Path
    synchronous: str


def locate(url: URL | str) -> Location:
    """Read a broker URL; `BadBrokerURL` says what is wrong with it."""
    url = URL(url)
    hint = "write sqlite:///relative/path.db or sqlite:////absolute/path.db"
    if url.scheme != SCHEME:
        raise BadBrokerURL(f"{url} is not a sqlite:// URL", hint=hint)
    if url.host:
        raise BadBrokerURL(f"{url} names a host, {url.host!r}", hint=hint + " (three slashes)")
    path = url.path.removeprefix("/")
    if not path:
        raise BadBrokerURL(f"{url} names no file", hint=hint)
    options = dict(url.query)
    synchronous = options.pop("synchronous", "normal").lower()
    if options or synchronous not in {"normal", "full"}:
        raise BadBrokerURL(
            f"{url} has an option that does not exist",
            hint="the only one is ?synchronous=normal or ?synchronous=full",
        )
    return Location(Path(path), synchronous)


class Transport(base.Transport):
    """Makes producers and consumers for a Faust app on one SQLite file."""

    Consumer: ClassVar[type[ConsumerT]] = Consumer
    Producer: ClassVar[type[ProducerT]] = Producer

    default_port = 0
    driver_version = f"sqlite={sqlite3.sqlite_version}"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.location = locate(self.url[0])

    def open(self) -> Engine:
        """The engine of this transport's file; pair with `close`. Raises `CannotOpen` and kin."""
        return open_engine(self.location.path, synchronous=self.location.synchronous)

    def close(self, engine: Engine) -> None:
        """Let go of what `open` gave."""
        release(engine)
