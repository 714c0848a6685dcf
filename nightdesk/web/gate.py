"""The gate: who asks, whether the token is right, and whether they ask too often.

Comes in: a request's headers and address.  Goes out: a `Caller`, or a `Problem`.  Tokens stand in the header
`Authorization: Bearer …`; for feeds, whose readers keep nothing but an address, also in `?token=`.

An address that tried several wrong tokens is not listened to for a while, before the archive is asked: there
is nothing to be guessed among 2^256 tokens, but guessing must not cost others their answers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import Scope as AsgiScope

from nightdesk.access.limits import Allowance, Limiter, address_of
from nightdesk.access.scopes import Scope, allows, allows_feed
from nightdesk.access.tokens import digest, looks_right
from nightdesk.archive import tokens
from nightdesk.archive.audit import NOBODY
from nightdesk.archive.tokens import Token
from nightdesk.errors import ArchiveError
from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.problems import Problem, limited

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="nightdesk"'}
_LONGEST_QUERY = 8_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `name` is the token's; `token` is None for somebody without one."""

    name: str = NOBODY
    scopes: Collection[str] = ()
    token: str | None = None
    address: str = ""

    def must(self, scope: Scope) -> None:
        """Raise Problem where the token does not allow `scope`."""
        self._must_be_known()
        if not allows(self.scopes, scope):
            raise Problem(
                403,
                "forbidden",
                f"this token does not allow to {_DOING[scope]}",
                hint=f"make one with `nightdesk tokens create NAME --scope {scope}`",
            )

    def must_read(self, subscription: str) -> None:
        """Raise Problem where the token does not open the feeds of `subscription`."""
        self._must_be_known()
        if not allows_feed(self.scopes, subscription):
            raise Problem(
                403,
                "forbidden",
                "this token does not open the feeds of this subscription",
                hint="make one with `nightdesk tokens create --feed SUBSCRIPTION`",
            )

    def _must_be_known(self) -> None:
        if self.token is None:
            raise Problem(
                401,
                "unauthenticated",
                "this needs a token",
                hint="send `Authorization: Bearer TOKEN`; `nightdesk tokens create` makes one",
                headers=_CHALLENGE,
            )


_DOING = {"read": "read", "write": "change anything", "admin": "do this"}


class Gate:
    """One for all that is asked of one web server."""

    def __init__(self, deps: WebDependencies) -> None:
        self._deps = deps
        options = deps.api
        self._callers = Limiter(Allowance.per_minute(options.requests_per_minute))
        self._strangers = Limiter(Allowance.per_minute(options.strangers_per_minute))
        self._failures = Limiter(Allowance.per_minute(options.failures_per_minute))

    async def admit(self, scope: AsgiScope, *, by_address: bool = False) -> Caller:
        """Return who asks.  `by_address` also takes a token from the query.

        Raises Problem for a wrong token and for too many requests, ArchiveError.
        """
        now = self._deps.clock.now()
        address = address_of((scope.get("client") or ("", 0))[0])
        given = _given(scope, by_address=by_address)
        if given is None:
            if wait := self._strangers.take(address, now.timestamp()):
                raise limited(wait)
            return Caller(address=address)
        if wait := self._failures.wait(address, now.timestamp()):
            raise limited(wait)
        token = await self._lookup(given)
        if token is None or not token.in_force(now):
            self._failures.take(address, now.timestamp())
            raise _wrong()
        if wait := self._callers.take(token.id, now.timestamp()):
            raise limited(wait)
        await self._note(token, now)
        return Caller(token.name, token.scopes, token.id, address)

    async def still_admits(self, caller: Caller) -> bool:
        """Tell whether a caller who stays, as readers of events do, would still be let in."""

        def look() -> bool:
            with self._deps.archive.read() as connection:
                found = tokens.by_id(connection, caller.token or "")
            return found is not None and found.in_force(self._deps.clock.now())

        return await self._deps.working(look)

    async def _lookup(self, given: str) -> Token | None:
        if not looks_right(given):
            return None

        def look() -> Token | None:
            with self._deps.archive.read() as connection:
                return tokens.by_hash(connection, digest(given))

        return await self._deps.working(look)

    async def _note(self, token: Token, now: datetime) -> None:
        if token.used_lately(now):
            return

        def note() -> None:
            with self._deps.archive.begin() as connection:
                tokens.note_used(connection, token.id, now)

        # An archive that takes no writes now can still be read.
        with contextlib.suppress(ArchiveError):
            await self._deps.writing(note)


def _wrong() -> Problem:
    return Problem(
        401,
        "unauthenticated",
        "this token is not known, was revoked, or has run out",
        hint="`nightdesk tokens list` names those in force",
        headers={"WWW-Authenticate": _CHALLENGE["WWW-Authenticate"] + ', error="invalid_token"'},
    )


def _given(scope: AsgiScope, *, by_address: bool) -> str | None:
    """Return the token that stands in a request, None where none does.  Raises Problem for two of them."""
    headers = Headers(scope=scope).getlist("authorization")
    found = []
    for header in headers:
        scheme, _, rest = header.partition(" ")
        found.append(rest.strip() if scheme.lower() == "bearer" else "")
    if by_address:
        query = scope.get("query_string", b"")[:_LONGEST_QUERY].decode("latin-1")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
        except ValueError:
            pairs = []
        found += [value for name, value in pairs if name == "token"]
    if len(found) > 1:
        raise Problem(
            400, "two-tokens", "there is more than one token in this request", hint="send one"
        )
    return found[0] if found else None
