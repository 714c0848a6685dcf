"""URLs of articles: one spelling for one page, whatever a feed hangs on to it.

Comes in: a link as a publisher wrote it.  Goes out: its canonical form to show and click
(`canonical_url`), and a key in which http and https, `www.` and none are one (`url_key`).  Spelling is
w3lib's; which parameters only track, what AMP adds and which redirectors carry their goal in the open
is listed here.  Never raises, and canonical forms are their own canonical forms.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from nightdesk.text.redirectors import goal_of_google_news

_LONGEST = 4_000
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Parameters that tell where a click came from and never which page it leads to.  Only names that are
# used for nothing else: `ref`, `source`, `id` or `cid` choose the page on some sites and stay.
_TRACKING_PREFIXES = (
    "utm_", "at_", "mc_", "mkt_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "ns_", "oly_", "vero_",
    "itm_", "_hs", "sc_camp", "stm_", "wt.", "trk_", "fb_action", "ga_",
)  # fmt: skip
_TRACKING_LIST = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid yclid ysclid ttclid li_fat_id igshid igsh
    mibextid epik s_cid s_kwcid ef_id cmpid cmp ocid ito xtor wickedid rb_clickid soc_src soc_trk
    smid smtyp partner_id ncid sr_share __twitter_impression taid guccounter guce_referrer
    guce_referrer_sig _ga _gl __s sfnsn fref ref_src ref_url referrer cmpredirect traffic_source
    feature_id phpsessid jsessionid srsltid syclid vgo_ee mkevt mkcid
"""
_TRACKING_NAMES = frozenset(_TRACKING_LIST.split())
_AMP_VALUES = {("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp"), ("output", "amp")}
_AMP_TAIL = re.compile(r"/amp(?:\.html)?/*$|\.amp(?=\.html?$)|\.amp$", re.IGNORECASE)
_AMP_HEAD = re.compile(r"^/amp/(?!s?/?$)(?=.*/)", re.IGNORECASE)
_AMP_CACHE = re.compile(r"^/(?:[civ]|wp)/(s/)?(.+)$|^/amp/(s/)?(.+)$")
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE)
_REDIRECTORS = re.compile(
    r"^(?:www\.)?(?:google\.[a-z.]{2,6}/url|bing\.com/news/apiclick\.aspx|youtube\.com/redirect)$"
    r"|^consent\.(?:google|youtube)\.[a-z.]{2,6}/(?:ml|m|s)$"
    r"|^lm?\.facebook\.com/l\.php$|^t\.umblr\.com/redirect$|^[a-z0-9]+\.safelinks\.protection\.outlook\.com/"
)
_GOALS = ("url", "q", "u", "z", "continue")


def canonical_url(url: str | None) -> str | None:
    """Return the one spelling of `url`, or None where it is no http(s) URL of a named host.

    Small letters in scheme and host, no default port, no credentials, no fragment, no tracking
    parameters, query sorted, dots resolved, no slash at the end, no AMP; an open redirector's goal
    stands for the redirector.
    """
    text = (url or "").strip()
    for _ in range(4):
        if not text or len(text) > _LONGEST:
            return None
        try:
            better = _spell(text)
        except (ValueError, UnicodeError, LookupError):
            return None
        if better is None or better == text:
            return better
        text = better
    return text


def url_key(canonical: str) -> str:
    """Return what two canonical URLs of one page share: host without `www.`, path and query."""
    return re.sub(r"^https?://(?:www\.(?=[^/]*\.))?", "", canonical)


def leads_to_one_page(canonical: str) -> bool:
    """Tell whether a canonical URL can stand for one article: a bare host cannot."""
    parts = urlsplit(canonical)
    return bool(parts.path.strip("/") or parts.query)


def _spell(text: str) -> str | None:
    """One round of canonicalisation; the caller repeats it until nothing changes."""
    text = _SESSION.sub("", "".join(text.split("\n")).replace("\r", "").replace("\t", ""))
    scheme, colon, _ = text.partition("://")
    if not colon or scheme.lower() not in _DEFAULT_PORTS:
        return None
    spelled = urlsplit(canonicalize_url(text, keep_fragments=False))
    scheme, host = spelled.scheme.lower(), (spelled.hostname or "").rstrip(".")
    if scheme not in _DEFAULT_PORTS or not host or not re.search(r"[a-z0-9\]:]", host):
        return None
    query = parse_qsl(spelled.query, keep_blank_values=True)
    goal = _goal(host, spelled.path, query)
    if goal:
        return goal
    path = _AMP_HEAD.sub("/", _AMP_TAIL.sub("", spelled.path))
    path = re.sub(r"(?<!:)/{2,}", "/", path).rstrip("/")
    kept = sorted((name, value) for name, value in query if not _only_tracks(name, value))
    netloc = f"[{host}]" if ":" in host else host
    if spelled.port is not None and spelled.port != _DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{spelled.port}"
    if host.startswith("amp.") and host.count(".") > 1:
        netloc = netloc.removeprefix("amp.")
    return urlunsplit((scheme, netloc, path or "/", urlencode(kept), ""))


def _goal(host: str, path: str, query: list[tuple[str, str]]) -> str | None:
    """Return where a redirector or an AMP cache leads to, if it says so in its own URL."""
    if host.endswith(".cdn.ampproject.org") or (host.startswith("www.google.") and "/amp/" in path):
        found = _AMP_CACHE.match(unquote(path))
        if found:
            rest = found[2] or found[4]
            tail = f"?{urlencode(query)}" if query else ""
            return f"http{'s' if found[1] or found[3] else ''}://{rest}{tail}"
    if held := goal_of_google_news(host, path):
        return held
    if _REDIRECTORS.match(f"{host}{path}"):
        values = dict(query)
        return next(
            (
                values[name]
                for name in _GOALS
                if values.get(name, "").startswith(("http://", "https://"))
            ),
            None,
        )
    return None


def _only_tracks(name: str, value: str) -> bool:
    low = name.lower()
    return (
        low in _TRACKING_NAMES
        or low.startswith(_TRACKING_PREFIXES)
        or (low, value.lower()) in _AMP_VALUES
    )
