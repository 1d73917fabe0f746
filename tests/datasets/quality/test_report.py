"""The report as one file: whole, offline, and safe with what strangers write into their tables."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from dashapp.datasets.dataset import (
    Bin,
    ColumnKind,
    ColumnProfile,
    ColumnReading,
    Dataset,
    Dialect,
    Finding,
    Profile,
    Reading,
    Severity,
    TargetProposal,
    Task,
    ValueCount,
)
from dashapp.datasets.quality.report import report_html

HOSTILE = "</style><script>alert(1)</script>{{ 7 * 7 }}\"'&"


def dataset(name: str = "t.csv") -> Dataset:
    columns = (
        ColumnProfile(name, ColumnKind.CATEGORY, 1, 2, example=name, top=(ValueCount(name, 5), ValueCount("b", 4))),
        ColumnProfile("n", ColumnKind.NUMBER, 0, 9, minimum=0.0, maximum=9.0, mean=4.5, histogram=(Bin(0, 5, 9), Bin(5, 9, 1))),
        ColumnProfile("when", ColumnKind.DATETIME, 0, 9, histogram=(Bin(0, 86_400, 1),)),
        ColumnProfile("id", ColumnKind.IDENTIFIER, 0, 10, example="x1", top=(ValueCount("x1", 1),)),
        ColumnProfile("stars", ColumnKind.CATEGORY, 0, 2, levels=("low", "high"), top=(ValueCount("low", 5),)),
        ColumnProfile("empty", ColumnKind.CONSTANT, 10, 0),
    )
    findings = (Finding("short_rows", None, f"2 rows of {name} were short.", rows=tuple(range(1, 15)), row_count=20),)
    profile = Profile(10, columns, TargetProposal(name, Task.BINARY, f"{name} has two values."), findings, Dialect("utf-8", "\t", "", True))
    return Dataset("d1", name, 100, "ab", datetime(2026, 1, 1, tzinfo=UTC), 0.1, 0.2, profile)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", ["t.csv", HOSTILE, "عمود", "x" * 200, "{% raw %}"])
def test_whatever_a_table_holds_the_report_is_whole_and_runs_nothing(name: str) -> None:
    tags = Tags(report_html(dataset(name)))
    assert tags.open == []
    assert "script" not in tags.names
    assert tags.names.count("style") == 1


def test_nothing_is_fetched() -> None:
    assert not re.search(r"(?:src|href|url)\s*[=(]", report_html(dataset()))


def test_everything_is_told() -> None:
    page = report_html(dataset())
    for words in (
        "10.0% missing",
        "tabs",
        "none",
        "0 to 9, mean 4.5",
        "1970-01-01 to 1970-01-02",
        "such as x1",
        "low &lt; high",
        "Rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 10 more",
        "has two values",
    ):
        assert words in page, words
    assert page.count("<rect") == 2 + 1 + 2 + 1


def test_each_finding_is_told_once_with_its_own_rows() -> None:
    findings = (
        Finding("short_rows", None, "2 rows were short.", rows=(3, 9), row_count=2),
        Finding("note_lines", None, "5 notes were left out.", Severity.NOTE, row_count=5),
        Finding("totals_row", None, "A total was left out.", Severity.NOTE, rows=(7,), row_count=1),
    )
    table = dataset()
    page = report_html(replace(table, profile=replace(table.profile, warnings=findings)))
    assert [page.count(finding.message) for finding in findings] == [1, 1, 1]
    for rows in ("Rows 3, 9<", 'A total was left out. <span class="muted">Row 7<'):
        assert rows in page, rows
    assert "notes were left out.</li>" in page


def test_the_report_lists_what_was_decided() -> None:
    table = dataset()
    assert "What was decided" not in report_html(table)
    page = report_html(replace(table, reading=Reading(delimiter=";", columns={"n": ColumnReading(use=False)})))
    assert "<li>The values are separated by semicolons.</li><li>&#34;n&#34; is left out.</li>" in page


def test_a_table_without_a_target_has_a_report() -> None:
    table = dataset()
    profile = replace(table.profile, target=TargetProposal(None, None, "No column can be predicted."), warnings=())
    assert "No column can be predicted." in report_html(replace(table, profile=profile))
