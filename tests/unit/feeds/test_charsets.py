"""Charsets that nothing declares, or that are declared wrongly: a feed's words tell what its bytes are."""

from __future__ import annotations

import pytest

from nightdesk.feeds.alphabets import likeness
from nightdesk.feeds.parse import parse

TURKISH = "Cumhurbaşkanı perşembe günü anlaşmayı açıkladı"
ARABIC = "الرئيس يعلن وقف إطلاق النار يوم الخميس"
RUSSIAN = "Президент объявил о перемирии в четверг"
GREEK = "Ο πρόεδρος ανακοίνωσε εκεχειρία την Πέμπτη"
THAI = "ประธานาธิบดีประกาศหยุดยิงในวันพฤหัสบดี"
CZECH = "Prezident ve čtvrtek vyhlásil příměří"
LITHUANIAN = "Prezidentas ketvirtadienį paskelbė paliaubas"
CHINESE = "总统星期四宣布停火"
SENTENCES = [
    ("cp1254", TURKISH),
    ("iso-8859-9", TURKISH),
    ("cp1256", ARABIC),
    ("iso-8859-6", ARABIC),
    ("mac-cyrillic", RUSSIAN),
    ("mac-cyrillic", "Президент оголосив перемир'я у четвер"),
    ("iso-8859-5", "Президентът обяви примирие в четвъртък"),
    ("iso-8859-7", GREEK),
    ("iso-8859-8", "הנשיא הכריז על הפסקת אש ביום חמישי"),
    ("cp874", THAI),
    ("cp1250", CZECH),
    ("iso-8859-2", CZECH),
    ("cp1250", "Az elnök csütörtökön bejelentette a tűzszünetet"),
    ("cp1257", LITHUANIAN),
    ("iso-8859-13", "Prezidents ceturtdien paziņoja par pamieru"),
    ("cp850", "Präsident verkündet Waffenruhe für Österreich"),
    ("mac-roman", "El presidente anunció una tregua el jueves, según Muñoz"),
    ("cp1256", "رئيس جمهور روز پنجشنبه آتش بس اعلام کرد"),
    ("gb18030", CHINESE),
    ("big5", "總統星期四宣布停火"),
    ("cp932", "大統領は木曜日に停戦を発表した"),
    ("euc-jp", "大統領は木曜日に停戦を発表した"),
    ("cp949", "대통령은 목요일 휴전을 발표했다"),
    ("hz", CHINESE),
]


def title(text: str, charset: str, prologue: str = "", served_as: str | None = None) -> str | None:
    """Return what becomes of the title `text` in a feed that is written in `charset`."""
    document = f"<rss version='2.0'><channel><item><title>{text}</title></item></channel></rss>"
    body = (prologue + document).encode(charset)
    return parse(body, content_type=served_as, url="http://outlet.example/feed").entries[0].title


def says(charset: str) -> str:
    return f"<?xml version='1.0' encoding='{charset}'?>"


@pytest.mark.parametrize(("charset", "text"), SENTENCES)
@pytest.mark.parametrize("prologue", ["", says("utf-8"), says("x-nobody")])
def test_a_charset_that_nothing_declares(charset: str, text: str, prologue: str) -> None:
    assert title(text, charset, prologue) == text


@pytest.mark.parametrize(("charset", "text"), SENTENCES)
def test_what_a_server_says_of_all_that_it_sends(charset: str, text: str) -> None:
    served_as = "text/xml; charset=ISO-8859-1"
    assert title(text, charset, says(charset), served_as) == text


@pytest.mark.parametrize(
    ("charset", "text"),
    [("cp1251", RUSSIAN), ("cp1253", GREEK), ("koi8-r", RUSSIAN), ("gb18030", f"{CHINESE}。" * 3)],
)
def test_a_prologue_that_names_the_usual_and_is_wrong(charset: str, text: str) -> None:
    assert title(text, charset, says("iso-8859-1")) == text


@pytest.mark.parametrize(
    "text",
    [
        "“L’été” — le président a déclaré que la trêve coûte 50 €",
        "Forsetinn tilkynnti um vopnahlé á fimmtudag, þar á meðal börn",
        "Blåbærsyltetøy på Færøyane: ærlig talt, så går det",
        "Größte Übung für Österreichs Straßenmeister",
        "¿Qué pasará después? Muñoz declaró",
        "© 2026 – ½ price: £5 • 20 °C",
    ],
)
def test_a_prologue_that_names_the_usual_and_is_right(text: str) -> None:
    assert title(text, "cp1252", says("iso-8859-1")) == text
    assert title(text, "cp1252") == text


def test_utf_8_under_another_name_though_a_byte_of_it_is_broken() -> None:
    body = f"{says('iso-8859-1')}<rss><channel><item><title>{RUSSIAN} \x01</title></item></channel></rss>"
    found = parse(
        body.encode().replace(b"\x01", b"\xe9"), content_type=None, url="http://a.example/"
    )
    assert found.entries[0].title == f"{RUSSIAN} é"


@pytest.mark.parametrize(
    ("label", "charset", "text"),
    [
        ("x-mac-cyrillic", "mac-cyrillic", RUSSIAN),
        ("win-1251", "cp1251", RUSSIAN),
        ("x-sjis", "cp932", "大統領は木曜日に停戦を発表した"),
        ("x-gbk", "gbk", CHINESE),
        ("windows-874", "cp874", THAI),
        ("iso-8859-8-i", "iso-8859-8", "הנשיא הכריז על הפסקת אש"),
        ("hz-gb-2312", "hz", CHINESE),
    ],
)
def test_names_of_charsets_that_browsers_know(label: str, charset: str, text: str) -> None:
    assert title(text, charset, says(label)) == text
    assert title(text, charset, served_as=f"text/xml; charset={label}") == text


def test_likeness_follows_how_frequent_letters_are() -> None:
    assert likeness("plain") == 1
    assert likeness(RUSSIAN) > likeness(RUSSIAN.encode("cp1251").decode("cp1253", "replace"))
    assert likeness(ARABIC) > 2 * likeness(ARABIC.encode("iso-8859-6").decode("cp874", "replace"))
    assert likeness(TURKISH, "tr") > likeness(TURKISH, "de")
    assert likeness(TURKISH, "xx") == likeness(TURKISH)
