"""Jinja2 in a small room: what a template may say, and bounds on what it does.

Guaranteed of a template of anybody's: it sees plain data alone, no attribute of any object, and calls nothing
but `range`; it takes at most MAX_STEPS turns of loops and writes at most MAX_OUTPUT characters, makes no
text or number that is longer on the way, and is stopped after `seconds`, looked at with each turn.  What
takes a turn is bounded too, so the time is kept within some milliseconds.

How: only the kinds of syntax in `_ALLOWED` compile (no macros, calls, imports, blocks: nothing that could
recur, gather or reach), and loops and joined texts are rewritten to pass through functions of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from nightdesk.clock import Ticks

MAX_SOURCE = 20_000
MAX_OUTPUT = 200_000
MAX_STEPS = 20_000
MAX_TEXT = 20_000
"""Characters of one text that is made on the way."""
_MAX_NUMBER = 10**15
_MAX_RANGE = 1_000
BUDGET = "<budget>"
_COUNTED, _JOINED = "<counted>", "<joined>"

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.With),
    *(nodes.Assign, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice),
    *(nodes.Filter, nodes.Test, nodes.Keyword, nodes.Call, nodes.Tuple, nodes.List),
    *(nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
    *(nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv),
    *(nodes.Mod, nodes.Concat),
)
_TESTS = (
    *("defined", "undefined", "none", "true", "false", "string", "number", "odd", "even"),
    *("eq", "==", "equalto", "ne", "!=", "lt", "<", "lessthan", "le", "<=", "gt", ">"),
    *("greaterthan", "ge", ">=", "in", "divisibleby"),
)
_LOOP = frozenset(("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth"))


class BoundReached(Exception):
    """A template did more than it may."""


@dataclass
class Budget:
    """What is left of a rendering."""

    ticks: Ticks
    until: float
    steps: int = MAX_STEPS
    left: int = MAX_OUTPUT

    def step(self) -> None:
        """Take one turn of a loop.  Raises BoundReached."""
        self.steps -= 1
        if self.steps < 0:
            raise BoundReached(f"its loops take more than {MAX_STEPS:,} turns")
        self._look_at_the_clock()

    def write(self, text: str) -> None:
        """Take `text` from what may be written.  Raises BoundReached."""
        self.left -= len(text)
        if self.left < 0:
            raise BoundReached(f"it writes more than {MAX_OUTPUT:,} characters")
        self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        if self.ticks() > self.until:
            raise BoundReached("it takes too long")


class _Counted:
    """A sequence, each turn through which is taken from the budget."""

    def __init__(self, items: Sequence[Any], budget: Budget) -> None:
        self._items, self._budget = items, budget

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            self._budget.step()
            yield item

    def __len__(self) -> int:
        return len(self._items)


@pass_context
def _counted(context: Context, items: Any) -> _Counted:
    if not isinstance(items, list | tuple | range):
        if isinstance(items, Undefined):
            str(items)  # which raises, and says what is missing
        raise BoundReached("a loop goes through a list, and this is none")
    return _Counted(items, context[BUDGET])


def _joined(*parts: Any) -> str:
    """Join texts; plain ones are escaped where one of them is markup."""
    texts = [_scalar(part) for part in parts]
    whole: str
    if any(isinstance(text, Markup) for text in texts):
        whole = Markup("").join(escape(text) for text in texts)
    else:
        whole = "".join(str(text) for text in texts)
    return _short(whole)


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise BoundReached(f"it makes a text of more than {MAX_TEXT:,} characters")
    return text


def _scalar(value: Any) -> Any:
    """Return what can be written: words and numbers.  A whole list or alert cannot."""
    if value is None or isinstance(value, str | int | float):
        return "" if value is None else value
    if isinstance(value, Undefined):
        str(value)
    raise BoundReached(
        "a list or a whole object cannot be written: name one of its fields, or use `join`"
    )


def _range(*bounds: int) -> range:
    made = range(*bounds)
    if len(made) > _MAX_RANGE:
        raise BoundReached(f"a range holds at most {_MAX_RANGE:,} numbers")
    return made


def _of_list(items: Any) -> Sequence[Any]:
    if isinstance(items, list | tuple | range | str):
        return items
    if isinstance(items, Undefined):
        str(items)
    raise BoundReached("a filter was given no list")


def _truncate(text: Any, length: int = 80) -> str:
    words = str(_scalar(text))
    length = max(1, int(length))
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def _join(items: Any, between: str = ", ") -> str:
    found = [_scalar(item) for item in _of_list(items)]
    if sum(len(str(item)) + len(between) for item in found) > MAX_TEXT:
        raise BoundReached(f"it makes a text of more than {MAX_TEXT:,} characters")
    if isinstance(between, Markup) or any(isinstance(item, Markup) for item in found):
        return Markup(escape(between)).join(escape(item) for item in found)
    return between.join(str(item) for item in found)


def _field(items: Any, name: str) -> list[Any]:
    return [item.get(name, "") if isinstance(item, dict) else "" for item in _of_list(items)]


def _unique(items: Any) -> list[Any]:
    return list(dict.fromkeys(_scalar(item) for item in _of_list(items)))


def _default(value: Any, otherwise: Any = "") -> Any:
    missing = isinstance(value, Undefined) or value is None or value == ""
    return otherwise if missing else value


FILTERS: Mapping[str, Callable[..., Any]] = {
    "default": _default,
    "escape": lambda text: escape(_scalar(text)),
    "e": lambda text: escape(_scalar(text)),
    "field": _field,
    "first": lambda items: next(iter(_of_list(items)), ""),
    "join": _join,
    "last": lambda items: next(reversed(_of_list(items)), ""),
    "length": lambda items: len(_of_list(items)),
    "lower": lambda text: _short(str(_scalar(text)).lower()),
    "truncate": _truncate,
    "unique": _unique,
    "upper": lambda text: _short(str(_scalar(text)).upper()),
}
"""All filters that there are."""


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment; one with `html` escapes what it writes."""

    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%"))

    def __init__(self, *, html: bool) -> None:
        super().__init__(
            autoescape=html,
            undefined=StrictUndefined,
            finalize=_scalar,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            optimized=False,
            cache_size=0,
        )
        known = self.tests
        self.tests = {name: known[name] for name in _TESTS}
        self.filters = {**FILTERS, _COUNTED: _counted, _JOINED: _joined}
        self.globals = {"range": _range}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look into plain data by its keys; a loop tells where it stands; nothing else has attributes."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Look into plain data, by key, number or slice."""
        if isinstance(obj, dict) and isinstance(argument, str):
            if argument in obj:
                return obj[argument]
            return self.undefined(hint=f"there is no field {_words(argument)}", name=argument)
        if isinstance(obj, list | str) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                return self.undefined(obj=obj, name=str(argument))
        if isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, argument)
        if isinstance(obj, Undefined):
            str(obj)
        raise SecurityError(f"{_words(argument)} is out of a template's reach")

    def call_binop(
        self,
        context: Context,  # noqa: ARG002
        operator: str,
        left: Any,
        right: Any,
    ) -> Any:
        """Reckon with numbers that stay small; `+` also joins two texts."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return _joined(left, right)
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise BoundReached(f"`{operator}` is for numbers")
        result = self.default_binop_table[operator](left, right)
        if abs(result) > _MAX_NUMBER:
            raise BoundReached("it reckons with numbers beyond all bounds")
        return result

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > MAX_SOURCE:
            raise TemplateSyntaxError(f"a template has at most {MAX_SOURCE:,} characters", 1)
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Node):
            _permit(node)
        rewritten: nodes.Template = _Bounding().visit(tree)
        return rewritten


def _permit(node: nodes.Node) -> None:
    """Raise TemplateSyntaxError where a template says what it may not."""
    fault = ""
    if not isinstance(node, _ALLOWED):
        fault = f"`{type(node).__name__.lower()}` is not for templates of receivers"
    elif isinstance(node, nodes.Call):
        called = node.node
        if not (isinstance(called, nodes.Name) and called.name == "range"):
            fault = "nothing can be called but `range`"
    elif isinstance(node, nodes.Tuple | nodes.List) and getattr(node, "ctx", "load") == "load":
        if not all(isinstance(item, nodes.Const) for item in node.items):
            fault = "a list that is written out holds words and numbers alone"
    elif isinstance(node, nodes.Getattr | nodes.Getitem):
        name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", "")
        if str(name).startswith("_"):
            fault = f"{_words(name)} is out of a template's reach"
    elif isinstance(node, nodes.For) and node.recursive:
        fault = "a loop cannot be recursive"
    elif isinstance(node, nodes.Assign) and not isinstance(node.target, nodes.Name):
        fault = "one name is set at a time"
    if fault:
        raise TemplateSyntaxError(fault, node.lineno or 1)


class _Bounding(NodeTransformer):
    """Leads loops and joined texts through functions that count."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _COUNTED, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        first, *others = node.nodes
        return nodes.Filter(first, _JOINED, others, [], None, None, lineno=node.lineno)


def _words(name: object) -> str:
    return f"`{str(name)[:60]}`"
