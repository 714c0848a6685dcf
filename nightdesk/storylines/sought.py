"""How aliases, cues and exclusions are looked for, and which of them say nothing.

Comes in: a phrase as its author wrote it, and the languages of its storyline.  Goes out: the forms in which
the engine looks for it.  `check` asks here too, so that what it lets through is looked for, and what it
refuses never would be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache, lru_cache
from itertools import chain

from nightdesk.storylines.compounds import compounds
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.spoken import Spoken
from nightdesk.storylines.stop_words import is_stop_word, is_stop_word_anywhere
from nightdesk.text.entities import Phrase, variants
from nightdesk.text.repair import repair
from nightdesk.text.written import Written, as_written, is_also_a_word, plain

_MOSTLY_NAME = 0.7
"""Share of a word's mentions with a capital from which on it is a name, or an acronym and nothing else."""


_BRIEF = 100
"""Characters of a phrase that is remembered."""


def sought(text: str, spoken: Spoken) -> tuple[Phrase, ...]:
    """Return the forms in which a phrase is looked for; none where it says nothing in its languages.

    "the" stands in every report.  What says nothing by its words is looked for as it is written where signs
    join them (AT&T, E.ON), and an acronym that is a word in capitals only.
    """
    read = _remembered if len(text) <= _BRIEF else _forms
    forms = read(text, spoken.declared)
    # Which languages they are is only asked where it matters.
    if all(sure for _, sure in forms):
        return tuple([form for form, _ in forms])
    kept = [form for form, sure in forms if sure or _says(plain(form), spoken.own)]
    # What is derived of words that say nothing says no more.
    return tuple(kept) if forms[0][0] in kept else ()


def _forms(text: str, declared: tuple[str, ...]) -> tuple[tuple[Phrase, bool], ...]:
    """Return the forms that say something in some language, as given first, and whether each does in any."""
    said = repair(text)
    forms = variants(text, _is_word(declared))
    if not forms:
        return ()
    first = plain(forms[0])
    kept: dict[Phrase, bool] = {}
    if _tells(first):
        kept[forms[0]] = True
    elif any(not _is_number(word) for word in first) and (written := as_written(said)):
        kept[written] = True
    elif _may_say(first):
        kept[forms[0]] = any(map(_is_number, first))
    else:
        return ()
    for form in chain(forms, compounds(said)):
        if isinstance(form, Written) or _tells(form):
            kept.setdefault(form, True)
        elif _may_say(form) and not _is_vague(form):
            kept.setdefault(form, any(map(_is_number, form)))
    return tuple(kept.items())


_remembered = lru_cache(maxsize=4_096)(_forms)
"""Many storylines name the same countries."""


def _tells(words: Phrase) -> bool:
    """Whether a word that is no number tells something in any language."""
    return any(
        len(word) > 1 and not is_stop_word_anywhere(word) and not _is_number(word) for word in words
    )


def _may_say(words: Phrase) -> bool:
    """Whether words say something in some language: single characters alone never do."""
    return any(len(word) > 1 for word in words) and any(
        _is_number(word) or (len(word) > 1 and not is_stop_word(word, ())) for word in words
    )


def _says(words: Phrase, languages: Collection[str]) -> bool:
    return any(len(word) > 1 and not is_stop_word(word, languages) for word in words)


def _is_vague(words: Phrase) -> bool:
    """Whether words that no sign joins may be any: the A-10 is not "a 10", nor AT&T "at T"."""
    letters = [word for word in words if not _is_number(word)]
    alone = len(letters) == len(words)
    return bool(letters) and all(
        is_stop_word_anywhere(word) or (alone and len(word) == 1) for word in letters
    )


def _is_number(word: str) -> bool:
    return word[:1].isdigit()


@cache
def _is_word(languages: tuple[str, ...]) -> Callable[[str], bool]:
    """Return what tells whether an acronym is a word when it is written small: one of English, or a function
    word of these languages; of any where none are declared."""

    def is_word(word: str) -> bool:
        rarity = shipped_rarity()
        english = word in rarity.weights and rarity.names.get(word, 1.0) < _MOSTLY_NAME
        if english or is_also_a_word(word):
            return True
        return is_stop_word(word, languages) if languages else is_stop_word_anywhere(word)

    return is_word
