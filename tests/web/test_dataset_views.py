"""How a dataset looks, from values made by hand: rows, columns, checks, the form that reads it differently."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashapp.datasets.dataset import (
    Bin,
    ColumnKind,
    ColumnProfile,
    ColumnReading,
    Dataset,
    DatasetState,
    Dialect,
    Finding,
    Profile,
    ReadAs,
    Reading,
    Remedy,
    TargetProposal,
    ValueCount,
)
from dashapp.datasets.quality.checks import Check, Verdict
from dashapp.web import column_view, data_section, dialect_view, preview_view, quality_view
from dashapp.web.column_view import FIRST_COLUMNS, ColumnsShown
from tests.web.test_shell import as_text

DIALECT = Dialect("utf-8", ";", '"', has_header=True)
UNDECIDED = ColumnReading()


def column(name: str, kind: ColumnKind = ColumnKind.NUMBER, **fields: Any) -> ColumnProfile:
    return ColumnProfile(name, kind, **({"missing": 0, "unique": 3} | fields))


def dataset(*columns: ColumnProfile, rows: int = 10, **fields: Any) -> Dataset:
    profile = Profile(rows, columns or (column("a"), column("b")), TargetProposal(None, None, "None."), (), DIALECT)
    known: dict[str, Any] = {"id": "d1", "name": "t.csv", "bytes": 10, "sha256": "0", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return Dataset(**(known | {"uploading_s": 0.0, "validating_s": 0.0, "profile": profile} | fields))


def test_of_a_wide_table_the_server_draws_the_first_columns_alone() -> None:
    wide = dataset(*(column(f"c{place}") for place in range(300)))
    page = as_text(preview_view.preview(wide, [{f"c{place}": "here" for place in range(300)}] * 3))
    assert page.count('"here"') == 3 * preview_view.FIRST_COLUMNS
    assert '"c299"' in page  # the browser is told of all


def test_rows_are_numbered_and_what_is_missing_is_a_dash() -> None:
    page = as_text(preview_view.preview(dataset(), [{"a": 0.1, "b": None}, {"a": float("nan"), "b": "x" * 1000}, {"a": "two\r\nlines"}]))
    assert page.count("cell-missing") == 3
    assert page.count("row-number") == 1 + 3
    assert "two \\u21b5 lines" in page
    assert '"0.1"' in page
    assert "x" * 400 not in page


def test_the_browser_is_told_when_the_same_table_reads_differently() -> None:
    before = dataset()
    after = replace(before, reading=Reading(delimiter=","))
    versions = {as_text(preview_view.preview(each, [])).split('"version": "')[1][:12] for each in (before, after)}
    assert len(versions) == 2


def test_a_row_that_caused_a_finding_can_be_gone_to() -> None:
    page = as_text(preview_view.row_links((3, 1200), 5, "a"))
    assert '"data-row": "1200"' in page
    assert "and 3 more" in page
    assert preview_view.row_links((), 5, "a") is None
    assert "and 12 more" in as_text(preview_view.row_links(tuple(range(1, 21)), 0, None))


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (column("a", unique=0), "no value at all"),
        (column("a", minimum=1.0, maximum=5.5, mean=2.25), "3 different · 1 to 5.5, mean 2.25"),
        (column("a", ColumnKind.CATEGORY, levels=("low", "high")), "3 different · in order: low, high"),
        (column("a", ColumnKind.IDENTIFIER, example="x7", top=(ValueCount("x7", 1),)), "3 different · such as x7"),
        (column("a", ColumnKind.CATEGORY, top=(ValueCount("x", 1),), missing_as=("-9",)), "3 different · missing is written -9"),
        (column("a", ColumnKind.DATETIME, histogram=(Bin(0, 86400, 1),)), "3 different · 1970-01-01 to 1970-01-02"),
        (column("a", ColumnKind.DATETIME, histogram=(Bin(-1e18, 1e18, 1),)), "3 different · – to –"),
        (column("a", ColumnKind.TEXT), "3 different"),
    ],
)
def test_a_column_is_told_in_words(profile: ColumnProfile, words: str) -> None:
    assert column_view.facts_in_words(profile) == words


def test_a_histogram_is_one_outline_and_small_bars_stay_seen() -> None:
    drawn = column_view.outline((Bin(0, 1, 1000), Bin(1, 2, 1), Bin(2, 3, 0)))
    assert drawn.startswith("polygon(0% 100%")
    assert "0.00% 0.0%" in drawn  # the highest bar is full
    assert "33.33% 96.0%" in drawn  # the lowest is seen
    assert "66.67% 100.0%" in drawn  # none is none
    assert " 0.0%" not in column_view.outline((Bin(0, 1, 0),))


def test_a_rating_is_called_so_and_its_values_stand_in_order() -> None:
    top = (ValueCount("high", 7), ValueCount("low", 3))
    stars = column("stars", ColumnKind.CATEGORY, levels=("low", "high"), top=top, histogram=(Bin(0, 1, 3), Bin(1, 2, 7)))
    card = as_text(column_view.column_card(stars, 10, UNDECIDED, None))
    assert "Found: rating" in card
    assert card.index('"30.0%"') < card.index('"70.0%"')
    assert "histogram" not in card


def test_many_numbers_are_a_histogram_that_is_also_said() -> None:
    ages = column("age", unique=60, minimum=0.0, maximum=80.0, histogram=(Bin(0, 40, 3), Bin(40, 80, 7)))
    card = as_text(column_view.column_card(ages, 10, UNDECIDED, None))
    assert "most values lie from 40 to 80" in card


@pytest.mark.parametrize(
    ("decided", "reason", "words"),
    [
        (UNDECIDED, None, '"Leave out"'),
        (UNDECIDED, "It tells the target.", '"Use it anyway"'),
        (ColumnReading(use=True), None, "Used as you wish."),
        (ColumnReading(use=False), None, "You left it out."),
    ],
)
def test_a_card_says_whether_its_column_is_used(decided: ColumnReading, reason: str | None, words: str) -> None:
    assert words in as_text(column_view.column_card(column("a"), 10, decided, reason))


def test_what_cannot_be_learned_from_offers_no_way_back() -> None:
    card = as_text(column_view.column_card(column("a", ColumnKind.CONSTANT), 10, ColumnReading(use=True), "it has one value"))
    assert "Left out: it has one value." in card
    assert "Use it anyway" not in card
    assert "is-out" in card


def test_a_decided_kind_is_chosen_and_can_be_found_out_again() -> None:
    card = as_text(column_view.column_card(column("a"), 10, ColumnReading(kind=ReadAs.TEXT), None))
    assert "Find it out" in card
    assert '"value": "text"' in card


def test_of_many_columns_the_first_are_shown_and_a_name_finds_the_others() -> None:
    many = [column(f"Sensor {place}") for place in range(300)]
    shown, fit = ColumnsShown().of(many)
    assert (len(shown), fit) == (FIRST_COLUMNS, 300)
    assert [each.name for each in ColumnsShown("sensor 299 ").of(many)[0]] == ["Sensor 299"]
    assert len(ColumnsShown(is_all=True).of(many)[0]) == 300
    assert column_view.show_all_class(ColumnsShown(), 300) != "is-hidden"
    assert column_view.show_all_class(ColumnsShown(is_all=True), 300) == "is-hidden"
    assert column_view.found_in_words(ColumnsShown("zzz"), 0) == "No column has this in its name."


def check(verdict: Verdict, *findings: Finding, sentence: str = "So it is.") -> Check:
    return Check("leaks", "Leaks", verdict, sentence, findings)


@pytest.mark.parametrize(
    ("fails", "warns", "passes", "words"),
    [
        (2, 3, 14, "2 things to settle, 3 to know, 14 checks passed"),
        (1, 0, 1, "1 thing to settle, 1 check passed"),
        (0, 1, 0, "1 thing to know, 0 checks passed"),
        (0, 2, 5, "2 things to know, 5 checks passed"),
        (0, 0, 18, "All 18 checks passed"),
        (0, 0, 0, "No checks were made"),
    ],
)
def test_the_report_is_one_line(fails: int, warns: int, passes: int, words: str) -> None:
    checks = [check(Verdict.FAIL)] * fails + [check(Verdict.WARN)] * warns + [check(Verdict.PASS)] * passes
    assert quality_view.headline(checks) == words


def test_the_worst_is_said_below_the_line_and_comes_first() -> None:
    warn, fail = check(Verdict.WARN, sentence="A warning."), check(Verdict.FAIL, sentence="A failure.")
    page = as_text(quality_view.quality_section([warn, fail, check(Verdict.PASS, sentence="Fine.")], "/ml/report"))
    assert page.index("A failure.") < page.index("A warning.") < page.index("Fine.")
    assert '"A failure.", "className": "quality-worst"' in page
    assert "/ml/report" in page


def test_a_finding_offers_its_rows_and_its_remedies_and_is_not_said_twice() -> None:
    remedy = Remedy("Treat 0 as missing", {"columns": {"a": {"missing": ["0"]}}})
    finding = Finding("sentinel", "a", "So it is.", rows=(4,), row_count=9, remedies=(remedy,))
    page = as_text(quality_view.quality_section([check(Verdict.WARN, finding)], ""))
    assert page.count("So it is.") == 2  # in the check, and as the worst
    assert "Treat 0 as missing" in page
    assert '"data-row": "4"' in page


def test_the_sentence_of_a_check_is_left_out_where_its_findings_say_it() -> None:
    findings = [Finding("short_rows", None, "8 rows are short."), Finding("long_rows", None, "5 rows are long.")]
    passed = check(Verdict.PASS, *findings, sentence="8 rows are short. And 1 more.")
    page = as_text(quality_view.quality_section([passed], ""))
    assert page.count("8 rows are short.") == 1
    assert "5 rows are long." in page


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        (("8 rows are short.", "A blank line was dropped."), "8 rows are short."),  # a warning and a note
        (("8 rows are short.", "5 rows are long."), "8 rows are short. And 1 more."),
        (("a is empty.", "b is empty."), 'Empty: "a", "b".'),
        (("8 rows are short.",), "8 rows are short."),
    ],
)
def test_each_sentence_of_a_check_stands_once(findings: tuple[str, ...], sentence: str) -> None:
    remedy = Remedy("Mend it", {"drop_duplicates": True})
    found = [Finding("short_rows", None, message, remedies=(remedy,)) for message in findings]
    rows = Check("rows", "Whole rows", Verdict.WARN, sentence, tuple(found))
    page = as_text(quality_view.quality_section([rows], "")).replace(f'"{sentence}", "className": "quality-worst"', "")
    assert [page.count(json.dumps(message)) for message in findings] == [1] * len(findings)
    assert page.count("Mend it") == len(findings)


def test_what_misleads_a_model_most_is_said_first() -> None:
    def named(name: str, verdict: Verdict) -> Check:
        return Check(name, name, verdict, f"It is {name}.")

    worst = [
        named("leaks", Verdict.WARN),
        named("classes", Verdict.WARN),
        named("impossible", Verdict.WARN),
        named("missing", Verdict.WARN),
    ]
    for place, each in enumerate(worst):
        page = as_text(quality_view.quality_section([*reversed(worst[place:]), named("target", Verdict.PASS)], ""))
        assert f'"{each.sentence}", "className": "quality-worst"' in page
    assert '"It is size.", "className": "quality-worst"' in as_text(quality_view.quality_section([*worst, named("size", Verdict.FAIL)], ""))


def test_what_was_put_right_is_counted_where_all_passed() -> None:
    mended = Check("rows", "Rows", Verdict.PASS, "Mended.", (Finding("mended_rows", None, "Mended."),))
    assert quality_view.headline([mended, check(Verdict.PASS)]) == "All 2 checks passed, 1 thing put right"


def test_of_many_findings_the_first_are_shown() -> None:
    findings = [Finding("many_missing", f"c{place}", f"c{place} is empty.") for place in range(300)]
    page = as_text(quality_view.quality_section([check(Verdict.WARN, *findings)], ""))
    assert f"and {300 - quality_view.MOST_FINDINGS} more" in page
    assert "c299 is empty." not in page


@pytest.mark.parametrize(
    ("form", "patch"),
    [
        (("found", "", "found", "found", "found", None), {}),
        (
            (";", "", "none", "cp1252", "no", 3),
            {"delimiter": ";", "quote": "", "encoding": "cp1252", "has_header": False, "skipped_lines": 3},
        ),
        (("other", "||", "'", "found", "yes", 0), {"delimiter": "||", "quote": "'", "has_header": True, "skipped_lines": 0}),
        (("other", "", None, None, None, None), {}),
        (("found", "||", None, None, None, None), {"delimiter": "||"}),
        ((";", "||", None, None, None, None), {"delimiter": ";"}),
    ],
)
def test_the_form_is_a_patch_of_the_reading(form: tuple[Any, ...], patch: dict[str, Any]) -> None:
    undecided = {"delimiter": None, "quote": None, "encoding": None, "has_header": None, "skipped_lines": None}
    assert dialect_view.form_patch(*form) == undecided | patch


@pytest.mark.parametrize(
    ("changed", "separator", "other", "agreed"),
    [
        (dialect_view.OTHER_SEPARATOR, "found", "||", ("other", "||")),
        (dialect_view.SEPARATOR, "found", "||", ("found", "")),
        (dialect_view.SEPARATOR, "other", "||", ("other", "||")),
        (dialect_view.OTHER_SEPARATOR, ";", "", (";", "")),
        (dialect_view.QUOTE, "other", "||", ("other", "||")),
    ],
)
def test_text_for_another_separator_chooses_it(changed: str, separator: str, other: str, agreed: tuple[str, str]) -> None:
    assert dialect_view.agreed(changed, separator, other) == agreed


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        (Dialect("cp1252", "  ", "", has_header=True), "Western (cp1252) text, separated by several spaces, with a header line"),
        (Dialect("utf-8-sig", "||", "'", has_header=False), 'UTF-8 text, separated by "||", quoted with \', without a header line'),
        (Dialect("cp437", " ", "", True, 2), "cp437 text, separated by spaces, with a header line, 2\u00a0lines above it skipped"),
    ],
)
def test_how_a_file_was_read_is_told_in_words(dialect: Dialect, words: str) -> None:
    assert dialect_view.dialect_in_words(dialect) == words


def test_a_date_without_a_time_shows_none() -> None:
    table = dataset(column("when", ColumnKind.DATETIME), column("word", ColumnKind.TEXT))
    rows = [{"when": "2021-06-03T00:00:00", "word": "2021-06-04T00:00:00"}, {"when": "2021-06-05T12:30:00", "word": None}]
    page = as_text(preview_view.preview(table, rows))
    for shown in ('"2021-06-03"', '"2021-06-04T00:00:00"', '"2021-06-05T12:30:00"', '"dates": [0]'):
        assert shown in page, shown


def test_the_form_shows_what_was_decided_and_lists_it() -> None:
    page = as_text(dialect_view.reading_section(dataset(reading=Reading(delimiter="||", encoding="koi8-r", quote="", has_header=False))))
    for part in (
        '"||"',
        "koi8-r",
        "4\\u00a0decisions of yours stand",
        "what you decided",
        "Quotes are part of the values.",
        "The file has no header.",
        "Take it back",
    ):
        assert part in page, part


def test_repairs_are_said_with_how_it_was_read() -> None:
    table = dataset()
    one = Finding("short_rows", None, "2 rows had too few cells.")
    profile = replace(table.profile, warnings=(one,))
    assert "with a header line. 2 rows had too few cells." in as_text(dialect_view.reading_section(replace(table, profile=profile)))
    profile = replace(table.profile, warnings=(one, replace(one, message="3 notes were left out.")))
    assert "2 things were put right" in as_text(dialect_view.reading_section(replace(table, profile=profile)))
    above = Finding("lines_above_header", None, "5 lines above the table were left out.")
    page = as_text(dialect_view.reading_section(replace(table, profile=replace(table.profile, warnings=(above,)))))
    assert above.message not in page  # said as skipped lines


def test_a_file_that_is_being_read_says_so_and_looks_again() -> None:
    page = as_text(data_section.waiting_card(dataset(state=DatasetState.PROFILING, rows=0)))
    assert "Validating data quality" in page
    assert data_section.WAITING in page


def test_a_file_that_could_not_be_read_says_why() -> None:
    assert "It is HTML." in as_text(data_section.failed_card(dataset(state=DatasetState.FAILED, error="It is HTML.")))
