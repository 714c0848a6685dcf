"""Dates in words of many languages, and in figures."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nightdesk.text.dates import read_date
from nightdesk.text.moments import read_claim


@pytest.mark.parametrize(
    "text",
    [
        "Thursday, November 26, 2026 10:00",
        "Nov 26th, 2026 at 10:00 am",
        "26-Nov-2026 10:00",
        "木, 26 11月 2026 19:00:00 +0900",
        "목, 26 11월 2026 19:00:00 +0900",
        "/Date(1795687200000)/",
        "2026-11-26T05:00:00\N{MINUS SIGN}05:00",
        "Чт, 26 ноя 2026 13:00:00 +0300",
        "26 ноября 2026, 10:00",
        "26 листопада 2026 10:00",
        "jeu., 26 nov. 2026 11:00:00 +0100",
        "26 de noviembre de 2026 10:00",
        "26. November 2026, 10:00 Uhr",
        "26 listopada 2026 10:00",
        "26 Kasım 2026 10:00",
        "26 marraskuuta 2026 10:00",
        "26 noiembrie 2026 10:00",
        "26 نوفمبر 2026 10:00",
        "٢٦ نوفمبر ٢٠٢٦ ١٠:٠٠",
        "26 בנובמבר 2026 10:00",
        "Πεμ, 26 Νοε 2026 12:00:00 EET",
        "2026年11月26日 10:00",
        "2026년 11월 26일 10:00",
        "26 tháng 11 năm 2026 10:00",
        "2026-november-26 10:00",
        "26.11.2026 10:00",
        "26/11/2026 10:00",
        "11/26/2026 10:00 AM",
        "2026/11/26 10:00",
        "1795687200",
        "1795687200000",
        "Thu, 26 Nov 2026 11:00:00 CET",
        "Thu, 26 Nov 2026 13:00:00 MSK",
        "Thu, 26 Nov 2026 13:00:00 UTC+3",
        "Thu, 26 Nov 2026 11:00:00 GMT+0100",
        "Thu, 26 Nov 2026 10:00:00 GMT (Coordinated Universal Time)",
        "2026-11-26T10:00:00Z[Europe/Paris]",
    ],
)
def test_a_date_is_read(text: str) -> None:
    assert read_date(text) == datetime(2026, 11, 26, 10, tzinfo=UTC)


def test_a_day_alone_is_its_midnight() -> None:
    assert read_date("26 novembre 2026") == datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize("hour", [("12:30 am", 0), ("12:30 p.m.", 12), ("1:30 PM", 13)])
def test_hours_of_a_half_day(hour: tuple[str, int]) -> None:
    assert read_date(f"Nov 26, 2026 {hour[0]}") == datetime(2026, 11, 26, hour[1], 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "3/4/2026",
        "yesterday",
        "31 Feb 2026",
        "26 Foo 2026",
        "26 Nov 2026 25:61",
        "0000-00-00",
        "Thu, 26 Nov 2026 10:00:00 +9999",
        "12月26日",
        "9" * 20,
        "",
        "12345",
    ],
)
def test_what_names_no_moment_or_several_gives_none(text: str) -> None:
    assert read_date(text) is None


def test_24_00_is_the_end_of_its_day() -> None:
    assert read_date("Thu, 26 Nov 2026 24:00:00 GMT") == datetime(2026, 11, 27, tzinfo=UTC)


def test_dates_of_feeds_are_read_so() -> None:
    assert read_claim(" 26 ноября 2026 ") == datetime(2026, 11, 26, tzinfo=UTC)
