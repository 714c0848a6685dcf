"""docs/webhooks.md says what the webhook channel does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from nightdesk.delivery import posting, signature
from nightdesk.delivery.retry import RetryPolicy

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def test_the_final_answers_are_those_of_the_code():
    (row,) = [line for line in PAGE.splitlines() if "judge the message" in line]
    assert {int(code) for code in re.findall(r"\d{3}", row)} == posting.FINAL


def test_the_bounds_are_those_of_the_code():
    policy = RetryPolicy()
    assert (policy.first.seconds, policy.longest.seconds, policy.max_age.days) == (2, 3600, 1)
    assert posting.MAX_ANSWER_BYTES == 64 * 1024
    assert signature.TOLERANCE.total_seconds() == 300


def test_the_example_verifies_a_real_signature():
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(source, names)
    header = signature.sign(b"secret", b"{}", datetime.now(UTC))
    assert names["is_ours"](b"secret", header, b"{}")
    assert not names["is_ours"](b"secret", header, b"{ }")
    assert not names["is_ours"](b"other", header, b"{}")
