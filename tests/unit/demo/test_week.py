"""A week at a desk: what was sent, held and left out, and why, line by line."""

from __future__ import annotations

from importlib.resources import files

from demo.week.run import timeline


def test_the_week_is_as_it_was() -> None:
    told = [str(line) for line in timeline()]
    # Look at each line that differs before it is taken for the new truth: python -m demo.week
    assert told == (files("demo.week") / "timeline.txt").read_text("utf-8").splitlines()


def test_the_week_shows_what_a_desk_asks_for() -> None:
    lines = timeline()
    said = "\n".join(str(line) for line in lines)
    for reason in (
        "quiet hours until",
        "for the digest of",
        "told with its group at",
        "the rate limit of 3 in an hour is reached",
        "snoozed by Mara",
        "silence wednesday-briefing",
        "muted until",
        "It still stands",
        "gone_quiet",
        "revision",
    ):
        assert reason in said, reason
    sent = [line for line in lines if line.what == "sent" and line.who == "night-desk"]
    night = [line for line in sent if line.at.hour < 4 or line.at.hour >= 23]
    assert night == []
