"""What time tells reaches a receiver from a worker of its own: what went quiet, and a silence that ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.newswire import FITS_EVERY, Newswire
from tests.support.service import Service, until

HASTE = 120
"""Two minutes pass in a second: the half hour that a worker must have listened takes a quarter minute."""


@pytest.mark.timeout(240)
def test_what_goes_quiet_and_a_silence_that_ends_are_told_by_a_real_worker(
    service: Service, wire: Newswire, tmp_path: Path
) -> None:
    kept = tmp_path / "told.jsonl"
    path = wire.write_bundle(
        tmp_path / "bundle.json",
        kinds=["new_development", "gone_quiet", "silence_expiring"],
        receivers=[{"channel": "file", "path": str(kept)}],
    )
    bundle = json.loads(path.read_text("utf-8"))
    bundle["feeds"][0]["interval"] = "2m"
    now = datetime.now(UTC)
    bundle["silences"] = [
        {
            "id": "orchards",
            "matchers": [{"label": "storyline", "value": "lantern"}],
            "starts_at": (now - timedelta(days=2)).isoformat(),
            "ends_at": (now + timedelta(days=2)).isoformat(),
            "recurs": [{"months": [1 + now.month % 12]}],
            "remind_before": "2d",
            "author": "Mara",
            "comment": "harvest",
        }
    ]
    path.write_text(json.dumps(bundle), encoding="utf-8")

    def told() -> list[dict[str, Any]]:
        lines = kept.read_text("utf-8").splitlines() if kept.exists() else []
        return [json.loads(line)["data"]["alert"] for line in lines]

    def kinds() -> set[str]:
        return {alert["kind"] for alert in told()}

    # The first fetch pages nobody, so nothing of it goes quiet.
    wire.publish(1)
    service.start(str(HASTE), "--bundle", str(path), command="tests.support.hasty")
    until(lambda: service.totals().get("poll", {}).get("new"), "the first fetch", seconds=60)
    wire.publish(FITS_EVERY)
    wanted = {"new_development", "gone_quiet", "silence_expiring"}
    until(lambda: kinds() == wanted, f"{wanted}, not {kinds()}: {service.said()}", seconds=120)
    service.settled(lambda totals: totals.get("chores", {}).get("alerts") == 2)
    code, _ = service.stop()
    assert code == 0, service.said()
    by_kind = {alert["kind"]: alert for alert in told()}
    assert len(told()) == 3
    new, quiet = by_kind["new_development"], by_kind["gone_quiet"]
    assert (quiet["id"], quiet["sequence"], quiet["state"]) == (new["id"], 2, "quiet")
    assert "one report alone came" in quiet["reason"]
    waited = datetime.fromisoformat(quiet["raised_at"]) - datetime.fromisoformat(
        new["latest_seen_at"]
    )
    assert waited >= timedelta(minutes=30)
    assert by_kind["silence_expiring"]["silence"] == "orchards"
