"""History: every training, newest first, how it ended and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashapp.application.services import Services
from dashapp.training.run import Run, RunState
from dashapp.web import live
from dashapp.web.components import Child, card, data_table, empty_state, figure_tile, figures_row, local_time, page_heading
from dashapp.web.run_view import state_badge
from dashapp.web.scores_view import metric_name, metric_text
from dashapp.web.words import UNKNOWN, duration, figure

PATH = "/history"
TITLE = "History"

BODY = "history-body"
CHANGED = "history-changed"


def layout(services: Services, **_: str) -> Component:
    heading = page_heading("History", "Every training that was started here, newest first, with how it ended.")
    return html.Div(
        [heading, dcc.Store(id=CHANGED, data=services.log.last_id()), html.Div(history_body(services), id=BODY)], id="history-page"
    )


def history_body(services: Services) -> Component:
    runs = services.runs.all()
    versions = {model.id: model.version for model in services.models.all()}
    counts = {"Trainings": services.runs.count(), "Datasets": services.datasets.count(), "Models": len(versions)}
    return render_history(runs, versions, counts, services.settings.url_prefix)


def render_history(runs: Sequence[Run], versions: Mapping[str, int], counts: Mapping[str, int], prefix: str) -> Component:
    tiles = [figure_tile(name, f"{number:,}") for name, number in counts.items()]
    tiles.append(figure_tile("Succeeded", f"{sum(run.state is RunState.SUCCEEDED for run in runs):,}"))
    if not runs:
        advice = [dcc.Link("Drop a CSV file and press Train", href=f"{prefix}/"), "; the run is then listed here."]
        return card("Trainings", figures_row(tiles), empty_state("Nothing was trained yet", advice))
    return card("Trainings", figures_row(tiles), runs_table(runs, versions, prefix))


def runs_table(runs: Sequence[Run], versions: Mapping[str, int], prefix: str) -> Component:
    rows = [
        (
            dcc.Link(run.dataset_name, href=f"{prefix}/?run={run.id}", className="cell-name"),
            [run.target, html.Span(run.task.value, className="cell-note")],
            [state_badge(run), html.Span(run.error, className="cell-note") if run.error else None],
            _score(run),
            duration(_seconds(run)),
            local_time(run.started_at or run.created_at),
            _model(run, versions, prefix),
        )
        for run in runs
    ]
    heads = ("Run", "Target", "State", "Score", "Took", "Started", "Model")
    return html.Div(data_table(heads, rows, caption="Trainings, newest first", numbers=(4,)), className="runs")


def _score(run: Run) -> Child:
    """The score on the test rows, or the best on the validation rows where there was no test."""
    measured = {metric_name(name).casefold(): metric_text(name, value) for name, value in (run.metrics or {}).items()}
    if run.score_name.casefold() in measured:
        return [html.Strong(measured[run.score_name.casefold()]), f" {run.score_name}"]
    best = next((each.score for each in run.candidates if each.is_best), None)
    return UNKNOWN if best is None else [figure(best), f" {run.score_name}", html.Span("on validation rows", className="cell-note")]


def _seconds(run: Run) -> float | None:
    return None if run.started_at is None or run.ended_at is None else (run.ended_at - run.started_at).total_seconds()


def _model(run: Run, versions: Mapping[str, int], prefix: str) -> Child:
    if run.model_id is None:
        return UNKNOWN
    if run.model_id not in versions:
        return "deleted"
    return dcc.Link(f"Version {versions[run.model_id]}", href=f"{prefix}/models/{run.model_id}")


def register(app: Dash, services: Services) -> None:
    live.run_in_browser(app, "models", "trained", Output(CHANGED, "data"), Input(live.EVENTS, "data"), State(CHANGED, "data"))

    @app.callback(Output(BODY, "children"), Input(CHANGED, "data"), prevent_initial_call=True)
    def follow(_changed: int | None) -> Component:
        return history_body(services)
