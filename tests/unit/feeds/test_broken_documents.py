"""What feedparser alone loses of broken documents, and charsets that nothing declares."""

from __future__ import annotations

import time

import pytest

from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parse import parse
from nightdesk.feeds.parsed import ParsedFeed
from nightdesk.feeds.pieces import in_pieces

ITEM = "<item><title>Two</title><guid>2</guid><description>second</description></item>"
SITEMAP = "<urlset xmlns='x'><url><loc>http://x.example/1</loc></url></urlset>"
FRENCH = "La trêve était très fragile"


def read(document: bytes | str) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return parse(body, content_type=None, url="http://outlet.example/feed")


def rss(*items: str, end: str = "</channel></rss>") -> str:
    return f"<rss version='2.0'><channel><title>T</title>{''.join(items)}{end}"


@pytest.mark.parametrize(
    "broken",
    [
        "<item><title>One</titel><description>d</desc></item>",
        "<item><title>One<description><![CDATA[never closed</description></item>",
        "<item><title>One</title><description><![CDATA[a <item> in it]]></x></description></item>",
        "<item><title>One</title><!-- <item><title>Old</title></item> --></guid></item>",
    ],
)
def test_a_broken_entry_swallows_no_other(broken: str) -> None:
    found = read(rss(broken, ITEM, ITEM.replace("Two", "Three").replace("2", "3")))
    assert [entry.guid for entry in found.entries] == [None, "2", "3"]
    assert (found.entries[0].title or "").startswith("One")
    assert (found.entries[1].title, found.entries[1].description) == ("Two", "second")


def test_an_entry_that_breaks_off_gives_what_it_holds() -> None:
    (entry,) = read(rss("<item><title>One</title><description>words are c", end="")).entries
    assert (entry.title, entry.description) == ("One", "words are c")
    (entry,) = read(rss("<item><description><![CDATA[words are c", end="")).entries
    assert entry.description == "words are c"


def test_a_title_that_does_not_end_is_kept() -> None:
    (entry,) = read(rss("<item><title>One</item>")).entries
    assert entry.title == "One"


@pytest.mark.parametrize("field", ["title", "guid", "pubDate", "dc:creator"])
def test_what_holds_a_line_and_does_not_end_swallows_no_other(field: str) -> None:
    fields = "<title>One</title><guid>1</guid><pubDate>Thu, 01 Oct 2026 10:00:00 GMT</pubDate>"
    fields += "<dc:creator>A. Writer</dc:creator><link>http://a.example/1</link><description>words</description>"
    whole = read(rss(f"<item>{fields}</item>", end="</b>")).entries
    assert read(rss(f"<item>{fields}</item>".replace(f"</{field}>", ""))).entries == whole
    assert (whole[0].title, whole[0].author, whole[0].description) == ("One", "A. Writer", "words")


def test_a_section_that_ends_with_that_of_another_entry_swallows_none() -> None:
    one = "<item><title>One</title><description><![CDATA[words</description></item>"
    three = "<item><title>Three</title><description><![CDATA[more]]></description></item>"
    found = read(rss(one, ITEM, three)).entries
    assert [entry.title for entry in found] == ["One", "Two", "Three"]
    assert [entry.description for entry in found] == ["words", "second", "more"]


def test_a_section_may_speak_of_sections() -> None:
    text = "write <![CDATA[ and then <item> or </item>"
    item = f"<item><title>One</title><description><![CDATA[{text}]]></description></item>"
    (entry,) = read(rss(item)).entries
    assert entry.description == text


@pytest.mark.parametrize("declared", ["", " xmlns:n='urn:nobody'"])
def test_a_namespace_that_nobody_knows_hides_no_entry(declared: str) -> None:
    item = ITEM.replace("</", "</n:").replace("<", "<n:").replace("<n:/n:", "</n:")
    document = f"<n:rss version='2.0'{declared}><n:channel>{item}</n:channel></n:rss>"
    (entry,) = read(document).entries
    assert (entry.title, entry.guid) == ("Two", "2")


def test_pieces_of_hostile_documents_are_found_soon() -> None:
    began = time.process_time()
    for part in (b"<![CDATA[", b"<!--", b"<item>", b"<item", b"<![CDATA[x]]><item>", b"<"):
        assert sum(map(len, in_pieces(part * 200_000))) >= 0
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize("prologue", ["", "<?xml version='1.0' encoding='utf-8'?>"])
def test_wide_characters_without_a_mark_or_a_word(charset: str, prologue: str) -> None:
    document = prologue + rss(f"<item><title>{FRENCH}</title></item>")
    assert read(document.encode(charset)).entries[0].title == FRENCH
    sitemap = (prologue + SITEMAP).encode(charset)
    assert read(sitemap).format == "sitemap"
    with pytest.raises(NotAFeed, match="an HTML page: “Été”"):
        read("<html><head><title>Été</title></head></html>".encode(charset))


def test_a_document_that_says_utf_16_and_is_not() -> None:
    assert read("<?xml version='1.0' encoding='utf-16'?>" + rss(ITEM)).entries[0].title == "Two"


@pytest.mark.parametrize(
    ("charset", "text"),
    [("iso-2022-jp", "日本政府は木曜日に発表した"), ("iso-2022-kr", "대한민국 정부는 발표했다")],
)
def test_charsets_of_seven_bits_that_nothing_declares(charset: str, text: str) -> None:
    found = read(rss(f"<item><title>{text}</title></item>").encode(charset))
    assert found.entries[0].title == text


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("cp1250", "Prezydent oświadczył w czwartek, że porozumienie wejdzie w życie już jutro"),
        (
            "iso-8859-2",
            "Prezydent oświadczył w czwartek, że porozumienie wejdzie w życie już jutro",
        ),
        ("cp1251", "Президент заявил в четверг, что договор вступит в силу"),
        ("koi8-r", "Президент заявил в четверг, что договор вступит в силу"),
        ("koi8-u", "Президент заявив у четвер, що угода набуде чинності її рішення"),
        ("iso-8859-5", "Президент заявил в четверг, что договор вступит в силу"),
        ("cp866", "Президент заявил в четверг, что договор вступит в силу"),
        ("cp1255", "הנשיא אמר ביום חמישי כי ההסכם ייכנס לתוקף"),
        ("cp1253", "Ο πρόεδρος δήλωσε την Πέμπτη ότι η συμφωνία θα τεθεί σε ισχύ"),
        ("mac-roman", "Le président a déclaré jeudi que la trêve était très fragile"),
        ("cp1252", "“L’été” — le président a déclaré que la trêve coûte 50 €, ©Agence™"),
    ],
)
def test_charsets_of_one_byte_that_nothing_declares(charset: str, text: str) -> None:
    found = read(rss(f"<item><title>{text}</title></item>").encode(charset))
    assert found.entries[0].title == text


def test_a_document_of_two_charsets() -> None:
    text = "Президент заявил в четверг, что договор вступит в силу"
    body = rss(ITEM, f"<item><title>{text}</title></item>").encode()
    body = body.replace(b"second", text.encode("cp1251"))
    assert [(one.title, one.description) for one in read(body).entries] == [
        ("Two", text),
        (text, None),
    ]


def test_what_a_long_comment_says_first_is_passed_over() -> None:
    licence = f"<!-- <html> {'licence ' * 1_000} -->"
    assert read(licence + rss(ITEM)).format == "rss20"
    assert read(licence + SITEMAP).format == "sitemap"
    with pytest.raises(NotAFeed, match="an HTML page"):
        read(f"{licence}<html><body>x</body></html>")


def test_ampersands_that_begin_no_reference() -> None:
    item = "<item><title>R&D &nbsp; AT&T &eacute;, 5 &lt 6</title><link>http://a.example/?a=1&lang=2&copy=3</link></item>"
    (entry,) = read(rss(item)).entries
    assert (entry.title, entry.url) == (
        "R&amp;D \xa0 AT&amp;T é, 5 &lt; 6",
        "http://a.example/?a=1&lang=2&copy=3",
    )
    item = "<title>R&D</title><link href='/?a=1&sect=2&#038;b=3'/>"
    atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry>{item}</entry></feed>"
    (entry,) = read(atom).entries
    assert (entry.title, entry.url) == ("R&D", "http://outlet.example/?a=1&sect=2&b=3")


@pytest.mark.parametrize("ampersand", ["&amp;", "&#038;", "&#x26;"])
def test_addresses_that_are_escaped_twice(ampersand: str) -> None:
    item = f"<item><title>One</title><link><![CDATA[http://a.example/?a=1{ampersand}b=2]]></link></item>"
    (entry,) = read(rss(item)).entries
    assert entry.url == "http://a.example/?a=1&b=2"


def test_a_broken_document_names_its_entries_as_a_whole_one_does() -> None:
    item = "<guid isPermaLink='false'>a&amp;b&lt;c</guid><author>Tom &amp; Ann</author>"
    item = f"<item><title>One</title>{item}</item>"
    (whole,), (broken,) = read(rss(item)).entries, read(rss(item, end="</b>")).entries
    assert whole == broken
    assert (whole.guid, whole.author) == ("a&b<c", "Tom & Ann")
