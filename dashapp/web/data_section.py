"""The data section of the Train page in each state of a dataset: being read, unreadable, or ready to be looked at and planned with."""

from __future__ import annotations

from dataclasses import dataclass, field

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.application.services import Services
from dashapp.datasets.dataset import Dataset, DatasetState
from dashapp.datasets.quality.checks import quality_report
from dashapp.training.run import Run, Stage
from dashapp.web import plan_view
from dashapp.web.column_view import ColumnsShown, column_section
from dashapp.web.components import Child, aria, card, note
from dashapp.web.dialect_view import reading_section
from dashapp.web.plan_view import Choice
from dashapp.web.preview_view import FIRST_ROWS, preview
from dashapp.web.quality_view import other_target_remark, quality_section
from dashapp.web.words import count, file_size

SECTION = "data-section"
DECISION = "decision"
READING_AGAIN = "reading-again"
WAITING = "data-waiting"
LOOK_EVERY_MS = 1000


@dataclass(frozen=True, slots=True)
class Looked:
    """What a person has chosen on the page so far; it outlives a drawing anew. `checked` and `by_default` are columns to leave out;
    `is_checked` is False where only the address tells what was chosen, which names no columns."""

    choice: Choice | None = None
    checked: tuple[str, ...] = ()
    by_default: tuple[str, ...] = ()
    budget: str | None = None
    columns: ColumnsShown = field(default_factory=ColumnsShown)
    is_checked: bool = True


def data_section(services: Services, dataset: Dataset, run: Run | None = None, looked: Looked | None = None) -> list[Component]:
    """The cards of a dataset, from what is in it down to the Train button."""
    if dataset.state is DatasetState.PROFILING:
        return [waiting_card(dataset)]
    if dataset.state is DatasetState.FAILED:
        return [failed_card(dataset)]
    choice = plan_view.first_choice(dataset.profile, run, looked.choice if looked else None)
    left_out = plan_view.left_out_for(services, dataset, choice)
    if looked is None or not looked.is_checked:
        checked = plan_view.checked_at_first(left_out, run)
    else:
        checked = plan_view.still_checked(left_out, choice.target, looked.by_default, looked.checked)
    budget = looked.budget if looked and looked.budget else plan_view.first_budget(run, services.settings)
    is_busy = run is not None and not run.state.is_finished
    preview = plan_view.preview_of(services, dataset.id, choice, budget, checked, left_out)
    return [
        data_card(services, dataset, choice.target, left_out, looked.columns if looked else ColumnsShown(), is_folded=run is not None),
        plan_view.plan_card(dataset, choice, left_out, checked, budget, services.settings, preview=preview, is_busy=is_busy),
    ]


def data_card(
    services: Services, dataset: Dataset, target: str | None, left_out: dict[str, str], columns: ColumnsShown, *, is_folded: bool = False
) -> Component:
    """What was read; the rows are folded where a training is what matters on the page."""
    profile = dataset.profile
    rows = services.datasets.rows(dataset.id, 0, FIRST_ROWS)
    report = f"{services.settings.url_prefix}/api/datasets/{dataset.id}/report"
    return card(
        dataset.name,
        reading_section(dataset),
        quality_section(quality_report(profile, dataset.reading), report, other_target_remark(profile, target)),
        _fold("Rows", "rows-fold", preview(dataset, rows), is_open=not is_folded),
        _fold(f"All {count(len(profile.columns), 'column')}", "columns-fold", column_section(dataset, left_out, columns)),
        aside=dataset_facts(dataset),
        id="data-card",
    )


def dataset_facts(dataset: Dataset) -> str:
    profile = dataset.profile
    return f"{count(profile.rows, 'row')} · {count(len(profile.columns), 'column')} · {file_size(dataset.bytes)}"


def _fold(title: str, id: str, content: Child, *, is_open: bool = False) -> Component:
    return html.Details([html.Summary(title, className="section-summary"), content], id=id, open=is_open)


def waiting_card(dataset: Dataset) -> Component:
    """A large file that is still being read: the page looks each second and turns by itself."""
    rows = dataset.profile.rows
    return card(
        "Reading the file",
        html.P([html.Strong(Stage.VALIDATING.value), f": {count(rows, 'row')} so far." if rows else ". The page goes on by itself."]),
        html.Progress(**aria(label="Reading the file")),
        dcc.Interval(id=WAITING, interval=LOOK_EVERY_MS),
        aside=f"{dataset.name} · {file_size(dataset.bytes)}",
        id="data-card",
    )


def failed_card(dataset: Dataset) -> Component:
    sentence = dataset.error or "The table could not be read."
    advice = html.P("Correct the file and drop it again; what is kept of this one can be deleted above.", className="muted")
    return card(dataset.name, note("bad", sentence, role="alert"), advice, aside=file_size(dataset.bytes), id="data-card")
