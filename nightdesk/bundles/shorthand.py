"""Short forms of the storyline language, spelt out before anything checks them.

Comes in: a bundle as plain data.  Goes out: the same data, where an exemplar that is a mere text is
`text:` (or `article:`, for a URL or an id of the archive), an entity that is a mere name is an entity of
that name, and a country without a name is called as English calls it.  What has no short form, sound or
not, stays as it is.
"""

from __future__ import annotations

import re
from typing import Any

_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_ARTICLE_ID = re.compile(r"article-[0-9a-f]{4,24}")


def spell_out(data: Any) -> Any:
    """Return `data` with the short forms of its storylines spelt out; `data` itself is unchanged."""
    if not isinstance(data, dict) or not isinstance(data.get("storylines"), list):
        return data
    return {**data, "storylines": [_storyline(item) for item in data["storylines"]]}


def names_article(text: str) -> bool:
    """Whether `text` is the URL or the id of an article, rather than an article's words."""
    text = text.strip()
    return bool(_URL.fullmatch(text) or _ARTICLE_ID.fullmatch(text))


def _storyline(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    spelt = dict(item)
    for field, one in (("exemplars", _exemplar), ("entities", _entity)):
        if isinstance(item.get(field), list):
            spelt[field] = [one(value) for value in item[field]]
    return spelt


def _exemplar(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"article" if names_article(value) else "text": value}


def _entity(value: Any) -> Any:
    if isinstance(value, str) and value.strip():
        return {"name": value, "any_of": [value]}
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("country"), str):
        return {"name": _name_of(value["country"]), **value}
    return value


def _name_of(code: str) -> str:
    from nightdesk.text.gazetteer import english_name

    return english_name(code) or code
