"""Cleaning: lines of a scraped page that are not the article, by rules that know no outlet.

Comes in: text as `to_text` gives it, and the title.  Goes out: the text without such lines, and each
dropped line with the name of the rule, so that dropping can be counted, shown and undone.  Cautious:
a rule that is not sure leaves the line; prose of 200 characters and more is dropped by none but those
for credits, legal notes and link lists.  What recurs across a source's articles is learned elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nightdesk.text.boilerplate import FURNITURE, LINK_LISTS
from nightdesk.text.identity import words
from nightdesk.text.line_rules import CAPTION_LABEL, CAPTIONS, LABELS, NOTICES, SHORT_CREDIT, first

_LONGEST_PHRASE = 80
_LONGEST_LABEL = 200
_LONGEST_CAPTION = 420
_LONGEST_CREDIT = 60
_LONGEST_LINK = 320
_LONGEST_CODE = 2_000
_MOST_LINKS = 40
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_INSIDE = re.compile(r"[^\w'-]+")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔:;][\"'”’»)\]]*\s*$")
_RULE = re.compile(r"([-_*=~•·–—#.])\1{2,}|(?:[*•·]\s+){2,}[*•·]?")
_BAR = re.compile(r"\s[|¦»]\s")
_SUFFIX = re.compile(r"\s[-–—|»:]\s")
_CODE = re.compile(r"[.#@\w][^{}!?]{0,120}\{[^{}]*:[^{}]*\}\s*")


@dataclass(frozen=True)
class Dropped:
    """One dropped line and the rule that dropped it."""

    line: str
    rule: str


@dataclass(frozen=True)
class Cleaned:
    """What stays, and what went."""

    text: str
    dropped: tuple[Dropped, ...] = ()


def clean(text: str, title: str = "") -> Cleaned:
    """Drop the lines of `text` that are boilerplate.  `title` is the report's, to drop its repetition.

    Lines that stay are as they were; where a line goes, the blank lines around it become one break.
    """
    lines = text.split("\n")
    filled = [at for at, line in enumerate(lines) if line.strip()]
    if not filled:
        return Cleaned("")
    rules: dict[int, str] = {}
    _by_line(lines, filled, rules)
    _mastheads(lines, filled, rules, title)
    _captions(lines, filled, rules)
    _link_lists(lines, filled, rules)
    _repeated(lines, filled, rules, title)
    _stray_headline(lines, filled, rules)
    if not rules:
        return Cleaned(text.strip("\n"))
    kept = [line for at, line in enumerate(lines) if at not in rules]
    dropped = tuple(Dropped(lines[at].strip(), rules[at]) for at in sorted(rules))
    return Cleaned(re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n"), dropped)


def _bare(folded: str) -> str:
    """Return a folded line as phrases are listed: without what stands at its edges."""
    return _INSIDE.sub(" ", _EDGES.sub("", folded.replace("’", "'"))).strip()


def _by_line(lines: list[str], filled: list[int], rules: dict[int, str]) -> None:
    """Rules that need nothing but the line itself."""
    for at in filled:
        line = lines[at].strip()
        if len(line) > _LONGEST_CODE:
            continue
        rule = _alone(line)
        if rule:
            rules[at] = rule


def _alone(line: str) -> str | None:
    """Return the rule by which a line is boilerplate whatever stands around it, or None."""
    if len(line) <= _LONGEST_CAPTION:
        folded = line.casefold()
        if len(line) <= _LONGEST_PHRASE:
            if _RULE.fullmatch(line):
                return "separator"
            if _bare(folded) in FURNITURE:
                return "page furniture"
        if len(line) <= _LONGEST_LABEL and (rule := first(LABELS, line, folded)):
            return rule
        if rule := first(NOTICES, line, folded):
            return rule
    return "code" if line.endswith("}") and _CODE.fullmatch(line) else None


def _mastheads(lines: list[str], filled: list[int], rules: dict[int, str], title: str) -> None:
    """Headings before the article that name the site: parts joined by a bar, without a sentence."""
    for at in filled[:5]:
        line = lines[at].strip()
        if at in rules or len(line) > _LONGEST_LABEL or _SENTENCE_END.search(line):
            continue
        if (
            _BAR.search(line)
            and not line[0].isdigit()
            and not (title and words(line) == words(title))
        ):
            rules[at] = "masthead"


def _captions(lines: list[str], filled: list[int], rules: dict[int, str]) -> None:
    """Captions and credits; never what is the better part of a text."""
    others = sum(len(lines[at]) for at in filled if at not in rules)
    for place, at in enumerate(filled):
        line = lines[at].strip()
        if at in rules or len(line) > _LONGEST_CAPTION:
            continue
        label = CAPTION_LABEL.fullmatch(line)
        if label:
            rules[at] = "caption"
            after = filled[place + 1] if not label[1] and place + 1 < len(filled) else None
            if after is not None and _caption(lines[after].strip()):
                rules[after] = "caption"
        elif 2 * len(line) < others and (rule := _caption(line)):
            rules[at] = rule


def _caption(line: str) -> str | None:
    if len(line) <= _LONGEST_CREDIT and SHORT_CREDIT.fullmatch(line):
        return "photo credit"
    return first(CAPTIONS, line, line.casefold()) if len(line) <= _LONGEST_CAPTION else None


def _link_lists(lines: list[str], filled: list[int], rules: dict[int, str]) -> None:
    """A heading such as "Top stories"; with all that follows where that is short, late and little."""
    total = sum(len(lines[at]) for at in filled)
    before = 0
    for place, at in enumerate(filled):
        line = lines[at].strip()
        if len(line) <= 60 and _bare(line.casefold()) in LINK_LISTS:
            rules.setdefault(at, "link list")
            rest = filled[place + 1 :]
            is_tail = all(len(lines[later].strip()) <= _LONGEST_LINK for later in rest)
            if is_tail and len(rest) <= _MOST_LINKS and before >= 0.6 * total:
                for later in rest:
                    rules.setdefault(later, "link list")
                return
        before += len(line)


def _repeated(lines: list[str], filled: list[int], rules: dict[int, str], title: str) -> None:
    """The title again at the head of the text, and a line that stands twice in a row."""
    spoken = words(title) if title else []
    last = ""
    for place, at in enumerate(filled):
        if at in rules:
            continue
        line = lines[at].strip()
        said = words(line) if spoken and place < 8 and len(line) <= _LONGEST_CAPTION else []
        if said and (said == spoken or _titled(line, said, spoken) or _titled(title, spoken, said)):
            rules[at] = "repeated title"
        elif line == last and len(line) > 10 and " " in line:
            rules[at] = "repeated line"
        last = line


def _titled(line: str, said: list[str], spoken: list[str]) -> bool:
    """Tell whether a line is the title with the site's name behind it; or the title the line with that, as
    aggregators have it."""
    extra = len(said) - len(spoken)
    begins = len(spoken) >= 4 and 0 < extra <= 6 and said[: len(spoken)] == spoken
    return begins and bool(_SUFFIX.search(line)) and not _SENTENCE_END.search(line)


def _stray_headline(lines: list[str], filled: list[int], rules: dict[int, str]) -> None:
    """The last line, where it is another story's headline: no sentence, but Capitals Almost Throughout,
    behind a text of whole sentences or behind page furniture."""
    left = [at for at in filled if at not in rules]
    if len(left) < 4:
        return
    line = lines[left[-1]].strip()
    tokens = re.findall(r"[^\W\d_][\w'’-]*", line)
    if len(line) > 160 or len(tokens) < 5 or _SENTENCE_END.search(line):
        return
    long_ones = [token for token in tokens if len(token) > 3]
    capitals = sum(token[0].isupper() for token in long_ones)
    prose = sum(bool(_SENTENCE_END.search(lines[at])) for at in left[:-1])
    if long_ones and capitals >= 0.85 * len(long_ones) and 2 * prose > len(left):
        rules[left[-1]] = "stray headline"
