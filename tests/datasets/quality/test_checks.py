from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import dashapp.datasets
from dashapp.datasets.dataset import ColumnReading, Dialect, Finding, Profile, Reading, Remedy, Severity, TargetProposal, Task
from dashapp.datasets.quality.checks import CATALOGUE, SAMPLE_ROWS, Verdict, left_out_for, quality_report
from dashapp.datasets.read import read_table

DATA = Path(__file__).parents[2] / "data"
CODES = frozenset(
    """
    encoding no_header lines_above_header header_rows second_table short_rows long_rows mended_rows mixed_delimiters note_lines totals_row
    unbalanced_quote empty_columns unnamed_column duplicate_name invisible_characters missing_spelling sentinel not_a_number infinite
    number_format ambiguous_dates merged_labels too_few_rows duplicate_rows constant near_constant all_missing identifier free_text
    high_cardinality many_missing missing_values target_missing rare_class many_classes imbalance outliers impossible_values
    unordered_dates leak no_target mended_header repeated_header mixed_dates not_a_date not_as_told mixed_percent doubtful_rows undecoded
""".split()  # noqa: SIM905 - a list of 40 strings is no easier to read
)


def profile(*findings: Finding, rows: int = 100, target: str | None = "churn") -> Profile:
    proposal = TargetProposal(target, None if target is None else Task.BINARY, "It is last.")
    return Profile(rows, (), proposal, findings, Dialect("utf-8", ",", '"', True))


def codes_in_the_room() -> set[str]:
    """The first argument of every `Finding(...)` in the room where it is written there."""
    found: set[str] = set()
    for path in Path(dashapp.datasets.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_finding = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding"
            if is_finding and node.args and isinstance(code := node.args[0], ast.Constant):
                found.add(str(code.value))
    return found


def test_every_code_belongs_to_exactly_one_check() -> None:
    in_checks = [code for rule in CATALOGUE for code in rule.codes]
    assert sorted(in_checks) == sorted(set(in_checks)) == sorted(CODES)
    assert len(codes_in_the_room()) >= 15
    assert codes_in_the_room() <= CODES


@pytest.mark.parametrize(("use", "said"), [(True, "you decided to use it."), (False, "you left it out.")])
def test_what_the_user_decided_is_no_open_question_any_more(use: bool, said: str) -> None:
    leak = Finding(
        "leak",
        "flag",
        "It tells; it is left out of the training.",
        remedies=(Remedy("Use it anyway", {"columns": {"flag": {"use": True}}}),),
    )
    undecided = {check.name: check for check in quality_report(profile(leak))}
    decided = {check.name: check for check in quality_report(profile(leak), Reading(columns={"flag": ColumnReading(use=use)}))}
    assert (undecided["leaks"].verdict, decided["leaks"].verdict) == (Verdict.WARN, Verdict.PASS)
    (finding,) = decided["leaks"].findings
    assert finding.message == f"It tells; {said}"
    assert [remedy.change for remedy in finding.remedies] == [{"columns": {"flag": {"use": None}}}]


def test_names_and_titles_are_unique_and_sentences_are_sentences() -> None:
    assert len({rule.name for rule in CATALOGUE}) == len({rule.title for rule in CATALOGUE}) == len(CATALOGUE) >= 20
    for rule in CATALOGUE:
        assert re.fullmatch(r"[A-Z].*\.", rule.passed), rule
        assert re.fullmatch(r"([A-Z].*\.|\{columns\})", rule.several), rule


def test_a_table_without_findings_passes_every_check_with_a_sentence() -> None:
    report = quality_report(profile())
    assert [check.name for check in report] == [rule.name for rule in CATALOGUE]
    assert {check.verdict for check in report} == {Verdict.PASS}
    assert "No duplicate rows." in {check.sentence for check in report}


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ([Severity.NOTE], Verdict.PASS),
        ([Severity.NOTE, Severity.WARN], Verdict.WARN),
        ([Severity.WARN, Severity.FAIL, Severity.NOTE], Verdict.FAIL),
    ],
)
def test_the_verdict_is_the_worst_severity_and_notes_pass(severities: list[Severity], verdict: Verdict) -> None:
    findings = [Finding("constant", f"c{index}", f'"c{index}" is so.', severity) for index, severity in enumerate(severities)]
    (check,) = [check for check in quality_report(profile(*findings)) if check.findings]
    assert (check.name, check.verdict) == ("constants", verdict)
    worst = next(finding for finding in findings if finding.severity == check.findings[0].severity)
    assert check.sentence == worst.message


def test_several_columns_are_named_in_one_sentence() -> None:
    findings = [Finding("outliers", name, "…") for name in "abcdefg"]
    (check,) = [check for check in quality_report(profile(*findings)) if check.findings]
    assert check.sentence == 'Numbers far outside of all others in "a", "b", "c", "d", "e" and 2 more.'
    assert len(check.findings) == 7


def test_what_was_looked_at_is_said_of_a_long_table() -> None:
    report = {check.name: check for check in quality_report(profile(rows=SAMPLE_ROWS + 1))}
    assert report["duplicates"].sentence == "No duplicate rows among 20,000 rows spread over the table."
    assert report["constants"].sentence == "No column has one value only."


def test_without_a_target_nothing_is_said_of_it() -> None:
    report = {check.name: check for check in quality_report(profile(Finding("no_target", None, "None.", Severity.FAIL), target=None))}
    assert report["target"].verdict is Verdict.FAIL
    assert report["leaks"].sentence == "Not looked at, since no target could be proposed."


def test_a_code_of_no_check_is_not_lost() -> None:
    assert quality_report(profile(Finding("new", None, "Something.")))[-1].findings[0].code == "new"


def test_only_warnings_of_leaks_and_row_numbers_leave_a_column_out() -> None:
    findings = [
        Finding("leak", "a", "."),
        Finding("leak", "b", ".", Severity.NOTE),
        Finding("identifier", "c", "."),
        Finding("identifier", "d", ".", Severity.NOTE),
        Finding("outliers", "e", "."),
    ]
    assert set(left_out_for(findings)) == {"a", "c"}


@pytest.mark.parametrize("file", ["iris.csv", "insurance.csv", "penguins.csv", "car_evaluation.csv", "student_mat_semicolon.csv"])
def test_a_clean_table_passes(file: str) -> None:
    report = quality_report(read_table(DATA / file)[1])
    assert [check.name for check in report if check.verdict is not Verdict.PASS] == []


@pytest.mark.parametrize(
    ("file", "failed"),
    [
        ("degen_all_missing_target.csv", "target"),
        ("degen_constant_target.csv", "constants"),
        ("degen_single_row.csv", "size"),
    ],
)
def test_what_makes_training_senseless_fails(file: str, failed: str) -> None:
    report = quality_report(read_table(DATA / "ugly" / file)[1])
    assert failed in [check.name for check in report if check.verdict is Verdict.FAIL]
