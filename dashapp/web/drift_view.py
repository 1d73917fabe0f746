"""The model in production: how far what it is asked is from what it learned from, and how each version did."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.application.performance import VersionPerformance
from dashapp.monitoring.told import ColumnDrift, Drift
from dashapp.serving.ledger.kept import LiveScore
from dashapp.web.components import Child, aria, badge, card, data_table, local_time
from dashapp.web.foresight_view import calm
from dashapp.web.live_scores import score_in_words
from dashapp.web.monitor_view import in_words
from dashapp.web.plan_preview import column_name
from dashapp.web.words import UNKNOWN, count, percent

ALL_COLUMNS = "monitor-drift-all"
SHOW_ALL = "monitor-drift-show-all"
COLUMNS_SHOWN = 8
_HEADS = ("Column", "Drift", "In words", "Missing", "Not seen before", "Out of range")


def production_part(drift: Drift | None, versions: Sequence[VersionPerformance], prefix: str) -> Component:
    return card("The model in production", *drift_part(drift, prefix), *versions_part(versions, prefix))


def drift_part(drift: Drift | None, prefix: str) -> list[Component | None]:
    if drift is None:
        return [calm("Drift is measured once a model is live and has answered some predictions.")]
    kind = "" if not drift.is_enough else "warn" if drift.drifting else "good"
    word = "Too few rows" if not drift.is_enough else "Drift" if drift.drifting else "No drift"
    model = dcc.Link(f"Version {drift.version}", href=f"{prefix}/models/{drift.model_id}")
    when: list[Child] = [model, f", {count(drift.rows, 'row')} from ", local_time(drift.since), " to ", local_time(drift.until)]
    head = html.P([badge(word, kind), " ", html.Span(drift.words, dir="auto")], className="drift-head")
    shown = first_columns(drift)
    table = drift_table([*([drift.prediction] if drift.prediction else []), *shown], drift.prediction)
    return [head, html.P(when, className="muted small"), table if shown else None, _rest(len(drift.columns) - len(shown))]


def first_columns(drift: Drift) -> list[ColumnDrift]:
    """Those that drift, then those that are nearest to it."""
    return ordered(drift)[: max(COLUMNS_SHOWN, 0)]


def ordered(drift: Drift) -> list[ColumnDrift]:
    return sorted(drift.columns, key=lambda each: (not each.is_drifting, -each.effect))


def _rest(left: int) -> Component | None:
    """The other columns, asked for when they are unfolded."""
    if left <= 0:
        return None
    summary = html.Summary(f"{count(left, 'more column')}", id=SHOW_ALL, className="fold-summary")
    return html.Details([summary, html.Div(id=ALL_COLUMNS)])


def drift_table(columns: Sequence[ColumnDrift], prediction: ColumnDrift | None = None) -> Component:
    rows = [_row(each, is_prediction=each is prediction) for each in columns]
    table = data_table(_HEADS, rows, caption="Drift per column, strongest first", numbers=(3, 4, 5))
    return html.Div(table, className="drift-table")


def _row(column: ColumnDrift, *, is_prediction: bool) -> Sequence[Child]:
    name: Child = "The answers themselves" if is_prediction else column_name(column.column)
    missing = html.Span(
        [percent(column.missing_share), html.Span(f"training {percent(column.training_missing_share)}", className="cell-note")]
    )
    rates: tuple[Child, ...] = (
        (UNKNOWN, UNKNOWN, UNKNOWN) if is_prediction else (missing, percent(column.unseen_share), percent(column.out_of_range_share))
    )
    return name, effect_bar(column), html.Span(column.words, dir="auto"), *rates


def effect_bar(column: ColumnDrift) -> Component:
    """From 0 (the same law) to 1 (nothing in common): the interval as a band, the effect as a line in it, and both in figures."""
    places = {f"--{name}": f"{100 * min(max(value, 0.0), 1.0):.1f}%" for name, value in _ends(column)}
    bar = html.Span(className="effect is-drifting" if column.is_drifting else "effect", style=places, **aria(hidden="true"))
    return html.Span([bar, html.Span(f"{column.effect:.2f} ({column.low:.2f} to {column.high:.2f})", className="cell-note nowrap")])


def _ends(column: ColumnDrift) -> tuple[tuple[str, float], ...]:
    return ("low", column.low), ("at", column.effect), ("high", column.high)


def versions_part(versions: Sequence[VersionPerformance], prefix: str) -> list[Component]:
    if not versions:
        return []
    heads = ("Version", "Predictions", "Average", "95th percentile", "With warnings", "Live score")
    rows = [_version(each, prefix) for each in versions]
    return [
        html.H3("By version", className="section-title"),
        data_table(heads, rows, caption="How each version did", numbers=(1, 2, 3, 4, 5)),
    ]


def _version(each: VersionPerformance, prefix: str) -> Sequence[Child]:
    name = f"Version {each.version}"
    link: Child = dcc.Link(name, href=f"{prefix}/models/{each.model_id}") if each.model_id else f"{name} (deleted)"
    return (
        [link, " ", badge("Live", "good") if each.is_live else None],
        f"{each.predictions:,}",
        in_words(each.mean_ms, "ms"),
        in_words(each.p95_ms, "ms"),
        percent(each.warnings_rate),
        _score(each.score),
    )


def _score(score: LiveScore | None) -> Child:
    if score is None:
        return UNKNOWN
    value, interval = score_in_words(score)
    return html.Span([f"{value} {score.name}", html.Span(f"{interval}, {score.n:,} judged", className="cell-note")])
