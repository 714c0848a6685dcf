"""What a fetch brought: plain frozen data, so that what is decided from it needs no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Validators:
    """What a server gave us to ask "has it changed?" with, byte for byte (as Latin-1 text)."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        return self.etag is not None or self.last_modified is not None


@dataclass(frozen=True)
class Redirect:
    """One hop: `status` 301 and 308 say that the move is for good."""

    status: int
    url: str


@dataclass(frozen=True)
class Fetched:
    """An answer that means yes: 2xx with a body, or 304 with None.

    `url` is where it ended, `redirects` the way there.  `headers` (small letters) hold only what later
    steps look at.  `body_hash` is the SHA-256 of the unpacked body, `wire_bytes` its size on the way,
    `seconds` the time from the first connection to the last byte; `conditional` says that the server was
    asked whether the document has changed, not for the document.
    """

    status: int
    url: str
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
    validators: Validators = Validators()
    body_hash: str | None = None
    seconds: float = 0.0
    wire_bytes: int = 0
    redirects: tuple[Redirect, ...] = ()
    conditional: bool = False

    @property
    def moved_to(self) -> str | None:
        """The address where it ended, where every redirect on the way was for good."""
        for_good = all(one.status in {301, 308} for one in self.redirects)
        return self.url if self.redirects and for_good else None

    @property
    def content_type(self) -> str | None:
        """The Content-Type header, if there was one."""
        return self.headers.get("content-type")
