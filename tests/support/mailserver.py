"""An SMTP server on loopback (aiosmtpd) that keeps what it is given, and says no where it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import email
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from schemas import MailReceiver


@dataclass
class Mailbox:
    """`answers` maps a recipient, `MAIL` or `DATA` to what is said instead of yes, for so long as it does."""

    port: int = 0
    answers: dict[str, str | Callable[[], str]] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    connections: int = 0

    def _say(self, what: str) -> str | None:
        said = self.answers.get(what)
        return said() if callable(said) else said

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if said := self._say("MAIL"):
            return said
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if said := self._say(address):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if said := self._say("DATA"):
            if said == "reset":
                server.transport.abort()
            return said
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 taken"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"hush-hush", handled=False)

    @property
    def mails(self) -> list[EmailMessage]:
        """What was taken, parsed."""
        return [
            email.message_from_bytes(envelope.content, policy=default)  # type: ignore[misc,arg-type]
            for envelope in self.envelopes
        ]


@contextlib.asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, **options: Any
) -> AsyncIterator[Mailbox]:
    """Run a server on a free port of 127.0.0.1: with `tls` it offers STARTTLS, or speaks TLS from the first
    byte if `implicit`."""
    box = Mailbox()
    loop = asyncio.get_running_loop()

    def connected() -> SMTP:
        box.connections += 1
        return SMTP(
            box,
            loop=loop,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            tls_context=None if implicit else tls,
            authenticator=box.authenticate,
            **options,
        )

    server = await loop.create_server(connected, "127.0.0.1", 0, ssl=tls if implicit else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


def make_mail(port: int, **changes: Any) -> MailReceiver:
    """Return a receiver of mail at 127.0.0.1, without TLS."""
    values: dict[str, Any] = {
        "to": ("desk@example.org",),
        "sender": "nightdesk@example.org",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "allow_private": True,
    }
    return MailReceiver(**(values | changes))
