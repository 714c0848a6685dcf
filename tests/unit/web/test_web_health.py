"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from nightdesk.archive import accounts, open_archive
from nightdesk.web.dependencies import Part


async def test_alive_while_every_part_hears(site):
    answer = await site.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "alive": True,
        "summary": "every part hears",
        "parts": [
            {
                "part": "canary",
                "deaf": False,
                "silent_for_seconds": 2.0,
                "bound_seconds": 60.0,
                "trouble": "",
            }
        ],
    }


async def test_deaf_says_which_part_and_for_how_long(site):
    site.parts.append(
        Part("stage decide", timedelta(seconds=90), timedelta(seconds=60), "the archive\nis full")
    )
    answer = await site.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["summary"] == "stage decide has been deaf for 1m30s"
    assert [part["deaf"] for part in answer.json()["parts"]] == [False, True]
    assert answer.json()["parts"][1]["trouble"] == "the archive is full"


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (60.001, 503)])
async def test_the_bound_itself_is_still_alive(site, seconds, status):
    site.parts[0] = Part("canary", timedelta(seconds=seconds), timedelta(seconds=60))
    assert (await site.get("/healthz")).status_code == status


async def test_ready_once_nothing_is_missing(site):
    answer = await site.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "reasons": []})
    site.missing.append("no partition of reports is assigned")
    answer = await site.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "reasons": ["no partition of reports is assigned"]}


async def test_not_ready_without_an_archive_nor_with_one_that_hangs(site, tmp_path):
    empty = open_archive(f"sqlite:///{tmp_path / 'none' / 'archive.db'}")
    site.change(archive=empty)
    answer = await site.get("/readyz")
    assert answer.status_code == 503
    assert "archive" in answer.json()["reasons"][0]
    release = threading.Event()

    async def stuck(work):
        import asyncio

        await asyncio.to_thread(release.wait, 30)

    site.change(in_thread=stuck, archive_patience=timedelta(milliseconds=20))
    answer = await site.get("/readyz")
    release.set()
    assert answer.json()["reasons"] == ["the archive gives no answer within 0.02 s"]


async def test_metrics_in_both_forms(site):
    with site.deps.archive.begin() as connection:
        accounts.count(connection, "0", "poll", {"polled": 3, "new": 3})
    plain = await site.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=")
    samples = {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in parse(plain.text)
        for sample in family.samples
    }
    assert samples["nightdesk_heartbeat_age_seconds", ()] == 1.5
    assert ("nightdesk_account_messages_total", ("polled", "poll")) in samples or (
        "nightdesk_account_messages_total",
        ("poll", "polled"),
    ) in samples
    modern = await site.get("/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert modern.headers["content-type"].startswith("application/openmetrics-text")
    assert any(family.name == "nightdesk_archive_up" for family in parse_openmetrics(modern.text))


async def test_a_failing_archive_breaks_no_metrics(site, tmp_path):
    with site.deps.archive.begin() as connection:
        connection.exec_driver_sql("DROP TABLE accounts")
    answer = await site.get("/metrics")
    assert answer.status_code == 200
    assert "nightdesk_archive_up 0.0" in answer.text
    assert "nightdesk_account_messages_total{" not in answer.text
