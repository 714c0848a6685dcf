"""The rules that hold for every answer: under which names we may be called, and what browsers may do with it.

Plain ASGI, so that an answer that never ends (server-sent events) passes through unchanged.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nightdesk.feeds.websub.subscription import PATH as CALLBACKS

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Turns away whoever calls under another host's name than ours, and forbids scripts, frames and foreign
    assets in every answer."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...], public_host: str) -> None:
        self._app = app
        self._allowed = frozenset(host.lower() for host in hosts)
        self._public = public_host.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if self._is_ours(scope):
            await self._app(scope, receive, marked)
        else:
            no = PlainTextResponse("This address is not called by that name.\n", status_code=421)
            await no(scope, receive, marked)

    def _is_ours(self, scope: Scope) -> bool:
        called = _hostname(Headers(scope=scope).get("host", ""))
        if not self._allowed or called in self._allowed:
            return True
        by_hub = self._public and called == self._public
        return bool(by_hub and scope["path"].startswith(CALLBACKS))


def _hostname(header: str) -> str:
    """Return the name in a `Host` header, without its port: `[::1]:80` is `::1`."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]
