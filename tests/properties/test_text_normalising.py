"""Whatever a publisher writes: no crash, bounds held, and what is clean stays as it is."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.errors import PoisonMessage
from nightdesk.text.clean import clean
from nightdesk.text.html import to_text
from nightdesk.text.identity import words, words_hash
from nightdesk.text.normalise import normalise
from nightdesk.text.urls import canonical_url, url_key
from schemas import Report

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
SENTENCES = [
    "The prime minister said on Thursday that the bridge would reopen.",
    "Engineers had found no damage to the pillars, the ministry said.",
    "Residents told reporters that ferries had been full since Monday.",
    "“There is nothing to add,” a spokesman wrote; talks go on.",
    "В четверг министр заявил, что мост откроют.",
]
PIECES = """<p> </p> <b> </b> <br/> <div_class=x> </div> <script> </script> <!-- --> &amp; &amp;lt; &#8217;
<td > < & Share Bridge Ã©""".split()  # noqa: SIM905
markup = st.lists(st.sampled_from([*PIECES, "\n", "\n\n", " ", "\u200b"]), max_size=40).map("".join)
urls = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{}://{}{}{}".format,
        st.sampled_from(["http", "HTTPS", "ftp"]),
        st.sampled_from(
            ["a.example", "WWW.A.example:80", "amp.a.example", "bücher.example", "[::1]", "", "a b"]
        ),
        st.text("/.~%aZ0;:@&=+$,#amp é", max_size=20),
        st.sampled_from(
            ["", "?b=1&a=2", "?utm_x=1", "?amp", "?q=%zz&q=ü", "?url=http://b.example/", "#f"]
        ),
    ),
    st.builds("https://www.google.com/url?url={}".format, st.text(max_size=40)),
    st.builds("https://x.cdn.ampproject.org/c/s/{}".format, st.text(max_size=40)),
)


@settings(max_examples=400, deadline=None)
@given(urls)
def test_canonical_urls_never_raise_and_are_their_own(url: str) -> None:
    canonical = canonical_url(url)
    if canonical is not None:
        assert canonical_url(canonical) == canonical
        assert canonical.startswith(("http://", "https://"))
        assert url_key(canonical)


@settings(max_examples=250, deadline=None)
@given(st.one_of(st.text(max_size=200), markup))
def test_text_is_always_clean_text(html: str) -> None:
    text = to_text(html)
    assert unicodedata.is_normalized("NFC", text)
    assert not re.search("[\x00-\x08\u200b\u202a-\u202e\ufeff]", text)
    assert "\r" not in text


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6, unique=True),
    st.sampled_from(["\n", "\n\n"]),
)
def test_clean_text_is_left_alone(sentences: list[str], gap: str) -> None:
    text = gap.join(sentences)
    report = Report(
        id="r", entry="e", feed="f", source="s", title="Bridge", content=text, seen_at=NOW
    )
    assert normalise(report).text == text


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=300), markup), st.text(max_size=30))
def test_cleaning_only_drops_whole_lines(text: str, title: str) -> None:
    result = clean(text, title)
    assert words(text) == [] or set(words(result.text)) <= set(words(text))
    before = [line.strip() for line in text.split("\n") if line.strip()]
    after = [line.strip() for line in result.text.split("\n") if line.strip()]
    assert sorted([*after, *(gone.line for gone in result.dropped)]) == sorted(before)


@settings(max_examples=150, deadline=None)
@given(st.none() | markup, st.none() | markup, st.none() | st.text(max_size=100), st.none() | urls)
def test_any_report_is_normalised_or_poison(
    title: str | None, description: str | None, content: str | None, url: str | None
) -> None:
    report = Report(
        id="r", entry="e", feed="f", source="s", title=title, description=description, content=content,
        url=url, seen_at=NOW,
    )  # fmt: skip
    try:
        got = normalise(report)
    except PoisonMessage:
        return
    assert got.keys
    assert got == normalise(report)


@given(
    st.lists(st.sampled_from(["bridge", "reopened", "12", "dead", "été"]), min_size=1, max_size=8),
    st.data(),
)
def test_cosmetics_do_not_move_the_hash(spoken: list[str], data: st.DataObject) -> None:
    gaps = st.sampled_from([" ", "  ", "\n", " “", "” ", ", ", " – ", "!\t"])
    restyled = "".join(
        data.draw(st.sampled_from([word, word.upper(), word.title()])) + data.draw(gaps)
        for word in spoken
    )
    assert words_hash(" ".join(spoken)) == words_hash(restyled)
