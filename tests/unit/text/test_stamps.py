"""Lines that only tell when something was put up or changed."""

from __future__ import annotations

import pytest

from nightdesk.text.stamps import is_stamp, without_stamps


@pytest.mark.parametrize(
    "line",
    [
        "Updated at 14:05",
        "Last updated on Monday, 3 March 2026 at 5:30 pm EST",
        "Published 3 hours ago",
        "3 March 2026, 14:05 GMT",
        "This story was updated at 09:12",
        "2026-03-01 14:05",
        "Actualizado hace 3 horas",
        "Publié le 3 mars 2026, mis à jour à 14h05",
        "Zuletzt aktualisiert am 3. März 2026 um 14:05 Uhr",
        "Обновлено 3 марта 2026 в 14:05",
        "Posted 3 hours ago by Ann Miller | 12 comments",
        "By Ann-Marie O’Hara, 3 March 2026",
        "Par Zoé Martin, publié le 3 mars 2026",
        "14:05 | 12 comments | 3 shares",
    ],
)
def test_stamps(line: str) -> None:
    assert is_stamp(line)


@pytest.mark.parametrize(
    "line",
    [
        "Updated figures show 12 dead",
        "Published accounts name 12 officers",
        "12",
        "2026",
        "Updated",
        "",
        "The vote is on 3 March at 14:05",
        "Last week 12 boats were updated",
        "By noon 12 had died",
        "By March 2026 Ann Miller Had Died",
        "Published by Ann Miller",
        "12 comments",
        "1:2",
        f"Updated at 14:05 {'at ' * 60}",
    ],
)
def test_what_tells_more_is_none(line: str) -> None:
    assert not is_stamp(line)


def test_only_stamps_are_left_out() -> None:
    assert without_stamps("One.\nUpdated at 14:05\nTwo.") == "One.\nTwo."
    text = "One.\n\nTwo."
    assert without_stamps(text) is text
