"""What will come, what to do about it, and what was reached: forecasts, advice and milestones in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from dashapp.monitoring.told import Advice, Forecast, Milestone, Reach
from dashapp.web.charts_view import trust
from dashapp.web.components import Child, card, local_time
from dashapp.web.linked import linked

MILESTONES_SHOWN = 5


def foresight_part(
    forecasts: Sequence[Forecast], advice: Sequence[Advice], milestones: Sequence[Milestone], now: datetime, prefix: str
) -> list[Component]:
    return [
        card("What will come", forecasts_list(forecasts), aside=["as of ", local_time(now)]),
        html.Div([card("What to do", advice_list(advice)), card("Milestones", milestones_list(milestones, prefix))]),
    ]


def forecasts_list(forecasts: Sequence[Forecast]) -> Component:
    if not forecasts:
        return calm("Forecasts appear here once there is some history.")
    known = sorted(forecasts, key=lambda each: (not each.points, each.reach is None))
    return html.Ul([_forecast(each) for each in known], className="told-list is-spaced")


def _forecast(forecast: Forecast) -> Component:
    if not forecast.points:
        return html.Li(forecast.words, className="muted")
    words: Child = html.Strong(forecast.words) if forecast.reach is not None else forecast.words
    return html.Li([words, _reach(forecast.reach), html.Span(trust(forecast.coverage), className="cell-note")])


def _reach(reach: Reach | None) -> Component | None:
    """When, by the clock of the reader."""
    if reach is None:
        return None
    latest: list[Child] = (
        [" and ", local_time(reach.latest)] if reach.latest is not None else [" at the earliest and later than can be seen"]
    )
    return html.Span([" Around ", local_time(reach.at), ", between ", local_time(reach.earliest), *latest, "."])


def advice_list(advice: Sequence[Advice]) -> Component:
    if not advice:
        return calm("Nothing needs to be changed.")
    return html.Ul([_advice(each) for each in advice], className="told-list is-spaced")


def _advice(advice: Advice) -> Component:
    setting = html.Span(["Setting: ", html.Code(advice.setting)], className="cell-note") if advice.setting else None
    evidence = html.Details(
        [html.Summary("Evidence", className="fold-summary"), html.Ul([html.Li(each) for each in advice.evidence], className="told-list")],
        id=f"advice-{advice.code}",
    )
    return html.Li([html.Span(advice.words, dir="auto"), setting, evidence if advice.evidence else None])


def milestones_list(milestones: Sequence[Milestone], prefix: str) -> Component:
    if not milestones:
        return calm("The first training, deployment and prediction will be told here.")
    return html.Ul([_milestone(each, prefix) for each in milestones[:MILESTONES_SHOWN]], className="told-list is-spaced")


def _milestone(milestone: Milestone, prefix: str) -> Component:
    links = linked(milestone.links, prefix)
    return html.Li(
        [html.Span(milestone.message, dir="auto"), " " if links else None, links, local_time(milestone.at, class_name="cell-note")]
    )


def calm(words: str) -> Component:
    """What stands where there is nothing to tell."""
    return html.P(words, className="calm-line")
