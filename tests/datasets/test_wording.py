from __future__ import annotations

from dashapp.datasets.wording import listed, quoted


def test_a_value_is_quoted_on_one_line_short_and_without_what_cannot_be_seen() -> None:
    assert quoted("a\n b") == '"a b"'
    assert quoted("\u202eevil\u200b") == '"evil"'
    assert quoted(" ") == '" "'
    assert quoted("x" * 100) == '"' + "x" * 59 + '…"'


def test_a_few_of_many_are_listed() -> None:
    assert listed("abcdefg") == '"a", "b", "c", "d", "e" and 2 more'
