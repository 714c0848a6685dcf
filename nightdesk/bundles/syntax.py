"""Broken YAML in words that its writer understands: the parser's error in, message and hint out."""

from __future__ import annotations

from ruamel.yaml.error import MarkedYAMLError

from nightdesk.bundles.problems import shorten
from nightdesk.bundles.source import Lines, Unreadable

_EXPLAINED: tuple[tuple[str, str, str], ...] = (
    (
        "'\\t'",
        "a tab stands where YAML wants spaces",
        "indent with spaces; most editors can turn tabs into spaces",
    ),
    (
        "mapping values are not allowed here",
        "a `name: value` pair cannot begin here",
        "text that holds a colon and a space needs quotes; else look at the indentation above",
    ),
    (
        "expected <block end>",
        "this line's indentation fits neither its list nor its mapping",
        "align it with the lines that it belongs to",
    ),
    ("unexpected end of stream", "the text ends within quotes", "close the quotes"),
    (
        "expected ',' or ']'",
        "a list in square brackets is not closed, or lacks a comma",
        "close it with ], separate its items with commas",
    ),
    (
        "expected ',' or '}'",
        "a mapping in curly brackets is not closed, or lacks a comma",
        "close it with }, separate its fields with commas",
    ),
    (
        "could not find expected ':'",
        "a field's name without a colon",
        "write `name: value`; a text of several lines needs | or >",
    ),
    (
        "unknown escape character",
        "an unknown escape in double quotes",
        "use single quotes, or \\\\",
    ),
    ("expected the node content", "a value is missing here", "write one, or remove the line"),
    ("cannot start any token", "text cannot begin with this character", "put the text in quotes"),
    ("found duplicate anchor", "two anchors share a name", "rename one of them"),
    ("incompatible YAML document", "this is no YAML 1.x document", "remove the %YAML line"),
)


def explain_syntax(error: MarkedYAMLError, lines: Lines) -> Unreadable:
    """Return what the parser's `error` means, with its line and column."""
    said = f"{error.problem or ''} {error.context or ''}"
    mark = error.problem_mark or error.context_mark
    place = lines.place(mark.index) if mark is not None else (0, 0)
    for part, message, hint in _EXPLAINED:
        if part in said:
            began = error.context_mark
            since = lines.place(began.index)[0] if began is not None else place[0]
            if since != place[0]:
                around = f"{message} (what it belongs to begins in line {since})"
                return Unreadable(around, hint, *place)
            return Unreadable(message, hint, *place)
    return Unreadable(
        f"not YAML: {shorten(said.strip(), 120)}",
        "look at the indentation, quotes and brackets of this line and the one above",
        *place,
    )
