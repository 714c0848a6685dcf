"""Patterns of boilerplate lines, each with the name that a dropped line is counted under.

Data for `clean`.  A rule's pattern must match the whole trimmed line, and is tried only where one of
its marks stands in the folded line, which saves most of the time.  `LABELS` are for lines up to 200
characters, `NOTICES` and `CAPTIONS` up to 420.  Each is narrow on purpose: a line of news that is
dropped is worse than a line of furniture that stays.
"""

from __future__ import annotations

import re

Rules = tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...]
"""Name, marks (small letters), pattern."""


def _rules(*rules: tuple[str, str, str], flags: int = 0) -> Rules:
    return tuple(
        (name, tuple(marks.split()), re.compile(pattern, flags)) for name, marks, pattern in rules
    )


def first(rules: Rules, line: str, folded: str) -> str | None:
    """Return the name of the first rule that `line` (and `folded`, its small letters) falls under."""
    for name, marks, pattern in rules:
        for mark in marks:
            if mark in folded:
                if pattern.fullmatch(line):
                    return name
                break
    return None


_NAME = r"[A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){0,3}"
_AGENCY = r"[A-Z]{2,12}(?:[ /-][A-Z][\w.]*){0,4}"
_PLACES = (
    r"left|right|cent(?:er|re)|foreground|background|top|bottom|second (?:from )?(?:left|right)"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"

LABELS: Rules = _rules(
    (
        "media id",
        "id: id# id",
        r"(?:media|image|photo|video|asset|story|article) ?id\s*[:#]\s*[\w-]+",
    ),
    (
        "comment count",
        "comment",
        r"(?:see |view |show |read )?(?:all )?(?:\d[\d,.]* )?comments? ?(?:\(\d[\d,.]*\))?",
    ),
    (
        "share count",
        "share like tweet view favorite",
        r"\d[\d,.]*[km]? ?(?:shares?|likes?|tweets?|views?|retweets?|favorites?)",
    ),
    (
        "reading time",
        "min",
        r"(?:reading time:? )?(?:about )?\d+ ?-?(?:min(?:ute)?s?)\.? ?(?:to )?read"
        r"|temps de lecture:? \d+ ?min\.?|lesezeit:? \d+ ?min(?:uten)?\.?",
    ),
    (
        "sign up",
        "sign subscribe register",
        r"(?:sign ?up|subscribe|register)\b[^.!?]{0,140}"
        r"\b(?:newsletters?|e-?mails?|updates|alerts?|inbox|channel|account|feed)\b.{0,80}",
    ),
    (
        "sign up",
        "your",
        r"(?:get|receive) [^.!?]{0,80}\b(?:delivered|sent) (?:straight |directly )?"
        r"to your (?:inbox|e-?mail|phone)\b.{0,60}",
    ),
    (
        "follow us",
        "follow like join find connect",
        r"(?:please )?(?:follow|like|join|find|connect with) (?:us|me) (?:on|at|via)\b.{0,120}"
        r"|follow @?\w+(?: \w+)? on (?:twitter|facebook|instagram|telegram|x)\b.{0,60}",
    ),
    (
        "read more",
        "read also lire leer lea leia lesen читайте",
        r"(?:read (?:more|also|next|the (?:full|whole) (?:story|article))|see also|also read|lire aussi"
        r"|lea también|leer más|leia (?:mais|também)|lesen sie auch|читайте также)\s*[:|>»]\s?.{0,180}",
    ),
    ("read more", "here", r"(?:click|tap) here (?:to|for) [^.!?]{1,120}\.?"),
    (
        "page furniture",
        "window tab",
        r"(?:this link )?(?:opens?|will open) in a new (?:window|tab)\.?",
    ),
    ("page furniture", "slide", r"slide ?show \(\d+ (?:images?|photos?|slides?)\)"),
    flags=re.IGNORECASE,
)

NOTICES: Rules = _rules(
    ("copyright", "© (c)", r"(?:[^.!?]{0,60}\s)?(?:©|\(c\) ?(?=\d{4})).*"),
    ("copyright", "copyright", r"copyright\b.{0,6}(?:©|\(c\)|\d{4}).*"),
    (
        "copyright",
        "reserv vorbehalten",
        r".{0,80}\b(?:all rights reserved|todos los derechos reservados|tous droits réservés"
        r"|alle rechte vorbehalten)\b.{0,200}",
    ),
    (
        "copyright",
        "may",
        r"this (?:material|article|content) may not be (?:published|reproduced|copied).*",
    ),
    (
        "cookies",
        "cookie",
        r"(?:by (?:using|continuing|browsing)|(?:we|we and our partners|this (?:web)?site|our (?:web)?site)"
        r" uses?|usamos|utilizamos|nous utilisons|ce site utilise|en poursuivant|wir verwenden"
        r"|diese (?:website|seite) (?:verwendet|nutzt))\b.{0,160}\bcookies?\b.*",
    ),
    flags=re.IGNORECASE,
)

CAPTIONS: Rules = _rules(
    ("file photo", "file", r"\(?FILE\)?(?:\s(?:PHOTO|PICTURE|IMAGE|PIC))?\s?(?:[-–—:]|\()\s?\S.*"),
    (
        "file photo",
        "file",
        r"\(?[Ff]ile (?:[Pp]hoto|[Pp]icture|[Ii]mage|[Ff]ootage)\)?\s?[-–—:]\s?\S.*",
    ),
    (
        "photo credit",
        "photo image picture credit imagen foto",
        r"(?:(?:Photo|Image|Picture|Photograph|PHOTO|IMAGE)s?"
        r"(?: (?:[Cc]redit|[Bb]y|[Cc]ourtesy(?: of)?|[Ss]ource))?"
        r"|Credit|Source de l'image|Crédit photo|Foto|Fuente de la imagen)\s*[:/,]\s*\S.{0,80}",
    ),
    (
        "photo credit",
        "/ |",
        rf".*[.!?…\"”’]\s*[/|]\s*(?:{_AGENCY}|{_NAME}(?:\s?/\s?{_NAME})?)\.?",
    ),
    (
        "photo credit",
        "photo picture image file",
        r".*\((?:AP|EPA|AFP|PA)?\s?(?:[Pp]hoto|[Pp]icture|[Ii]mage|[Ff]ile)s?\b[^()]{0,80}\)",
    ),
    (
        "caption",
        "left right center centre ground top bottom (l) (r) (c)",
        rf".*(?:, (?:{_PLACES}),|\s\((?:L|R|C|{_PLACES})\)).*\b{_MONTH} \d{{1,2}}, \d{{4}}\.?",
    ),
)

SHORT_CREDIT = re.compile(rf"(?:{_AGENCY}|{_NAME})\s?/\s?{_NAME}(?:\s?/\s?{_NAME})?")
"""A credit that is a whole line, such as an agency and a name with a slash between; up to 60 characters."""

CAPTION_LABEL = re.compile(r"(?:image |photo |picture )?caption\s*:\s*(.*)", re.IGNORECASE)
"""A label before a caption, which may stand on the next line."""
