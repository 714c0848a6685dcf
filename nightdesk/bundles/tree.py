"""YAML in, plain data out, with the place of each key and value.

Only what JSON can say is taken: mappings with text keys, lists, text, numbers, true, false, null
(YAML 1.2's core schema, so `no` and `2024-05-01` stay text).  Anchors, aliases and `<<` work; tags
do not.  What aliases spell out is bounded (a "billion laughs" file is small as written and endless
when read).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nightdesk.bundles.nodes import MAX_DEPTH, MAX_NODES, Mark, Node, read_nodes
from nightdesk.bundles.problems import Finding, Path
from nightdesk.bundles.source import Unreadable

_INTEGER = re.compile(r"[-+]?[0-9]{1,40}|0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,4})?")
_SPECIAL: dict[str, float] = {
    sign + text: value
    for text, size in ((".inf", "inf"), (".Inf", "inf"), (".INF", "inf"))
    for sign, value in (("", float(size)), ("+", float(size)), ("-", -float(size)))
} | {text: float("nan") for text in (".nan", ".NaN", ".NAN")}
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Place(NamedTuple):
    """Where a value stands, and where its key does (for a list's item, the same)."""

    value: Mark
    key: Mark


@dataclass
class Tree:
    """The document as plain data, the place of each path in it, and what was wrong with the YAML."""

    data: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_tree(text: str) -> Tree:
    """Read one YAML document.  Raises Unreadable where its syntax is broken or a bound is passed."""
    root, tree = read_nodes(text), Tree()
    if root is not None:
        tree.data = _Speller(tree).spell(root, (), 0)
        tree.places[()] = Place(root.mark, root.mark)
    return tree


class _Speller:
    """Turns nodes into plain data, aliases spelt out, and notes where each came from."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._nodes = 0

    def spell(self, node: Node, path: Path, depth: int) -> Any:
        """Return the data of `node`, which stands at `path`."""
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise Unreadable(
                "the aliases of this file, spelt out, make too much of it",
                "write out what the aliases stand for",
                *node.mark,
            )
        if node.items is not None:
            for index, item in enumerate(node.items):
                self._tree.places[(*path, index)] = Place(item.mark, item.mark)
            return [self.spell(n, (*path, i), depth + 1) for i, n in enumerate(node.items)]
        if node.pairs is not None:
            return self._mapping(node, path, depth)
        return self._scalar(node, path)

    def _mapping(self, node: Node, path: Path, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in self._pairs(node):
            name = key.text
            if name in data:
                first = self._tree.places[(*path, name)].key
                self._tree.findings.append(
                    Finding(
                        (*path, name),
                        f"`{name}` is given twice, first in line {first.line}",
                        "keep one of the two; only one of them would count",
                        on_key=True,
                    )
                )
            self._tree.places[(*path, name)] = Place(value.mark, key.mark)
            data[name] = self.spell(value, (*path, name), depth + 1)
        for key, value in self._merged(node, depth):
            if key.text not in data:
                self._tree.places[(*path, key.text)] = Place(value.mark, key.mark)
                data[key.text] = self.spell(value, (*path, key.text), depth + 1)
        return data

    def _pairs(self, node: Node) -> Iterator[tuple[Node, Node]]:
        for key, value in node.pairs or ():
            if key.items is not None or key.pairs is not None:
                raise Unreadable(
                    "a list or a mapping stands where a field's name should",
                    "write the field's name before the colon; text in [ ] or { } needs quotes",
                    *key.mark,
                )
            if not (key.plain and key.text == "<<"):
                yield key, value

    def _merged(self, node: Node, depth: int) -> Iterator[tuple[Node, Node]]:
        """The pairs that `<<` brings in, the nearest first; a merged mapping may merge further."""
        for key, value in node.pairs or ():
            if not (key.plain and key.text == "<<"):
                continue
            for source in value.items if value.items is not None else [value]:
                self._nodes += 1
                if source.pairs is None or depth > MAX_DEPTH or self._nodes > MAX_NODES:
                    raise Unreadable(
                        "`<<` can only bring in a mapping", "write <<: *name", *value.mark
                    )
                yield from self._pairs(source)
                yield from self._merged(source, depth + 1)

    def _scalar(self, node: Node, path: Path) -> Any:
        text = node.text
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            # JSON escapes what lies beyond 16 bits as a pair of halves.
            units = text.encode("utf-16-le", "surrogatepass")
            try:
                text = units.decode("utf-16-le")
            except UnicodeDecodeError:
                self._tree.findings.append(
                    Finding(
                        path, "half of a character pair stands here", "write the character itself"
                    )
                )
                return units.decode("utf-16-le", "replace")
        if not node.plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        if _FLOAT.fullmatch(text):
            return float(text)
        return _SPECIAL.get(text, text)
