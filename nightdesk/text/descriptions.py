"""Descriptions that are the text once more: of many feeds a summary is all there is, and becomes the text.

Comes in: two fields of a report or an exemplar.  Goes out: the description where it has words of its own.
"""

from __future__ import annotations


def own_description(description: str, text: str) -> str:
    """Return `description`, or "" where it is `text`, whose words would count twice."""
    return "" if description == text else description
