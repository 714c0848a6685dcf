"""Codes of languages: which there are, and which one somebody meant who wrote another.

Comes in: what stands for a language in a definition.  Goes out: whether articles can carry it, and the
code that was meant.  The list is CLDR's (Babel), which is imported on first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from nightdesk.text.language import plain_code

_COUNTRIES = {
    "cn": "zh", "cz": "cs", "dk": "da", "gb": "en", "gr": "el", "il": "he", "ir": "fa", "jp": "ja",
    "kp": "ko", "kr": "ko", "se": "sv", "sy": "ar", "ua": "uk", "us": "en", "vn": "vi", "by": "be",
    "rs": "sr", "al": "sq", "am": "hy", "at": "de", "br": "pt", "in": "hi", "my": "ms",
}  # fmt: skip
"""Codes of countries that are written for their language."""


def is_language(code: str) -> bool:
    """Whether an article can carry `code`: two small letters of ISO 639-1."""
    return code in _by_code()


def language_name(code: str) -> str:
    """Return what English calls the language; the code itself where it is none."""
    return _by_code().get(code, code)


def language_meant(text: str) -> str | None:
    """Return the code that `text` (English, español, en-GB, ENG, jp) was probably meant for."""
    given = text.strip().casefold()
    if given in _by_name():
        return _by_name()[given]
    primary = plain_code(given)
    if primary is not None and is_language(primary):
        return primary
    return _COUNTRIES.get(given)


@cache
def _by_code() -> Mapping[str, str]:
    from babel import Locale

    names = Locale.parse("en").languages
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha()}


@cache
def _by_name() -> Mapping[str, str]:
    """Return name -> code, in English and in the language itself."""
    from babel import Locale

    found = {name.casefold(): code for code, name in _by_code().items()}
    for code in (
        "ar",
        "de",
        "es",
        "fa",
        "fr",
        "he",
        "it",
        "ja",
        "ko",
        "pt",
        "ru",
        "tr",
        "uk",
        "zh",
    ):
        own = Locale.parse(code).languages.get(code)
        if own:
            found.setdefault(own.casefold(), code)
    return found
