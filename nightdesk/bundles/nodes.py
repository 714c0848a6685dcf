"""YAML's syntax: text in, nodes out, each with its place; aliases still stand for what they name.

Depth and the number of nodes are bounded while reading, for both are the file's to choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from nightdesk.bundles.problems import shorten
from nightdesk.bundles.source import Lines, Unreadable
from nightdesk.bundles.syntax import explain_syntax

MAX_NODES = 300_000
MAX_DEPTH = 40


class Mark(NamedTuple):
    """A place in the text; lines and columns count from 1."""

    line: int
    column: int


@dataclass
class Node:
    """A node as written.  `items` of a list, `pairs` of a mapping, else the scalar `text`."""

    mark: Mark
    text: str = ""
    plain: bool = False
    items: list[Node] | None = None
    pairs: list[tuple[Node, Node]] | None = None
    whole: bool = True
    """False while it is being read: an alias to it then would contain itself."""


def read_nodes(text: str) -> Node | None:
    """Return the root of one YAML document, None for an empty one.

    Raises Unreadable where the syntax is broken or a bound is passed.
    """
    lines = Lines(text)
    masked, unmask = _mask_breaks(text)
    reader = _Reader(lines, unmask)
    try:
        for event in YAML(typ="safe", pure=True).parse(masked):
            reader.take(event)
    except MarkedYAMLError as error:
        raise explain_syntax(error, lines) from None
    except YAMLError as error:
        raise Unreadable(
            f"not YAML: {shorten(str(error).splitlines()[0], 120)}",
            "a control character may have slipped in; write it as an escape in double quotes",
        ) from None
    except (ValueError, OverflowError, IndexError, AttributeError, AssertionError) as error:
        # The parser trips over some malformed directives and escapes instead of naming them.
        raise Unreadable(
            f"not YAML: {shorten(error, 120)}", "look for a malformed directive or escape"
        ) from None
    return reader.root


def _mask_breaks(text: str) -> tuple[str, dict[int, str]]:
    """Hide what only old YAML takes for line ends, so that pasted text may hold it.

    Returns the text, as long as before, with stand-ins out of a private plane that it does not use,
    and the table that turns them back.
    """
    there = [letter for letter in "\x85\u2028\u2029" if letter in text]
    free = (chr(code) for code in range(0xF0000, 0xFFFFE) if chr(code) not in text)
    masks = dict(zip(there, free, strict=False))
    for letter, mask in masks.items():
        text = text.replace(letter, mask)
    return text, {ord(mask): letter for letter, mask in masks.items()}


class _Reader:
    """Builds nodes from the parser's events, without recursion: depth is the file's to choose."""

    def __init__(self, lines: Lines, unmask: dict[int, str]) -> None:
        self._lines = lines
        self._unmask = unmask
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take the next event."""
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise Unreadable(
                    "a second document begins here",
                    "one bundle is one document: remove the `---` line, or split the file",
                    *self._mark(event),
                )
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._open.pop().whole = True
            self._keys.pop()
        elif isinstance(event, NodeEvent):
            self._nodes += 1
            if self._nodes > MAX_NODES:
                raise Unreadable(
                    f"more than {MAX_NODES:,} keys and values",
                    "split the file into several bundles",
                    *self._mark(event),
                )
            self._place(self._node(event), event)

    def _node(self, event: Any) -> Node:
        mark = self._mark(event)
        if isinstance(event, AliasEvent):
            node = self._anchors.get(event.anchor)
            if node is None:
                raise Unreadable(
                    f"no anchor is called {shorten(event.anchor)}",
                    f"define it above as &{event.anchor}; text that begins with * needs quotes",
                    *mark,
                )
            if not node.whole:
                raise Unreadable(
                    f"the alias *{event.anchor} stands inside of what it names",
                    "a definition cannot contain itself: spell it out",
                    *mark,
                )
            return node
        tag = event.tag
        if tag is not None and str(tag) not in {"!", "tag:yaml.org,2002:str"}:
            raise Unreadable(
                f"the tag {shorten(tag)} is not understood here",
                "remove the tag; text that begins with ! needs quotes",
                *mark,
            )
        node = Node(mark)
        if isinstance(event, ScalarEvent):
            node.text = event.value.translate(self._unmask)
            node.plain = event.style is None and tag is None
        elif isinstance(event, SequenceStartEvent):
            node.items = []
        else:
            node.pairs = []
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _place(self, node: Node, event: Any) -> None:
        if not self._open:
            self.root = node
        elif (parent := self._open[-1]).items is not None:
            parent.items.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = node
        else:
            assert parent.pairs is not None
            parent.pairs.append((key, node))
            self._keys[-1] = None
        if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            if len(self._open) >= MAX_DEPTH:
                raise Unreadable(
                    f"nested deeper than {MAX_DEPTH} levels",
                    "no bundle needs that; look for a stray bracket",
                    *self._mark(event),
                )
            node.whole = False
            self._open.append(node)
            self._keys.append(None)

    def _mark(self, event: Any) -> Mark:
        return Mark(*self._lines.place(event.start_mark.index))
