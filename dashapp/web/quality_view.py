"""The quality report: one line on top, then every check with its verdict, what it found, where, and what can be done in one click."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashapp.datasets.dataset import Finding, Profile
from dashapp.datasets.quality.checks import Check, Verdict
from dashapp.datasets.quality.report import by_weight, is_said_below
from dashapp.datasets.wording import quoted
from dashapp.web.components import Child, badge
from dashapp.web.decisions import decide_button
from dashapp.web.preview_view import row_links

QUALITY_REMARK = "quality-remark"
MOST_FINDINGS = 8
_RIGHTED = frozenset(("text", "rows", "names", "spelling"))  # their notes say what was mended, left out or merged
_WORDS = {Verdict.FAIL: ("To settle", "bad"), Verdict.WARN: ("To know", "warn"), Verdict.PASS: ("Passed", "good")}


def headline(checks: Sequence[Check]) -> str:
    """`2 things to settle, 3 to know, 14 checks passed`."""
    number = {verdict: sum(check.verdict is verdict for check in checks) for verdict in Verdict}
    passed = number[Verdict.PASS]
    if not checks:
        return "No checks were made"
    if passed == len(checks):
        righted = sum(len(check.findings) for check in checks if check.name in _RIGHTED)
        return f"All {passed} checks passed" + (f", {righted} {'thing' if righted == 1 else 'things'} put right" if righted else "")
    parts = []
    if number[Verdict.FAIL]:
        parts.append(f"{number[Verdict.FAIL]} {'thing' if number[Verdict.FAIL] == 1 else 'things'} to settle")
    if number[Verdict.WARN]:
        noun = "" if parts else "thing " if number[Verdict.WARN] == 1 else "things "
        parts.append(f"{number[Verdict.WARN]} {noun}to know")
    return ", ".join([*parts, f"{passed} {'check' if passed == 1 else 'checks'} passed"])


def quality_section(checks: Sequence[Check], report_url: str, remark: str | None = None) -> Component:
    """Folded to its line; what matters most is said below that in one sentence. `remark` says what the checks do not look at."""
    checks = by_weight(checks)
    worst = next((check for check in checks if check.verdict is not Verdict.PASS), None)
    kind = "good" if worst is None else _WORDS[worst.verdict][1]
    summary = html.Summary([html.Span(headline(checks), className=f"quality-headline quality-{kind}")], className="section-summary")
    report = html.A("Download the report", href=report_url, download="")
    fold = html.Details([summary, _open_checks(checks), _passed(checks), html.P(report, className="quality-report")], id="quality-fold")
    aside = html.P(remark, id=QUALITY_REMARK, className="quality-remark", role="status")
    return html.Section(
        [aside, fold, html.P(worst.sentence, className="quality-worst") if worst else None], id="quality", className="quality"
    )


def other_target_remark(profile: Profile, target: str | None) -> str | None:
    """What to know of the checks where another target than the proposed one was chosen."""
    proposed = profile.target.name
    if proposed is None or target is None or target == proposed:
        return None
    return f"The checks of target and leaks are about {quoted(proposed)}, the proposed target."


def _open_checks(checks: Sequence[Check]) -> Component | None:
    found = [check for check in checks if check.verdict is not Verdict.PASS]
    return html.Ul([_check(check) for check in found], className="checks") if found else None


def _passed(checks: Sequence[Check]) -> Component | None:
    passed = [check for check in checks if check.verdict is Verdict.PASS]
    if not passed:
        return None
    noted = [_check(check) for check in passed if check.findings]
    plain = [
        html.Li([html.Strong(check.title), " ", html.Span(check.sentence, className="muted")]) for check in passed if not check.findings
    ]
    lists = [html.Ul(noted, className="checks") if noted else None, html.Ul(plain, className="checks-passed") if plain else None]
    return html.Details([html.Summary(f"{len(passed)} passed", className="section-summary"), *lists], id="quality-passed")


def _check(check: Check) -> Component:
    words, kind = _WORDS[check.verdict]
    heading = html.Div([html.H3(check.title), badge(words, kind)], className="check-head")
    findings: list[Child] = [_finding(check, place, finding) for place, finding in enumerate(check.findings[:MOST_FINDINGS])]
    if len(check.findings) > MOST_FINDINGS:
        findings.append(html.Li(f"and {len(check.findings) - MOST_FINDINGS:,} more", className="muted"))
    shown = [each for each in findings if each is not None]
    sentence = None if is_said_below(check) else html.P(check.sentence)
    return html.Li([heading, sentence, html.Ul(shown) if shown else None], className=f"check check-{kind}")


def _finding(check: Check, place: int, finding: Finding) -> Component | None:
    """The sentence, unless the check says the same, the rows that caused it, and the remedies."""
    says_more = finding.message != check.sentence
    rows = row_links(finding.rows, finding.row_count, finding.column)
    remedies = [
        decide_button(remedy.label, remedy.change, f"remedy {check.name} {place} {number}")
        for number, remedy in enumerate(finding.remedies)
    ]
    if not (says_more or rows or remedies):
        return None
    return html.Li(
        [
            html.Span(finding.message, className="finding-message") if says_more else None,
            rows,
            html.Div(remedies, className="button-row") if remedies else None,
        ]
    )
