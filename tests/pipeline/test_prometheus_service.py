"""The dashboard's queries and the alert rules, on a real Prometheus that scrapes a real `nightdesk run`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.deployed import RULES, panel_queries, rules
from tests.support.newswire import SECRET, SECRET_NAME, Newswire
from tests.support.prometheus import running_prometheus, why_absent
from tests.support.service import Service, until

pytestmark = pytest.mark.prometheus

UNHEARD_OF = {"New dead letters in an hour"}
"""Panels that show nothing while nothing is wrong."""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    if reason := why_absent():
        pytest.skip(reason)
    service = Service(tmp_path / "var")
    yield service
    if service.alive():
        service.kill()


def test_each_panel_shows_something_and_no_rule_errs(service: Service, tmp_path: Path) -> None:
    with Newswire() as wire:
        bundle = wire.write_bundle(tmp_path / "bundle.yaml")
        wire.publish(7)
        service.start("--bundle", str(bundle), extra={SECRET_NAME: SECRET})
        target = urlsplit(service.web_address()).netloc
        with running_prometheus(tmp_path, [target], RULES) as prometheus:

            def silent() -> set[str]:
                wire.publish(1)
                return {name for name, query in panel_queries() if not prometheus.query(query)}

            until(lambda: silent() <= UNHEARD_OF, "every panel to show something", seconds=60)
            health = until(
                lambda: (found := prometheus.alerts()) and set(found.values()) == {"ok"} and found,
                "every rule to be evaluated",
            )
            assert set(health) == {rule["alert"] for rule in rules()}
            query = 'nightdesk_account_messages_total{stage="normalise",outcome="new"}'
            counted = int(prometheus.query(query)[0]["value"][1])
            assert 7 <= counted <= wire.published
