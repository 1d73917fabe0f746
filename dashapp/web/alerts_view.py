"""How alerts look: what stands, since when and because of what, and what a person can do about it; and those that are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.monitoring.told import Alert, Cause, Severity
from dashapp.web.components import Child, badge, card, local_time
from dashapp.web.linked import linked
from dashapp.web.words import count, duration

ALERTS = "monitor-alerts"
PAST = "monitor-alerts-past"
PAST_FOLD = "monitor-alerts-past-fold"
SHOW_PAST = "monitor-alerts-show-past"
MUTES = ((3600, "Mute 1 h"), (86400, "Mute 1 day"))
_SEVERITIES = {Severity.CRITICAL: ("Critical", "bad"), Severity.WARNING: ("Warning", "warn")}
SHOWN = 50

Mutes = Mapping[str, datetime]


def alerts_part(standing: Sequence[Alert], total: int, last: Alert | None, mutes: Mutes, prefix: str, marked: str = "") -> Component:
    """`standing` are the newest of `total`; `last` is the newest alert of all, for the line where none stands; `mutes` holds until when
    the messages of a rule rest."""
    if not standing:
        return html.P(nothing_stands(last), className="calm-line")
    gravest_first = sorted(standing[:SHOWN], key=lambda each: each.severity is not Severity.CRITICAL)
    items = [alert_item(each, mutes.get(each.rule), prefix, is_marked=each.id == marked) for each in gravest_first]
    more = html.P(f"{total - len(items):,} more stand; GET /api/alerts lists them all.", className="muted small")
    listed = html.Ul(items, className="alert-list")
    return card("Alerts", listed, more if total > len(items) else None, aside=f"{total:,} standing")


def nothing_stands(last: Alert | None) -> Child:
    if last is None:
        return "No alert stands, and there was none so far."
    ended = last.resolved_at or last.raised_at
    return ["No alert stands. The last one ended ", local_time(ended), ": ", html.Span(last.message, dir="auto")]


def alert_item(alert: Alert, muted_until: datetime | None, prefix: str, *, is_marked: bool = False) -> Component:
    words, kind = _SEVERITIES[alert.severity]
    names = ["alert-item", f"alert-{kind}", "is-marked" if is_marked else ""]
    return html.Li(
        [
            html.Div([badge(words, kind), html.Strong(alert.message, className="alert-message", dir="auto")], className="alert-head"),
            html.P(_since(alert, muted_until), className="alert-since"),
            *_because(alert.cause, f"evidence-{alert.id}", prefix),
            _actions(alert, muted_until) if alert.is_standing else None,
        ],
        id=f"alert-{alert.id}",
        className=" ".join(filter(None, names)),
        tabIndex=-1,
    )


def _since(alert: Alert, muted_until: datetime | None) -> list[Child]:
    parts: list[Child] = []
    if alert.resolved_at is None:
        parts += ["Since ", local_time(alert.raised_at)]
    else:
        lasted = duration((alert.resolved_at - alert.raised_at).total_seconds())
        parts += [local_time(alert.raised_at), f", over after {lasted}"]
        parts += [f": {alert.resolved_message}"] if alert.resolved_message else []
    if alert.acknowledged_at is not None:
        by = f" by {alert.acknowledged_by}" if alert.acknowledged_by else ""
        parts += [f" · acknowledged{by} ", local_time(alert.acknowledged_at)]
    if muted_until is not None and alert.is_standing:
        parts += [" · no messages until ", local_time(muted_until)]
    return parts


def _because(cause: Cause | None, id: str, prefix: str) -> list[Component | None]:
    if cause is None:
        return []
    evidence = html.Details(
        [
            html.Summary("Evidence", className="fold-summary"),
            html.Ul([html.Li(each, dir="auto") for each in cause.evidence], className="told-list"),
        ],
        id=id,
    )
    said = [html.Strong("Probable cause: "), html.Span(cause.words, dir="auto"), " " if cause.links else None, linked(cause.links, prefix)]
    return [html.P(said, className="alert-cause"), evidence if cause.evidence else None]


def _actions(alert: Alert, muted_until: datetime | None) -> Component:
    buttons = [] if alert.acknowledged_at is not None else [_action("Acknowledge", "acknowledge", alert)]
    if muted_until is None:
        buttons += [_action(words, "mute", alert, seconds) for seconds, words in MUTES]
    else:
        buttons.append(_action("Unmute", "unmute", alert))
    return html.Div(buttons, className="button-row alert-actions")


def _action(words: str, action: str, alert: Alert, seconds: int = 0) -> Component:
    """`assets/pages-monitor-alerts.js` hears the press."""
    known: dict[str, Any] = {"data-alert-action": action, "data-alert": alert.id, "data-rule": alert.rule, "data-seconds": str(seconds)}
    about = html.Span(f": {alert.message}", className="visually-hidden")
    return html.Button([words, about], type="button", id=f"{action}{seconds or ''}-{alert.id}", className="btn btn-quiet btn-sm", **known)


def past_fold(total: int, *, is_open: bool, shown: Component | None) -> Component:
    """The alerts that are over, asked for when they are unfolded."""
    names, words = past_words(total)
    summary = html.Summary(words, id=SHOW_PAST, className="fold-summary")
    return html.Details([summary, html.Div(shown, id=PAST)], open=is_open, id=PAST_FOLD, className=names)


def past_words(total: int) -> tuple[str, str]:
    """The class and the title of the fold; without an alert it is hidden."""
    return "past-alerts" if total else "past-alerts is-hidden", count(total, "alert is over", "alerts are over")


def past_list(past: Sequence[Alert], prefix: str, marked: str = "") -> Component:
    return html.Ul([alert_item(each, None, prefix, is_marked=each.id == marked) for each in past], className="alert-list is-past")
