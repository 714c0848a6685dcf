"""Receivers: where a subscription's alerts go, and how they are told there.

No secret stands in a definition: it names the environment variable or the file that holds it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from schemas.base import Contract, Duration, HttpUrl, Identifier, Text
from schemas.secret import Secret


def _on_one_line(text: str) -> str:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError("must be one line without control characters")
    return text


_WORD = r"[^\s@<>,;:\"\\\x00-\x1f\x7f-\x9f]"
_MAILBOX = rf"^{_WORD}{{1,64}}@{_WORD}{{1,180}}$"

MailAddress = Annotated[
    str,
    StringConstraints(pattern=_MAILBOX, max_length=254),
]
"""The bare address of a mailbox, `desk@example.org`."""


class Wording(Contract):
    """Jinja2 templates that stand in place of ours: of the `subject`, the `text` and the `html`.

    They see `alert`, `alerts`, `delivery`, `subscription` and our filters (docs/templates.md), and run in a
    sandbox.
    """

    subject: str | None = None
    text: str | None = None
    html: str | None = None


class _Receiver(Contract):
    """What all receivers share.

    `fallback` names the receiver of the same subscription that is told instead where this one gives up or
    has failed for `fallback_after`.  One that is `on_standby` is told as a fallback alone.
    """

    fallback: Identifier | None = None
    fallback_after: Duration = timedelta(minutes=10)
    on_standby: bool = False


class ConsoleReceiver(_Receiver):
    """Prints the alert where `nightdesk run` was started."""

    channel: Literal["console"] = "console"
    name: Identifier = "console"


class WebhookReceiver(_Receiver):
    """Posts a CloudEvent (JSON), signed with HMAC-SHA256.

    The secret itself never stands in a definition: `secret_env` names the environment variable, or
    `secret_file` the file, that holds it.
    """

    channel: Literal["webhook"] = "webhook"
    name: Identifier = "webhook"
    url: HttpUrl
    secret_env: str | None = None
    secret_file: str | None = None
    timeout: Duration = timedelta(seconds=10)
    allow_private: bool = False

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if (self.secret_env is None) == (self.secret_file is None):
            raise ValueError("a webhook is signed: give one of `secret_env` and `secret_file`")
        return self


class MailReceiver(_Receiver):
    """Sends mail through an SMTP server: text and HTML, one thread for each development.

    `security` is `starttls` (587), `tls` from the first byte (465) or `none`, which is refused with a
    password and to any host but a private one.
    """

    channel: Literal["mail"] = "mail"
    name: Identifier = "mail"
    to: tuple[MailAddress, ...] = Field(min_length=1, max_length=50)
    sender: MailAddress
    sender_name: Annotated[str, AfterValidator(_on_one_line)] = "Nightdesk"
    host: Text
    port: int | None = Field(default=None, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: Secret | None = None
    timeout: Duration = timedelta(seconds=20)
    allow_private: bool = False
    wording: Wording = Wording()

    @model_validator(mode="after")
    def _logs_in_whole(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("to log in takes both: `user` and `password`")
        if self.password is not None and self.security == "none":
            raise ValueError("a password is sent under TLS alone: `security: starttls` or `tls`")
        return self


class AppriseReceiver(_Receiver):
    """Tells one of the chat and push services that Apprise knows.  Its address holds a token, so that
    it is a secret: `tgram://…`, `slack://…`, `ntfys://…`."""

    channel: Literal["apprise"] = "apprise"
    name: Identifier = "apprise"
    address: Secret
    timeout: Duration = timedelta(seconds=20)
    allow_private: bool = False
    wording: Wording = Wording()


class ExtraLabel(Contract):
    """A label of our own choice, put on each alert in Alertmanager."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
    value: Text


class AlertmanagerReceiver(_Receiver):
    """Pushes to an Alertmanager, by its API v2: one alert there for each of ours, resolved when it is quiet.

    `labels` go with each; `token` is sent as a bearer token.
    """

    channel: Literal["alertmanager"] = "alertmanager"
    name: Identifier = "alertmanager"
    url: HttpUrl
    labels: tuple[ExtraLabel, ...] = ()
    token: Secret | None = None
    timeout: Duration = timedelta(seconds=10)
    allow_private: bool = False


class FileReceiver(_Receiver):
    """Writes to files: with `lines` one JSON line for each change is put at the end of `path`; with `pages`
    each alert is one text file in the folder `path`, written anew with every change."""

    channel: Literal["file"] = "file"
    name: Identifier = "file"
    path: Text
    form: Literal["lines", "pages"] = "lines"
    wording: Wording = Wording()


class EventsReceiver(_Receiver):
    """Offers the alerts as server-sent events at `/subscriptions/<id>/events`; who comes back gets what it
    missed, `entries` at most."""

    channel: Literal["events"] = "events"
    name: Identifier = "events"
    entries: int = Field(default=1_000, ge=1, le=10_000)


class AtomReceiver(_Receiver):
    """Offers the alerts as an Atom feed at `/subscriptions/<id>.atom`, newest first."""

    channel: Literal["atom"] = "atom"
    name: Identifier = "atom"
    entries: int = Field(default=100, ge=1, le=1_000)


Receiver = Annotated[
    ConsoleReceiver
    | WebhookReceiver
    | MailReceiver
    | AppriseReceiver
    | AlertmanagerReceiver
    | FileReceiver
    | EventsReceiver
    | AtomReceiver,
    Field(discriminator="channel"),
]
