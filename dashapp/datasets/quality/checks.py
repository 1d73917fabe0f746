"""The quality report: a fixed list of checks, each with a verdict and a sentence, also where nothing was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dashapp.datasets.dataset import ColumnReading, Finding, Profile, Reading, Remedy, Severity
from dashapp.datasets.wording import listed

SAMPLE_ROWS = 20_000  # up to here all rows are looked at for what needs several passes


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, no password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. Notes among the findings do not keep it from passing."""

    name: str
    title: str
    verdict: Verdict
    sentence: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    """A check before it meets a table: the codes that belong to it, and what is said of no finding and of several columns."""

    name: str
    title: str
    codes: frozenset[str]
    passed: str
    several: str
    is_sampled: bool = False
    needs_target: bool = False


def _rule(name: str, title: str, codes: str, passed: str, several: str, *, sampled: bool = False, target: bool = False) -> _Rule:
    return _Rule(name, title, frozenset(codes.split()), passed, several, sampled, target)


CATALOGUE: tuple[_Rule, ...] = (
    _rule(
        "text",
        "Readable text",
        "encoding undecoded invisible_characters no_header lines_above_header header_rows second_table repeated_header",
        "The text was read as it stands.",
        "Characters were removed from {columns}.",
    ),
    _rule(
        "rows",
        "Whole rows",
        "short_rows long_rows mended_rows doubtful_rows mixed_delimiters note_lines totals_row unbalanced_quote",
        "Every row has as many cells as the header.",
        "Rows were mended in {columns}.",
    ),
    _rule(
        "names",
        "Names of columns",
        "empty_columns unnamed_column duplicate_name mended_header",
        "Every column has a name of its own.",
        "Names were given to {columns}.",
    ),
    _rule("size", "Number of rows", "too_few_rows", "There are enough rows to learn from and to test.", "{columns}"),
    _rule(
        "missing",
        "Missing values",
        "all_missing many_missing missing_values missing_spelling sentinel",
        "No value is missing.",
        "Values are missing in {columns}.",
    ),
    _rule(
        "types",
        "Mixed types",
        "not_a_number not_a_date infinite not_as_told mixed_percent",
        "No column mixes numbers with words.",
        "Values that are no numbers were taken as missing in {columns}.",
    ),
    _rule(
        "formats",
        "Numbers and dates",
        "number_format ambiguous_dates mixed_dates",
        "Numbers and dates are written plainly.",
        "Numbers or dates were read by their style in {columns}.",
    ),
    _rule(
        "spelling",
        "Spelling variants",
        "merged_labels",
        "Every label is written in one way.",
        "Spellings of labels were merged in {columns}.",
    ),
    _rule("duplicates", "Duplicate rows", "duplicate_rows", "No duplicate rows.", "{columns}", sampled=True),
    _rule("constants", "Constant columns", "constant", "No column has one value only.", "One value only in {columns}."),
    _rule(
        "near_constants",
        "Nearly constant columns",
        "near_constant",
        "No column has nearly always the same value.",
        "Nearly always the same value in {columns}.",
    ),
    _rule("identifiers", "Identifiers", "identifier", "No column only names the rows.", "The rows are only named by {columns}."),
    _rule(
        "cardinality",
        "Many labels",
        "high_cardinality",
        "No column has too many labels.",
        "Many different labels, most of them rare, in {columns}.",
    ),
    _rule("free_text", "Free text", "free_text", "No column holds free text.", "Free text in {columns}."),
    _rule(
        "outliers",
        "Outliers",
        "outliers",
        "No number lies far outside of all others.",
        "Numbers far outside of all others in {columns}.",
        sampled=True,
    ),
    _rule(
        "impossible",
        "Impossible values",
        "impossible_values",
        "No impossible numbers.",
        "Numbers that cannot be right in {columns}.",
        sampled=True,
    ),
    _rule("order", "Order of dates", "unordered_dates", "No dates out of order.", "Dates out of order in {columns}.", sampled=True),
    _rule(
        "target",
        "Target",
        "no_target target_missing",
        "Every row has a target.",
        "No value to learn from in rows of {columns}.",
        target=True,
    ),
    _rule(
        "classes",
        "Rare classes",
        "rare_class many_classes",
        "Every class has enough rows.",
        "Classes that are too rare in {columns}.",
        target=True,
    ),
    _rule(
        "balance",
        "Balance of classes",
        "imbalance",
        "No class is much rarer than the others.",
        "Classes out of balance in {columns}.",
        target=True,
    ),
    _rule(
        "leaks",
        "Leaks of the target",
        "leak",
        "No column gives the target away.",
        "The target is told by {columns}.",
        sampled=True,
        target=True,
    ),
)
_OTHER = _rule("other", "Other remarks", "", "Nothing else was found.", "See {columns}.")
_WORST = (Severity.FAIL, Severity.WARN, Severity.NOTE)


def quality_report(profile: Profile, reading: Reading = Reading()) -> list[Check]:
    """Every check of the catalogue in its order. What belongs to none of them stands in one more at the end.

    What the user decided in `reading` about a column that a finding leaves out, or advises to, is no longer an open question.
    """
    findings = [_as_decided(finding, reading) for finding in profile.warnings]
    report = [_check(rule, [finding for finding in findings if finding.code in rule.codes], profile) for rule in CATALOGUE]
    known = frozenset[str]().union(*(rule.codes for rule in CATALOGUE))
    if others := [finding for finding in findings if finding.code not in known]:
        report.append(_check(_OTHER, others, profile))
    return report


def _as_decided(finding: Finding, reading: Reading) -> Finding:
    use = reading.columns.get(finding.column or "", ColumnReading()).use
    if use is None or not any("use" in change for remedy in finding.remedies for change in _column_changes(remedy)):
        return finding
    said = finding.message.removesuffix("; it is left out of the training.").removesuffix(".")
    back = Remedy("Let the checks decide", {"columns": {finding.column: {"use": None}}})
    decision = "you decided to use it" if use else "you left it out"
    return replace(finding, message=f"{said}; {decision}.", severity=Severity.NOTE, remedies=(back,))


def _column_changes(remedy: Remedy) -> Iterable[Mapping[str, object]]:
    columns = remedy.change.get("columns")
    return columns.values() if isinstance(columns, Mapping) else ()


def left_out_for(findings: Iterable[Finding]) -> dict[str, str]:
    """The columns that findings leave out of a training unless the user says otherwise, each with the reason as a clause."""
    return {
        finding.column: _REASONS[finding.code] + _evidence(finding)
        for finding in findings
        if finding.column is not None and finding.code in _REASONS and finding.severity is Severity.WARN
    }


_REASONS = {"leak": "it gives the target away", "identifier": "it only numbers the rows"}


def _evidence(finding: Finding) -> str:
    return "" if finding.score is None else f" (alone it reaches {finding.score:.3f} in {finding.score_name})"


def _check(rule: _Rule, findings: Sequence[Finding], profile: Profile) -> Check:
    ordered = tuple(sorted(findings, key=lambda finding: _WORST.index(finding.severity)))
    if not ordered:
        return Check(rule.name, rule.title, Verdict.PASS, _passed(rule, profile))
    worst = ordered[0].severity
    verdict = Verdict.PASS if worst is Severity.NOTE else Verdict(worst.value)
    serious = [finding for finding in ordered if finding.severity is worst]
    return Check(rule.name, rule.title, verdict, _sentence(rule, serious), ordered)


def _passed(rule: _Rule, profile: Profile) -> str:
    if rule.needs_target and profile.target.name is None:
        return "Not looked at, since no target could be proposed."
    if rule.is_sampled and profile.rows > SAMPLE_ROWS:
        return f"{rule.passed.rstrip('.')} among {SAMPLE_ROWS:,} rows spread over the table."
    return rule.passed


def _sentence(rule: _Rule, findings: Sequence[Finding]) -> str:
    """That of the only finding, or one for all the columns."""
    columns = list(dict.fromkeys(finding.column for finding in findings if finding.column is not None))
    if len(columns) < 2 or any(finding.column is None for finding in findings):
        more = len(findings) - 1
        return findings[0].message + (f" And {more} more." if more else "")
    return rule.several.format(columns=listed(columns))
