"""Whatever refuses memory, it is known for what it is."""

from __future__ import annotations

import pytest

from dashapp.training.allocation import is_shortage


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("can't start new thread"), True),
        (ValueError("std::bad_alloc"), True),
        (OSError(12, "Cannot allocate memory"), True),
        (ValueError("y has one class"), False),
    ],
)
def test_a_shortage_is_known_in_the_words_of_python_and_of_the_libraries(error: Exception, expected: bool) -> None:
    assert is_shortage(error) is expected
