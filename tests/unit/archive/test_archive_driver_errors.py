from __future__ import annotations

import inspect

import pytest

from nightdesk.archive import errors
from nightdesk.archive.driver_errors import server_is_going, translate


class InterfaceError(Exception):
    """As pg8000 names what befalls a connection."""


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("23505", errors.ArchiveConflict),
        ("25006", errors.ArchiveReadOnly),
        ("40P01", errors.ArchiveLocked),
        ("40001", errors.ArchiveLocked),
        ("57014", errors.ArchiveLocked),
        ("53100", errors.ArchiveFull),
        ("53300", errors.ArchiveUnreachable),
        ("57P01", errors.ArchiveUnreachable),
        ("57P03", errors.ArchiveUnreachable),
        ("08006", errors.ArchiveUnreachable),
        ("28P01", errors.ArchiveDenied),
        ("XX001", errors.ArchiveCorrupt),
        ("42P01", errors.ArchiveMisused),
        ("22021", errors.ArchiveRefusesValue),
        ("23502", errors.ArchiveRefusesValue),
    ],
)
def test_postgresql_codes(code: str, kind: type[errors.ArchiveError]) -> None:
    told = translate(
        Exception({"C": code, "M": "what\nit says", "D": "Key (id)=(private)"}), "db/news"
    )
    assert type(told) is kind
    assert "db/news" in told.message
    assert "what it says" in told.message
    assert "private" not in str(told)
    assert told.hint


def test_a_broken_connection_and_an_error_of_no_kind() -> None:
    assert type(translate(InterfaceError("network error"), "db")) is errors.ArchiveUnreachable
    assert type(translate(Exception(), "db")) is errors.ArchiveMisused
    assert server_is_going(Exception({"C": "57P01"}))
    assert not server_is_going(Exception({"C": "57014"}))
    assert not server_is_going(InterfaceError("network error"))


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    tree = inspect.getdoc(errors)
    assert tree is not None
    drawn = {line.strip("│├└─ ").split()[0]: line for line in tree.splitlines() if "─" in line}
    for name, line in drawn.items():
        kind = getattr(errors, name)
        if "transient" in line:
            assert kind.transient
    ours = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.ArchiveError)
    }
    assert ours - {"ArchiveError"} == set(drawn)
    assert {n for n in ours if getattr(errors, n).transient} == {
        "ArchiveConflict",
        "ArchiveFull",
        "ArchiveLocked",
        "ArchiveReadOnly",
        "ArchiveUnreachable",
        "FeedStateMoved",
        "LeaseLost",
        "MarkMoved",
    }
