"""Vectors as bytes: what they keep, and which of them are compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nightdesk.dense.vectors import cosines, from_text, pack, to_text

VECTORS = arrays.arrays(np.float32, 24, elements=st.floats(-1, 1, width=32))


@given(VECTORS, VECTORS)
def test_a_cosine_of_bytes_is_that_of_the_vectors(one: np.ndarray, other: np.ndarray) -> None:
    if min(np.abs(one).max(), np.abs(other).max()) < 0.01:
        return
    true = float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
    (found,) = cosines(pack(one, b"mark"), [pack(other, b"mark")])
    assert found == pytest.approx(true, abs=0.03)


def test_vectors_of_other_models_are_not_compared() -> None:
    vector = np.array([1.0, 2.0], np.float32)
    longer = np.array([1.0, 2.0, 3.0], np.float32)
    own = pack(vector, b"mark")
    others = [own, pack(vector, b"kram"), pack(longer, b"mark"), b""]
    found = cosines(own, others)
    assert found[0] == pytest.approx(1.0)
    assert np.isnan(found[1:]).all()
    assert np.isnan(cosines(b"", [own])).all()


@pytest.mark.parametrize("parts", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_what_has_no_direction_has_no_vector(parts: list[float]) -> None:
    assert pack(np.array(parts, np.float32), b"mark") == b""


def test_text_and_back() -> None:
    vector = pack(np.array([1.0, -0.5], np.float32), b"mark")
    assert from_text(to_text(vector)) == vector
    assert from_text("") == b""


@pytest.mark.parametrize("text", ["AAAA", "AA==", "no base64", "A"])
def test_what_was_never_written_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_text(text)
