"""Moments and characters as others write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nightdesk.text.moments import read_moment
from nightdesk.text.surrogates import without_surrogates


@pytest.mark.parametrize(
    "text",
    [
        "2016-07-14T10:00:00Z",
        " 2016-07-14 10:00:00 ",
        "2016-07-14T12:00:00+02:00",
        "Thu, 14 Jul 2016 10:00:00 GMT",
        "14 Jul 2016 06:00:00 EDT",
        "Thu, 14 Jul 2016 10:00:00",
    ],
)
def test_a_moment_is_read(text: str) -> None:
    assert read_moment(text) == datetime(2016, 7, 14, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "1 1 1 1 1",
        "9" * 10_000,
        "0001-01-01T00:00:00+05:00",
        "Thu, 99 Jul 2016 10:00:00 GMT",
        "Thu, 14 Jul 99999 10:00:00 GMT",
    ],
)
def test_what_names_no_moment_gives_none(text: str | None) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain é 中", "plain é 中"),
        ("\ud83d\ude00", "\N{GRINNING FACE}"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("a\ud800", "a\ufffd"),
    ],
)
def test_halves_of_characters_are_joined_or_replaced(text: str, clean: str) -> None:
    assert without_surrogates(text) == clean
