"""The demo's receiver, bundle and service process, each at its own seam."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from ruamel.yaml import YAML

from demo.bundle import demo_bundle, to_yaml
from demo.receiver import WebhookReceiver
from demo.reports import load_outlets
from demo.servers import Newsstand
from demo.service import Service, ServiceFailed
from nightdesk.clock import SettableClock
from nightdesk.delivery import signature
from schemas import Bundle

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
BODY = b'{"data": {"delivery": {"id": "d1"}, "alert": {"id": "a1", "sequence": 2}}}'


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver("hush", SettableClock(NOW)) as receiver:
        yield receiver


def post(receiver: WebhookReceiver, body: bytes, header: str) -> int:
    headers = {signature.HEADER: header}
    with httpx.Client(trust_env=False) as client:
        return client.post(receiver.url, content=body, headers=headers).status_code


def test_a_signed_post_is_kept(receiver: WebhookReceiver) -> None:
    assert post(receiver, BODY, signature.sign(b"hush", BODY, NOW)) == 204
    (kept,) = receiver.posts
    assert (kept.delivery, kept.alert, kept.sequence, kept.signed) == ("d1", "a1", 2, True)


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (BODY, signature.sign(b"other", BODY, NOW)),
        (BODY, signature.sign(b"hush", BODY, NOW - timedelta(hours=1))),
        (BODY + b" ", signature.sign(b"hush", BODY, NOW)),
        (b"no json", signature.sign(b"hush", b"no json", NOW)),
        (BODY, ""),
    ],
)
def test_any_other_post_is_refused_and_known(
    receiver: WebhookReceiver, body: bytes, header: str
) -> None:
    assert post(receiver, body, header) == 403
    assert [kept.signed for kept in receiver.posts] == [False]


def test_the_bundle_keeps_the_contract_and_names_every_feed() -> None:
    with Newsstand(load_outlets(), SettableClock(NOW)) as stand:
        written = to_yaml(demo_bundle(stand.servers, "http://127.0.0.1:9/alerts"))
    read = YAML(typ="safe", pure=True).load(written)
    bundle = Bundle.model_validate_json(json.dumps(read, default=str))
    feeds = {feed.id for outlet in load_outlets() for feed in outlet.feeds}
    assert {feed.id for feed in bundle.feeds} == feeds
    assert all(feed.allow_private for feed in bundle.feeds)
    channels = {r.channel for s in bundle.subscriptions for r in s.receivers}
    assert channels == {"console", "atom", "webhook"}


def test_the_service_s_last_words_are_told_where_it_does_not_start(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.yaml"
    bundle.write_text("feeds: 7\n", "utf-8")
    service = Service(tmp_path, bundle, {})
    with pytest.raises(ServiceFailed, match="ended by itself, with exit code"), service:
        pass
    assert service.log_tail()
