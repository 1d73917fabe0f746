"""The quality report as one HTML file that opens anywhere, offline, and prints.

`report.html` is its template; autoescape is on, so that nothing of a stranger's file is ever taken for HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from dashapp.datasets.dataset import Bin, ColumnKind, ColumnProfile, Dataset, Dialect, Finding
from dashapp.datasets.decided import decided
from dashapp.datasets.quality.checks import Check, Verdict, quality_report
from dashapp.datasets.spoken import KINDS, encoding_in_words, separator_in_words

MOST_ROWS = 10
FEW_VALUES = 10
_TOP = 4
_UNLISTED = (ColumnKind.IDENTIFIER, ColumnKind.TEXT)
_HEAVY = ("leaks", "target", "classes", "formats", "impossible")  # what ruins a model comes before what only troubles it
_VERDICTS = {Verdict.FAIL: "To settle", Verdict.WARN: "To know", Verdict.PASS: "Passed"}


def report_html(dataset: Dataset) -> str:
    """The whole report of a dataset that is ready."""
    profile = dataset.profile
    checks = by_weight(quality_report(profile, dataset.reading))
    return _template().render(
        dataset=dataset,
        profile=profile,
        facts=_facts(dataset),
        reading=_reading(profile.dialect),
        checks=checks,
        decided=[sentence for sentence, _ in decided(dataset.reading)],
        counts=[(words, sum(check.verdict is verdict for check in checks)) for verdict, words in _VERDICTS.items()],
        words=_VERDICTS,
        findings=_findings,
        is_said_below=is_said_below,
        columns=[_column(column, profile.rows) for column in profile.columns],
    )


def by_weight(checks: Sequence[Check]) -> list[Check]:
    """What must be settled first, then what misleads a model most, what passed last; else in the order of the catalogue."""

    def weight(check: Check) -> tuple[int, int]:
        heavy = _HEAVY.index(check.name) if check.name in _HEAVY else len(_HEAVY)
        return list(_VERDICTS).index(check.verdict), 0 if check.verdict is Verdict.PASS else heavy

    return sorted(checks, key=weight)


def is_said_below(check: Check) -> bool:
    """Whether the check's sentence only begins what its findings say one by one."""
    first = check.findings[0].message if check.findings else check.sentence
    return check.sentence != first and check.sentence.startswith(first)


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))


def _facts(dataset: Dataset) -> list[tuple[str, str]]:
    profile = dataset.profile
    return [
        ("Rows", f"{profile.rows:,}"),
        ("Columns", f"{len(profile.columns):,}"),
        ("Bytes", f"{dataset.bytes:,}"),
        ("Uploaded", f"{dataset.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
        ("SHA-256", dataset.sha256),
    ]


def _reading(dialect: Dialect) -> list[tuple[str, str]]:
    return [
        ("Encoding", encoding_in_words(dialect.encoding)),
        ("Separator", separator_in_words(dialect.delimiter)),
        ("Quote", dialect.quote or "none"),
        ("Header", "a line that names the columns" if dialect.has_header else "none"),
        ("Lines skipped at the top", f"{dialect.skipped_lines:,}"),
    ]


def _findings(check: Check) -> list[tuple[str, str]]:
    """What each finding adds to the sentence of its check, and its first rows as words."""
    every = [("" if finding.message == check.sentence else finding.message, _rows(finding)) for finding in check.findings]
    return [(message, rows) for message, rows in every if message or rows]


def _rows(finding: Finding) -> str:
    shown = finding.rows[:MOST_ROWS]
    if not shown:
        return ""
    more = max(finding.row_count, len(finding.rows)) - len(shown)
    said = ", ".join(f"{row:,}" for row in shown) + (f" and {more:,} more" if more else "")
    return f"{'Row' if len(shown) == 1 and not more else 'Rows'} {said}"


def _column(column: ColumnProfile, rows: int) -> dict[str, Any]:
    present = max(rows - column.missing, 1)
    is_listed = bool(column.top) and column.kind not in _UNLISTED and (column.unique <= FEW_VALUES or not column.histogram)
    return {
        "name": column.name,
        "kind": "rating" if column.levels else KINDS[column.kind.value],
        "missing": column.missing,
        "missing_share": column.missing / max(rows, 1),
        "unique": column.unique,
        "values": _values(column),
        "bars": [] if is_listed else _bars(column.histogram),
        "top": [(each.value, each.count / present) for each in column.top[:_TOP]] if is_listed else [],
    }


def _values(column: ColumnProfile) -> str:
    if column.levels:
        return " < ".join(column.levels)
    if column.minimum is not None and column.maximum is not None:
        mean = "" if column.mean is None else f", mean {column.mean:,.6g}"
        return f"{column.minimum:,.6g} to {column.maximum:,.6g}{mean}"
    if column.kind is ColumnKind.DATETIME and column.histogram:
        return f"{_day(column.histogram[0].low)} to {_day(column.histogram[-1].high)}"
    is_listed = bool(column.top) and column.kind not in _UNLISTED
    return "" if column.example is None or is_listed else f"such as {column.example}"


def _day(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
    except (OverflowError, OSError, ValueError):  # years that Python's dates do not reach
        return "–"


def _bars(histogram: Sequence[Bin]) -> list[tuple[float, float, float]]:
    """`(x, width, height)` of each bar in a picture of 100 by 30."""
    most, width = max((each.count for each in histogram), default=0) or 1, 100 / max(len(histogram), 1)
    return [(place * width, width * 0.88, max(30 * each.count / most, 1)) for place, each in enumerate(histogram) if each.count]
