"""Whatever befalls several feeds at once, in the archive: every alert opens, changes and closes in order."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightdesk.archive.engine import open_archive
from schemas import AlertKind
from tests.support.feedhealth import Desk

HOSTS = ("a.example", "a.example", "a.example", "b.example", "c.example", "d.example")
words = st.sampled_from(["new", "same", "dns", "503", "not modified"])
rounds = st.lists(
    words | st.dictionaries(st.sampled_from([f"f{n:02}" for n in range(6)]), words, min_size=1),
    min_size=4,
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds)
def test_alerts_of_feeds_and_outages_open_and_close_in_order(taken: list[object]) -> None:
    archive = open_archive("sqlite://")
    archive.migrate()
    try:
        desk = Desk(archive, *HOSTS)
        for word in taken:
            desk.poll(word)
        told = desk.told()
        standing = {state.told.alert for state in desk.states() if state.told is not None}
    finally:
        archive.close()
    open_of: dict[str, str] = {}
    sequences: dict[str, int] = defaultdict(int)
    for alert in told:
        assert alert.sequence == sequences[alert.id] + 1
        sequences[alert.id] = alert.sequence
        if alert.sequence == 1:
            assert alert.about not in open_of, "it is opened while it stands"
            open_of[alert.about] = alert.id
        assert open_of[alert.about] == alert.id
        if alert.kind is AlertKind.FEED_RECOVERED:
            del open_of[alert.about]
    alone = {identity for about, identity in open_of.items() if about.startswith("feed:")}
    assert alone <= standing
    assert standing <= {alert.id for alert in told}
