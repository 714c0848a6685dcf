"""Boilerplate goes, news stays, and each dropped line names its rule."""

from __future__ import annotations

import json

import pytest

from nightdesk.text.clean import clean
from nightdesk.text.html import to_text
from tests.support.shared import shared_path

NEWS = [
    "The prime minister said on Thursday that the bridge would reopen within a week.",
    "Engineers had found no damage to the pillars, according to the transport ministry.",
    "Residents told reporters that ferries had been full since Monday.",
    "The opposition called for an inquiry into the contract.",
]


def dropped(line: str, *, title: str = "") -> str | None:
    """Return the rule that drops `line` from the midst of news, or None."""
    text = "\n\n".join([*NEWS[:2], line, *NEWS[2:]])
    result = clean(text, title)
    assert [line for line in result.text.split("\n") if line] == [
        kept
        for kept in text.split("\n")
        if kept and kept not in {gone.line for gone in result.dropped}
    ]
    return result.dropped[0].rule if result.dropped else None


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Share", "page furniture"),
        ("» ADVERTISEMENT «", "page furniture"),
        ("Select Page", "page furniture"),
        ("Missing some content? Care to comment?", "page furniture"),
        ("This forum has been closed.", "page furniture"),
        ("Publicité", "page furniture"),
        ("Читайте также:", "page furniture"),
        ("See comments (12)", "page furniture"),
        ("1,204 comments", "page furniture"),
        ("Media ID: 55354469", "media id"),
        ("3.4K shares", "share count"),
        ("5 min read", "reading time"),
        ("Sign up for our daily newsletter", "sign up"),
        ("Follow us on Twitter and Facebook", "follow us"),
        ("Read more: Tunnel closed after fire", "read more"),
        ("Click here to see the whole list", "read more"),
        ("© 2026 The Outlet. All rights reserved.", "copyright"),
        ("Copyright 2026 The Agency. This material may not be published.", "copyright"),
        ("We use cookies to improve your experience.", "cookies"),
        ("Caption: The bridge at dawn", "caption"),
        ("FILE - The bridge in March", "file photo"),
        ("The minister at the bridge, March 2, 2026. / AFP", "photo credit"),
        ("Soldiers at the pier./ REUTERS", "photo credit"),
        ("Ann Writer/Agency Images", "photo credit"),
        ("Photo: Ann Writer", "photo credit"),
        ("The minister, left, greets the engineer at the bridge, March 2, 2026.", "caption"),
        ("---", "separator"),
        (".logo{display: block;width: 10px;}", "code"),
        ("Related stories", "link list"),
    ],
)
def test_boilerplate_is_dropped_by_its_rule(line: str, rule: str) -> None:
    assert dropped(line) == rule


@pytest.mark.parametrize(
    "line",
    [
        "The party's armed wing is banned as the Workers' Union of the North (WUN).",
        "Share prices fell by 4 percent after the announcement.",
        "Comments by the minister angered the opposition.",
        "Follow-up talks are planned for Monday.",
        "File-sharing sites were blocked in the capital.",
        "Subscribers to the railway's service were told nothing.",
        "“Read more books,” the minister told pupils.",
        "Copyright law was changed in the same session.",
        "He left, right after the vote, for the airport on March 2.",
        "The ceasefire / truce question was left open.",
        "Live fire was heard near the border.",
        "Top stories of corruption had followed him for years, he said.",
        "Killed: 12",
        "A",
        "- 400 people were displaced",
    ],
)
def test_news_is_never_dropped(line: str) -> None:
    assert dropped(line) is None


def test_mastheads_and_the_repeated_title() -> None:
    text = "\n".join(
        [
            "World News Opinion | The Outlet",
            "Bridge to reopen soon | THE OUTLET Archive 2005-2017",
            "",
            *NEWS,
        ]
    )
    result = clean(text, "Bridge to reopen soon")
    assert {gone.rule for gone in result.dropped} == {"masthead"}
    assert result.text == "\n".join(NEWS)
    again = clean(
        "Bridge to reopen soon - The Outlet\n\nBRIDGE TO REOPEN SOON!\n\n" + NEWS[0],
        "Bridge to reopen soon",
    )
    assert [gone.rule for gone in again.dropped] == ["repeated title", "repeated title"]
    assert again.text == NEWS[0]


def test_the_title_again_without_the_sites_name_that_an_aggregator_puts_behind_it() -> None:
    found = clean("Bridge to reopen soon\n\n" + NEWS[0], "Bridge to reopen soon - The Outlet")
    assert [gone.rule for gone in found.dropped] == ["repeated title"]
    assert found.text == NEWS[0]
    assert clean("Bridge to reopen soon", "Bridge to reopen soon and for good").dropped == ()


def test_a_link_list_at_the_end_goes_whole_and_one_in_the_middle_loses_its_heading() -> None:
    links = ["Tunnel closed after a fire in the night.", "Ferry prices to rise in summer."]
    tail = clean("\n".join([*NEWS, "Top stories", *links, "Partner news", "---"]))
    assert tail.text == "\n".join(NEWS)
    middle = clean("\n".join([NEWS[0], "Related", *NEWS[1:]]))
    assert middle.text == "\n".join(NEWS)


def test_a_stray_headline_at_the_end() -> None:
    stray = "Senators To Introduce Bipartisan Bill To Hold Railway Accountable"
    assert clean("\n".join([*NEWS, stray])).text == "\n".join(NEWS)
    assert clean("\n".join([NEWS[0], stray])).dropped == ()


def test_a_text_that_is_one_caption_stays() -> None:
    line = "The minister, left, greets the engineer at the bridge, March 2, 2026."
    assert clean(line).text == line


def test_cleaning_twice_changes_nothing() -> None:
    once = clean("\n".join(["Share", *NEWS, "Related", "x y"]))
    assert clean(once.text).text == once.text


def test_the_seeds() -> None:
    """Scraped pages of real outlets: only the report stays, and all of it."""
    folder = shared_path("seeds")
    for seed in json.loads((folder / "index.json").read_text()):
        text = (folder / seed["file"]).read_text()
        result = clean(to_text(text), seed["title"])
        gone = sum(len(line.line) for line in result.dropped)
        first, last = result.text.split("\n")[0], result.text.split("\n")[-1]
        assert len(first) > 120, seed["file"]
        assert last.rstrip('”"').endswith(
            (".", "said", "goal,” a western official from the coalition said")
        ), last
        assert 0.75 * len(text) < len(result.text), (seed["file"], gone)
        for furniture in (
            "Media ID",
            "Select Page",
            "Advertisement",
            "FILE -",
            "forum",
            "Top stories",
            "| ",
        ):
            assert furniture not in result.text
