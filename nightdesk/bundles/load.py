"""Loading a bundle: a file in; out goes the bundle, and every problem of it in the file's order.

No problem is raised: callers decide what an error or a warning means to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path as FilePath

from nightdesk.bundles.confusable import check_confusable
from nightdesk.bundles.contract import SECTIONS, Part, read_parts
from nightdesk.bundles.exemplars import check_exemplars
from nightdesk.bundles.floods import check_floods
from nightdesk.bundles.languages import check_languages
from nightdesk.bundles.nodes import Mark
from nightdesk.bundles.phrases import check_phrases
from nightdesk.bundles.problems import Finding, Path, Problem, in_words
from nightdesk.bundles.prospects import check_prospects
from nightdesk.bundles.references import Known, check_references
from nightdesk.bundles.resolve import Articles, resolve
from nightdesk.bundles.shorthand import spell_out
from nightdesk.bundles.source import MAX_BYTES, Unreadable, decode, read_bytes, unify_line_ends
from nightdesk.bundles.templates import check_templates
from nightdesk.bundles.timing import check_timing
from nightdesk.bundles.tree import Place, Tree, read_tree
from nightdesk.storylines.rarity import Rarity, shipped_rarity
from schemas import Bundle, Storyline


@dataclass(frozen=True)
class Loaded:
    """`bundle` is None where there are errors.  `lines` is the text, for showing snippets of it."""

    file: str
    bundle: Bundle | None
    problems: tuple[Problem, ...]
    lines: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems for which the bundle cannot be used."""
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems with which it can."""
        return tuple(p for p in self.problems if p.severity == "warning")


def load(
    path: FilePath | str,
    *,
    now: datetime | None = None,
    known: Known | None = None,
    logins: Collection[str] = (),
    articles: Articles | None = None,
    rarity: Rarity | None = None,
    compare: bool = False,
) -> Loaded:
    """Read and check the bundle at `path`.

    `now` (UTC) also checks what has run out.  `known` are ids of the archive, by section ("feeds",
    "storylines", …): naming one of them is no error, though this file does not declare it; `logins` are the
    URLs of its feeds in which a login stands, which are let be.
    `articles` is where exemplars that name an article are looked up.  `compare` also compares each
    storyline with each other.  `rarity` is how much words tell, the shipped one if None.
    """
    try:
        data = read_bytes(FilePath(path))
    except Unreadable as error:
        return _unreadable(str(path), error, ())
    return parse(
        data,
        file=str(path),
        now=now,
        known=known,
        logins=logins,
        articles=articles,
        rarity=rarity,
        compare=compare,
    )


def parse(
    data: bytes | str,
    *,
    file: str = "<text>",
    now: datetime | None = None,
    known: Known | None = None,
    logins: Collection[str] = (),
    articles: Articles | None = None,
    rarity: Rarity | None = None,
    compare: bool = False,
) -> Loaded:
    """Check a bundle that is at hand as bytes or text; `file` is what problems call it."""
    lines: tuple[str, ...] = ()
    weighing = rarity or shipped_rarity()
    try:
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        if len(raw) <= MAX_BYTES:
            lines = tuple(unify_line_ends(raw.decode("utf-8-sig", "replace")).split("\n"))
        text = decode(raw)
        tree = read_tree(text)
    except Unreadable as error:
        return _unreadable(file, error, lines)
    parts, findings = read_parts(spell_out(tree.data))
    findings += tree.findings
    together = [
        *check_references(parts, known or {}, logins),
        *check_phrases(parts, weighing),
        *check_exemplars(parts),
        *check_prospects(parts, weighing),
        *check_languages(parts),
        *check_timing(parts, now),
        *check_floods(parts),
        *check_templates(parts),
    ]
    parts, missing = _resolve(parts, articles)
    together += missing
    if compare:
        together += check_confusable(parts, weighing)
    # A warning about a definition with an error may come from what had to be left out of it.
    broken = {part.path: part for part in parts if part.definition is None}
    for finding in together:
        part = broken.get(finding.path[:2])
        if part is None:
            findings.append(finding)
        elif finding.severity == "error":
            findings.append(replace(finding, path=part.written(finding.path)))
    if tree.data is not None and not parts and not findings:
        findings.append(
            Finding((), "the bundle declares nothing", "add feeds and storylines", "warning")
        )
    problems = _problems(file, tree, findings)
    if any(problem.severity == "error" for problem in problems):
        return Loaded(file, None, problems, lines)
    sections = {
        section: tuple(part.definition for part in parts if part.section == section)
        for section in SECTIONS
    }
    return Loaded(file, Bundle.model_validate(sections), problems, lines)


def _resolve(parts: list[Part], articles: Articles | None) -> tuple[list[Part], list[Finding]]:
    """Fill in what sound storylines leave to be looked up."""
    whole: list[Part] = []
    findings: list[Finding] = []
    for part in parts:
        if not isinstance(part.definition, Storyline):
            whole.append(part)
            continue
        definition, missing = resolve(part.definition, part.path, articles)
        whole.append(replace(part, definition=definition, readable=definition))
        findings += missing
    return whole, findings


def _unreadable(file: str, error: Unreadable, lines: tuple[str, ...]) -> Loaded:
    problem = Problem(file, error.line, error.column, "", error.message, error.hint)
    return Loaded(file, None, (problem,), lines)


def _problems(file: str, tree: Tree, findings: Iterable[Finding]) -> tuple[Problem, ...]:
    problems = []
    for finding in findings:
        place = _place(tree, finding.path)
        mark = place.key if finding.on_key else place.value
        problems.append(
            Problem(
                file,
                mark.line,
                mark.column,
                in_words(finding.path),
                finding.message,
                finding.hint,
                finding.severity,
            )
        )
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.line, p.column, p.where)))


def _place(tree: Tree, path: Path) -> Place:
    """The place of `path`, or of the nearest thing around it that does stand in the file."""
    for length in range(len(path), -1, -1):
        if place := tree.places.get(path[:length]):
            return place
    return Place(Mark(1, 1), Mark(1, 1))
