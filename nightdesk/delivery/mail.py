"""The mail channel: hands a notice to an SMTP server.

Comes in: a notice, the receiver as declared.  Goes out: one mail to all its recipients.  The server's name is
resolved, its address checked and connected to, and its certificate must be for the declared name.  One time
limit holds over everything.

A recipient who is refused for good costs the others nothing: they get the mail, and the ledger is told who
did not.  One who is put off ("try later") holds it back for all during the first tries, and then no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property

import aiosmtplib
import httpx

from nightdesk.clock import Clock
from nightdesk.delivery.errors import (
    ReceiverBusy,
    ReceiverRefused,
    ReceiverTimedOut,
    ReceiverUnreachable,
)
from nightdesk.delivery.mail_message import compose, needs_utf8
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.reach import connect, refused
from nightdesk.delivery.secrets import Secrets, reveal
from nightdesk.delivery.templates import Templates
from nightdesk.delivery.wording import one_line
from nightdesk.errors import DeliveryError
from nightdesk.feeds.errors import AddressRefused, PollError
from nightdesk.feeds.network import Resolver, resolve
from schemas.receivers import MailReceiver

PATIENT_TRIES = 3
"""So many tries wait for recipients who are put off; then the others get the mail without them."""
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass
class _Answers:
    """What the server said of each recipient."""

    accepted: list[str] = field(default_factory=list)
    put_off: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def remark(self) -> str:
        """Say who did not get the mail, and why."""
        missed = self.refused | self.put_off
        return "; ".join(f"not to {who}: {why}" for who, why in missed.items())


class MailChannel:
    """Sends mails.  `trust` is for tests: the certificates to believe in, instead of the usual ones."""

    def __init__(
        self,
        *,
        secrets: Secrets,
        clock: Clock,
        templates: Templates,
        resolver: Resolver = resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._secrets, self._clock, self._templates = secrets, clock, templates
        self._resolver = resolver
        self._given_trust = trust

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return self._given_trust or httpx.create_ssl_context(trust_env=False)

    async def deliver(self, notice: Notice, receiver: MailReceiver) -> str:
        """Send once; return who of several recipients did not get it.  Raises the errors of delivery."""
        worded = await asyncio.to_thread(self._templates.word, notice, receiver.wording, html=True)
        mail = compose(notice, receiver, worded, self._clock.now())
        password = None
        if receiver.password is not None:
            password = reveal(self._secrets, receiver.password, f"mail {receiver.name}")
        seconds = receiver.timeout.total_seconds()
        patient = notice.delivery.attempts < PATIENT_TRIES
        try:
            async with asyncio.timeout(seconds), self._session(receiver, password) as session:
                answers = await _send(session, receiver, mail.as_bytes(), patient=patient)
        except TimeoutError as error:
            raise ReceiverTimedOut(
                f"{receiver.host} did not take the mail within {seconds:g} s",
                hint="the mail server is slow, or this is not its port",
            ) from error
        except (aiosmtplib.SMTPException, PollError, OSError) as error:
            raise _explain(error, receiver) from error
        return "; ".join(part for part in (answers.remark(), worded.remark) if part)

    @contextlib.asynccontextmanager
    async def _session(
        self, receiver: MailReceiver, password: str | None
    ) -> AsyncIterator[aiosmtplib.SMTP]:
        port = receiver.port or _PORTS[receiver.security]
        sock = await connect(
            receiver.host,
            port,
            allow_private=receiver.allow_private,
            only_private=receiver.security == "none",
            resolver=self._resolver,
        )
        own = sock.getsockname()[0]
        session = aiosmtplib.SMTP(
            hostname=receiver.host,
            port=None,
            sock=sock,
            # Our address names us as well as a name would, and gives none of the machine's away.
            local_hostname=f"[IPv6:{own}]" if ":" in own else f"[{own}]",
            timeout=None,
            use_tls=receiver.security == "tls",
            start_tls=receiver.security == "starttls",
            tls_context=self._trust if receiver.security != "none" else None,
        )
        try:
            await session.connect()
            if password is not None:
                await session.login(receiver.user or "", password)
            yield session
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await session.quit()
        finally:
            # The socket is the session's since it connected, and is closed with it.
            session.close()


async def _send(
    session: aiosmtplib.SMTP, receiver: MailReceiver, mail: bytes, *, patient: bool
) -> _Answers:
    await session.ehlo()
    wide = needs_utf8(receiver)
    if wide and not session.supports_extension("smtputf8"):
        raise ReceiverRefused(
            f"{receiver.host} takes no addresses with letters beyond ASCII",
            hint="give addresses in plain letters, or another server",
        )
    options = ["SMTPUTF8", "BODY=8BITMIME"] if wide else []
    encoding = "utf-8" if wide else "ascii"
    try:
        await session.mail(receiver.sender, options=options, encoding=encoding)
    except aiosmtplib.SMTPSenderRefused as error:
        raise _judged(error, receiver, f"the sender {receiver.sender}") from error
    answers = _Answers()
    for address in receiver.to:
        try:
            await session.rcpt(address, encoding=encoding)
        except aiosmtplib.SMTPRecipientRefused as error:
            gone = 500 <= error.code < 600
            (answers.refused if gone else answers.put_off)[address] = _said(error)
            if error.code == 421:
                raise
        else:
            answers.accepted.append(address)
    if answers.put_off and (patient or not answers.accepted):
        who, why = next(iter(answers.put_off.items()))
        raise ReceiverBusy(
            f"{receiver.host} puts off {who}: {why}",
            hint="some servers put off whom they do not know yet; Nightdesk tries again by itself",
        )
    if not answers.accepted:
        raise ReceiverRefused(
            f"{receiver.host} refuses all recipients: {answers.remark()}",
            hint="correct the receiver's `to`",
        )
    try:
        await session.data(mail)
    except aiosmtplib.SMTPDataError as error:
        raise _judged(error, receiver, "the mail") from error
    return answers


def _said(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {one_line(str(error.message), 200)}"


def _judged(
    error: aiosmtplib.SMTPResponseException, receiver: MailReceiver, what: str
) -> DeliveryError:
    message = f"{receiver.host} refuses {what}: {_said(error)}"
    if 500 <= error.code < 600:
        return ReceiverRefused(message, hint="see the mail server's log for why it refuses")
    return ReceiverBusy(message, hint="Nightdesk tries again by itself")


def _explain(error: Exception, receiver: MailReceiver) -> DeliveryError:
    host = receiver.host
    if isinstance(error, AddressRefused):
        return refused(error, host)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        # As with a webhook's 401: somebody mends it, and no alert is to die of it meanwhile.
        return ReceiverBusy(
            f"{host} refuses the login: {_said(error)}", hint="check `user` and `password`"
        )
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return ReceiverBusy(
            f"{host} answered {_said(error)}", hint="Nightdesk tries again by itself"
        )
    said = getattr(error, "message", None) or str(error)
    return ReceiverUnreachable(
        f"cannot hand the mail to {host}: {one_line(str(said), 200) or type(error).__name__}",
        hint="check the server's name, port, `security` and certificate",
    )
