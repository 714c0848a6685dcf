"""docs/commands.md and the command line say the same; no page names a command that does not exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from agents.cli import app

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "commands.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^(?: {4}|\t)(.*)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_CALL = re.compile(r"(?:^|[\s;&|(`$])nightdesk((?: +[A-Za-z-][\w-]*)*)")


def _commands(group: Any, before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        full = f"{before} {name}".strip()
        found |= _commands(command, full) if hasattr(command, "commands") else {full: command}
    return found


COMMANDS = _commands(typer.main.get_command(app))
GROUPS = {name.rsplit(" ", 1)[0] for name in COMMANDS if " " in name}


def _code(text: str) -> str:
    pieces = [match.group(0) for match in _FENCE.finditer(text)]
    rest = _FENCE.sub("", text)
    pieces += [m.group(1) for m in _INDENTED.finditer(rest)]
    pieces += [m.group(1) for m in _SPAN.finditer(rest)]
    return "\n".join(pieces)


def unknown_calls(text: str) -> list[str]:
    """Return what is called as a command of `nightdesk` in the code of a page, and is none."""
    unknown = []
    for line in _code(text).splitlines():
        # Where the line is a comment or a listing of folders, nothing is called.
        if re.match(r"\s*(#|from |import |├|└|│)", line):
            continue
        for match in _CALL.finditer(line):
            words = match.group(1).split()
            while words and words[0].startswith("-"):
                words.pop(0)
            if not words or words[0] == "COMMAND":
                continue
            known = words[0] in COMMANDS or (
                words[0] in GROUPS and (len(words) == 1 or f"{words[0]} {words[1]}" in COMMANDS)
            )
            if not known:
                unknown.append(f"nightdesk {' '.join(words[:2])}")
    return unknown


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    titles = re.findall(r"^## `nightdesk (.+)`$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(titles) == sorted(COMMANDS)


def test_every_option_of_a_command_is_told_in_its_section_or_is_common() -> None:
    sections = dict(
        re.findall(
            r"^## `nightdesk ([^`]+)`$(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.M | re.S
        )
    )
    silent = [
        f"{name} {option}"
        for name, command in COMMANDS.items()
        for parameter in command.params
        for option in parameter.opts[:1]
        if option.startswith("--")
        and option not in {"--help", "--json"}
        and option not in sections[name]
        # What the whole group shares is told once.
        and not (name.startswith("dead-letters") and option in {"--stage", "--reason"})
    ]
    assert silent == []


def test_every_command_and_option_has_help() -> None:
    for name, command in COMMANDS.items():
        assert command.help, name
        assert not [p.name for p in command.params if not getattr(p, "help", "x")], name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_call_only_commands_that_exist(page: Path) -> None:
    assert unknown_calls(page.read_text("utf-8")) == []


def test_the_check_of_calls_finds_what_is_wrong() -> None:
    fence = "```sh\n$ nightdesk run; nightdesk dead-letters lits\n```"
    page = f"`nightdesk chekc x`\n\n{fence}\n    nightdesk aply b"
    assert unknown_calls(page) == [
        "nightdesk dead-letters lits",
        "nightdesk aply b",
        "nightdesk chekc x",
    ]
    assert (
        unknown_calls("`nightdesk --debug check b`, `nightdesk COMMAND --help`, `nightdesk`") == []
    )
