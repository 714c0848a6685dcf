"""Relative links of README and docs lead somewhere, headings included."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
_LINK = re.compile(r"!?\[[^\]\n]*\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)")
_CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#{1,6} +(.+?)\s*#*$", page.read_text("utf-8"), re.MULTILINE)
    # As GitHub makes them: small, without punctuation, spaces as dashes.
    return {
        re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower()))
        for heading in headings
    }


def broken_links(page: Path, text: str) -> list[str]:
    """Return the relative links of `text`, standing in `page`, that lead nowhere."""
    broken = []
    for link in _LINK.findall(_CODE.sub("", text)):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        found = target.is_relative_to(ROOT) and target.exists()
        if found and anchor and target.suffix == ".md":
            found = anchor in _anchors(target)
        if not found:
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_resolve(page: Path) -> None:
    assert broken_links(page, page.read_text("utf-8")) == []


def test_the_check_of_links_finds_what_is_wrong() -> None:
    page = ROOT / "docs" / "commands.md"
    text = "[a](settings.md) [b](settings.md#polling) [c](nowhere.md) [d](settings.md#nowhere) [e](https://x)"
    assert broken_links(page, text + " `[f](g.md)` [h](../../../../etc/passwd)") == [
        "nowhere.md",
        "settings.md#nowhere",
        "../../../../etc/passwd",
    ]


def test_every_page_of_docs_is_linked_from_somewhere() -> None:
    linked = {
        (page.parent / unquote(link).partition("#")[0]).resolve()
        for page in PAGES
        for link in _LINK.findall(page.read_text("utf-8"))
    }
    tracked = subprocess.run(
        ["git", "ls-files", "docs"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    pages = {ROOT / name for name in tracked if name.endswith(".md")}
    readme = (ROOT / "README.md").read_text("utf-8")
    if not readme.strip():
        pytest.skip("the README is not written yet")
    assert pages <= linked
