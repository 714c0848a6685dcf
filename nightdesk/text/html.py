"""HTML to text: what a reader would see of a fragment, as paragraphs, and nothing that could run.

Comes in: a field of a report, HTML or not.  Goes out: clean text: paragraphs parted by a blank line,
no tags, entities resolved (also twice-escaped ones), mojibake repaired, no invisible controls, NFC.
Plain text passes through unchanged but for those repairs.  Parsed by lexbor (selectolax).
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from nightdesk.text.repair import repair

LONGEST_HTML = 1_000_000
_MOST_ESCAPED = 3  # rounds: HTML in escaped HTML with escaped entities is the worst that feeds send
_DEEPEST = 400  # lexbor is quadratic in nesting: 100,000 open <div> take it 11 s


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INLINE = _names(
    "a abbr acronym applet b bdi bdo big blink cite code data del dfn em font i ins kbd label mark marquee "
    "nobr object q rb ruby s samp small span strike strong sub sup time tt u var wbr"
)
_BLOCKS = _names(
    "address article aside blockquote body center dd details dialog div dl dt fieldset footer form h1 h2 "
    "h3 h4 h5 h6 header hgroup hr html li listing main menu ol p pre search section summary table tbody "
    "tfoot thead tr ul"
)
_LINES = _names("br li tr dt dd")
_SKIPPED = _names(
    "script style noscript template nav figure figcaption iframe embed svg math canvas audio video button "
    "select textarea form head title picture map area dialog frameset noframes noembed rp rt"
)
_OTHERS = _names(
    "area basefont bgsound br caption center col colgroup font frame img input keygen link meta param "
    "source spacer td th"
)
_KNOWN = _INLINE | _BLOCKS | _SKIPPED | _OTHERS
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})(?=[\s/>])[^<>]*>"
    r"|<!--|<!\[CDATA\[|<!doctype",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"</?([a-zA-Z][a-zA-Z0-9]{0,15})(?:\s*/?>|\s+[a-zA-Z_:@][\w:.-]{0,40}\s*=[^<>]*>)"
    r"|<!--|<!\[CDATA\[|<!doctype\s",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_BLOCK_TAG = re.compile(
    r"<(?:p|div|br|li|ul|ol|table|tr|h[1-6]|blockquote|article|section|pre|hr)[\s/>]", re.IGNORECASE
)
_CLOSING = re.compile(r"</[a-zA-Z][a-zA-Z0-9]{0,15}\s*>|<(?:br|p|img|hr)\b[^<>]*>", re.IGNORECASE)
_VOID = _names("area base br col embed hr img input link meta param source track wbr p li td tr th")
_FRAMES = re.compile(r"</?(?:frameset|frame)\b[^<>]*>", re.IGNORECASE)
_COMMENT_START = re.compile(r"<!--[^<>]*>?")
_SPACES = re.compile(r"[^\S\n]+")
_MANY_BREAKS = re.compile(r"\n{3,}")


def to_text(html: str) -> str:
    """Return the readable text of `html`, at most as long as a megabyte of input yields."""
    text, escaped = html[:LONGEST_HTML], False
    for _ in range(_MOST_ESCAPED):
        if is_html(text) and (not escaped or _CLOSING.search(text)):
            text = _strip(text)
        elif _ENTITY.search(text):
            text = _ENTITY.sub(_resolved, text)
        else:
            break
        escaped = True
    return repair(text)


def to_line(html: str, longest: int = 1_000) -> str:
    """Return the readable text of a title or a name: one line of at most `longest` characters."""
    return " ".join(to_text(html[: longest * 20]).split())[:longest].rstrip()


def _resolved(found: re.Match[str]) -> str:
    """Resolve one entity, where it is one as a whole: `&notify;` is no `¬ify;`."""
    name = found[0][1:]
    return unescape(found[0]) if name.startswith("#") or name in html5 else found[0]


def is_html(text: str) -> bool:
    """Tell whether `text` holds a tag that browsers know (so `a <b and c>` is plain text)."""
    if "<" not in text:
        return False
    return any(found[1] is None or found[1].lower() in _KNOWN for found in _SURE.finditer(text))


def _strip(html: str) -> str:
    """Parse and walk; or, where the nesting is hostile, cut the tags out."""
    ended = html.rfind("-->") + 1
    if html.rfind("<!--") >= ended:
        # A comment that never ends would take all that follows.
        html = html[:ended] + _COMMENT_START.sub(" ", html[ended:])
    if depth_of(html) > _DEEPEST:
        return unescape(_TAG.sub("\n", html))
    body = LexborHTMLParser(_FRAMES.sub(" ", html)).body
    if body is None:
        return ""
    keeps_breaks = not _BLOCK_TAG.search(html)
    parts: list[str] = []
    _walk(body, parts, keeps_breaks=keeps_breaks)
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def _walk(body: Any, parts: list[str], *, keeps_breaks: bool) -> None:
    """Collect the text below `body` in document order, without recursion."""
    node, preformatted = body.child, 0
    while node is not None:
        tag = node.tag or "-unknown"
        if tag == "-text":
            text = node.text_content or ""
            parts.append(text if keeps_breaks or preformatted else text.replace("\n", " "))
            below = None
        elif tag in _SKIPPED or tag.startswith(("-", "!")):
            below = None
        else:
            _open(tag, parts)
            preformatted += tag == "pre"
            below = node.child
            if below is None:
                _close(tag, parts)
                preformatted -= tag == "pre"
        if below is not None:
            node = below
            continue
        while node.next is None:
            node = node.parent
            if node is None or node.mem_id == body.mem_id:
                return
            _close(node.tag or "", parts)
            preformatted -= node.tag == "pre"
        node = node.next


def _open(tag: str, parts: list[str]) -> None:
    if tag in _LINES:
        parts.append("\n")
    elif tag in _BLOCKS:
        parts.append("\n\n")
    elif tag in {"td", "th"}:
        parts.append(" ")


def _close(tag: str, parts: list[str]) -> None:
    if tag in _BLOCKS and tag not in _LINES:
        parts.append("\n\n")


def depth_of(html: str) -> int:
    """Return an upper estimate of how deep `html` nests."""
    depth = deepest = 0
    if html.count("<") < _DEEPEST:
        return 0
    for found in _TAG.finditer(html):
        name = (found[2] or "").lower()
        if not name or name in _VOID or found[0].endswith("/>"):
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest
