"""`nightdesk why`: nobody has to guess what became of a report, or why they were not told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from nightdesk.alerts import handling
from nightdesk.archive import Archive, articles, deliveries, matches, reports
from nightdesk.archive.deliveries import Attempt
from nightdesk.archive.reports import RecordedReport
from nightdesk.ids import content_id
from schemas import Decision, DeliveryState, QuietHours
from tests.support.alerting import NOON, make_alert, make_subscription
from tests.support.archive_samples import article, match
from tests.support.telling import TellingDesk
from tests.unit.commands.conftest import Run

DEVELOPMENT = content_id("development", "patrol-denial", "article-aaaa1111")
ALERT = content_id("alert", "patrol-denial", DEVELOPMENT)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk_with_news(archive: Archive) -> TellingDesk:
    its = article("article-aaaa1111", title="Ministry denies any talks", text="It denies talks.")
    other = article("article-bbbb2222", seen_at=NOON)
    desk = TellingDesk(
        archive,
        make_subscription(quiet_hours=(QuietHours(start="13:00", end="15:30", passes=None),)),
        make_subscription("quick", storylines=("patrol-denial",)),
        make_subscription("elsewhere", tags=("west",)),
    )
    fits = match("patrol-denial", its, reason="denies, shared patrols")
    with archive.begin() as conn:
        articles.add_revisions(conn, [its, other], {})
        articles.set_nominated(conn, [(its.id, 1, 1), (other.id, 1, 0)])
        reports.record(
            conn,
            [
                RecordedReport(its.report, "harbour-herald", "entry-7", "new", NOON, its.id),
                RecordedReport("r2", "coast-wire", "c9", "duplicate", NOON, its.id, "same text"),
            ],
        )
        matches.record(conn, [(fits, "candidate-1")])
        matches.set_outcome(conn, [(fits.id, fits.version, "opened", DEVELOPMENT)])
    alert = make_alert(identity=ALERT, development=DEVELOPMENT, raised_by=its.id)
    desk.raise_(alert, now=NOON + 90 * MINUTE)
    desk.look(NOON + 90 * MINUTE)
    desk.handle(alert, handling.acknowledge, NOON + 95 * MINUTE, by="Mara", comment="on it")
    quick = next(one for one in desk.deliveries(ALERT) if one.subscription == "quick")
    done = quick.model_copy(update={"state": DeliveryState.DELIVERED, "attempts": 1})
    with archive.begin() as conn:
        deliveries.finish(conn, done, attempt=Attempt(NOON + 91 * MINUTE, 0.125, "delivered"))
    return desk


def test_an_article_s_story_goes_from_the_feed_to_each_attempt(
    nightdesk: Run, desk_with_news: TellingDesk
) -> None:
    said = nightdesk("why", "aaaa1111", "--json")
    assert said.code == 0, said.err
    story = [(line["stage"], line["depth"], line["said"]) for line in json.loads(said.out)]
    assert [stage for stage, _, _ in story] == [
        "poll",
        "normalise",
        "normalise",
        "nominate",
        "decide",
        "decide",
        "alert",
        "alert",
        "deliver",
        "deliver",
        "notify",
        "deliver",
        "deliver",
        "delivery",
        "handling",
    ]
    told = [text for _, _, text in story]
    assert told[0] == "brought by feed harbour-herald, entry entry-7"
    assert told[2] == "duplicate, from feed coast-wire: same text"
    assert told[4].startswith("patrol-denial: fits, ")
    assert told[5].startswith("by the words “")
    assert told[6] == f"opened, development {DEVELOPMENT}"
    assert "desk / webhook (webhook): held" in told[8]
    assert told[9] == told[12] == "passed all 11 rules, disabled to muted"
    assert told[10] == "held: quiet hours until 2024-05-17 15:30 UTC"
    assert "quick / webhook (webhook): delivered" in told[11]
    assert told[13] == "attempt 1 took 0.125 s: delivered"
    assert told[14] == "acknowledge, by Mara: on it"


def test_one_subscription_is_told_why_it_was_not_told(
    nightdesk: Run, desk_with_news: TellingDesk
) -> None:
    said = nightdesk("why", ALERT, "elsewhere")
    assert said.code == 0, said.err
    assert "elsewhere does not select patrol-denial (tags east): it takes tags west" in said.out
    assert "quick /" not in said.out
    assert "13:30:00" in nightdesk("why", ALERT).out


def test_a_delivery_that_is_held_says_which_rules_it_passed(
    nightdesk: Run, desk_with_news: TellingDesk
) -> None:
    desk_with_news.declare(make_subscription("many", min_sources=4))
    again = make_alert(identity=ALERT, development=DEVELOPMENT, sequence=2)
    desk_with_news.raise_(again, now=NOON + 96 * MINUTE)
    said = nightdesk("why", ALERT, "many")
    assert said.code == 0, said.err
    before = "passed disabled, unpaged, silenced, inhibited, acknowledged, narrowed"
    assert f"{before}; held by too few sources" in " ".join(said.out.split())


def test_an_alert_s_story_begins_with_its_report_and_its_beginning_names_it(
    nightdesk: Run, desk_with_news: TellingDesk
) -> None:
    said = nightdesk("why", ALERT[:18], "--json")
    assert said.code == 0, said.err
    stages = [line["stage"] for line in json.loads(said.out)]
    assert stages[:6] == ["poll", "normalise", "nominate", "decide", "decide", "alert"]
    assert nightdesk("why", ALERT, "--json").out == said.out
    unknown = nightdesk("why", "alert-00000000")
    assert unknown.code == 1
    assert "there is no alert 'alert-00000000'" in unknown.err


@pytest.mark.parametrize(
    ("outcome", "words"), [("joined", "nobody is told for it alone"), ("copy", "already")]
)
def test_what_is_told_nobody_says_in_words_why(
    nightdesk: Run, desk_with_news: TellingDesk, outcome: str, words: str
) -> None:
    other = article("article-bbbb2222", seen_at=NOON)
    fits = match("patrol-denial", other, reason="patrols")
    with desk_with_news.archive.begin() as conn:
        matches.record(conn, [(fits, "candidate-2")])
        matches.set_outcome(conn, [(fits.id, fits.version, outcome, DEVELOPMENT)])
    assert f"{outcome} (" in (said := nightdesk("why", "bbbb2222", "--json").out)
    assert words in said


def test_what_was_told_and_then_retracted_says_both(
    nightdesk: Run, desk_with_news: TellingDesk
) -> None:
    its = article("article-aaaa1111", title="Ministry denies any talks", text="It denies talks.")
    changed = match(
        "patrol-denial", its, version=2, decision=Decision.NOT, reason="was fits, now not"
    )
    with desk_with_news.archive.begin() as conn:
        matches.record(conn, [(changed, "settled:candidate-9")])
        matches.set_outcome(conn, [(changed.id, changed.version, "held", None)])
    story = [line["said"] for line in json.loads(nightdesk("why", "aaaa1111", "--json").out)]
    assert any("was fits, now not" in said for said in story)
    assert any("it was told before the mind was changed" in said for said in story)
    assert not any("nobody is told" in said for said in story)
    assert any(said.startswith(f"{ALERT}, change 1") for said in story)
    assert any("attempt 1 took" in said for said in story)


def test_what_came_near_to_nothing_says_so(nightdesk: Run, desk_with_news: TellingDesk) -> None:
    assert "comes near to no storyline" in nightdesk("why", "bbbb2222").out


def test_names_that_nothing_has_are_told(nightdesk: Run, desk_with_news: TellingDesk) -> None:
    said = nightdesk("why", ALERT, "desc")
    assert (said.code, said.out) == (1, "")
    assert "there is no subscription 'desc'" in said.err
    assert "desk, elsewhere, quick" in said.err
    assert nightdesk("why", "cccc9999").code == 1
