"""Alphabets: how much the letters of a text are those of some language, in the measure in which it has them.

Comes in: text that was decoded by guess.  Goes out: a number.  It tells apart what is legible in several
charsets, since their letters stand in like places: Turkish reads as Icelandic, Russian as Greek, Arabic as
Thai.  Each language is its letters beyond ASCII, the most frequent first; how frequent is taken to fall with
the rank, as in Zipf's law.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from math import exp, log

_LETTERS = {
    "fr": "éèàêçùôâîûïœëüæÿ",
    "de": "üäöß",
    "es": "óíáéñúüºª",
    "pt": "ãçáéíóêõâúôàü",
    "it": "àèùòéì",
    "ca": "àéóèíòçúïü",
    "nl": "ëéïèöüç",
    "sv": "äåöéà",
    "da": "åøæéö",
    "is": "áíðóéúöþýæ",
    "et": "äõüöšž",
    "sq": "ëç",
    "pl": "łąężśćóńź",
    "cs": "íáěéřýčžšůúťňďó",
    "sk": "áíéčýžšúôľťňäďĺŕó",
    "hu": "áéöóőüíúű",
    "ro": "ăîţâş",
    "hr": "čšžćđ",
    "tr": "ıüşçğöİâîû",
    "lt": "ėšųžįąčūę",
    "lv": "āīšēņļžūčķģ",
    "ru": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "uk": "оаинівретсклудмпяьзгбчйхжцюєїшщфґ",
    "be": "анiіеорктсвлдпыямузбгчцьшўэйжхюфё",
    "bg": "аиоентрсвлкдпмзгъуябчцщжйхшфюь",
    "sr": "аиоенрјтсвкудлмпзгбчцшжхћфђљњџ",
    "mk": "аоиетнрсвлдкпмујзгбшчцжхќѓфњљџѕ",
    "el": "αοιετσνηυρπκμλςίωδγάόέχήθφύβξώζψϊϋΐΰ",
    "he": "יוהלארתבמשנעםדקחפכסטגצןזךץף",
    "ar": "اليمنترودهعبسفكةقأحجشطصخىإذضءغثئزآظؤ",
    "fa": "ايرندهمتوسبشکگزلخفچپقجعحصطآئضذغثظژكأ",
    "th": "านรอกเงมยลว่ดทสตะปบ้คหัีแจพใชขไุโผื็ึ์ซิำถณธูศษภญฟฐฝฉฎฏฑฒฌฮฆๆฯ",
}
_UNKNOWN = log(1e-3)
_FLAT = 2


def _shares(letters: str) -> dict[str, float]:
    """Return the logarithm of each letter's share."""
    whole = sum(1 / (rank + _FLAT) for rank in range(len(letters)))
    return {letter: -log((rank + _FLAT) * whole) for rank, letter in enumerate(letters)}


_SHARES = {language: _shares(letters) for language, letters in _LETTERS.items()}
# What a text of the language itself has on average, so that long alphabets are worth as much as short ones.
_OWN = {
    language: sum(exp(share) * share for share in shares.values())
    for language, shares in _SHARES.items()
}


def likeness(text: str, language: str | None = None) -> float:
    """Return how much the letters of `text` beyond ASCII are those of the language that they are most like,
    or of `language` where its alphabet is known: 0 to 1, which is also for a text without any."""
    counts = Counter(text)
    letters = Counter[str]()
    for char, times in counts.items():
        if not char.isascii() and unicodedata.category(char)[0] in "LM":
            letters[char if char == "İ" else char.lower()] += times
    if not letters:
        return 1.0
    among = [language] if language in _SHARES else _SHARES
    return max(_like(letters, name) for name in among if name)


def _like(letters: Counter[str], language: str) -> float:
    shares = _SHARES[language]
    found = sum(times * shares.get(letter, _UNKNOWN) for letter, times in letters.items())
    return min(1.0, exp(found / letters.total() - _OWN[language]))
