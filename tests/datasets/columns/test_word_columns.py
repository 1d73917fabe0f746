"""How words are told apart, and which have an order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.datasets.columns.typed import obeyed, series, typed


def test_words_are_str_as_written_without_outer_blanks(tmp_path: Path) -> None:
    values = series(typed([" 00137", "0021 ", "", "0021"]), tmp_path)
    assert values.dtype == "str"
    assert values.tolist()[:2] == ["00137", "0021"]
    assert values.isna().tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["yes", " yes", "YES", "no", "NO ", "no"], {"yes", "no"}),
        (["true", "FALSE", "1", "0", "Yes", "no", "true"], {"true", "FALSE"}),
        (["red", "Red", "RED", "Red", "blue"], {"Red", "blue"}),
        (["m", "M", "f"], {"m", "M", "f"}),
        (["f", "n", "y", "t"], {"f", "n", "y", "t"}),
    ],
)
def test_spellings_of_one_label_are_merged(values: list[str], labels: set[str], tmp_path: Path) -> None:
    assert set(series(typed(values), tmp_path)) == labels


@pytest.mark.parametrize(
    ("values", "name", "levels"),
    [
        (["1", "2", "3", "5", "4"] * 20, "x", ("1", "2", "3", "4", "5")),
        (["0", "1", "2", "3"] * 20, "pain_level", ("0", "1", "2", "3")),
        (["0", "1", "2", "3"] * 20, "children", ()),
        (["1", "2", "3"] * 20, "cluster", ()),
        (["1", "3", "5"] * 20, "x", ()),
        (["low", "High", "medium"], "x", ("low", "medium", "High")),
        (["Strongly agree", "Agree", "Neutral", "Disagree"], "x", ("Disagree", "Neutral", "Agree", "Strongly agree")),
        (["S", "XL", "M", "L"], "size", ("S", "M", "L", "XL")),
        (["red", "low", "high"], "x", ()),
        (["never", "always"] * 3 + ["often"], "x", ("never", "often", "always")),
    ],
)
def test_values_with_an_order(values: list[str], name: str, levels: tuple[str, ...]) -> None:
    assert typed(values, name).profile.levels == levels


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["AA", "Aa", "aa", "aA"] * 20, 4),
        ([*["Co", "No"] * 20, "CO", "NO"], 2),
        (["Yes", "yes", "No", "no"] * 20, 2),
        (["Berlin", "berlin", "Rome"] * 20, 2),
    ],
)
def test_short_codes_stay_apart_and_labels_can_be_kept_apart(values: list[str], labels: int) -> None:
    column = typed(values)
    assert column.profile.unique == labels
    if labels == 2:
        assert typed(values, "x", obeyed(column, "merged_labels")).profile.unique == len(set(values))
