"""A report becomes an article: text, dates, identity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.errors import PoisonMessage
from nightdesk.text.normalise import NormalisedReport, normalise
from schemas import Report
from schemas.deadletter import DeadLetterReason

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
BODY = (
    "The prime minister said on Thursday that the bridge would reopen within a week.\n\n"
    "Engineers had found no damage, “none at all”, according to the ministry."
)


def normal(**fields: object) -> NormalisedReport:
    base: dict[str, object] = {
        "id": "report-1",
        "entry": "guid:1",
        "feed": "f",
        "source": "Outlet",
        "title": "Bridge to reopen",
        "seen_at": NOW,
    }
    return normalise(Report(**(base | fields)))  # type: ignore[arg-type]


def test_clean_plain_text_passes_unchanged() -> None:
    got = normal(
        content=BODY, url="https://outlet.example/1?utm_source=x", guid="1", published_at=NOW
    )
    assert (got.title, got.text, got.language) == ("Bridge to reopen", BODY, "en")
    assert got.url == "https://outlet.example/1"
    assert got.keys[:2] == ("url:outlet.example/1", "guid:Outlet:1")
    assert got.keys[2].startswith("content:Outlet:")
    assert (got.published_at, got.date_note, got.boilerplate) == (NOW, None, 0)


def test_html_and_boilerplate_go() -> None:
    html = "<p>Share</p><p>" + BODY.replace("\n\n", "</p><p>") + "</p><p>Advertisement</p>"
    got = normal(content=html, description="<b>Bridge</b> to reopen within a week")
    assert got.text == BODY
    assert got.description == "Bridge to reopen within a week"
    assert got.boilerplate == 2


def test_the_description_stands_in_for_a_missing_content() -> None:
    got = normal(description=f"<p>{BODY}</p>")
    assert got.text == got.description
    assert normal(content="<img src=x>", description=BODY).text == BODY


@pytest.mark.parametrize(
    "fields",
    [{"title": None}, {"title": "…", "content": "<img src=x> &nbsp; —"}, {"title": "<br>"}],
)
def test_nothing_to_read_is_poison(fields: dict[str, object]) -> None:
    with pytest.raises(PoisonMessage) as caught:
        normal(**fields)
    assert caught.value.reason is DeadLetterReason.NOTHING_TO_READ
    assert caught.value.hint


@pytest.mark.parametrize(
    ("claim", "believed", "note"),
    [
        (None, False, "no date"),
        (datetime(1970, 1, 1, tzinfo=UTC), False, "before 1990"),
        (datetime(1990, 1, 1, tzinfo=UTC), True, None),
        (NOW + timedelta(hours=23), True, None),
        (NOW + timedelta(hours=25), False, "future"),
        (datetime(9999, 12, 31, tzinfo=UTC), False, "future"),
    ],
)
def test_dates_are_bounded(claim: datetime | None, believed: bool, note: str | None) -> None:
    got = normal(published_at=claim)
    assert got.published_at == (claim if believed else None)
    assert (got.date_note is None) == (note is None)
    assert note is None or note in (got.date_note or "")


def test_an_atom_entry_that_only_says_updated_is_dated_by_it() -> None:
    assert normal(updated_at=NOW).published_at == NOW


def test_cosmetic_edits_do_not_count_and_others_do() -> None:
    plain = normal(content=BODY)
    cosmetic = normal(
        content=BODY.replace("“", '"').replace("”", '"').replace("\n\n", "\n").upper()
    )
    edited = normal(content=BODY.replace("week", "month"))
    assert plain.content_hash == cosmetic.content_hash != edited.content_hash


def test_identity_over_http_https_and_feeds_of_one_publisher() -> None:
    one = normal(content=BODY, url="http://www.outlet.example/1")
    two = normal(content=BODY, url="https://outlet.example/1/#top", feed="g", entry="guid:2")
    assert one.article_id == two.article_id


def test_without_url_the_guid_then_the_content_then_the_entry() -> None:
    assert normal(guid="1").keys[0] == "guid:Outlet:1"
    assert normal(content=BODY).keys[0].startswith("content:Outlet:")
    assert normal(url="http://outlet.example/").keys == ("entry:Outlet:guid:1",)


def test_a_shared_page_is_no_identity() -> None:
    got = normal(entry="part:guid:1", guid="1", url="http://outlet.example/live")
    assert got.url == "http://outlet.example/live"
    assert got.keys[0] == "guid:Outlet:1"


def test_texts_are_bounded() -> None:
    got = normal(title="x " * 5_000, content="word " * 60_000)
    assert len(got.text) <= 100_000
    assert got.text.endswith("word")
    assert len(got.title) <= 1_000
