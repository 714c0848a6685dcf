"""How a feed's health is said, and what is proposed where an address cannot be fetched at all."""

from __future__ import annotations

import httpx
import pytest

from nightdesk.feeds.answers import named
from nightdesk.feeds.errors import AddressRefused
from nightdesk.feeds.health import FeedHealth, words_of


def test_each_health_is_said_in_words_and_a_foreign_one_too() -> None:
    assert {words_of(health.value) for health in FeedHealth}.isdisjoint({"http_error", "dns"})
    assert words_of("http_error") == "HTTP error"
    assert words_of("refused") == "refused by policy"
    assert words_of("of_a_later_version") == "of a later version"


@pytest.mark.parametrize("error", [httpx.InvalidURL("x"), httpx.UnsupportedProtocol("y")])
def test_nobody_is_told_to_allow_private_addresses_for_what_is_no_url(error: Exception) -> None:
    refused = named("outlet.example", error)
    assert isinstance(refused, AddressRefused)
    assert "is not a URL" in refused.message
    assert "allow_private" not in refused.hint
