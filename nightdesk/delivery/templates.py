"""How a notice is worded: by a receiver's own templates, else by ours; and what is wrong with a template.

Comes in: a notice, the `Wording` of a receiver.  Goes out: subject, text and HTML.  A faulty template
costs nobody an alert: ours takes its place, and the fault is told with the delivery.
The variables are those of `nightdesk.delivery.views`; what a template may do is bounded by
`nightdesk.delivery.sandbox`.  Guide for desks: docs/templates.md.
"""

from __future__ import annotations

import threading
import traceback
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Literal

import jinja2
import structlog
from jinja2 import meta

from nightdesk.clock import Ticks
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.sandbox import BUDGET, BoundReached, Budget, Sandbox
from nightdesk.delivery.views import View, view_of
from nightdesk.delivery.wording import one_line
from schemas.receivers import Wording

log = structlog.get_logger(__name__)

Part = Literal["subject", "text", "html"]
PARTS: tuple[Part, ...] = ("subject", "text", "html")
VARIABLES = frozenset({"alert", "alerts", "delivery", "subscription"})
SECONDS = 1.0
"""A rendering may take so long."""
_MOST_KEPT = 128
_FOLDER = Path(__file__).parent / "wordings"
_LONGEST_SUBJECT = 250


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template, and in which of its lines; 0 where it is not known."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True, slots=True)
class Worded:
    """A notice in words.  `html` is empty unless asked for; `remark` tells of faults of the templates."""

    subject: str
    text: str
    html: str = ""
    remark: str = ""


class Templates:
    """Words notices.  Safe from any thread; compiled templates are kept."""

    def __init__(self, ticks: Ticks) -> None:
        self._ticks = ticks
        self._keeping = threading.Lock()
        self._kept: OrderedDict[tuple[str, bool], jinja2.Template] = OrderedDict()

    @cached_property
    def _plain(self) -> Sandbox:
        return Sandbox(html=False)

    @cached_property
    def _html(self) -> Sandbox:
        return Sandbox(html=True)

    @cached_property
    def _ours(self) -> dict[Part, str]:
        return {part: default_template(part) for part in PARTS}

    def word(self, notice: Notice, wording: Wording, *, html: bool = False) -> Worded:
        """Return `notice` in words; never fails."""
        view = view_of(notice)
        done: dict[Part, str] = dict.fromkeys(PARTS, "")
        remarks: list[str] = []
        for part in PARTS if html else PARTS[:2]:
            own = getattr(wording, part)
            if own is not None:
                found = self.render(own, view, part)
                if isinstance(found, str):
                    done[part] = found
                    continue
                remarks.append(f"its template of the {part} is faulty, ours was sent: {found}")
                log.warning(
                    "template_faulty",
                    subscription=notice.subscription,
                    receiver=notice.delivery.receiver,
                    part=part,
                    fault=str(found),
                    hint="`nightdesk check` says what is wrong with the bundle's templates",
                )
            # On a machine that stands still there is nothing to fall back to: ours have no bound.
            ours = self.render(self._ours[part], view, part, seconds=inf)
            assert isinstance(ours, str), ours
            done[part] = ours
        subject = one_line(done["subject"], _LONGEST_SUBJECT) or "Nightdesk"
        if notice.is_test and "TEST" not in subject:
            subject = f"[TEST] {subject}"
        return Worded(subject, done["text"].strip("\n") + "\n", done["html"], "; ".join(remarks))

    def render(
        self, source: str, view: View, part: Part, *, seconds: float = SECONDS
    ) -> str | Fault:
        """Return what a template makes of `view` within so many `seconds`, or why it cannot be used."""
        budget = Budget(self._ticks, self._ticks() + seconds)
        pieces: list[str] = []
        try:
            template = self._compiled(source, html=part == "html")
            for piece in template.generate({**view, BUDGET: budget}):
                budget.write(piece)
                pieces.append(piece)
        except jinja2.TemplateSyntaxError as error:
            return Fault(error.lineno, one_line(error.message or "it cannot be read", 200))
        except jinja2.TemplateError as error:
            return Fault(_line_of(error), one_line(error.message or type(error).__name__, 200))
        except BoundReached as error:
            return Fault(_line_of(error), str(error))
        except Exception as error:
            # Anything that data and syntax of others can bring about: numbers divided by zero, words
            # compared with numbers, syntax nested too deeply.
            return Fault(_line_of(error), one_line(f"{type(error).__name__}: {error}", 200))
        return "".join(pieces)

    def _compiled(self, source: str, *, html: bool) -> jinja2.Template:
        key = (source, html)
        with self._keeping:
            template = self._kept.get(key)
        if template is None:
            template = (self._html if html else self._plain).from_string(source)
            with self._keeping:
                self._kept[key] = template
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        return template

    def faults(self, source: str, part: Part, samples: Sequence[Notice]) -> list[Fault]:
        """Return what is wrong with a template: by its syntax, its variables, or tried on `samples`."""
        try:
            tree = (self._html if part == "html" else self._plain).parse(source)
            unknown = sorted(meta.find_undeclared_variables(tree) - VARIABLES - {"range"})
        except jinja2.TemplateSyntaxError as error:
            return [Fault(error.lineno, one_line(error.message or "it cannot be read", 200))]
        except Exception as error:
            return [Fault(0, f"it cannot be read ({type(error).__name__})")]
        if unknown:
            known = ", ".join(sorted(VARIABLES))
            names = ", ".join(f"`{one_line(name, 60)}`" for name in unknown[:5])
            return [
                Fault(_first_use(tree, unknown[0]), f"there is no variable {names}, only {known}")
            ]
        found: dict[Fault, None] = {}
        for sample in samples:
            rendered = self.render(source, view_of(sample), part)
            if isinstance(rendered, Fault):
                found[rendered] = None
        return list(found)


def default_template(part: Part) -> str:
    """Return our own template of a part."""
    return (_FOLDER / f"{part}.j2").read_text(encoding="utf-8")


def _first_use(tree: jinja2.nodes.Template, name: str) -> int:
    uses = (node.lineno for node in tree.find_all(jinja2.nodes.Name) if node.name == name)
    return min(uses, default=0)


def _line_of(error: BaseException) -> int:
    """Return the line of the template in which `error` came up: Jinja rewrites its frames so."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno or 0 for frame in frames if frame.filename in {"<template>", "<unknown>"}]
    return lines[-1] if lines else 0
