"""What the report says, section by section, in plain values: sentences, items, tables, charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashapp.application.alerts import alerts
from dashapp.application.drift import latest_drift
from dashapp.application.foresight import advice, anomalies, forecasts, milestones
from dashapp.application.history import history_of
from dashapp.application.ledger import live_scores, search_predictions
from dashapp.application.report_charts import MOST_POINTS, Chart, chart, figure
from dashapp.application.services import Services
from dashapp.application.timeline import markers
from dashapp.datasets.wording import count_of
from dashapp.models.model import Deployment
from dashapp.monitoring.told import Alert
from dashapp.serving.ledger.kept import LiveScore, Search
from dashapp.training.run import Run, RunState

MOST_ROWS = 100
MOST_ALERTS = 1_000
MOST_MARKS = 40
CHARTS = (
    ("cpu_usage", "CPU", "%"),
    ("memory_usage", "Memory", "%"),
    ("api_response_time", "Response time", "ms"),
    ("model_predictions_per_minute", "Predictions a minute", ""),
    ("error_rate", "Requests that failed", "%"),
    ("storage_usage", "Storage", "%"),
)


@dataclass(frozen=True, slots=True)
class Period:
    start: datetime
    end: datetime
    timeframe: str

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at <= self.end

    @property
    def in_words(self) -> str:
        return f"{time_of(self.start)} to {time_of(self.end)} UTC"


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence with what speaks for it; `kind` is good, warn, bad or nothing."""

    words: str
    evidence: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """With no items, rows and charts `nothing` is said instead."""

    title: str
    nothing: str
    items: tuple[Item, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    charts: tuple[Chart, ...] = ()
    note: str = ""


def sections(services: Services, period: Period) -> list[Section]:
    runs = [run for run in services.runs.all() if period.holds(run.started_at or run.created_at)]
    deployments = services.deployments.all()
    raised = _alerts(services, period)
    return [
        _summary(services, period, runs, deployments, raised),
        _trends(services, period),
        _trainings(services, runs),
        _deployments([each for each in deployments if period.holds(each.at)]),
        _predictions(services, period, deployments),
        _alerts_section(raised, period),
        _drift(services),
        _forecasts(services),
        _advice(services),
        _milestones(services, period),
    ]


def _summary(
    services: Services, period: Period, runs: Sequence[Run], deployments: Sequence[Deployment], raised: Sequence[Alert]
) -> Section:
    """Three sentences for somebody who reads no further: use, change, trouble."""
    words = (_use(services, period, deployments), _change(period, runs, deployments), _trouble(raised))
    return Section("What happened", "", tuple(Item(each) for each in words))


def _use(services: Services, period: Period, deployments: Sequence[Deployment]) -> str:
    made = search_predictions(services, Search(since=period.start, until=period.end, limit=1)).made
    live = next((each for each in deployments if each.at <= period.end), None)
    took = _mean(services, "api_response_time", period)
    failed = _mean(services, "error_rate", period)
    model = "No model was in use" if live is None else f"Version {live.version} was in use at the end"
    answered = f"{count_of(made, 'prediction')} {'was' if made == 1 else 'were'} made" if made else "no prediction was made"
    figures = [f"an answer took {figure(took, 'ms')} on average"] if took is not None else []
    figures += [f"{figure(failed, '%')} of the requests failed" if failed else "no request failed"] if failed is not None else []
    return f"{model}; {_joined([answered, *figures])}."


def _change(period: Period, runs: Sequence[Run], deployments: Sequence[Deployment]) -> str:
    if not runs:
        trained = "Nothing was trained"
    else:
        well = sum(run.state is RunState.SUCCEEDED for run in runs)
        trained = f"{count_of(len(runs), 'training')} ran, {'all of them' if well == len(runs) > 1 else f'{well:,}'} with success"
    switched = [each for each in deployments if period.holds(each.at)]
    if not switched:
        return f"{trained}, and the model in use was not changed."
    newest = switched[0]
    return f"{trained}; the model in use was changed {_times(len(switched))}, the last time to version {newest.version}."


def _trouble(raised: Sequence[Alert]) -> str:
    if not raised:
        return "No alert was raised."
    standing = [alert for alert in raised if alert.is_standing]
    ended = f"{len(standing):,} of them still {'stands' if len(standing) == 1 else 'stand'}" if standing else "all of them are over"
    worst = max(raised, key=lambda alert: (alert.severity.value == "critical", alert.is_standing))
    count = f"{count_of(len(raised), 'alert')} {'was' if len(raised) == 1 else 'were'} raised"
    return f"{count} and {ended}; the gravest: {_sentence(worst.message)}"


def _mean(services: Services, metric: str, period: Period) -> float | None:
    points = history_of(services).points(metric, period.start.timestamp(), period.end.timestamp(), MOST_POINTS)
    known = [point.mean for point in points if point.mean is not None]
    return sum(known) / len(known) if known else None


def _trends(services: Services, period: Period) -> Section:
    history, start, end = history_of(services), period.start, period.end
    marks = [each for each in markers(services, start, end) if each.kind != "training"][-MOST_MARKS:]
    drawn = [
        chart(title, unit, history.points(metric, start.timestamp(), end.timestamp(), MOST_POINTS), start, end, marks)
        for metric, title, unit in CHARTS
    ]
    unusual = tuple(Item(each.words, kind="warn") for each in anomalies(services, period.timeframe, end.timestamp())[-10:])
    note = "Shaded: from the least to the most. Lines from top to bottom: deployments (solid) and alerts (dashed)." if any(drawn) else ""
    return Section("Trends", "Nothing was measured in this time.", unusual, charts=tuple(each for each in drawn if each), note=note)


def _trainings(services: Services, runs: Sequence[Run]) -> Section:
    versions = {model.id: model for model in services.models.all()}
    rows = []
    for run in runs[:MOST_ROWS]:
        model = versions.get(run.model_id or "")
        score = "–" if model is None or model.score is None else f"{model.score:.3f} {model.score_name}"
        took = None if run.started_at is None or run.ended_at is None else run.ended_at - run.started_at
        outcome = run.state.value if run.error is None else f"{run.state.value}: {run.error}"
        made = "–" if model is None else f"Version {model.version}"
        rows.append((time_of(run.started_at or run.created_at), run.dataset_name, run.target, outcome, score, lasting(took), made))
    heads = ("Started", "File", "Target", "Outcome", "Score", "Took", "Model")
    return Section("Trainings", "Nothing was trained in this time.", heads=heads, rows=tuple(rows), note=_more(len(runs)))


def _deployments(switched: Sequence[Deployment]) -> Section:
    rows = tuple(
        (
            time_of(each.at),
            f"Version {each.version}",
            "rolled back to" if each.restores is not None else "deployed",
            "–" if each.replaced is None else f"Version {each.replaced}",
            each.by or "–",
            each.reason or "–",
        )
        for each in switched[:MOST_ROWS]
    )
    heads = ("When", "What", "How", "In place of", "By", "Why")
    return Section("Deployments", "The model in use was not changed in this time.", heads=heads, rows=rows, note=_more(len(switched)))


def _predictions(services: Services, period: Period, deployments: Sequence[Deployment]) -> Section:
    judged = {score.version: score for score in live_scores(services)}
    rows = []
    for version in _in_use(period, deployments):
        found = search_predictions(services, Search(version=version, since=period.start, until=period.end, limit=1))
        score = judged.get(version)
        if found.made or score is not None:
            rows.append((f"Version {version}", f"{found.made:,}", f"{found.warned:,}", *_judgement(score)))
    heads = ("Model", "Predictions", "With warnings", "Right in use", "Known truths", "In the test")
    note = "Predictions are counted by the hour; how often a version was right is over all the time that it was in use." if rows else ""
    return Section("Predictions", "No prediction was made in this time.", heads=heads, rows=tuple(rows), note=note)


def _in_use(period: Period, deployments: Sequence[Deployment]) -> list[int]:
    """The versions that were live at some time of the period, the newest first."""
    found = {each.version for each in deployments if period.holds(each.at)}
    before = next((each.version for each in deployments if each.at < period.start), None)
    return sorted(found | ({before} if before is not None else set()), reverse=True)


def _judgement(score: LiveScore | None) -> tuple[str, str, str]:
    if score is None:
        return "not known", "0", "–"
    write = "{:.1%}".format if score.name == "accuracy" else "{:,.4g}".format
    tested = "–" if score.tested is None else write(score.tested)
    return f"{score.name} {write(score.value)} ({write(score.low)} to {write(score.high)})", f"{score.n:,}", tested


def _alerts(services: Services, period: Period) -> list[Alert]:
    """Those that stood at some time of the period, newest first."""
    found = {alert.id: alert for alert in alerts(services, is_standing=True, limit=200) if alert.raised_at <= period.end}
    before: int | None = None
    looked_at = 0
    while looked_at < MOST_ALERTS and (page := alerts(services, before=before, limit=200)):
        found |= {each.id: each for each in page if each.raised_at <= period.end and (each.resolved_at or period.end) >= period.start}
        if page[-1].raised_at < period.start or not page[-1].id.isdecimal():
            break
        before, looked_at = int(page[-1].id), looked_at + len(page)
    return sorted(found.values(), key=lambda alert: alert.raised_at, reverse=True)


def _alerts_section(raised: Sequence[Alert], period: Period) -> Section:
    items = []
    for alert in raised[:MOST_ROWS]:
        lasted = "It still stands." if alert.resolved_at is None else f"It lasted {lasting(alert.resolved_at - alert.raised_at)}."
        evidence = [f"{alert.severity.value.capitalize()}, raised on {time_of(alert.raised_at)} UTC. {lasted}"]
        if alert.cause is not None:
            evidence += [f"Probable cause: {alert.cause.words}", *alert.cause.evidence]
        items.append(Item(alert.message, tuple(evidence), "bad" if alert.resolved_at is None else "warn"))
    return Section("Alerts", "No alert was raised in this time.", tuple(items), note=_more(len(raised)))


def _drift(services: Services) -> Section:
    drift = latest_drift(services)
    nothing = "Drift was not measured yet: that takes a model in use and some of its predictions."
    if drift is None:
        return Section("Drift", nothing)
    found = tuple(Item(each.words, kind="warn") for each in drift.drifting)
    head = Item(drift.words, (f"Version {drift.version}, {count_of(drift.rows, 'prediction')} up to {time_of(drift.until)} UTC.",))
    return Section("Drift", nothing, (head, *found))


def _forecasts(services: Services) -> Section:
    items = []
    for each in forecasts(services):
        tested = () if each.coverage is None else (f"Such a range held {each.coverage:.0%} of what came, when it was tried on the past.",)
        reach = (each.reach.words,) if each.reach is not None else ()
        items.append(Item(each.words, (*reach, *tested), "warn" if reach else ""))
    return Section("What to expect", "There is too little history for a forecast yet.", tuple(items))


def _advice(services: Services) -> Section:
    items = tuple(
        Item(each.words, (*each.evidence, *([f"The setting is {each.setting}."] if each.setting else []))) for each in advice(services)
    )
    return Section("Advice", "The figures suggest no change of a setting.", items)


def _milestones(services: Services, period: Period) -> Section:
    reached = [each for each in milestones(services) if period.holds(each.at)][:MOST_ROWS]
    items = tuple(Item(each.message, (f"{time_of(each.at)} UTC",), "good") for each in reached)
    return Section("Milestones", "Nothing was reached for the first time in this period.", items)


def time_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def lasting(length: timedelta | None) -> str:
    """`42 s`, `12 min`, `3 h 5 min`, `2 days 4 h`."""
    if length is None:
        return "–"
    seconds = round(length.total_seconds())
    if seconds < 90:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days {hours % 24} h"


def _more(count: int) -> str:
    return f"The newest {MOST_ROWS} of {count:,} are shown." if count > MOST_ROWS else ""


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count:,} times"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _joined(parts: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    every = list(parts)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}"
