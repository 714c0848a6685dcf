"""The webhook channel: posts a notice as a signed CloudEvent.

Comes in: a notice, the receiver as declared.  Goes out: one POST whose body is a CloudEvents 1.0 event in
structured mode (`application/cloudevents+json`); its `data` holds the contracts: `delivery`, its `alert`, and
all `alerts` told.  Beside it go `Nightdesk-Delivery` (the id to know repeats by), `Nightdesk-Event` (the kind
of alert) and `Nightdesk-Signature` (`nightdesk.delivery.signature`).

How an unruly receiver is met: `nightdesk.delivery.posting`.  Guide for receivers: docs/webhooks.md.
"""

from __future__ import annotations

import json

from nightdesk.clock import Clock
from nightdesk.delivery import signature
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.posting import Poster, Target
from nightdesk.delivery.secrets import Secrets, reveal
from nightdesk.delivery.wording import timestamp
from nightdesk.feeds.network import Resolver, resolve
from schemas.receivers import WebhookReceiver
from schemas.secret import Secret

CONTENT_TYPE = "application/cloudevents+json"
EVENT_TYPE = "org.nightdesk.alert"
"""The kind of alert follows, after a dot."""


class WebhookChannel:
    """Posts to webhooks.  Without its secret a delivery waits."""

    def __init__(
        self,
        *,
        secrets: Secrets,
        clock: Clock,
        resolver: Resolver = resolve,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._poster = Poster(clock=clock, resolver=resolver)

    async def close(self) -> None:
        """Close all connections."""
        await self._poster.close()

    async def deliver(self, notice: Notice, receiver: WebhookReceiver) -> None:
        """Post once.  Raises the errors of `nightdesk.delivery.errors`."""
        body = event(notice)
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Nightdesk-Delivery": notice.delivery.id,
            "Nightdesk-Event": notice.alert.kind.value,
            signature.HEADER: self._sign(receiver, body),
        }
        target = Target(receiver.name, receiver.url, receiver.timeout, receiver.allow_private)
        await self._poster.post(target, headers, body)

    def _sign(self, receiver: WebhookReceiver, body: bytes) -> str:
        found = Secret(env=receiver.secret_env, file=receiver.secret_file)
        secret = reveal(self._secrets, found, f"webhook {receiver.name}")
        return signature.sign(secret.encode(), body, self._clock.now())


def event(notice: Notice) -> bytes:
    """Return `notice` as a CloudEvent, its attributes the same for each try.

    `source` and `id` together name it for good; `time` is when the change was raised.
    """
    alerts = [alert.to_bytes() for alert in notice.alerts]
    attributes = {
        "specversion": "1.0",
        "id": notice.delivery.id,
        "source": f"/subscriptions/{notice.subscription}",
        "type": f"{EVENT_TYPE}.{notice.alert.kind.value}",
        "subject": notice.alert.id,
        "time": timestamp(notice.alert.raised_at),
        "datacontenttype": "application/json",
    }
    head = json.dumps(attributes, separators=(",", ":")).encode()[:-1]
    return b'%b,"data":{"delivery":%b,"alert":%b,"alerts":[%b]}}' % (
        head,
        notice.delivery.to_bytes(),
        alerts[0],
        b",".join(alerts),
    )
